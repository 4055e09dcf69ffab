"""Duties where they were served: kept at their counter, and whose votes a changed one concerns."""

from collections.abc import Iterable
from typing import NamedTuple

from server.attribution.desk import FOREVER, Desk
from server.attribution.models import CounterDuty
from server.fleet.models import Placement
from server.votes.models import Duty

FIELDS = ("counter", "official", "low_ms", "high_ms", "until_low_ms", "until_ms")


class Span(NamedTuple):
    """Instants [from_ms, to_ms) at a counter."""

    from_ms: int
    to_ms: int

    def joined(self, other: "Span | None") -> "Span":
        """The stretch that holds both."""
        if other is None:
            return self
        return Span(min(self.from_ms, other.from_ms), max(self.to_ms, other.to_ms))


def move_duties(desk: Desk, duties: Iterable[Duty]) -> dict[str, Span]:
    """Keep new and changed duties of one unit at their counters.

    Returns, for each counter, the stretch in which who was on duty may now be another:
    from the first of the changed sign-ins, as it stood and as it stands, to the next after them.
    """
    changed = list(duties)
    touched: dict[str, list[CounterDuty]] = {}
    moved: set[tuple[str, int]] = set()
    for duty in changed:
        old = CounterDuty.objects.filter(unit=desk.unit, journal=duty.journal, seq=duty.seq).first()
        new = _at_counter(desk, duty)
        if _same(old, new):
            continue
        if new is not None:
            new.save(force_insert=old is None, force_update=old is not None)
        elif old is not None:
            CounterDuty.objects.filter(unit=desk.unit, journal=duty.journal, seq=duty.seq).delete()
        moved.add((duty.journal, duty.seq))
        for row in (old, new):
            if row is not None:
                touched.setdefault(row.counter, []).append(row)
    return {counter: _span(rows, moved) for counter, rows in touched.items()}


def refresh_duties(desk: Desk, *, counter: str, from_ms: int, to_ms: int) -> dict[str, Span]:
    """Look again at every duty that may have stood at `counter` then, after a correction."""
    kiosks = Placement.objects.filter(unit=desk.unit, counter=counter).values("kiosk")
    known = CounterDuty.objects.filter(unit=desk.unit, counter=counter)
    journals = known.values("journal")
    duties = Duty.objects.filter(unit=desk.unit, low_ms__lt=to_ms)
    mine = duties.filter(kiosk__in=kiosks) | duties.filter(journal__in=journals)
    return move_duties(
        desk, (duty for duty in mine if duty.ended_ms is None or duty.ended_ms >= from_ms)
    )


def _at_counter(desk: Desk, duty: Duty) -> CounterDuty | None:
    """The duty at the counter where its kiosk stood when it began; None if that is not known.

    It lasts there no longer than the kiosk does.
    """
    stay, _ = desk.stay(duty.kiosk, duty.low_ms, duty.high_ms)
    if stay is None:
        return None
    until_low, until = duty.ended_low_ms, duty.ended_ms
    if stay.ended_ms != FOREVER:
        until_low = stay.ended_ms if until_low is None else min(until_low, stay.ended_ms)
        until = stay.ended_ms if until is None else min(until, stay.ended_ms)
    return CounterDuty(
        unit=desk.unit,
        journal=duty.journal,
        seq=duty.seq,
        counter=stay.counter,
        official=duty.official,
        low_ms=duty.low_ms,
        high_ms=duty.high_ms,
        until_low_ms=until_low,
        until_ms=until,
    )


def _same(old: CounterDuty | None, new: CounterDuty | None) -> bool:
    if old is None or new is None:
        return old is new
    return all(getattr(old, field) == getattr(new, field) for field in FIELDS)


def _span(rows: list[CounterDuty], moved: set[tuple[str, int]]) -> Span:
    """From the first begin of these to where a sign-in that did not change takes over."""
    last = max(row.high_ms for row in rows)
    following = CounterDuty.objects.filter(
        unit=rows[0].unit, counter=rows[0].counter, low_ms__gt=last, high_ms__gt=last
    ).order_by("high_ms")
    for row in following.iterator(chunk_size=50):
        if (row.journal, row.seq) not in moved:
            return Span(min(row.low_ms for row in rows), row.high_ms)
    return Span(min(row.low_ms for row in rows), FOREVER)
