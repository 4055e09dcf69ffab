"""Everything that writes the organisation, by one door; each kind in a file of its own."""

from server.organisation.accounts import end_account, give_account, make_account
from server.organisation.catalogue import make_field, make_procedure
from server.organisation.closure import rebuild_tree
from server.organisation.counters import (
    change_counter,
    make_counter,
    remove_counter_spell,
    set_counter_spell,
)
from server.organisation.errors import OrganisationError
from server.organisation.grants import end_grant, give_grant
from server.organisation.holidays import add_holiday, remove_holiday
from server.organisation.locks import lock_unit, lock_units
from server.organisation.officials import (
    change_official,
    make_official,
    remove_official_spell,
    remove_seat,
    set_official_spell,
    set_seat,
)
from server.organisation.rosters import (
    add_shift,
    add_shifts,
    hold_for_shifts,
    note_change,
    note_official,
    remove_shift,
    take_shift_back,
)
from server.organisation.rules import set_display, set_rules
from server.organisation.sign_in import (
    check_pin_form,
    read_badge,
    read_pin,
    set_badge,
    set_photo,
    set_pin,
)
from server.organisation.successors import add_successor, remove_successor
from server.organisation.units import AS_BEFORE, change_unit, end_unit, make_unit, settle_units

__all__ = [
    "AS_BEFORE",
    "OrganisationError",
    "add_holiday",
    "add_shift",
    "add_shifts",
    "add_successor",
    "change_counter",
    "change_official",
    "change_unit",
    "check_pin_form",
    "end_account",
    "end_grant",
    "end_unit",
    "give_account",
    "give_grant",
    "hold_for_shifts",
    "lock_unit",
    "lock_units",
    "make_account",
    "make_counter",
    "make_field",
    "make_official",
    "make_procedure",
    "make_unit",
    "note_change",
    "note_official",
    "read_badge",
    "read_pin",
    "rebuild_tree",
    "remove_counter_spell",
    "remove_holiday",
    "remove_official_spell",
    "remove_seat",
    "remove_shift",
    "remove_successor",
    "set_badge",
    "set_counter_spell",
    "set_display",
    "set_official_spell",
    "set_photo",
    "set_pin",
    "set_rules",
    "set_seat",
    "settle_units",
    "take_shift_back",
]
