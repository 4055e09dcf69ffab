"""Dossiers counted over a period."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q

from server.clock import midnight_ms
from server.dossiers.models import Dossier
from server.organisation.selectors import timezones_of

LOOKED_UP = 400


@dataclass(frozen=True)
class Counts:
    """Dossiers of a period. carried + received = resolved + pending, always.

    carried: received before it and not resolved when it began. received, resolved: in it.
    on_time, late: of the resolved, by the day promised; without_due: promised for no day, and
    neither. pending: not resolved when it ended; overdue: of these past the day promised.
    """

    carried: int = 0
    received: int = 0
    resolved: int = 0
    on_time: int = 0
    late: int = 0
    pending: int = 0
    overdue: int = 0

    @property
    def without_due(self) -> int:
        return self.resolved - self.on_time - self.late

    @property
    def on_time_rate(self) -> Fraction | None:
        """on_time / resolved, exactly; None where nothing was resolved."""
        return Fraction(self.on_time, self.resolved) if self.resolved else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(_parts(self), _parts(other), strict=True)))


def _parts(counts: Counts) -> tuple[int, ...]:
    return (
        counts.carried, counts.received, counts.resolved, counts.on_time, counts.late,
        counts.pending, counts.overdue,
    )  # fmt: skip


def counts(*, units: str | Collection[str], first: date, last: date) -> Counts:
    """Dossiers of a unit, or of several together, on local days first to last (both included)."""
    return sum(counts_each(units=units, first=first, last=last).values(), Counts())


def counts_each(
    *, units: str | Collection[str], first: date, last: date
) -> dict[tuple[str, str], Counts]:
    """The same by unit and procedure ("" unknown), those without any left out."""
    found: dict[tuple[str, str], Counts] = {}
    asked = [units] if isinstance(units, str) else sorted(set(units))
    for zone, codes in _by_zone(asked).items():
        start, end = midnight_ms(first, zone), midnight_ms(last + timedelta(days=1), zone)
        for begin in range(0, len(codes), LOOKED_UP):
            found |= _count(codes[begin : begin + LOOKED_UP], start, end)
    return found


def counts_by_month(
    *, units: str | Collection[str], months: Iterable[tuple[date, date]], carried: int
) -> list[Counts]:
    """The same of months in a row, each by its first and last day, at the cost of what was received
    and resolved in them: what one leaves pending the next one carries. carried: by the first.
    overdue is not counted: 0."""
    found = []
    for first, last in months:
        moved = counts_moved(units=units, first=first, last=last)
        pending = carried + moved.received - moved.resolved
        found.append(replace(moved, carried=carried, pending=pending))
        carried = pending
    return found


def counts_moved(*, units: str | Collection[str], first: date, last: date) -> Counts:
    """What was received and resolved on local days first to last; all else is left 0."""
    found = Counts()
    asked = [units] if isinstance(units, str) else sorted(set(units))
    for zone, codes in _by_zone(asked).items():
        start, end = midnight_ms(first, zone), midnight_ms(last + timedelta(days=1), zone)
        for begin in range(0, len(codes), LOOKED_UP):
            found += _moved(codes[begin : begin + LOOKED_UP], start, end)
    return found


def _moved(units: Collection[str], start: int, end: int) -> Counts:
    rows = Dossier.objects.filter(unit__in=units)
    # Each by its own index: together they would read every dossier of these units.
    resolved = rows.filter(resolved_ms__gte=start, resolved_ms__lt=end)
    return Counts(
        received=rows.filter(received_ms__gte=start, received_ms__lt=end).count(),
        **resolved.aggregate(
            resolved=Count("number"),
            on_time=Count("number", filter=Q(resolved_ms__lte=F("due_ms"))),
            late=Count("number", filter=Q(resolved_ms__gt=F("due_ms"))),
        ),
    )


def _count(units: Collection[str], start: int, end: int) -> dict[tuple[str, str], Counts]:
    before, inside = Q(received_ms__lt=start), Q(received_ms__gte=start)
    resolved = Q(resolved_ms__gte=start, resolved_ms__lt=end)
    pending = Q(resolved_ms__isnull=True) | Q(resolved_ms__gte=end)
    # Those resolved earlier are not read at all: asked together, the two would be found by none.
    found: dict[tuple[str, str], Counts] = {}
    for open_then in (Q(resolved_ms__isnull=True), Q(resolved_ms__gte=start)):
        rows = Dossier.objects.filter(open_then, unit__in=units, received_ms__lt=end)
        for unit, procedure, *each in rows.values_list("unit", "procedure").annotate(
            carried=Count("number", filter=before),
            received=Count("number", filter=inside),
            resolved=Count("number", filter=resolved),
            on_time=Count("number", filter=resolved & Q(resolved_ms__lte=F("due_ms"))),
            late=Count("number", filter=resolved & Q(resolved_ms__gt=F("due_ms"))),
            pending=Count("number", filter=pending),
            overdue=Count("number", filter=pending & Q(due_ms__lt=end)),
        ):
            key = unit, procedure
            found[key] = found.get(key, Counts()) + Counts(*each)
    return found


def _by_zone(units: Iterable[str]) -> Mapping[ZoneInfo, list[str]]:
    found: dict[ZoneInfo, list[str]] = {}
    for unit, zone in timezones_of(list(units)).items():
        found.setdefault(zone, []).append(unit)
    return found
