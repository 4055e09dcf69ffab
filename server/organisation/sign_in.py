"""How officials sign in at kiosks: PINs, badges and pictures, kept sealed."""

import re

from django.conf import settings

from server.organisation.errors import OrganisationError
from server.organisation.models import Official
from server.organisation.sealing import CannotOpen, seal, unseal

PIN = re.compile(r"[0-9]{4,12}")
PIN_DIGITS = 6  # protocol.md 7; the sample's are shorter, and say what they are
SAMPLE_PIN_DIGITS = 4
BADGE_CHARACTERS = range(4, 201)


def set_pin(*, official: Official, pin: str) -> None:
    """Give the official a new PIN, "" takes it away; kiosks learn it with their configuration.

    A PIN that has to be changed is not taken again. Raises OrganisationError.
    """
    sealed = seal_pin(official.code, pin) if pin else b""
    if pin and official.pin_due and read_pin(official=official) == pin:
        raise OrganisationError("old-pin", official=official.code)
    official.pin_sealed, official.pin_due = sealed, False
    official.save(update_fields=["pin_sealed", "pin_due"])


def set_badge(*, official: Official, badge: str) -> None:
    """What a reader types for the official's badge or QR code; "" takes it away."""
    badge = badge.strip()
    if badge and (len(badge) not in BADGE_CHARACTERS or not badge.isprintable()):
        raise OrganisationError("bad-badge", least=BADGE_CHARACTERS[0], most=BADGE_CHARACTERS[-1])
    for other in Official.objects.exclude(code=official.code).exclude(badge_sealed=b""):
        if badge and read_badge(official=other) == badge:
            raise OrganisationError("badge-taken", official=other.code)
    official.badge_sealed = seal(badge, of=_badge_of(official.code)) if badge else b""
    official.save(update_fields=["badge_sealed"])


def set_photo(*, official: Official, sha256: str) -> None:
    """The official's picture by its hash (fleet keeps the bytes); "" takes it away."""
    official.photo = sha256
    official.save(update_fields=["photo"])


def read_pin(*, official: Official) -> str | None:
    """The plain PIN, for making a kiosk's verifier and nothing else; None if there is none.

    Raises OrganisationError if it was sealed under another key or for another official.
    """
    return _open(official, bytes(official.pin_sealed), of=_pin_of(official.code), what="PIN")


def read_badge(*, official: Official) -> str | None:
    """What the official's badge reads, like `read_pin`."""
    return _open(official, bytes(official.badge_sealed), of=_badge_of(official.code), what="badge")


def check_pin_form(pin: str) -> None:
    """OrganisationError unless this can be a PIN: 6 to 12 digits, in the sample from 4."""
    least = SAMPLE_PIN_DIGITS if settings.DATA.sample else PIN_DIGITS
    if not PIN.fullmatch(pin) or len(pin) < least:
        raise OrganisationError("bad-pin", least=least)


def seal_pin(code: str, pin: str) -> bytes:
    """The PIN as it is kept for the official of this code. Raises OrganisationError."""
    check_pin_form(pin)
    return seal(pin, of=_pin_of(code))


def _pin_of(code: str) -> str:
    return f"hailong/pin/v1\n{code}"


def _badge_of(code: str) -> str:
    return f"hailong/badge/v1\n{code}"


def _open(official: Official, sealed: bytes, *, of: str, what: str) -> str | None:
    try:
        return unseal(sealed, of=of) if sealed else None
    except CannotOpen:
        raise OrganisationError("cannot-open", what=what, official=official.code) from None
