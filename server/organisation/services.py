"""Making units, counters, officials and staff accounts; twice changes nothing."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from server.organisation.models import Counter, Official, Role, StaffAccount, Unit
from server.organisation.sealing import CannotOpen, seal, unseal
from server.organisation.selectors import is_code

PIN = re.compile(r"[0-9]{4,12}")
PIN_DIGITS = 6  # protocol.md 7; the sample's are shorter, and say what they are
SAMPLE_PIN_DIGITS = 4
BADGE_CHARACTERS = range(4, 201)


class OrganisationError(Exception):
    """Something that cannot be entered as it is; str() is one sentence for the administrator."""


def make_unit(
    *, code: str, name: str, parent: Unit | None = None, timezone: str = "Asia/Ho_Chi_Minh"
) -> Unit:
    """The unit of this code; raises OrganisationError for a bad code or an unknown timezone."""
    _check_code(code, most=32)
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError, LookupError):
        raise OrganisationError(
            f"{timezone!r} is no time zone; write one such as Asia/Ho_Chi_Minh."
        ) from None
    found, _ = Unit.objects.get_or_create(
        code=code, defaults={"name": name, "parent": parent, "timezone": timezone}
    )
    return found


def make_counter(*, unit: Unit, number: int, name: str = "", code: str = "") -> Counter:
    """A counter of `unit`; without a code of its own it is `<unit>-<number>`."""
    code = code or f"{unit.code}-{number}"
    _check_code(code, most=40)
    found, _ = Counter.objects.get_or_create(
        code=code, defaults={"unit": unit, "number": number, "name": name or f"Quầy số {number}"}
    )
    if found.unit_id != unit.code:
        raise OrganisationError(f"Counter {code} belongs to unit {found.unit_id}; choose another.")
    return found


def make_official(
    *, unit: Unit, code: str, name: str, pin: str | None = None, title: str = ""
) -> Official:
    """An official of `unit`; with a PIN (4 to 12 digits) they can sign in at its kiosks."""
    _check_code(code, most=32)
    sealed = b"" if pin is None else _seal_pin(code, pin)
    found, _ = Official.objects.get_or_create(
        code=code, defaults={"unit": unit, "name": name, "title": title, "pin_sealed": sealed}
    )
    return found


def set_pin(*, official: Official, pin: str) -> None:
    """Give the official a new PIN, "" takes it away; kiosks learn it with their configuration.

    A PIN that has to be changed is not taken again. Raises OrganisationError.
    """
    sealed = _seal_pin(official.code, pin) if pin else b""
    if pin and official.pin_due and read_pin(official=official) == pin:
        raise OrganisationError(
            f"This is the PIN of {official.code} that has to be changed; take another."
        )
    official.pin_sealed, official.pin_due = sealed, False
    official.save(update_fields=["pin_sealed", "pin_due"])


def set_badge(*, official: Official, badge: str) -> None:
    """What a reader types for the official's badge or QR code; "" takes it away."""
    badge = badge.strip()
    if badge and (len(badge) not in BADGE_CHARACTERS or not badge.isprintable()):
        raise OrganisationError(
            f"A badge reads {BADGE_CHARACTERS[0]} to {BADGE_CHARACTERS[-1]} printable characters."
        )
    for other in Official.objects.exclude(code=official.code).exclude(badge_sealed=b""):
        if badge and read_badge(official=other) == badge:
            raise OrganisationError(f"This badge is already {other.code}'s; take it away there.")
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
        raise OrganisationError(f"A PIN has {least} to 12 digits; write digits only.")


def make_account(
    *, username: str, password: str, role: Role, unit: Unit | None = None, check: bool = True
) -> StaffAccount:
    """A staff account; one that is there already keeps its password, role and unit.

    A supervisor needs a unit. `check=False` lets the sample's own weak passwords pass.
    """
    found = StaffAccount.objects.filter(username=username).first()
    if found is not None:
        return found
    if role == Role.SUPERVISOR and unit is None:
        raise OrganisationError(f"A supervisor heads a unit; name the unit of {username}.")
    account = StaffAccount(username=username, role=role, unit=unit)
    if check:
        try:
            validate_password(password, account)
        except ValidationError as error:
            raise OrganisationError(" ".join(error.messages)) from error
    account.set_password(password)
    account.save()
    return account


def lock_unit(*, unit: str) -> None:
    """Hold the unit until the caller's transaction ends: its derived rows have one writer.

    SQLite's transactions are one at a time anyway; on PostgreSQL this waits for the row.
    """
    lock_units(units=[unit])


def lock_units(*, units: Sequence[str]) -> None:
    """Hold several units, in the order of their codes: no two callers wait for each other."""
    rows = Unit.objects.select_for_update(no_key=True).filter(code__in=units).order_by("code")
    list(rows.values_list("code"))


def _check_code(code: str, *, most: int) -> None:
    if not is_code(code, most=most):
        raise OrganisationError(
            f"{code!r} is no code; write letters, digits, dots and hyphens, at most {most}."
        )


def _seal_pin(code: str, pin: str) -> bytes:
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
        raise OrganisationError(
            f"The {what} of {official.code} cannot be opened with this server's key; set a new one."
        ) from None
