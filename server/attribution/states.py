"""Whether a vote is counted, held or excluded: written here for whoever has the reasons."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from server.attribution.judging import RAISE_DAY, RAISE_UNITS
from server.database import as_day, as_rows
from server.stages import in_groups

STATES = ("counted", "held", "excluded")
AT_ONCE = 500
SELECT_PLACES = (
    "SELECT a.unit, a.journal, a.seq, a.state, a.counter, a.first_day, a.last_day "
    "FROM (VALUES {rows}) AS w LEFT JOIN attribution_attribution a ON a.unit = w.column1 "
    "AND a.journal = w.column2 AND a.seq = w.column3"
)
SET_STATE = (
    "UPDATE attribution_attribution SET state = %s WHERE unit = %s AND journal = %s AND seq = %s"
)
Vote = tuple[str, str, int]  # unit, journal, seq
Day = tuple[str, str, date, date]  # unit, counter, first and last day


def set_states(*, states: Mapping[Vote, str]) -> dict[Day, int]:
    """Let these votes be counted, held or excluded; the days on which one of them now is other than
    it was, with their new gen. A vote that is not attributed is left out. The units are held.
    """
    odd = {*states.values()} - {*STATES}
    if odd:
        raise ValueError(f"{sorted(odd)} are no states of a vote; there are {STATES}.")
    changed: list[tuple[str, Vote]] = []
    days: set[Day] = set()
    for some in in_groups(list(states), AT_ONCE):
        for *vote, state, counter, first, last in _places(some):
            key: Vote = (vote[0], vote[1], vote[2])
            if key in states and states[key] != state:
                changed.append((states[key], key))
                days.add((key[0], counter, as_day(first), as_day(last)))
    if not changed:
        return {}
    units = sorted({unit for unit, *_ in days})
    with connection.cursor() as cursor:
        cursor.executemany(SET_STATE, [(state, *vote) for state, vote in changed])
        # The units are held, so gens are committed in their order, as in judging.
        cursor.execute(RAISE_UNITS.format(rows=", ".join(["(%s, 1)"] * len(units))), units)
        gens = dict(cursor.fetchall())
        raised = [(gens[day[0]], *day) for day in sorted(days)]
        cursor.executemany(RAISE_DAY, raised)
    return {(unit, *day): gen for gen, unit, *day in raised}  # type: ignore[misc]


def _places(votes: Sequence[Vote]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            SELECT_PLACES.format(rows=as_rows(votes)), [value for vote in votes for value in vote]
        )
        return list(cursor.fetchall())
