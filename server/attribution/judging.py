"""Deciding anew, writing what differs, and marking the days whose tallies that changes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from server.attribution.desk import Cast, Desk
from server.attribution.models import Attribution
from server.attribution.verdicts import Verdict, decide

RAISE_UNITS = (
    "INSERT INTO attribution_changedunit (unit, gen) VALUES {rows} "
    "ON CONFLICT (unit) DO UPDATE SET gen = attribution_changedunit.gen + 1 RETURNING unit, gen"
)
RAISE_DAY = (
    "INSERT INTO attribution_changedday (gen, unit, counter, first_day, last_day) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (unit, counter, first_day, last_day) "
    "DO UPDATE SET gen = excluded.gen"
)
Known = tuple[Cast, Verdict | None]  # a vote and its verdict so far


class _Judged(NamedTuple):
    """What is to be written of one unit: attributions that differ, and days that count again."""

    unit: str
    rows: list[Attribution]
    days: set[tuple[str, str, str]]


def judge(
    desks: Mapping[str, Desk], votes: Mapping[str, Sequence[Known]], *, votes_changed: bool = False
) -> int:
    """Decide votes anew, by unit, write what differs and mark the days; how many attributions
    differ. The units are held.

    votes_changed: the votes themselves did, so their days count again though nobody moved.
    """
    units = [unit for unit, known in votes.items() if known]
    found = decide([(desks[unit], [cast for cast, _ in votes[unit]]) for unit in units])
    judged = []
    for unit, verdicts in zip(units, found, strict=True):
        before = {(cast.journal, cast.seq): verdict for cast, verdict in votes[unit]}
        judged.append(_compare(unit, before, verdicts, votes_changed))
    _write(judged)
    return sum(len(each.rows) for each in judged)


def _compare(
    unit: str,
    before: Mapping[tuple[str, int], Verdict | None],
    verdicts: Sequence[tuple[Cast, Verdict]],
    votes_changed: bool,
) -> _Judged:
    days: set[tuple[str, str, str]] = set()
    rows = []
    for cast, verdict in verdicts:
        old = before[cast.journal, cast.seq]
        if verdict != old:
            rows.append(
                Attribution(unit=unit, journal=cast.journal, seq=cast.seq, **verdict._asdict())
            )
        if verdict != old or votes_changed:
            days |= {(v.counter, str(v.first_day), str(v.last_day)) for v in (verdict, old) if v}
    return _Judged(unit, rows, days)


def _write(judged: Sequence[_Judged]) -> None:
    """Keep the attributions and mark the days. Whether a vote is counted or held is not ours."""
    Attribution.objects.bulk_create(
        [row for each in judged for row in each.rows],
        update_conflicts=True,
        unique_fields=["unit", "journal", "seq"],
        update_fields=list(Verdict._fields),
        batch_size=1_000,
    )
    units = [each.unit for each in judged if each.days]
    if not units:
        return
    with connection.cursor() as cursor:
        # The units are held, so gens are committed in their order: none shows up late.
        cursor.execute(RAISE_UNITS.format(rows=", ".join(["(%s, 1)"] * len(units))), units)
        gens = dict(cursor.fetchall())
        days = [(gens[each.unit], each.unit, *day) for each in judged for day in sorted(each.days)]
        cursor.executemany(RAISE_DAY, days)
