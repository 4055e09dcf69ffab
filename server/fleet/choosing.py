"""Taking settings: tried on every kiosk that they concern, kept with who and why, and published."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from msgspec import UNSET

from server.fleet.chosen import Chosen, as_table, read_table
from server.fleet.configuration import assemble
from server.fleet.errors import FleetError
from server.fleet.levels import (
    COUNTER,
    KIOSK,
    UNIT,
    Holder,
    Layer,
    Levels,
    Table,
    find_holder,
    merge,
    own_of,
    units_beneath,
)
from server.fleet.models import (
    AdminPinDue,
    CounterSettings,
    Kiosk,
    SettingsChange,
    UnitSettings,
)
from server.fleet.pictures import keep_picture, read_file
from server.fleet.sealed_pin import open_pin, seal_pin
from server.fleet.settings_publishing import Told, publish_change
from server.fleet.standing import Stand, stands_beneath
from server.organisation.models import Counter, Unit
from server.organisation.services import check_pin_form

NOBODY = "a-new-kiosk"  # no kiosk is called so: their ids begin with k


@dataclass(frozen=True)
class Wish:
    """A holder's table as it would be kept, without the technician's PIN, and its new pictures."""

    holder: Holder
    table: Table
    pictures: dict[str, bytes]


def set_settings(
    *,
    id: str,
    chosen: Chosen,
    folder: Path | None,
    now_ms: int,
    by: str = "console",
    why: str = "",
    most: int | None = None,
) -> Told:
    """Replace what is chosen for a unit, a counter or a kiosk, and publish it to those beneath.

    Pictures are files, relative to `folder`, or hashes of pictures kept already; without a folder
    hashes alone. Without an admin_pin the one there is stays. most: how many kiosks to tell at
    once; `publish_pending` tells the rest. Raises FleetError, OrganisationError; then nothing
    changed.
    """
    wish = try_settings(id=id, chosen=chosen, folder=folder)
    change = _keep(wish, chosen, now_ms=now_ms, by=by, why=why)
    # A crash here leaves the kiosks with what they had; publish_pending tells them.
    return publish_change(change=change, now_ms=now_ms, most=most)


def set_admin_pin(*, id: str, pin: str, now_ms: int, by: str, most: int | None = None) -> Told:
    """Another technician's PIN for this level, "" for none; all else stays as it is."""
    holder = find_holder(id)
    own = {key: value for key, value in own_table(holder).items() if key != "admin_pin"}
    wish = Wish(holder, own, {})
    change = _keep(wish, read_table(own | {"admin_pin": pin}), now_ms=now_ms, by=by, why="")
    return publish_change(change=change, now_ms=now_ms, most=most)


def try_settings(*, id: str, chosen: Chosen, folder: Path | None) -> Wish:
    """What would be kept. FleetError if a kiosk concerned could not work with it."""
    holder = find_holder(id)
    if holder.level != KIOSK and chosen.counters is not UNSET:
        raise FleetError("counters are chosen for a kiosk, not for all kiosks of a unit.")
    table = {key: value for key, value in as_table(chosen).items() if key != "admin_pin"}
    bodies: dict[str, bytes] = {}
    if chosen.pictures is not UNSET:
        found = [read_file(folder, name) for name in chosen.pictures]
        table["pictures"] = [sha256 for sha256, _ in found]
        bodies = dict(found)
    wish = Wish(holder, table, bodies)
    tried = set()
    for stand, layers in concerned(wish):
        merged = merge(layers)
        # Most kiosks of a province have the same settings: tried once, they are good for all.
        same = json.dumps([merged, merged.get("counters") and stand.counter.code], sort_keys=True)
        if same not in tried:
            assemble(stand.kiosk, stand.counter, read_table(merged))
            tried.add(same)
    return wish


def concerned(wish: Wish) -> Iterator[tuple[Stand, list[Layer]]]:
    """Every kiosk beneath with what would be chosen for it, and one that is yet to come: at the
    holder, and in each unit beneath that has choices of its own."""
    holder = wish.holder
    levels = Levels(instead={(holder.level, holder.code): wish.table})
    if holder.level == UNIT:
        levels = levels.read_all()
    for stand in _yet_to_come(holder):
        counter = stand.counter if stand.counter.pk and holder.level != UNIT else None
        yield stand, levels.layers(unit=stand.kiosk.unit, counter=counter, kiosk=None)
    count = 0
    for stand in stands_beneath(holder):
        count += 1
        yield stand, levels.layers(unit=stand.kiosk.unit, counter=stand.counter, kiosk=stand.kiosk)
    if holder.level == KIOSK and not count:
        raise FleetError(f"Kiosk {holder.code} stands at no counter.")


def _yet_to_come(holder: Holder) -> Iterator[Stand]:
    """A kiosk that nobody has made yet, in the unit and in each one beneath with its own choices,
    or at the counter."""
    if holder.level == COUNTER:
        counter = Counter.objects.select_related("unit").get(code=holder.code)
        yield Stand(_nobody(holder.unit), counter)
    if holder.level == UNIT:
        own = set(UnitSettings.objects.values_list("unit", flat=True))
        for code in units_beneath(holder.unit):
            if code == holder.code or code in own:
                yield stand_in(code)


def stand_in(unit: str) -> Stand:
    """A kiosk yet to come at the unit's first counter, or at one that is yet to come as well."""
    home = Unit.objects.get(code=unit)
    counter = home.counters.first() or Counter(code=unit, unit=home, number=1, name=home.name)
    return Stand(_nobody(unit), counter)


def _nobody(unit: str) -> Kiosk:
    return Kiosk(id=NOBODY, unit=unit, name="")


def own_table(holder: Holder) -> Table:
    """What is kept for the holder itself."""
    if holder.level == KIOSK:
        return dict(Kiosk.objects.values_list("chosen", flat=True).get(id=holder.code))
    return own_of(holder.level, holder.code)


def _keep(wish: Wish, chosen: Chosen, *, now_ms: int, by: str, why: str) -> int:
    """The number of the change; settings that change nothing make one, too, and are published."""
    with transaction.atomic():
        for sha256, body in wish.pictures.items():
            keep_picture(sha256, body)
        before = own_table(wish.holder)
        after = wish.table | _sealed_pin(wish.holder, before, chosen)
        _write(wish.holder, after)
        if before.get("admin_pin") != after.get("admin_pin"):
            AdminPinDue.objects.filter(level=wish.holder.level, holder=wish.holder.code).delete()
        change = SettingsChange.objects.create(
            level=wish.holder.level,
            holder=wish.holder.code,
            at_ms=now_ms,
            by=by,
            why=why,
            before=before,
            after=after,
        )
        return int(change.pk)


def _sealed_pin(holder: Holder, before: Table, chosen: Chosen) -> dict[str, str]:
    """The technician's PIN as it is kept: a new one, the one there is, or none."""
    old = {key: value for key, value in before.items() if key == "admin_pin"}
    if chosen.admin_pin is UNSET:
        return old
    if not chosen.admin_pin:
        return {}
    check_pin_form(chosen.admin_pin)
    if old and _opens_as(holder, before, chosen.admin_pin):
        if AdminPinDue.objects.filter(level=holder.level, holder=holder.code).exists():
            raise FleetError("This is the technician's PIN that has to be changed; take another.")
        return old
    return {"admin_pin": seal_pin(holder, chosen.admin_pin)}


def _opens_as(holder: Holder, before: Table, pin: str) -> bool:
    try:
        return open_pin(Layer(holder, before)) == pin
    except FleetError:
        return False


def _write(holder: Holder, table: Table) -> None:
    if holder.level == UNIT:
        UnitSettings.objects.update_or_create(unit=holder.code, defaults={"chosen": table})
    elif holder.level == COUNTER:
        CounterSettings.objects.update_or_create(counter=holder.code, defaults={"chosen": table})
    else:
        Kiosk.objects.filter(id=holder.code).update(chosen=table)
