"""Making units, counters, officials and staff accounts; twice changes nothing."""

import os
import re
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from server.organisation.models import Counter, Official, Role, StaffAccount, Unit
from server.organisation.selectors import is_code

PIN = re.compile(r"[0-9]{4,12}")
PIN_DIGITS = 6  # protocol.md 7; the sample's are shorter, and say what they are
SAMPLE_PIN_DIGITS = 4
NONCE_BYTES = 12


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
    sealed = b"" if pin is None else _seal(code, pin)
    found, _ = Official.objects.get_or_create(
        code=code, defaults={"unit": unit, "name": name, "title": title, "pin_sealed": sealed}
    )
    return found


def set_pin(*, official: Official, pin: str) -> None:
    """Give the official a new PIN; kiosks learn it with their next configuration."""
    official.pin_sealed = _seal(official.code, pin)
    official.save(update_fields=["pin_sealed"])


def read_pin(*, official: Official) -> str | None:
    """The plain PIN, for making a kiosk's verifier and nothing else; None if there is none.

    Raises OrganisationError if it was sealed under another key or for another official.
    """
    sealed = bytes(official.pin_sealed)
    if not sealed:
        return None
    try:
        return (
            _box()
            .decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(official.code))
            .decode()
        )
    except InvalidTag:
        raise OrganisationError(
            f"The PIN of {official.code} cannot be opened with this server's key; set a new one."
        ) from None


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
    list(Unit.objects.select_for_update(no_key=True).filter(code=unit).values_list("code"))


def _check_code(code: str, *, most: int) -> None:
    if not is_code(code, most=most):
        raise OrganisationError(
            f"{code!r} is no code; write letters, digits, dots and hyphens, at most {most}."
        )


def _box() -> AESGCM:
    return AESGCM(settings.DATA.pin_key())


def _bound(code: str) -> bytes:
    """Ties a sealed PIN to its official: copied to another row it does not open."""
    return f"hailong/pin/v1\n{code}".encode()


def _seal(code: str, pin: str) -> bytes:
    least = SAMPLE_PIN_DIGITS if settings.DATA.sample else PIN_DIGITS
    if not PIN.fullmatch(pin) or len(pin) < least:
        raise OrganisationError(f"A PIN has {least} to 12 digits; write digits only.")
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _box().encrypt(nonce, pin.encode(), _bound(code))
