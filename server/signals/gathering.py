"""From tallies to a unit's days: few statements for many units, each by its own key."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from protocol.rating import SCALES
from server.analytics.models import COUNTED
from server.clock import midnight_ms
from server.database import as_day
from server.signals.days import REASON_CODES, UnitDays

Rows = Mapping[str, list[tuple[Any, ...]]]
RATED = ", ".join(f"sum(n{rating})" for rating in range(1, 6))
INVITED = "+".join(f"i{rating}" for rating in range(1, 6))
_PERIOD = "unit IN ({units}) AND {day} > %s AND {day} <= %s"
_OF_TALLIES = (
    "FROM analytics_tally WHERE " + _PERIOD.replace("{day}", "first_day")
    + " AND first_day = last_day "
)  # fmt: skip
SELECT_VOTES = (
    f"SELECT unit, counter, first_day, official, state, {RATED}, sum({INVITED}), sum(i4+i5), "
    f"sum(lo), sum(up) {_OF_TALLIES}GROUP BY unit, counter, first_day, official, state "
    "ORDER BY unit"
)
SELECT_REASONS = (
    f"SELECT unit, first_day, {', '.join(f'sum({code.lower()})' for code in REASON_CODES)} "
    f"{_OF_TALLIES}AND state = '{COUNTED}' GROUP BY unit, first_day ORDER BY unit"
)
SELECT_PROCEDURES = (
    "SELECT unit, first_day, procedure, sum(n1+n2), sum(n1+n2+n3+n4+n5) "
    "FROM analytics_proceduretally WHERE " + _PERIOD.replace("{day}", "first_day")
    + f" AND first_day = last_day AND state = '{COUNTED}' "
    "GROUP BY unit, first_day, procedure ORDER BY unit"
)  # fmt: skip
# Which hours had a vote, as bits: DISTINCT, as a vote may be held and another one not.
SELECT_HOURS = (
    "SELECT unit, day, counter, sum(DISTINCT 1 << hour) FROM analytics_hourtally WHERE "  # noqa: S608 - our own text
    + _PERIOD.replace("{day}", "day")
    + " GROUP BY unit, day, counter ORDER BY unit"
)
SELECT_SERVED = (
    "SELECT unit, date, counter, n FROM dossiers_transactions WHERE "  # noqa: S608 - our own text
    + _PERIOD.replace("{day}", "date")
    + " AND n > 0 ORDER BY unit"
)
SELECT_DOSSIERS = (
    "SELECT unit, counter, received_ms FROM dossiers_dossier WHERE unit IN ({units}) "
    "AND received_ms >= %s AND received_ms < %s AND counter <> '' "
    "AND channel IN ('counter', 'appointment') ORDER BY unit"
)
SELECT_SCALES = (
    "SELECT d.unit, d.date, p.counter, d.scale FROM votes_kioskday d "
    "JOIN fleet_placement p ON p.kiosk_id = d.kiosk AND p.unit = d.unit "
    "WHERE d.unit IN ({units}) AND d.date > %s AND d.date <= %s AND d.scale <> '' ORDER BY d.unit"
)
SELECT_SILENCES = (
    "SELECT p.unit, p.counter, s.started_ms, s.ended_ms FROM fleet_placement p "
    "JOIN fleet_silence s ON s.kiosk = p.kiosk_id WHERE p.unit IN ({units}) "
    "AND s.ended_ms >= %s AND s.ended_ms < %s AND s.ended_ms >= p.started_ms "
    "AND (p.ended_ms IS NULL OR s.ended_ms <= p.ended_ms) "
    "AND NOT EXISTS (SELECT 1 FROM fleet_outage o "
    "WHERE o.started_ms < s.ended_ms AND o.ended_ms > s.started_ms) ORDER BY p.unit"
)
as_date = lru_cache(maxsize=4096)(as_day)


def gather(
    units: Mapping[str, ZoneInfo], counting: set[str], after: date, through: date
) -> Iterator[tuple[str, UnitDays]]:
    """The days (after, through] of each unit. counting: units whose citizens served are counted by
    transactions; the others' by dossiers received at a counter."""
    names = sorted(units)
    days: list[date] = [after, through]
    votes, reasons, procedures, hours, served, scales = (
        _by_unit(sql, names, days)
        for sql in (SELECT_VOTES, SELECT_REASONS, SELECT_PROCEDURES, SELECT_HOURS, SELECT_SERVED,
                    SELECT_SCALES)
    )  # fmt: skip
    bounds = _bounds(units, after, through)
    dossiers = _by_unit(SELECT_DOSSIERS, sorted(set(names) - counting), bounds)
    silences = _by_unit(SELECT_SILENCES, names, bounds)
    for unit in names:
        zone = units[unit]
        yield (
            unit,
            _arrays(
                votes[unit],
                reasons[unit],
                procedures[unit],
                hours[unit],
                served[unit] if unit in counting else list(_served(dossiers[unit], zone)),
                scales[unit],
                list(_gone(silences[unit], zone)),
            ),
        )


def _by_unit(sql: str, units: Sequence[str], bounds: Sequence[date] | Sequence[int]) -> Rows:
    found: dict[str, list[tuple[Any, ...]]] = {unit: [] for unit in units}
    if not units:
        return found
    with connection.cursor() as cursor:
        cursor.execute(sql.format(units=", ".join(["%s"] * len(units))), [*units, *bounds])
        for unit, rows in groupby(cursor.fetchall(), key=lambda row: row[0]):
            found[unit] = list(rows)
    return found


def _bounds(units: Mapping[str, ZoneInfo], after: date, through: date) -> list[int]:
    """The days' first and last instant, wherever the units stand: an hour too many at either end
    belongs to no working hour."""
    zone = next(iter(units.values()))
    first = date(1970, 1, 1) if after.year < 1970 else after + timedelta(days=1)
    return [midnight_ms(first, zone), midnight_ms(through + timedelta(days=1), zone)]


def _served(rows: Iterable[tuple[Any, ...]], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """Dossiers by day and counter, as transactions are."""
    counted: dict[tuple[date, str], int] = {}
    for _, counter, received_ms in rows:
        day = datetime.fromtimestamp(received_ms // 1000, zone).date()
        counted[day, counter] = counted.get((day, counter), 0) + 1
    for (day, counter), n in counted.items():
        yield "", day, counter, n


def _gone(rows: Iterable[tuple[Any, ...]], zone: ZoneInfo) -> Iterator[tuple[Any, ...]]:
    """The whole hours of the day on which a silence ended that were silent, as bits."""
    for _, counter, started_ms, ended_ms in rows:
        end = datetime.fromtimestamp(ended_ms // 1000, zone)
        midnight = midnight_ms(end.date(), zone)
        first = -(-max(0, started_ms - midnight) // 3_600_000)
        bits = sum(1 << hour for hour in range(first, min(24, (ended_ms - midnight) // 3_600_000)))
        if bits:
            yield "", end.date(), counter, bits


def _arrays(
    votes: list[tuple[Any, ...]], reasons: list[tuple[Any, ...]],
    procedures: list[tuple[Any, ...]], hours: list[tuple[Any, ...]],
    served: list[tuple[Any, ...]], scales: list[tuple[Any, ...]], gone: list[tuple[Any, ...]],
) -> UnitDays:  # fmt: skip
    import numpy as np

    # A day without a vote or a citizen is no day of the unit: it was closed.
    days = sorted({as_date(r[2]) for r in votes} | {as_date(r[1]) for r in served})
    counters = sorted({r[1] for r in votes} | {r[2] for r in served if r[2]} - {""})
    counters = [counter for counter in counters if counter]
    officials = sorted({r[3] for r in votes} - {""})
    kinds = sorted({r[2] for r in procedures})
    day_at = {day: at for at, day in enumerate(days)}
    counter_at = {counter: at for at, counter in enumerate(counters)}
    official_at = {official: at for at, official in enumerate(officials)}

    def zeros(*shape: int) -> Any:
        return np.zeros((len(days), *shape), dtype=np.int64)

    found = UnitDays(
        counters, officials, kinds, [day.toordinal() for day in days],
        zeros(len(counters), 5), zeros(len(counters), 5), zeros(len(counters)),
        zeros(len(counters)), zeros(len(counters)), zeros(len(counters)), zeros(len(counters)),
        zeros(len(counters)), zeros(len(counters)), zeros(len(officials), 6),
        zeros(len(REASON_CODES)), zeros(len(kinds), 2),
    )  # fmt: skip
    _add_votes(found, votes, day_at, counter_at, official_at)
    _put(found.of_reason, ((day_at.get(as_date(r[1])), None, r[2:]) for r in reasons))
    kind_at = {kind: at for at, kind in enumerate(kinds)}
    _put(
        found.of_procedure,
        ((day_at.get(as_date(r[1])), kind_at[r[2]], r[3:]) for r in procedures),
    )
    for array, rows, read in (
        (found.hours, hours, int), (found.served, served, int), (found.gone, gone, int),
        (found.offered, scales, _offered),
    ):  # fmt: skip
        _mark(array, rows, read, day_at, counter_at)
    return found


def _add_votes(
    found: UnitDays, votes: list[tuple[Any, ...]], days: Mapping[date, int],
    counters: Mapping[str, int], officials: Mapping[str, int],
) -> None:  # fmt: skip
    import numpy as np

    if not votes:
        return
    numbers = np.array([row[5:] for row in votes], dtype=np.int64)
    day = np.array([days[as_date(row[2])] for row in votes])
    counter = np.array([counters.get(row[1], -1) for row in votes])
    official = np.array([officials.get(row[3], -1) for row in votes])
    counted = np.array([row[4] == COUNTED for row in votes])
    there = counter >= 0
    np.add.at(found.pressed, (day[there], counter[there]), numbers[there, :5])
    kept = there & counted
    at = day[kept], counter[kept]
    np.add.at(found.ratings, at, numbers[kept, :5])
    for array, column in ((found.invited, 5), (found.lows, 7), (found.ups, 8)):
        np.add.at(array, at, numbers[kept, column])
    kept = (official >= 0) & counted
    votes_of = numbers[kept]
    six = np.column_stack(
        [votes_of[:, :5].sum(axis=1), votes_of[:, 3:5].sum(axis=1), votes_of[:, 5:]]
    )
    np.add.at(found.of_official, (day[kept], official[kept]), six)


def _put(array: Any, rows: Iterable[tuple[int | None, int | None, tuple[Any, ...]]]) -> None:
    for day, at, numbers in rows:
        if day is not None:
            array[(day,) if at is None else (day, at)] = numbers


def _mark(
    array: Any, rows: Iterable[tuple[Any, ...]], read: Callable[[Any], int],
    days: Mapping[date, int], counters: Mapping[str, int],
) -> None:  # fmt: skip
    for _, day, counter, value in rows:
        at, place = days.get(as_date(day)), counters.get(counter)
        if at is not None and place is not None:
            array[at, place] |= read(value)


def _offered(scale: str) -> int:
    return sum(1 << rating for rating in SCALES.get(scale, ()))
