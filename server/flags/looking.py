"""The look at a doubt's single votes: recorded first, then given. Times and flags, no rating."""

from typing import Any, Final, NamedTuple

from django.db import connection

from server.database import as_rows
from server.flags.decisions import votes_of
from server.flags.doubting import Member, members_of
from server.flags.models import Decision
from server.flags.rules import AFTER_HOURS, BURST, EDGE, RHYTHM
from server.flags.standing import FORCE
from server.ledger.looks import record_view
from server.stages import in_groups

# A repeat says that two ratings are alike, an odd mix that they are unusual: not of single votes.
TOLD: Final = (AFTER_HOURS, BURST, EDGE, RHYTHM)
SELECT_TIMES = (
    "SELECT v.journal, v.seq, v.low_ms, v.high_ms FROM (VALUES {rows}) AS w "
    "LEFT JOIN votes_vote v ON v.unit = w.column1 AND v.journal = w.column2 AND v.seq = w.column3"
)
SELECT_FLAGS = (
    "SELECT f.journal, f.seq, f.flag FROM (VALUES {rows}) AS w "
    "LEFT JOIN flags_flag f ON f.unit = w.column1 AND f.journal = w.column2 AND f.seq = w.column3"
)


class Glimpse(NamedTuple):
    """A vote as reviewers see it: when it was cast (unix ms), the gap to the one before it (None:
    the first), those of its flags that tell nothing of ratings; decided: by a decision in force."""

    at_ms: int
    gap_ms: int | None
    flags: tuple[str, ...]
    decided: bool


def open_doubt(*, unit: str, number: int, by: str, now_ms: int) -> list[Glimpse]:
    """The votes of a doubt, in their order. That `by` looked is a record of the log before."""
    record_view(by=by, what=f"doubt {number} of unit {unit}", now_ms=now_ms)
    votes = sorted(members_of([(unit, number)])[unit, number])
    times = {}
    flags: dict[Member, list[str]] = {}
    for some in in_groups(votes, 500):
        rows = [(unit, *vote) for vote in some]
        for journal, seq, low_ms, _ in _select(SELECT_TIMES, rows):
            times[journal, seq] = low_ms
        for journal, seq, flag in _select(SELECT_FLAGS, rows):
            flags.setdefault((journal, seq), []).append(flag)
    decided = _decided(unit, number)
    found: list[Glimpse] = []
    for vote in sorted((vote for vote in votes if vote in times), key=lambda v: (times[v], v)):
        told = tuple(flag for flag in TOLD if flag in flags.get(vote, ()))
        gap = times[vote] - found[-1].at_ms if found else None
        found.append(Glimpse(times[vote], gap, told, vote in decided))
    return found


def _decided(unit: str, number: int) -> set[Member]:
    rows = Decision.objects.filter(unit=unit, doubt=number, state=FORCE)
    made = votes_of((unit, n) for n in rows.values_list("number", flat=True))
    return {vote for votes in made.values() for vote in votes}


def _select(sql: str, rows: list[tuple[str, str, int]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(rows=as_rows(rows)), [value for row in rows for value in row])
        return list(cursor.fetchall())
