"""Attributing votes: new and changed ones, and those whom a late sign-in says more about."""

from collections.abc import Iterable

from django.db import connection, transaction

from server.attribution import selectors
from server.attribution.desk import Cast, Desk, Verdict, decide
from server.attribution.duties import Span, move_duties, refresh_duties
from server.attribution.models import AttributedJournal, Attribution, ChangedDay, CounterDuty
from server.organisation.services import lock_unit
from server.stages import do_each

RAISE_UNIT = (
    "INSERT INTO attribution_changedunit (unit, gen) VALUES (%s, 1) "
    "ON CONFLICT (unit) DO UPDATE SET gen = attribution_changedunit.gen + 1 RETURNING gen"
)
RAISE_DAY = (
    "INSERT INTO attribution_changedday (gen, unit, counter, first_day, last_day) "
    "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (unit, counter, first_day, last_day) "
    "DO UPDATE SET gen = excluded.gen"
)


def attribute_pending() -> bool:
    """Attribute what was understood since the last time; True if there was something.

    One transaction a journal. The unit is held meanwhile, so that of two workers each sees
    what the other has done.
    """
    return do_each(selectors.waiting_journals(), _attribute_journal)


def reattribute(*, unit: str, counter: str, from_ms: int, to_ms: int) -> int:
    """Attribute a counter's votes of [from_ms, to_ms) anew after a correction; how many changed.

    For what the lines do not say: a placement or an official entered late, or wrongly.
    """
    with transaction.atomic():
        lock_unit(unit=unit)
        desk = Desk(unit)
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
def _attribute_journal(waiting: tuple[str, str]) -> None:
    """A crash before the commit leaves the mark as it was: the journal still waits."""
    unit, journal = waiting
    lock_unit(unit=unit)
    mark = selectors.mark_of(unit=unit, journal=journal)
    # Read before the rows: what is understood meanwhile has a later gen and its own turn.
    target = selectors.understood(unit=unit, journal=journal)
    if target.gen <= mark:
        return
    desk = Desk(unit)
    spans = move_duties(desk, selectors.changed_duties(unit=unit, journal=journal, mark=mark))
    changed = selectors.changed_casts(desk, journal, mark)
    _keep(desk, changed, votes_changed=True)
    for counter, span in spans.items():
        _keep(desk, selectors.casts_at(desk, counter, span, signed=False))
    AttributedJournal.objects.update_or_create(
        unit=unit, journal=journal, defaults={"gen": target.gen, "seq": target.seq}
    )


def _keep(
    desk: Desk, casts: Iterable[tuple[Cast, Verdict | None]], *, votes_changed: bool = False
) -> int:
    """Decide anew, write what differs and mark the days; how many attributions differ.

    votes_changed: the votes themselves did, so their days count again though nobody moved.
    """
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
    Attribution.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit", "journal", "seq"],
        update_fields=list(Verdict._fields),
        batch_size=1_000,
    )
    if days:
        with connection.cursor() as cursor:
            # The unit is held, so gens are committed in their order: none shows up late.
            cursor.execute(RAISE_UNIT, [desk.unit])
            gen = cursor.fetchone()[0]
            cursor.executemany(RAISE_DAY, [(gen, desk.unit, *day) for day in sorted(days)])
    return len(rows)
