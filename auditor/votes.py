"""Votes as they count: final ratings and the duty in force, by rules of the auditor's own."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from auditor.journals import Journal, Segment
from auditor.table import Table
from auditor.times import Part, Timed, time_parts
from protocol.rating import SCALES
from protocol.records import Clock, DutyEnded, DutyStarted, Vote, VoteRevised

REVISED_WITHIN_MS: Final = 60_000


class Cast(NamedTuple):
    """One vote: final rating, the official in force ("": nobody), between which ms, how known; its
    record; shown: the official of the duty that it names, if that was in force."""

    seq: int
    rating: int
    official: str
    low_ms: int
    high_ms: int
    quality: str
    record: Vote
    shown: str


class SignIn(NamedTuple):
    """A duty.started of a journal: began and ended within [low, high]; ended None: not yet."""

    seq: int
    official: str
    began: tuple[int, int]
    ended: tuple[int, int] | None


def covered(journal: Journal) -> list[Segment]:
    """The lines that a receipt covers: no others count."""
    return [
        segment if segment.is_covered() else _cut(segment, len(segment.received))
        for segment in journal.segments
        if segment.received
    ]


def _cut(segment: Segment, count: int) -> Segment:
    return Segment(
        segment.seq, segment.boot, segment.mono[:count], segment.wall[:count],
        segment.sync[:count], segment.tails[:count],
        [place for place in segment.odd if place < count], segment.received,
    )  # fmt: skip


def time_journal(journal: Journal, table: Table) -> Timed:
    """When each covered line of a journal was written."""
    return time_parts([_part(segment, table) for segment in covered(journal)], journal.enrolled_ms)


def _part(segment: Segment, table: Table) -> Part:
    clocks = []
    for place in segment.odd:
        record = table.record(segment.tails[place])
        if isinstance(record, Clock):
            clocks.append((place, record))
    return Part(segment.seq, segment.boot, segment.mono, segment.wall, segment.sync,
                segment.received, clocks)  # fmt: skip


def count_votes(journal: Journal, table: Table) -> Iterator[Cast]:
    """Every vote of a journal's covered lines, in their order."""
    segments = covered(journal)
    timed = time_journal(journal, table)
    revised = _revisions(segments, table)
    duties: dict[int, str] = {}
    in_force: int | None = None
    for segment, times in zip(segments, timed.parts, strict=True):
        odd = set(segment.odd)
        for place, tail in enumerate(segment.tails):
            record = table.record(tail)
            if place not in odd or isinstance(record, Vote):
                assert isinstance(record, Vote)  # noqa: S101 - what is not odd is a vote
                seq = segment.seq + place
                named = record.duty if record.duty == in_force else None
                shown = duties[named] if named is not None else ""
                yield Cast(
                    seq, revised.get(seq, record.rating), "" if record.not_official else shown,
                    times.low[place], times.high[place], chr(times.quality[place]), record, shown,
                )  # fmt: skip
            elif isinstance(record, DutyStarted):
                in_force = segment.seq + place
                duties[in_force] = record.official
            elif isinstance(record, DutyEnded) and record.duty == in_force:
                in_force = None


def sign_ins(journal: Journal, table: Table) -> list[SignIn]:
    """The duties of a journal's covered lines. A journal that takes no more lines ends its own."""
    segments = covered(journal)
    found: list[SignIn] = []
    last: tuple[int, int] | None = None
    for segment, times in zip(segments, time_journal(journal, table).parts, strict=True):
        for place in segment.odd:
            record, at = table.record(segment.tails[place]), (times.low[place], times.high[place])
            if isinstance(record, DutyStarted | DutyEnded) and found and found[-1].ended is None:
                started = isinstance(record, DutyStarted)
                if started or record.duty == found[-1].seq:  # type: ignore[union-attr]
                    found[-1] = found[-1]._replace(ended=at)
            if isinstance(record, DutyStarted):
                found.append(SignIn(segment.seq + place, record.official, at, None))
        last = (times.low[-1], times.high[-1]) if len(times.low) else last
    if journal.state != "open" and found and found[-1].ended is None:
        found[-1] = found[-1]._replace(ended=last)
    return found


def _revisions(segments: list[Segment], table: Table) -> dict[int, int]:
    """Vote -> rating by the newest revision that counts: same boot, within a minute, in scale."""
    firsts = [segment.seq for segment in segments]
    found: dict[int, int] = {}
    for segment in segments:
        for place in segment.odd:
            record = table.record(segment.tails[place])
            if not isinstance(record, VoteRevised) or record.vote >= segment.seq + place:
                continue
            of = segments[max(0, bisect_right(firsts, record.vote) - 1)]
            at = record.vote - of.seq
            if not 0 <= at < len(of):
                continue
            vote = table.record(of.tails[at])
            later_ms = segment.mono[place] - of.mono[at]
            if (
                isinstance(vote, Vote)
                and record.rating in SCALES[vote.scale]
                and of.boot == segment.boot
                and 0 <= later_ms <= REVISED_WITHIN_MS
            ):
                found[record.vote] = record.rating
    return found
