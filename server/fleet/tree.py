"""What lies beneath a unit, for people who look for where something is chosen."""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from server.fleet.levels import COUNTER, KIOSK, UNIT
from server.fleet.models import (
    Configuration,
    CounterSettings,
    Kiosk,
    KioskStatus,
    Placement,
    UnitSettings,
)
from server.organisation.models import Counter, Unit


class Node(NamedTuple):
    """A unit, counter or kiosk; keys: how many are chosen there itself."""

    level: str
    code: str
    name: str
    unit: str
    keys: int


class Version(NamedTuple):
    """A configuration that was published: by whom, and of what change."""

    version: int
    made_ms: int
    by: str
    why: str


def roots() -> list[Node]:
    """The units that have none above them."""
    return _units(Unit.objects.filter(parent__isnull=True))


def units_of(unit: str) -> list[Node]:
    """The units right beneath a unit."""
    return _units(Unit.objects.filter(parent=unit))


def counters_at(unit: str) -> list[Node]:
    """The unit's counters, by number."""
    rows = list(Counter.objects.filter(unit=unit).order_by("number", "code"))
    own = dict(
        CounterSettings.objects.filter(counter__in=[row.code for row in rows]).values_list(
            "counter", "chosen"
        )
    )
    return [
        Node(COUNTER, row.code, row.name, row.unit_id, len(own.get(row.code, {}))) for row in rows
    ]


def kiosks_at(unit: str, *, counter: str = "") -> list[Node]:
    """The kiosks whose home is the unit, or those that stand at one counter of it."""
    rows = Kiosk.objects.filter(unit=unit)
    if counter:
        at = Placement.objects.filter(counter=counter, ended_ms__isnull=True)
        rows = rows.filter(id__in=at.values("kiosk"))
    return [Node(KIOSK, row.id, row.name, row.unit, len(row.chosen)) for row in rows.order_by("id")]


def chosen_anywhere(*, most: int) -> list[Node]:
    """Every unit, counter and kiosk where something is chosen, units first; at most `most`."""
    units = UnitSettings.objects.exclude(chosen={}).order_by("unit")[:most]
    counters = CounterSettings.objects.exclude(chosen={}).order_by("counter")[:most]
    kiosks = Kiosk.objects.filter(~Q(chosen={})).order_by("unit", "id")[:most]
    names = dict(Unit.objects.values_list("code", "name"))
    at = Counter.objects.in_bulk([row.counter for row in counters])
    found = [
        Node(UNIT, row.unit, names.get(row.unit, ""), row.unit, len(row.chosen)) for row in units
    ]
    found += [
        Node(COUNTER, code, at[code].name, at[code].unit_id, len(row.chosen))
        for row in counters
        if (code := row.counter) in at
    ]
    found += [Node(KIOSK, row.id, row.name, row.unit, len(row.chosen)) for row in kiosks]
    return found[:most]


def versions_of(kiosk: str, *, most: int = 10) -> list[Version]:
    """The newest configurations of a kiosk, newest first."""
    rows = Configuration.objects.filter(kiosk=kiosk).order_by("-version")
    return [Version(*row) for row in rows.values_list("version", "made_ms", "by", "why")[:most]]


def status_of(kiosk: str) -> tuple[int, bytes] | None:
    """When (unix ms) a kiosk last reported, and what; None if it never did."""
    row = KioskStatus.objects.filter(kiosk=kiosk).first()
    return None if row is None else (row.received_ms, bytes(row.body))


def _units(rows: QuerySet[Unit]) -> list[Node]:
    found = list(rows.order_by("code"))
    codes = [row.code for row in found]
    own = dict(UnitSettings.objects.filter(unit__in=codes).values_list("unit", "chosen"))
    return [Node(UNIT, row.code, row.name, row.code, len(own.get(row.code, {}))) for row in found]
