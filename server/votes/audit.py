"""Do the votes equal the lines? Each journal is understood anew from its first line."""

from collections.abc import Mapping
from typing import Any

from protocol.records import Day
from server.ingest.models import Journal
from server.ledger.selectors import read_lines
from server.votes.codes import uncoded
from server.votes.models import Duty, KioskDay, KioskEvent, Understanding, Vote
from server.votes.rows import fit
from server.votes.story import Past, Story, dossier_of, follow, read
from server.votes.timing import Times, time_lines

# rating, first rating, duty, low, high, quality, reasons, dossier
Row = tuple[int, int, int | None, int, int, str, str, str]


def find_differences(*, unit: str, journal: str) -> list[str]:
    """One sentence for each vote that differs from what its journal's lines say, and one if what
    the kiosk tells of itself does.

    A journal that goes on meanwhile is left out.
    """
    before = _understood(unit, journal)
    rows = {
        row[0]: row[1:]
        for row in Vote.objects.filter(unit=unit, journal=journal).values_list(
            "seq",
            "rating",
            "first_rating",
            "duty",
            "low_ms",
            "high_ms",
            "quality",
            "reasons",
            "dossier",
        )
    }
    of_itself = _told_rows(unit, journal)
    served_rows, duty_rows = _served_rows(unit, journal), _duty_rows(unit, journal)
    story, times = follow_journal(unit, journal, before.understood)
    expected = _expected(story, times)
    if _understood(unit, journal).understood != before.understood:
        return []
    found = [
        _sentence(journal, seq, rows.get(seq), expected.get(seq))
        for seq in sorted(rows.keys() | expected.keys())
        if rows.get(seq) != expected.get(seq)
    ]
    served, duties = _served(story), _duties(story, times)
    found += [
        f"Vote {seq} of journal {journal} differs from its line in where it was cast, or whether "
        "the official served."
        for seq in sorted(rows.keys() & served.keys())
        if served_rows.get(seq) != served[seq]
    ]
    found += [
        f"Duty {seq} of journal {journal} is not what the journal's lines say."
        for seq in sorted(duty_rows.keys() | duties.keys())
        if duty_rows.get(seq) != duties.get(seq)
    ]
    found += [
        f"The code of vote {seq} of journal {journal} is not found; `hailong-server rebuild` makes "
        "it anew."
        for seq in uncoded(
            unit, journal, {seq: told.line.body for seq, told in story.votes.items()}
        )
    ]
    if of_itself != _told(story, times):
        found.append(
            f"What the kiosk of journal {journal} tells of itself differs from its lines; "
            "`hailong-server rebuild` makes it anew."
        )
    return found


def _understood(unit: str, journal: str) -> Journal:
    return Journal.objects.get(unit=unit, journal=journal)


def follow_journal(unit: str, journal: str, upto: int) -> tuple[Story, Times | None]:
    """The journal's story from its first line on, and the times of its lines; None without any."""
    stored = read_lines(unit=unit, journal=journal, from_seq=1, to_seq=upto)
    lines = [read(line.seq, line.body, line.received_ms) for line in stored]
    if not lines:
        return Story(), None
    # A state of no unit has nothing settled: everything is timed from the first line.
    nothing = Understanding(unit="", journal="")
    enrolled_ms = _understood(unit, journal).enrolled_ms
    return follow(lines, Past()), time_lines(lines, state=nothing, enrolled_ms=enrolled_ms)


def _expected(story: Story, times: Times | None) -> dict[int, Row]:
    if times is None:
        return {}
    ratings = {revision.vote: revision.rating for revision in story.revisions}
    reasons = {one.vote: " ".join(one.codes) for one in story.reasons}
    return {
        seq: (
            ratings.get(seq, told.record.rating),
            told.record.rating,
            told.duty,
            times.casts[seq].low_ms,
            times.casts[seq].high_ms,
            times.casts[seq].quality,
            reasons.get(seq, ""),
            dossier_of(told.record),
        )
        for seq, told in story.votes.items()
    }


def _told(story: Story, times: Times | None) -> dict[int, tuple[object, ...]]:
    """Seq -> type and times of what the kiosk tells of itself, or the counts of its day."""
    told: dict[int, tuple[object, ...]] = {}
    for line in story.of_itself:
        if isinstance(line.record, Day):
            counts: Mapping[Any, int] = line.record.counts
            told[line.seq] = (line.record.date, *(counts.get(str(n), 0) for n in range(1, 6)))
        elif times is not None:
            cast = times.casts[line.seq]
            told[line.seq] = (line.envelope.type, cast.low_ms, cast.high_ms, cast.quality)
    return told


def _told_rows(unit: str, journal: str) -> dict[int, tuple[object, ...]]:
    events = KioskEvent.objects.filter(unit=unit, journal=journal)
    days = KioskDay.objects.filter(unit=unit, journal=journal)
    rows: list[tuple[Any, ...]] = [
        *events.values_list("seq", "type", "low_ms", "high_ms", "quality"),
        *days.values_list("seq", "date", "n1", "n2", "n3", "n4", "n5"),
    ]
    return {row[0]: row[1:] for row in rows}


def _served(story: Story) -> dict[int, tuple[object, ...]]:
    """Seq -> what a vote's line says of where and whom, beside its duty."""
    return {
        seq: (
            fit(told.record.counter or "", 40), told.record.not_official,
            told.record.duty is not None,
        )
        for seq, told in story.votes.items()
    }  # fmt: skip


def _served_rows(unit: str, journal: str) -> dict[int, tuple[object, ...]]:
    rows: Any = Vote.objects.filter(unit=unit, journal=journal)
    return {
        row[0]: row[1:] for row in rows.values_list("seq", "counter", "not_official", "duty_named")
    }


def _duties(story: Story, times: Times | None) -> dict[int, tuple[object, ...]]:
    """Seq -> official, by, begin and end (seq and times) as the lines say."""
    if times is None:
        return {}
    found: dict[int, tuple[object, ...]] = {}
    for seq, (_, record) in story.duties.items():
        cast, ending = times.casts[seq], story.endings.get(seq)
        over = None if ending is None else times.casts.get(ending.seq)
        found[seq] = (
            fit(record.official, 32), record.by, cast.low_ms, cast.high_ms,
            None if ending is None else ending.seq,
            None if over is None else (over.low_ms, over.high_ms),
        )  # fmt: skip
    return found


def _duty_rows(unit: str, journal: str) -> dict[int, tuple[object, ...]]:
    """Likewise; a duty that ended with its whole journal has no line that ends it."""
    acked = _understood(unit, journal).acked
    found: dict[int, tuple[object, ...]] = {}
    for row in Duty.objects.filter(unit=unit, journal=journal):
        ended = row.ended_seq is not None and (row.ended_by, row.ended_seq) != ("journal", acked)
        found[row.seq] = (
            row.official, row.by, row.low_ms, row.high_ms, row.ended_seq if ended else None,
            (row.ended_low_ms, row.ended_ms) if ended else None,
        )  # fmt: skip
    return found


def _sentence(journal: str, seq: int, row: Row | None, expected: Row | None) -> str:
    if row is None:
        return f"Vote {seq} of journal {journal} is missing; its line is there."
    if expected is None:
        return f"Vote {seq} of journal {journal} has no line that says so."
    if row[:6] == expected[:6]:
        return (
            f"Vote {seq} of journal {journal} differs from its lines: it has reasons "
            f"{row[6] or 'none'} and dossier {row[7] or 'none'}, the lines say "
            f"{expected[6] or 'none'} and {expected[7] or 'none'}."
        )
    return (
        f"Vote {seq} of journal {journal} differs from its line: it says rating {row[0]} "
        f"(first {row[1]}) cast {row[3]}..{row[4]}, the lines say rating {expected[0]} "
        f"(first {expected[1]}) cast {expected[3]}..{expected[4]}."
    )
