"""The levels at which something is chosen: each unit from the root down, the counter, the kiosk."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.fleet.errors import FleetError
from server.fleet.models import CounterSettings, Kiosk, Placement, UnitSettings
from server.organisation.models import Counter, Unit
from server.organisation.selectors import is_code

UNIT, COUNTER, KIOSK = "unit", "counter", "kiosk"
LEVELS = (UNIT, COUNTER, KIOSK)
Table = dict[str, Any]


class Holder(NamedTuple):
    """Whose settings they are. unit: the home unit; counter: where a kiosk stands, or empty."""

    level: str
    code: str
    name: str
    unit: str
    counter: str = ""

    @property
    def sealed_for(self) -> str:
        """What the technician's PIN of this holder is sealed for; no code holds a slash."""
        code = f"counter/{self.code}" if self.level == COUNTER else self.code
        return f"hailong/admin-pin/v1\n{code}"


class Layer(NamedTuple):
    """What is chosen at one level, as it is kept."""

    holder: Holder
    own: Table


class Levels:
    """What is chosen where, each row read once. instead: a holder's table as it might become.

    Read anew for each batch: who publishes from an old reading would undo a newer choice.
    """

    def __init__(self, *, instead: Mapping[tuple[str, str], Table] | None = None) -> None:
        self._instead = dict(instead or {})
        self._units: dict[str, Unit] = {}
        self._own: dict[tuple[str, str], Table] = {}

    def read_all(self) -> "Levels":
        """Every unit and choice at once, for those who ask after most of them."""
        self._units = {unit.code: unit for unit in Unit.objects.all()}
        self._own = {(UNIT, code): {} for code in self._units}
        counters = Counter.objects.values_list("code", flat=True)
        self._own |= {(COUNTER, code): {} for code in counters}
        for row in UnitSettings.objects.all():
            self._own[UNIT, row.unit] = row.chosen
        for settings in CounterSettings.objects.all():
            self._own[COUNTER, settings.counter] = settings.chosen
        return self

    def above(self, unit: str) -> list[Unit]:
        """The unit and every unit above it, the root first."""
        found: list[Unit] = []
        code: str | None = unit
        while code is not None and all(code != below.code for below in found):
            if code not in self._units:
                self._units[code] = Unit.objects.get(code=code)
            found.insert(0, self._units[code])
            code = found[0].parent_id
        return found

    def layers(self, *, unit: str, counter: Counter | None, kiosk: Kiosk | None) -> list[Layer]:
        """What lies over what for a kiosk, a counter or a unit; the last one wins."""
        holders = [Holder(UNIT, above.code, above.name, above.code) for above in self.above(unit)]
        if counter is not None:
            holders.append(Holder(COUNTER, counter.code, counter.name, unit, counter.code))
        layers = [Layer(holder, self._own_of(holder.level, holder.code)) for holder in holders]
        if kiosk is not None:
            place = "" if counter is None else counter.code
            own = self._instead.get((KIOSK, kiosk.id), kiosk.chosen)
            layers.append(Layer(Holder(KIOSK, kiosk.id, kiosk.name, kiosk.unit, place), own))
        return layers

    def _own_of(self, level: str, code: str) -> Table:
        key = level, code
        if key in self._instead:
            return self._instead[key]
        if key not in self._own:
            self._own[key] = own_of(level, code)
        return self._own[key]


def merge(layers: list[Layer]) -> Table:
    """All that is chosen, key by key; the technician's PIN stays out, as it is sealed."""
    merged: Table = {}
    for layer in layers:
        merged |= layer.own
    merged.pop("admin_pin", None)
    return merged


def own_of(level: str, code: str) -> Table:
    """What is kept for a unit or a counter itself."""
    if level == UNIT:
        rows = UnitSettings.objects.filter(unit=code)
    else:
        rows = CounterSettings.objects.filter(counter=code)  # type: ignore[assignment]
    return rows.values_list("chosen", flat=True).first() or {}


def find_holder(id: str) -> Holder:
    """The kiosk, unit or counter of this code; `counter:CODE` names the level where two share one.

    Raises FleetError.
    """
    level, _, code = id.rpartition(":")
    wanted = LEVELS if not level else (level,)
    found = [holder for each in wanted if (holder := _find(each, code))]
    if not found:
        raise FleetError(
            f"There is no kiosk, unit or counter {id!r}; `hailong-server counters` lists them."
        )
    if len(found) > 1:
        names = " or ".join(f"{holder.level}:{code}" for holder in found)
        raise FleetError(f"{code} names several; write {names}.")
    return found[0]


def _find(level: str, code: str) -> Holder | None:
    if not is_code(code):
        return None
    if level == KIOSK and (kiosk := Kiosk.objects.filter(id=code).first()):
        placement = Placement.objects.filter(kiosk=kiosk, ended_ms__isnull=True).first()
        return Holder(KIOSK, code, kiosk.name, kiosk.unit, placement.counter if placement else "")
    if level == UNIT and (unit := Unit.objects.filter(code=code).first()):
        return Holder(UNIT, code, unit.name, code)
    if level == COUNTER and (counter := Counter.objects.filter(code=code).first()):
        return Holder(COUNTER, code, counter.name, counter.unit_id, code)
    return None


def units_beneath(unit: str) -> list[str]:
    """The unit and all units below it, by code."""
    children: dict[str | None, list[str]] = {}
    for code, parent in Unit.objects.order_by("code").values_list("code", "parent_id"):
        children.setdefault(parent, []).append(code)
    found, waiting = {unit}, [unit]
    while waiting:
        new = [code for code in children.get(waiting.pop(), ()) if code not in found]
        found.update(new)
        waiting += new
    return sorted(found)
