"""Attributing votes: new and changed ones, and those whom a late sign-in says more about."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from server.attribution import selectors
from server.attribution.desk import Cast, Desk, Verdict, decide, desk_of, desks_of
from server.attribution.duties import Span, move_duties, refresh_duties
from server.attribution.models import AttributedJournal, Attribution, ChangedDay, CounterDuty
from server.organisation.services import lock_unit, lock_units
from server.stages import do_groups, in_groups

AT_ONCE = 100  # journals in one transaction
RAISE_UNITS = (
    "INSERT INTO attribution_changedunit (unit, gen) VALUES {rows} "
    "ON CONFLICT (unit) DO UPDATE SET gen = attribution_changedunit.gen + 1 RETURNING unit, gen"
)
RAISE_DAY = (
    "INSERT INTO attribution_changedday (gen, unit, counter, first_day, last_day) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (unit, counter, first_day, last_day) "
    "DO UPDATE SET gen = excluded.gen"
)


def attribute_pending() -> bool:
    """Attribute what was understood since the last time; True if there was something.

    One transaction for some journals. Their units are held meanwhile, so that of two workers each
    sees what the other has done.
    """
    return do_groups(in_groups(selectors.waiting_journals(), AT_ONCE), _attribute_journals)


def reattribute(*, unit: str, counter: str, from_ms: int, to_ms: int) -> int:
    """Attribute a counter's votes of [from_ms, to_ms) anew after a correction; how many changed.

    For what the lines do not say: a placement or an official entered late, or wrongly.
    """
    with transaction.atomic():
        lock_unit(unit=unit)
        desk = desk_of(unit)
        spans = refresh_duties(desk, counter=counter, from_ms=from_ms, to_ms=to_ms)
        spans[counter] = Span(from_ms, to_ms).joined(spans.get(counter))
        kiosks = selectors.kiosks_at(unit=unit, counter=counter)
        changed = _keep(desk, selectors.casts_of_kiosks(desk, kiosks, from_ms, to_ms))
        for name, span in spans.items():
            changed += _keep(desk, selectors.casts_at(desk, name, span, signed=True))
        return changed


def forget_attributions() -> None:
    """Drop every attribution, so that all votes are attributed again."""
    with transaction.atomic():
        for model in (Attribution, CounterDuty, AttributedJournal, ChangedDay):
            model.objects.all().delete()


@transaction.atomic
def _attribute_journals(waiting: Sequence[tuple[str, str]]) -> None:
    """A crash before the commit leaves the marks as they were: the journals still wait."""
    lock_units(units=sorted({unit for unit, _ in waiting}))
    # Read before the rows: what is understood meanwhile has a later gen and its own turn.
    found = selectors.targets([journal for _, journal in waiting])
    targets = [target for target in found if target.gen > target.mark]
    if not targets:
        return
    changed = selectors.changed_casts(targets)
    desks = desks_of({unit: [cast for cast, _ in casts] for unit, casts in changed.items()})
    duties = selectors.changed_duties(targets)
    spans = {unit: move_duties(desks[unit], duties[unit]) for unit in duties}
    _write([_judge(desks[unit], casts, votes_changed=True) for unit, casts in changed.items()])
    for unit, of_unit in spans.items():
        for counter, span in of_unit.items():
            _keep(desks[unit], selectors.casts_at(desks[unit], counter, span, signed=False))
    AttributedJournal.objects.bulk_create(
        [AttributedJournal(unit=t.unit, journal=t.journal, gen=t.gen, seq=t.seq) for t in targets],
        update_conflicts=True,
        unique_fields=["unit", "journal"],
        update_fields=["gen", "seq"],
    )


class _Judged(NamedTuple):
    """What is to be written of one unit: attributions that differ, and days that count again."""

    unit: str
    rows: list[Attribution]
    days: set[tuple[str, str, str]]


def _keep(desk: Desk, casts: Iterable[tuple[Cast, Verdict | None]]) -> int:
    """Decide anew, write what differs and mark the days; how many attributions differ."""
    judged = _judge(desk, casts)
    _write([judged])
    return len(judged.rows)


def _judge(
    desk: Desk, casts: Iterable[tuple[Cast, Verdict | None]], *, votes_changed: bool = False
) -> _Judged:
    """Decide anew. votes_changed: the votes themselves did, so their days count again though
    nobody moved."""
    before = {(cast.journal, cast.seq): verdict for cast, verdict in casts}
    days: set[tuple[str, str, str]] = set()
    rows = []
    for cast, verdict in decide(desk, [cast for cast, _ in casts]):
        old = before[cast.journal, cast.seq]
        if verdict != old:
            rows.append(
                Attribution(unit=desk.unit, journal=cast.journal, seq=cast.seq, **verdict._asdict())
            )
        if verdict != old or votes_changed:
            days |= {(v.counter, str(v.first_day), str(v.last_day)) for v in (verdict, old) if v}
    return _Judged(desk.unit, rows, days)


def _write(judged: Sequence[_Judged]) -> None:
    """Keep the attributions and mark the days. The units are held."""
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
