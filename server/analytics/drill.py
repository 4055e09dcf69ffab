"""From a number to the votes behind it: each look is a deed before anything is given.

Never an hour, a code or a place in a journal: votes of a day stand in an order that says nothing
of when they were cast, and a vote that names harassment (R6) is not told apart by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q, Sum

from server.analytics.counting import REASON_COLUMNS
from server.analytics.figure import Period
from server.analytics.models import ProcedureTally, Tally
from server.database import as_day, as_rows
from server.ledger.looks import record_view

PAGE = 100  # votes of a page, about: whole days of a counter
MOST_DAYS = 400  # of a page, each one key to look up
SECRET_REASON = "R6"  # noqa: S105 - who reads it has a list of its own
SELECT = (
    "SELECT a.first_day, a.last_day, a.counter, a.official, a.why, v.rating, v.reasons, a.state, "
    "a.procedure, v.invited, a.journal, a.seq FROM (VALUES {rows}) AS w "
    "JOIN attribution_attribution a ON a.unit = w.column1 AND a.counter = w.column2 "
    "AND a.first_day = w.column3 AND a.last_day = w.column4 "
    "JOIN votes_vote v ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "WHERE {where} ORDER BY a.first_day DESC, a.last_day, a.counter, a.official, v.rating, "
    "v.reasons, a.procedure, v.invited"
)
SELECT_FLAGS = (
    "SELECT f.journal, f.seq, f.flag FROM (VALUES {rows}) AS w JOIN flags_flag f "
    "ON f.unit = w.column1 AND f.counter = w.column2 AND f.day BETWEEN w.column3 AND w.column4"
)


@dataclass(frozen=True)
class Wanted:
    """Which votes of a unit: whatever is left empty is any. ratings: of 1..5; state: counted,
    held or excluded."""

    unit: str
    period: Period
    counter: str | None = None
    official: str | None = None
    procedures: tuple[str, ...] = ()
    ratings: tuple[int, ...] = ()
    reason: str = ""
    state: str = ""


class Seen(NamedTuple):
    """A vote as an inspector sees it. reasons: codes, a blank between, never R6. flags: the rules
    that doubt it, by name."""

    first_day: date
    last_day: date
    counter: str
    official: str
    why: str
    rating: int
    reasons: str
    state: str
    procedure: str
    invited: bool
    flags: tuple[str, ...] = ()


class Page(NamedTuple):
    """The votes of some days, newest first. more: where the next page begins; None: nowhere."""

    votes: list[Seen]
    more: int | None


def look_at_votes(*, wanted: Wanted, skip: int, by: str, now_ms: int) -> Page:
    """A page of votes, once it is recorded that `by` looked. skip: how many counters' days come
    before. Raises ValueError for R6, which is asked for nowhere but in its own list."""
    if wanted.reason == SECRET_REASON:
        raise ValueError("Votes that name R6 have a list of their own.")
    record_view(by=by, what=_in_words(wanted), now_ms=now_ms)
    days, more = _days(wanted, skip)
    return Page(_votes(wanted, days), more)


def look_at_officials(*, unit: str, official: str, period: Period, by: str, now_ms: int) -> None:
    """Before a page that names officials with their scores is shown, or (official) one of them: who
    read it stands in the log."""
    whose = f"official {official}" if official else "officials"
    what = f"figures of {whose} of unit {unit} {period.first}/{period.last}"
    record_view(by=by, what=what, now_ms=now_ms)


def _days(wanted: Wanted, skip: int) -> tuple[list[tuple[Any, ...]], int | None]:
    """The counters' days that hold such votes, as the tallies say, as many as fill a page."""
    rows = Tally.objects.filter(
        unit=wanted.unit, first_day__gte=wanted.period.first, last_day__lte=wanted.period.last
    )
    if wanted.counter is not None:
        rows = rows.filter(counter=wanted.counter)
    if wanted.official is not None:
        rows = rows.filter(official=wanted.official)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.procedures:
        rows = rows.filter(_of_procedures(wanted))
    named = REASON_COLUMNS.get(wanted.reason)
    rated = [F(f"n{rating}") for rating in wanted.ratings or (1, 2, 3, 4, 5)]
    n = F(named) if named else sum(rated[1:], rated[0])
    found = (
        rows.values_list("counter", "first_day", "last_day")
        .annotate(n=Sum(n))
        .filter(n__gt=0)
        .order_by("-first_day", "-last_day", "counter")[skip : skip + MOST_DAYS + 1]
    )
    days: list[tuple[Any, ...]] = []
    votes = 0
    for counter, first, last, count in found:
        if days and (votes + count > PAGE or len(days) == MOST_DAYS):
            return days, skip + len(days)
        days.append((wanted.unit, counter, first, last))
        votes += count
    return days, None


def _of_procedures(wanted: Wanted) -> Q:
    """The days on which a vote's dossier was of one of these procedures."""
    days = ProcedureTally.objects.filter(
        unit=wanted.unit, procedure__in=wanted.procedures,
        first_day__gte=wanted.period.first, last_day__lte=wanted.period.last,
    ).values_list("first_day", flat=True)  # fmt: skip
    return Q(first_day__in=days)


def _votes(wanted: Wanted, days: Sequence[tuple[Any, ...]]) -> list[Seen]:
    if not days:
        return []
    where, values = _where(wanted)
    keys = [value for day in days for value in day]
    rows = as_rows(days)
    with connection.cursor() as cursor:
        cursor.execute(SELECT.format(rows=rows, where=" AND ".join(where)), keys + values)
        votes = cursor.fetchall()
        cursor.execute(SELECT_FLAGS.format(rows=rows), keys)
        flags: dict[tuple[str, int], set[str]] = {}
        for journal, seq, flag in cursor.fetchall():
            flags.setdefault((journal, seq), set()).add(flag)
    return [_seen(vote, flags.get(vote[-2:], set())) for vote in votes]


def _seen(row: tuple[Any, ...], flags: set[str]) -> Seen:
    seen = Seen(*row[:-2])
    return seen._replace(
        first_day=as_day(seen.first_day),
        last_day=as_day(seen.last_day),
        reasons=_told(seen.reasons),
        invited=bool(seen.invited),
        flags=tuple(sorted(flags)),
    )


def _where(wanted: Wanted) -> tuple[list[str], list[object]]:
    conditions: list[tuple[str, Sequence[object]]] = []
    if wanted.official is not None:
        conditions.append(("a.official = %s", [wanted.official]))
    if wanted.state:
        conditions.append(("a.state = %s", [wanted.state]))
    if wanted.ratings:
        marks = ", ".join(["%s"] * len(wanted.ratings))
        conditions.append((f"v.rating IN ({marks})", wanted.ratings))
    if wanted.procedures:
        marks = ", ".join(["%s"] * len(wanted.procedures))
        conditions.append((f"a.procedure IN ({marks})", wanted.procedures))
    if wanted.reason:
        conditions.append(("v.reasons LIKE %s", [f"%{wanted.reason}%"]))
    return ["1 = 1", *(text for text, _ in conditions)], [v for _, vs in conditions for v in vs]


def _told(reasons: str) -> str:
    return " ".join(code for code in reasons.split() if code != SECRET_REASON)


def _in_words(wanted: Wanted) -> str:
    """What was looked at, as the deed tells it: codes alone."""
    parts = [f"votes of {wanted.unit}, {wanted.period.first} to {wanted.period.last}"]
    if wanted.counter is not None:
        parts.append(f"counter {wanted.counter or 'unknown'}")
    if wanted.official is not None:
        parts.append(f"official {wanted.official or 'nobody'}")
    if wanted.procedures:
        parts.append(f"procedures {' '.join(wanted.procedures[:3])}")
    if wanted.ratings:
        parts.append(f"ratings {' '.join(map(str, wanted.ratings))}")
    parts += [part for part in (wanted.reason, wanted.state) if part]
    return ", ".join(parts)
