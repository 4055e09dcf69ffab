"""As-is: which unit of today an old figure belongs to, by the links that say what units became."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from server.organisation.models import Successor, UnitSpell
from server.organisation.tree import codes_beneath, codes_on

ENDED, SPLIT, NOT_YET, UNKNOWN = "ended", "split", "not-yet", "unknown"


class AsIs(NamedTuple):
    """unit: of today, or None and why: ended (nothing that anybody entered succeeded it, or a part
    of it), split (its parts are several units today), not-yet (it stands only later), unknown (no
    such unit). parts: the units of today that it went to, as far as they are known."""

    unit: str | None
    why: str = ""
    parts: tuple[str, ...] = ()


def today_of(units: Collection[str], day: date, *, ancestor: str | None = None) -> dict[str, AsIs]:
    """Each unit -> the unit of `day` that it became, by links that hold by then, one after the
    other. A unit that was split is mapped where its parts have come together again; with an
    `ancestor`, to that one if all of its parts lie beneath it on the day. Four queries at most.
    """
    links = _Links(day)
    below = frozenset() if ancestor is None else frozenset(codes_beneath(ancestor, day))
    gone = [unit for unit in units if unit not in links.standing]
    begins = _begins(gone) if gone else {}
    found = {}
    for unit in units:
        if unit in begins and begins[unit] > day:
            found[unit] = AsIs(None, NOT_YET)
        elif unit not in links.standing and unit not in begins:
            found[unit] = AsIs(None, UNKNOWN)
        else:
            found[unit] = _judge(links.parts(unit), below, ancestor)
    return found


def predecessors_of(units: Collection[str]) -> set[str]:
    """These units and all that became them or parts of them, link by link."""
    before: dict[str, set[str]] = {}
    for old, new in Successor.objects.values_list("predecessor_id", "successor_id"):
        before.setdefault(new, set()).add(old)
    found, waiting = set(units), list(units)
    while waiting:
        older = before.get(waiting.pop(), set()) - found
        found |= older
        waiting += older
    return found


class _Parts(NamedTuple):
    """units: of today; whole: no part of it ended without a successor."""

    units: frozenset[str]
    whole: bool


class _Links:
    """The links that hold by a day, each unit followed once."""

    def __init__(self, day: date) -> None:
        self.standing = codes_on(day)
        self._next: dict[str, list[str]] = {}
        links = Successor.objects.filter(on_date__lte=day)
        for old, new in links.values_list("predecessor_id", "successor_id"):
            self._next.setdefault(old, []).append(new)
        self._known: dict[str, _Parts] = {}

    def parts(self, unit: str) -> _Parts:
        if unit not in self._known:
            self._known[unit] = _Parts(frozenset(), False)  # ends a circle, should there be one
            self._known[unit] = self._follow(unit)
        return self._known[unit]

    def _follow(self, unit: str) -> _Parts:
        if unit in self.standing:
            return _Parts(frozenset([unit]), True)
        found = [self.parts(successor) for successor in self._next.get(unit, ())]
        units = frozenset(part for each in found for part in each.units)
        return _Parts(units, bool(found) and all(each.whole for each in found))


def _judge(parts: _Parts, below: frozenset[str], ancestor: str | None) -> AsIs:
    listed = tuple(sorted(parts.units))
    if not parts.whole:
        return AsIs(None, ENDED, listed)
    if len(listed) == 1:
        return AsIs(listed[0], "", listed)
    if ancestor is not None and parts.units <= below:
        return AsIs(ancestor, "", listed)
    return AsIs(None, SPLIT, listed)


def _begins(units: Collection[str]) -> dict[str, date]:
    """The first day of each of some units that there are."""
    found: dict[str, date] = {}
    rows = UnitSpell.objects.filter(unit__in=units)
    for unit, started in rows.values_list("unit_id", "started_date"):
        found[unit] = min(found.get(unit, date.max), started or date.min)
    return found
