"""One round of understanding as rows: new ones added, older ones changed where they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from protocol.cast_time import CastAt
from server.ingest.models import Journal
from server.votes.codes import number_of_line
from server.votes.models import Duty, NotUnderstood, Revision, Vote
from server.votes.story import Ending, ReadLine, Story, ToldVote, dossier_of
from server.votes.timing import Times

RETIME = (
    "UPDATE votes_vote SET low_ms = %s, high_ms = %s, quality = %s, flags = %s, gen = %s "
    "WHERE unit = %s AND journal = %s AND seq = %s"
)
INSERT_CODE = "INSERT INTO votes_votecode (code, unit, journal, seq) VALUES (%s, %s, %s, %s)"
CHANGE = (
    "UPDATE votes_vote SET {column} = %s, gen = %s WHERE unit = %s AND journal = %s AND seq = %s"
)
RERATE, REASON = CHANGE.format(column="rating"), CHANGE.format(column="reasons")


@dataclass(frozen=True)
class Round:
    """What one round found. `first`: the first new line; newest_duty: of the lines before it."""

    journal: Journal
    gen: int
    first: int
    story: Story
    times: Times
    newest_duty: Duty | None

    @property
    def key(self) -> dict[str, str]:
        """The journal, as columns."""
        return {"unit": self.journal.unit, "journal": self.journal.journal}

    @cached_property
    def ratings(self) -> dict[int, int]:
        """Votes' revised ratings. Of several the highest seq wins: they stand by seq."""
        return {revision.vote: revision.rating for revision in self.story.revisions}

    @cached_property
    def reasons(self) -> dict[int, str]:
        """Votes' reasons as they are kept; of several lines for one vote the highest seq wins."""
        return {told.vote: " ".join(told.codes) for told in self.story.reasons}

    @property
    def timed_again(self) -> int:
        """The first line whose time may differ from what its row says."""
        return min(self.times.casts)


def write_rounds(rounds: Sequence[Round]) -> None:
    """Write the rows of some journals' rounds, in the caller's transaction."""
    NotUnderstood.objects.bulk_create(
        NotUnderstood(**found.key, seq=seq, why=fit(why, 300))
        for found in rounds
        for seq, why in found.story.not_understood.items()
    )
    Revision.objects.bulk_create(
        Revision(
            **found.key,
            seq=revision.line.seq,
            vote=revision.vote,
            rating=revision.rating,
            received_ms=revision.line.received_ms,
        )
        for found in rounds
        for revision in found.story.revisions
    )
    Vote.objects.bulk_create(
        _vote(found, told, found.ratings.get(seq, told.record.rating))
        for found in rounds
        for seq, told in found.story.votes.items()
    )
    _write_codes(rounds)
    for found in rounds:
        _change_votes(found)
        _write_duties(found)


def stamp(found: Round, line: ReadLine) -> dict[str, object]:
    """The columns that every row of a line has (models.Stamped)."""
    cast = found.times.casts[line.seq]
    return {
        "unit": found.journal.unit,
        "journal": found.journal.journal,
        "seq": line.seq,
        "kiosk": found.journal.kiosk,
        "low_ms": cast.low_ms,
        "high_ms": cast.high_ms,
        "quality": cast.quality,
        "received_ms": line.received_ms,
        "gen": found.gen,
    }


def _vote(found: Round, told: ToldVote, rating: int) -> Vote:
    record = told.record
    return Vote(
        **stamp(found, told.line),
        rating=rating,
        first_rating=record.rating,
        scale=record.scale,
        via=record.via,
        counter=fit(record.counter or "", 40),
        not_official=record.not_official,
        invited=record.invited,
        duty=told.duty,
        duty_named=record.duty is not None,
        flags=_flags(found.times, told.line.seq),
        reasons=found.reasons.get(told.line.seq, ""),
        dossier=dossier_of(record),
    )


def _flags(times: Times, seq: int) -> str:
    """Doubts about a vote, by word: here that its clock stepped (protocol.md 8)."""
    return "clock-stepped" if seq in times.stepped else ""


def _write_codes(rounds: Sequence[Round]) -> None:
    codes = [
        (number_of_line(told.line.body), found.journal.unit, found.journal.journal, seq)
        for found in rounds
        for seq, told in found.story.votes.items()
    ]
    if codes:
        with connection.cursor() as cursor:
            cursor.executemany(INSERT_CODE, codes)


def _change_votes(found: Round) -> None:
    """Older votes of this journal: those timed anew that now differ, those revised, and those whose
    reasons came now."""
    key = (found.journal.unit, found.journal.journal)
    rated = [(n, found.gen, *key, seq) for seq, n in found.ratings.items() if seq < found.first]
    told = [
        (codes, found.gen, *key, seq) for seq, codes in found.reasons.items() if seq < found.first
    ]
    retimed = []
    if found.timed_again < found.first:
        rows = Vote.objects.filter(
            unit=key[0], journal=key[1], seq__gte=found.timed_again, seq__lt=found.first
        )
        for seq, *old in rows.values_list("seq", "low_ms", "high_ms", "quality", "flags"):
            cast = found.times.casts[seq]
            new = [cast.low_ms, cast.high_ms, cast.quality, _flags(found.times, seq)]
            if new != old:
                retimed.append((*new, found.gen, *key, seq))
    with connection.cursor() as cursor:
        if retimed:
            cursor.executemany(RETIME, retimed)
        if rated:
            cursor.executemany(RERATE, rated)
        if told:
            cursor.executemany(REASON, told)


def _write_duties(found: Round) -> None:
    """New duties; and older ones that this round's lines ended or timed anew."""
    casts, story = found.times.casts, found.story
    for duty in _older_duties(found):
        before = (duty.low_ms, duty.high_ms, duty.quality, duty.ended_low_ms, duty.ended_ms)
        if duty.seq in casts:
            cast = casts[duty.seq]
            duty.low_ms, duty.high_ms, duty.quality = cast.low_ms, cast.high_ms, cast.quality
        _end(duty, story.endings.get(duty.seq), casts)
        after = (duty.low_ms, duty.high_ms, duty.quality, duty.ended_low_ms, duty.ended_ms)
        if after != before:
            duty.gen = found.gen
            duty.save(force_update=True)
    new = []
    for seq, (line, record) in story.duties.items():
        duty = Duty(**stamp(found, line), official=fit(record.official, 32), by=record.by)
        _end(duty, story.endings.get(seq), casts)
        new.append(duty)
    Duty.objects.bulk_create(new)


def _older_duties(found: Round) -> Iterator[Duty]:
    """Those that may have begun or ended in the lines timed here; surely the newest.

    Duties of one journal follow each other, so at most one that began before can end after.
    """
    newest = found.newest_duty
    if newest is None:
        return
    rows = Duty.objects.filter(unit=newest.unit, journal=newest.journal)
    if found.timed_again < found.first:
        yield from rows.filter(seq__gte=found.timed_again, seq__lt=newest.seq).order_by("seq")
        straddling = rows.filter(seq__lt=min(found.timed_again, newest.seq)).order_by("-seq")[:1]
        yield from straddling
    yield newest


def _end(duty: Duty, ending: Ending | None, casts: dict[int, CastAt]) -> None:
    """Note the duty's end, if these lines tell it or tell its time anew."""
    if ending is not None:
        duty.ended_seq, duty.ended_by = ending.seq, ending.by
    if duty.ended_seq is not None and duty.ended_seq in casts:
        cast = casts[duty.ended_seq]
        duty.ended_low_ms, duty.ended_ms = cast.low_ms, cast.high_ms


def fit(text: str, size: int) -> str:
    """The text, or as much as the column holds; the mark at the end is in no code, so a cut
    code never equals a real one. The line itself keeps it whole."""
    return text if len(text) <= size else text[: size - 1] + "…"
