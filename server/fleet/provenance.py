"""Where each value of a level comes from: its own choice, one above it, or the built-in one."""

from typing import Any, NamedTuple

import msgspec

from protocol.configuration import Config
from server.fleet.chosen import Chosen
from server.fleet.configuration import BUILT_IN
from server.fleet.levels import KIOSK, Holder, Layer, Levels
from server.fleet.models import Kiosk
from server.organisation.models import Counter


class Value(NamedTuple):
    """A key's value in force, as JSON keeps it; `of` is None for the built-in one."""

    key: str
    value: Any
    of: Holder | None


def layers_of(holder: Holder) -> list[Layer]:
    """What lies over what for the holder, the root unit first and the holder last."""
    counter = Counter.objects.filter(code=holder.counter).first() if holder.counter else None
    kiosk = Kiosk.objects.get(id=holder.code) if holder.level == KIOSK else None
    return Levels().layers(unit=holder.unit, counter=counter, kiosk=kiosk)


def values_of(layers: list[Layer]) -> dict[str, Value]:
    """Every key but the technician's PIN, with its value in force at the last layer."""
    found = {key: Value(key, value, None) for key, value in built_in().items()}
    for layer in layers:
        found |= {
            key: Value(key, value, layer.holder)
            for key, value in layer.own.items()
            if key != "admin_pin"
        }
    return found


def admin_pin_of(layers: list[Layer]) -> Holder | None:
    """Whose technician's PIN opens the kiosks there; None if there is none."""
    return next((each.holder for each in reversed(layers) if "admin_pin" in each.own), None)


def built_in() -> dict[str, Any]:
    """What a kiosk shows where nobody has chosen anything, by key, as JSON keeps it."""
    fields = {field.name: field for field in msgspec.structs.fields(Config)}
    table: dict[str, Any] = {}
    for key in Chosen.__struct_fields__:
        if key == "admin_pin":
            continue
        table[key] = BUILT_IN.get(key, fields[key].default)
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(table))
    return made
