"""Whose PINs a kiosk can check: whoever takes its card can guess them."""

from typing import NamedTuple

from protocol.verifiers import ADMIN
from server.fleet.errors import FleetError
from server.fleet.levels import find_holder
from server.fleet.models import AdminPinDue, Configuration
from server.fleet.provenance import layers_of
from server.fleet.sealed_pin import open_pin
from server.fleet.verifying import Newest, Verifiers, read_held
from server.organisation.models import Official
from server.organisation.services import OrganisationError, read_pin


class Exposed(NamedTuple):
    """Officials whose PIN, and (level, code) whose technician's PIN, a kiosk was ever told."""

    officials: tuple[str, ...]
    levels: tuple[tuple[str, str], ...]


def exposed_by(kiosk: str) -> Exposed:
    """Of the PINs that are in use now; those that were changed since are not due again.

    Of every version, for the card may hold an old one. Badges are not taken as guessed.
    """
    held = [
        read_held(kiosk, Newest(row.version, bytes(row.body), bytes(row.note)))
        for row in Configuration.objects.filter(kiosk=kiosk).iterator()
    ]
    return Exposed(tuple(_officials(held)), tuple(_levels(kiosk, held)))


def _officials(held: list[Verifiers]) -> list[str]:
    codes = sorted({code for each in held for code in each.holders if code != ADMIN})
    found = []
    for official in Official.objects.filter(code__in=codes).order_by("code"):
        try:
            pin = read_pin(official=official)
        except OrganisationError:
            continue  # nobody signs in with it any more: a new one is needed anyway
        if pin and any(each.knows(official.code, pin) for each in held):
            found.append(official.code)
    return found


def _levels(kiosk: str, held: list[Verifiers]) -> list[tuple[str, str]]:
    found = []
    for layer in layers_of(find_holder(f"kiosk:{kiosk}")):
        if "admin_pin" not in layer.own:
            continue
        try:
            pin = open_pin(layer)
        except FleetError:
            continue
        if any(each.knows(ADMIN, pin) for each in held):
            found.append((layer.holder.level, layer.holder.code))
    return found


def admin_pins_due() -> dict[tuple[str, str], int]:
    """Since when (unix ms) the technician's PIN of which (level, code) has to be changed."""
    rows = AdminPinDue.objects.values_list("level", "holder", "since_ms")
    return {(level, holder): since_ms for level, holder, since_ms in rows}
