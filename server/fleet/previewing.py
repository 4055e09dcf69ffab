"""What would come of settings before they are kept: what a kiosk shows, and how many change."""

from typing import NamedTuple

from protocol.configuration import Config
from server.fleet.choosing import NOBODY, Wish, concerned, own_table, stand_in
from server.fleet.chosen import read_table
from server.fleet.configuration import assemble
from server.fleet.errors import FleetError
from server.fleet.history import Difference, differences
from server.fleet.levels import COUNTER, UNIT, Holder, Levels, Table, merge
from server.fleet.standing import Stand, stands_beneath
from server.organisation.models import Counter


class Preview(NamedTuple):
    """The configuration of one kiosk concerned, without who may sign in; what differs from now;
    kiosks beneath, and how many of them would show something else."""

    config: Config
    kiosk: str
    differences: list[Difference]
    beneath: int
    touched: int


def preview(wish: Wish) -> Preview:
    """What publishing this would do. Raises FleetError as `try_settings` does."""
    before = own_table(wish.holder)
    before.pop("admin_pin", None)
    shown: tuple[Stand, Table] | None = None
    beneath = touched = 0
    then = {stand.kiosk.id: merge(layers) for stand, layers in concerned(_now(wish, before))}
    for stand, layers in concerned(wish):
        merged = merge(layers)
        real = stand.kiosk.id != NOBODY
        beneath += real
        touched += real and merged != then.get(stand.kiosk.id)
        if shown is None or (real and shown[0].kiosk.id == NOBODY):
            shown = stand, merged
    if shown is None:
        raise AssertionError("settings concern at least a kiosk that is yet to come")
    stand, merged = shown
    config = assemble(stand.kiosk, stand.counter, read_table(merged))
    return Preview(config, stand.kiosk.id, differences(before, wish.table), beneath, touched)


def shown_now(holder: Holder) -> Config | None:
    """What a kiosk of this level shows now, without who may sign in; None if it stands nowhere or
    nothing can be made of it any more."""
    stand = next(iter(stands_beneath(holder)), None)
    levels = Levels()
    if stand is not None:
        layers = levels.layers(unit=stand.kiosk.unit, counter=stand.counter, kiosk=stand.kiosk)
    elif holder.level == UNIT:
        stand = stand_in(holder.unit)
        layers = levels.layers(unit=holder.unit, counter=None, kiosk=None)
    elif holder.level == COUNTER:
        counter = Counter.objects.select_related("unit").get(code=holder.code)
        stand = Stand(stand_in(holder.unit).kiosk, counter)
        layers = levels.layers(unit=holder.unit, counter=counter, kiosk=None)
    else:
        return None
    try:
        return assemble(stand.kiosk, stand.counter, read_table(merge(layers)))
    except FleetError:  # such as a counter that is there no more; the form mends it
        return None


def _now(wish: Wish, before: Table) -> Wish:
    return Wish(wish.holder, before, {})
