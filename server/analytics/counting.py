"""Counting whole days from the votes, and whole months from the days: one statement for many.

The same text on SQLite and PostgreSQL. The units are held meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from protocol.rating import POSITIVE_REASONS, RATINGS, REASONS
from server.analytics.hours import stretches_of
from server.analytics.pending import AT_ONCE, Day, last_day_of
from server.database import as_rows
from server.stages import in_groups

REASON_COLUMNS = {code: code.lower() for code in sorted({**REASONS, **POSITIVE_REASONS})}
RATED = tuple(f"n{rating}" for rating in RATINGS)
REASONED = (*RATED, *REASON_COLUMNS.values())
# models.Sides: what is counted in each, of a vote v.
SIDES = {
    **{f"x{rating}": f"v.reasons = 'R9' AND v.rating = {rating}" for rating in RATINGS},
    **{f"i{rating}": f"v.invited AND v.rating = {rating}" for rating in RATINGS},
    "lo": "v.first_rating <= 2",
    "up": "v.first_rating <= 2 AND v.rating >= 4",
}
COUNTS = (*REASONED, *SIDES)

_RATINGS = ", ".join(f"count(*) FILTER (WHERE v.rating = {rating})" for rating in RATINGS)
# A vote of several reasons counts in each of them. %% because the statement takes values.
_REASONS = ", ".join(
    f"count(*) FILTER (WHERE v.reasons LIKE '%%{code}%%')" for code in REASON_COLUMNS
)
_SIDES = ", ".join(f"count(*) FILTER (WHERE {what})" for what in SIDES.values())
_SUMS = ", ".join(f"sum(t.{column})" for column in COUNTS)
# LEFT: SQLite then keeps to this order, in which each finds its few rows; _COUNTED drops the rest.
_VOTES = "LEFT JOIN votes_vote v ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
_COUNTED = "HAVING count(v.rating) > 0"
_OF_DAYS = (
    "FROM (VALUES {rows}) AS w LEFT JOIN attribution_attribution a "
    "ON a.unit = w.column1 AND a.counter = w.column2 "
    "AND a.first_day = w.column3 AND a.last_day = w.column4 " + _VOTES
)
FORGET_DAYS = (
    "DELETE FROM analytics_tally "
    "WHERE unit = %s AND counter = %s AND first_day = %s AND last_day = %s"
)
COUNT_DAYS = (
    "INSERT INTO analytics_tally "
    f"(unit, counter, first_day, last_day, official, why, basis, state, {', '.join(COUNTS)}) "
    "SELECT a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, a.basis, a.state, "
    f"{_RATINGS}, {_REASONS}, {_SIDES} {_OF_DAYS}"
    "GROUP BY a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, a.basis, a.state "
    + _COUNTED
)
NOTE_DAYS = (
    "INSERT INTO analytics_countedday (unit, counter, first_day, last_day, gen, received_ms) "
    "SELECT w.column1, w.column2, w.column3, w.column4, w.column5, "
    f"coalesce(max(v.received_ms), 0) {_OF_DAYS}"
    "WHERE w.column5 > 0 "  # SQLite: else ON CONFLICT could be the join's ON
    "GROUP BY w.column1, w.column2, w.column3, w.column4, w.column5 "
    "ON CONFLICT (unit, counter, first_day, last_day) "
    "DO UPDATE SET gen = excluded.gen, received_ms = excluded.received_ms"
)
FORGET_HOURS = "DELETE FROM analytics_hourtally WHERE unit = %s AND day = %s AND counter = %s"
# column4..5: instants between which local time is column6 ms ahead of UTC.
_OF_HOURS = (
    "FROM (VALUES {rows}) AS w "
    "LEFT JOIN attribution_attribution a ON a.unit = w.column1 AND a.counter = w.column2 "
    f"AND a.first_day = w.column3 AND a.last_day = w.column3 {_VOTES}"
    "AND v.low_ms >= w.column4 AND v.low_ms < w.column5 "
    "AND (v.low_ms + w.column6) / 3600000 = (v.high_ms + w.column6) / 3600000"
)
COUNT_HOURS = (
    "INSERT INTO analytics_hourtally (unit, counter, day, hour, state, n1, n2, n3, n4, n5) "
    "SELECT a.unit, a.counter, a.first_day, (v.low_ms + w.column6) %% 86400000 / 3600000, "
    f"a.state, {_RATINGS} {_OF_HOURS} GROUP BY 1, 2, 3, 4, 5 {_COUNTED}"
)
FORGET_PROCEDURES = (
    "DELETE FROM analytics_proceduretally WHERE unit = %s AND first_day = %s AND last_day = %s"
)
_OF_PROCEDURES = (
    "FROM (VALUES {rows}) AS w LEFT JOIN attribution_attribution a ON a.unit = w.column1 "
    f"AND a.first_day = w.column2 AND a.last_day = w.column3 AND NOT (a.procedure = '') {_VOTES}"
)
COUNT_PROCEDURES = (
    "INSERT INTO analytics_proceduretally "
    f"(unit, first_day, last_day, procedure, state, {', '.join(COUNTS)}) "
    "SELECT a.unit, a.first_day, a.last_day, a.procedure, a.state, "
    f"{_RATINGS}, {_REASONS}, {_SIDES} {_OF_PROCEDURES}"
    f"GROUP BY a.unit, a.first_day, a.last_day, a.procedure, a.state {_COUNTED}"
)
_TALLIES = (
    "FROM (VALUES {rows}) AS w JOIN analytics_tally t ON t.unit = w.column1 "
    "AND t.first_day BETWEEN w.column2 AND w.column4 "
    "AND t.last_day BETWEEN w.column3 AND w.column5 "
)
FORGET_UNIT_MONTHS = (
    "DELETE FROM analytics_unitmonth WHERE unit = %s AND first_month = %s AND last_month = %s"
)
SUM_UNIT_MONTHS = (
    f"INSERT INTO analytics_unitmonth (unit, first_month, last_month, state, {', '.join(COUNTS)}) "
    f"SELECT t.unit, w.column2, w.column3, t.state, {_SUMS} {_TALLIES}"
    "GROUP BY t.unit, w.column2, w.column3, t.state"
)
FORGET_OFFICIAL_MONTHS = FORGET_UNIT_MONTHS.replace("unitmonth", "officialmonth")
SUM_OFFICIAL_MONTHS = (
    "INSERT INTO analytics_officialmonth "
    f"(unit, first_month, last_month, official, state, {', '.join(COUNTS)}) "
    f"SELECT t.unit, w.column2, w.column3, t.official, t.state, {_SUMS} {_TALLIES}"
    "WHERE t.official <> '' GROUP BY t.unit, w.column2, w.column3, t.official, t.state"
)


def count_days(gens: Mapping[Day, int], zones: Mapping[str, ZoneInfo]) -> None:
    """Count these days whole, as they stand at their gens, and whatever is summed up from them.

    zones: of each unit.
    """
    _forget(FORGET_DAYS, gens)
    _do(COUNT_DAYS, gens)
    _do(NOTE_DAYS, [(*day, gen) for day, gen in gens.items()])
    known = [day for day in gens if day.first_day == day.last_day]
    _forget(FORGET_HOURS, [(day.unit, day.first_day, day.counter) for day in known])
    _do(
        COUNT_HOURS,
        [
            (*day[:3], *stretch)
            for day in known
            for stretch in stretches_of(day.first_day, zones[day.unit])
        ],
    )
    # A dossier may be served at several counters: the unit's day as a whole, seldom many votes.
    days = sorted({(day.unit, day.first_day, day.last_day) for day in gens})
    _forget(FORGET_PROCEDURES, days)
    _do(COUNT_PROCEDURES, days)
    sum_months({day.unit_month for day in gens})


def sum_months(months: Collection[tuple[str, date, date]]) -> None:
    """Add up the tallies of these units' months anew, by unit and by official.

    months: unit, and the first day of the first and of the last month.
    """
    keys = sorted(months)
    rows = [(*key, last_day_of(key[1]), last_day_of(key[2])) for key in keys]
    for forget, sum_up in (
        (FORGET_UNIT_MONTHS, SUM_UNIT_MONTHS),
        (FORGET_OFFICIAL_MONTHS, SUM_OFFICIAL_MONTHS),
    ):
        _forget(forget, keys)
        _do(sum_up, rows)


def _forget(sql: str, keys: Collection[tuple[Any, ...]]) -> None:
    if keys:
        with connection.cursor() as cursor:
            cursor.executemany(sql, list(keys))


def _do(sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        for group in in_groups(list(rows), AT_ONCE):
            cursor.execute(
                sql.format(rows=as_rows(group)), [value for row in group for value in row]
            )
