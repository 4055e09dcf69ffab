"""Who stood beneath whom and when, made from the spells: so that pages never climb a tree."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction

from server.organisation.errors import OrganisationError
from server.organisation.models import Unit, UnitAncestor, UnitSpell
from server.organisation.periods import Days, joined

TREE_LOCK = 0x68610001  # of our own choosing, as locks.RULES_LOCK
AT_ONCE = 500


class Above(NamedTuple):
    """An ancestor of a unit, and over how many steps."""

    ancestor: str
    depth: int


class Spells:
    """The spells of units and of all that ever stood above them, each read once."""

    def __init__(self, units: Iterable[str]) -> None:
        self._of: dict[str, list[UnitSpell]] = {}
        missing = set(units)
        while missing:
            self._read(missing)
            above = {row.parent_id for code in missing for row in self._of[code] if row.parent_id}
            missing = above - self._of.keys()

    def _read(self, units: Collection[str]) -> None:
        self._of |= {code: [] for code in units}
        wanted = sorted(units)
        for start in range(0, len(wanted), AT_ONCE):
            for row in UnitSpell.objects.filter(unit__in=wanted[start : start + AT_ONCE]):
                self._of[row.unit_id].append(row)

    def days_of(self, unit: str) -> list[Days]:
        """When the unit stood, whatever it was called and wherever it belonged."""
        return joined([Days(row.started_date, row.ended_date) for row in self._of[unit]])

    def above(self, unit: str) -> dict[Above, list[Days]]:
        """The unit itself and all above it, and when. OrganisationError for a cycle."""
        found: dict[Above, list[Days]] = {}
        for ancestor, depth, days in self._climb([unit], Days()):
            found.setdefault(Above(ancestor, depth), []).append(days)
        return {above: joined(days) for above, days in found.items()}

    def _climb(self, path: list[str], window: Days) -> Iterator[tuple[str, int, Days]]:
        """From the last of the path on, as far as its days lie within those of the way there."""
        unit = path[-1]
        for row in self._of[unit]:
            days = Days(row.started_date, row.ended_date).within(window)
            if days is None:
                continue
            yield unit, len(path) - 1, days
            if row.parent_id in path:
                since = days.started_date
                raise OrganisationError("cycle", unit=unit, parent=row.parent_id, date=since)
            if row.parent_id is not None:
                yield from self._climb([*path, row.parent_id], days)


def rebuild_tree(units: Collection[str] | None = None) -> None:
    """Make anew what is kept of these units' ancestors, and of all that ever stood beneath them.

    None: of every unit, as after spells were restored by hand. OrganisationError for a cycle;
    then nothing is written.
    """
    with transaction.atomic():
        hold_tree()
        if units is None:
            codes = set(Unit.objects.values_list("code", flat=True))
            UnitAncestor.objects.all().delete()
        else:
            codes = set(units) | set(_beneath(units))
        spells = Spells(codes)
        rows = [
            UnitAncestor(unit=code, ancestor=ancestor, depth=depth, **days._asdict())
            for code in sorted(codes)
            for (ancestor, depth), stretches in spells.above(code).items()
            for days in stretches
        ]
        wanted = sorted(codes)
        for start in range(0, len(wanted), AT_ONCE):
            UnitAncestor.objects.filter(unit__in=wanted[start : start + AT_ONCE]).delete()
        UnitAncestor.objects.bulk_create(rows, batch_size=1_000)


def hold_tree() -> None:
    """Until the caller's transaction ends nobody else changes units: two changes, each fine by
    itself, could make a cycle together. SQLite's transactions are one at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def hang_new(unit: str, parent: str | None, days: Days) -> None:
    """What `rebuild_tree` would find for a unit that was made just now, from what is kept of its
    parent: thousands of units may be made at once."""
    rows = [UnitAncestor(unit=unit, ancestor=unit, depth=0, **days._asdict())]
    if parent is not None:
        for row in UnitAncestor.objects.filter(unit=parent):
            shared = Days(row.started_date, row.ended_date).within(days)
            if shared is not None:
                rows.append(
                    UnitAncestor(
                        unit=unit, ancestor=row.ancestor, depth=row.depth + 1, **shared._asdict()
                    )
                )
    UnitAncestor.objects.bulk_create(rows)


def stands_throughout(unit: str, days: Days) -> date | None:
    """None if the unit stands on every one of these days, else a day on which it does not."""
    rows = UnitSpell.objects.filter(unit=unit).values_list("started_date", "ended_date")
    missing = days.low
    for stretch in joined([Days(*row) for row in rows]):
        if stretch.low <= missing < stretch.high:
            missing = stretch.high
    return None if missing >= days.high else missing


def _beneath(units: Collection[str]) -> Iterable[str]:
    """By what is kept: a changed spell moves only those that already stood beneath the unit."""
    rows = UnitAncestor.objects.filter(ancestor__in=list(units))
    return rows.values_list("unit", flat=True).distinct()
