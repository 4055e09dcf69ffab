"""Taking settings: tried on every kiosk that they concern, kept, and published."""

import base64
from pathlib import Path
from typing import Any

from django.db import transaction
from msgspec import UNSET

from server.fleet.chosen import Chosen, as_table, read_table
from server.fleet.configuration import assemble, home_of
from server.fleet.errors import FleetError
from server.fleet.models import Kiosk, UnitSettings
from server.fleet.pictures import keep_picture, read_file
from server.fleet.selectors import (
    Holder,
    bound_to,
    chosen_of_unit,
    holder_of_settings,
    standing_kiosks,
)
from server.fleet.services import publish_configuration, publish_unit
from server.organisation.models import Counter, Unit
from server.organisation.sealing import seal
from server.organisation.services import check_pin_form


def set_settings(*, id: str, chosen: Chosen, folder: Path, now_ms: int) -> None:
    """Replace what is chosen for a kiosk or a unit, and publish it to the kiosks concerned.

    Pictures are files, relative to `folder`, or hashes of pictures kept already. Without an
    admin_pin the one there is stays. Raises FleetError, OrganisationError; then nothing changed.
    """
    holder = holder_of_settings(id)
    if holder.kiosk is None and chosen.counters is not UNSET:
        raise FleetError("counters are chosen for a kiosk, not for all kiosks of a unit.")
    table = {key: value for key, value in as_table(chosen).items() if key != "admin_pin"}
    bodies: dict[str, bytes] = {}
    if chosen.pictures is not UNSET:
        found = [read_file(folder, name) for name in chosen.pictures]
        table["pictures"] = [sha256 for sha256, _ in found]
        bodies = dict(found)
    _try_on(holder, table)
    table |= _sealed_pin(holder, chosen)
    with transaction.atomic():
        for sha256, body in bodies.items():
            keep_picture(sha256, body)
        _keep(holder, table)
    # A crash here leaves the kiosks with what they had; the same command again publishes it.
    if holder.kiosk is None:
        publish_unit(unit=holder.unit, now_ms=now_ms)
    else:
        publish_configuration(kiosk=holder.kiosk.id, now_ms=now_ms)


def _try_on(holder: Holder, table: dict[str, Any]) -> None:
    """FleetError unless every kiosk concerned, and one yet to come, could work with it."""
    if holder.kiosk is not None:
        beneath = chosen_of_unit(holder.unit)
        assemble(holder.kiosk, home_of(holder.kiosk), read_table(beneath | table))
        return
    unit = Unit.objects.get(code=holder.unit)
    home = unit.counters.first() or Counter(code=unit.code, unit=unit, number=1, name=unit.name)
    assemble(Kiosk(id="a-new-kiosk", unit=unit.code, name=unit.name), home, read_table(table))
    for kiosk in standing_kiosks(holder.unit):
        assemble(kiosk, home_of(kiosk), read_table(table | kiosk.chosen))


def _sealed_pin(holder: Holder, chosen: Chosen) -> dict[str, str]:
    """The technician's PIN as it is kept: a new one, the one there is, or none."""
    if chosen.admin_pin is UNSET:
        return {key: value for key, value in holder.own.items() if key == "admin_pin"}
    if not chosen.admin_pin:
        return {}
    check_pin_form(chosen.admin_pin)
    sealed = seal(chosen.admin_pin, of=bound_to(holder.id))
    return {"admin_pin": base64.b64encode(sealed).decode()}


def _keep(holder: Holder, table: dict[str, Any]) -> None:
    if holder.kiosk is None:
        UnitSettings.objects.update_or_create(unit=holder.unit, defaults={"chosen": table})
    else:
        Kiosk.objects.filter(id=holder.kiosk.id).update(chosen=table)
