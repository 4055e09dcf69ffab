"""Reading the fleet: what was chosen for whom, and since when a kiosk serves several counters."""

import base64
from typing import Any, NamedTuple

from server.fleet.chosen import Chosen, read_table
from server.fleet.errors import FleetError
from server.fleet.models import Configuration, Kiosk, Placement, UnitSettings
from server.organisation import selectors as organisation
from server.organisation.sealing import CannotOpen, unseal


class Holder(NamedTuple):
    """Whose settings they are: a kiosk's, or with None a unit's. `own` as it is kept."""

    kiosk: Kiosk | None
    unit: str
    own: dict[str, Any]

    @property
    def id(self) -> str:
        """The kiosk's id or the unit's code."""
        return self.unit if self.kiosk is None else self.kiosk.id


def holder_of_settings(id: str) -> Holder:
    """The kiosk or unit of this id; FleetError if there is none."""
    if organisation.is_code(id):
        if kiosk := Kiosk.objects.filter(id=id).first():
            return Holder(kiosk, kiosk.unit, kiosk.chosen)
        if organisation.unit(id) is not None:
            return Holder(None, id, chosen_of_unit(id))
    raise FleetError(f"There is no kiosk or unit {id!r}; `hailong-server counters` lists them.")


def chosen_of_unit(unit: str) -> dict[str, Any]:
    """What is kept for all kiosks of a unit."""
    rows = UnitSettings.objects.filter(unit=unit)
    return rows.values_list("chosen", flat=True).first() or {}


def in_force(kiosk: Kiosk) -> Chosen:
    """What is chosen for a kiosk, its own over its unit's, the technician's PIN readable."""
    unit, own = chosen_of_unit(kiosk.unit), kiosk.chosen
    return read_table(_opened(kiosk.unit, unit) | _opened(kiosk.id, own))


def standing_kiosks(unit: str) -> list[Kiosk]:
    """The kiosks of a unit that stand at a counter now."""
    standing = Placement.objects.filter(ended_ms__isnull=True).values("kiosk")
    return list(Kiosk.objects.filter(unit=unit, id__in=standing).order_by("id"))


def bound_to(id: str) -> str:
    """What the technician's PIN of a kiosk or unit is sealed for."""
    return f"hailong/admin-pin/v1\n{id}"


def several_since(kiosk: str) -> list[tuple[int, bool]]:
    """(from when, whether it serves several counters) of each configuration made, oldest first."""
    rows = Configuration.objects.filter(kiosk=kiosk).order_by("version")
    return list(rows.values_list("made_ms", "several"))


def _opened(id: str, table: dict[str, Any]) -> dict[str, Any]:
    if "admin_pin" not in table:
        return table
    try:
        pin = unseal(base64.b64decode(table["admin_pin"]), of=bound_to(id))
    except CannotOpen:
        raise FleetError(
            f"The admin_pin of {id} cannot be opened with this server's key; set a new one."
        ) from None
    return table | {"admin_pin": pin}
