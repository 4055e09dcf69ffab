"""Counting a period again from the votes and their attributions, and holding the tallies to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db import connection

from server.analytics.figure import States, states_of
from server.analytics.models import COUNTED
from server.attribution.models import ChangedUnit

By = Literal["unit", "counter", "official"]
RATED, APART = 5, 1
# The votes themselves, one group for each rating; not the statement that makes the tallies.
SELECT_VOTES = (
    "SELECT {column}, a.state, v.rating, CASE WHEN v.reasons = 'R9' THEN 1 ELSE 0 END, count(*) "
    "FROM attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "WHERE a.unit = %s AND a.first_day >= %s AND a.last_day <= %s GROUP BY 1, 2, 3, 4"
)
SELECT_TALLIES = (
    "SELECT {column}, t.state, sum(t.n1), sum(t.n2), sum(t.n3), sum(t.n4), sum(t.n5), "
    "sum(t.x1 + t.x2 + t.x3 + t.x4 + t.x5) FROM analytics_tally t "
    "WHERE t.unit = %s AND t.first_day >= %s AND t.last_day <= %s GROUP BY 1, 2"
)
Counted = dict[tuple[str, str], list[int]]  # by code and state: n1..n5, those with R9 alone


@dataclass(frozen=True)
class Recounted:
    """Votes of a unit, or of one of its counters or officials ("" for none), in a period.

    counts: n1..n5 of those that count; apart: of these, R9 is the only reason. agrees: whether the
    tallies say the same, of every state.
    """

    unit: str
    code: str
    states: States
    counts: tuple[int, ...]
    apart: int
    agrees: bool


def recount(*, first: date, last: date, by: By, unit: str | None = None) -> Iterator[Recounted]:
    """Every row that has a vote or a tally on local days first to last (both included).

    Votes of uncertain time count if the period holds their whole interval, as on the pages.
    """
    units = ChangedUnit.objects.order_by("unit").values_list("unit", flat=True)
    for code in [unit] if unit is not None else units:
        yield from _recount(code, first, last, by)


def _recount(unit: str, first: date, last: date, by: By) -> Iterator[Recounted]:
    values = [unit, first, last]
    votes: Counted = {}
    for code, state, rating, apart, n in _rows(SELECT_VOTES, "a", by, values):
        row = votes.setdefault((code, state), [0] * (RATED + APART))
        row[rating - 1] += n
        row[RATED] += n * apart
    tallies: Counted = {
        (code, state): [*counts]
        for code, state, *counts in _rows(SELECT_TALLIES, "t", by, values)
        if any(counts)
    }
    for code in sorted({code for code, _ in votes.keys() | tallies.keys()}):
        counted = votes.get((code, COUNTED), [0] * (RATED + APART))
        yield Recounted(
            unit=unit,
            code=code,
            states=states_of((s, sum(row[:RATED])) for (c, s), row in votes.items() if c == code),
            counts=tuple(counted[:RATED]),
            apart=counted[RATED],
            agrees=_of(code, votes) == _of(code, tallies),
        )


def _of(code: str, counted: Counted) -> dict[str, list[int]]:
    return {state: row for (each, state), row in counted.items() if each == code}


def _rows(sql: str, table: str, by: By, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(column=f"{table}.{by}"), values)
        return list(cursor.fetchall())
