"""How the enrolment of a kiosk stands, as a page tells it; and who the kiosk is."""

import hashlib
from dataclasses import dataclass

from server.fleet.models import EnrolmentCode, Kiosk, Placement
from server.organisation.models import Counter, Unit
from server.organisation.selectors import is_code

NONE, WAITING, EXPIRED, USED = "none", "waiting", "expired", "used"


@dataclass(frozen=True)
class CodeState:
    """The newest code of a kiosk. used, refused: the first 8 hex digits of SHA-256 of the key that
    used it, and of another that tried to afterwards; empty if there is none."""

    state: str
    made_ms: int = 0
    made_by: str = ""
    expires_ms: int = 0
    used: str = ""
    refused: str = ""


@dataclass(frozen=True)
class KioskPlace:
    """A kiosk and where it stands; number None and counter "" if it stands nowhere."""

    id: str
    name: str
    unit: str
    unit_name: str
    timezone: str
    counter: str
    number: int | None
    counter_name: str


def code_state(*, kiosk: str, now_ms: int) -> CodeState:
    """How the newest code that was made for a kiosk stands; a withdrawn one is none."""
    row = EnrolmentCode.objects.filter(kiosk=kiosk).order_by("-made_ms", "used_key").first()
    if row is None:
        return CodeState(NONE)
    unused = WAITING if now_ms <= row.expires_ms else EXPIRED
    return CodeState(
        USED if row.used_key else unused,
        row.made_ms,
        row.made_by,
        row.expires_ms,
        used=fingerprint(bytes.fromhex(row.used_key)) if row.used_key else "",
        refused=fingerprint(bytes.fromhex(row.refused_key)) if row.refused_key else "",
    )


def kiosk_place(id: str) -> KioskPlace | None:
    """The kiosk of this id, if there is one."""
    kiosk = Kiosk.objects.filter(id=id).first() if is_code(id) else None
    if kiosk is None:
        return None
    unit = Unit.objects.get(code=kiosk.unit)
    placement = Placement.objects.filter(kiosk=kiosk, ended_ms__isnull=True).first()
    code = placement.counter if placement else ""
    counter = Counter.objects.filter(code=code).first() if code else None
    return KioskPlace(
        id=kiosk.id,
        name=kiosk.name,
        unit=unit.code,
        unit_name=unit.name,
        timezone=unit.timezone,
        counter=code,
        number=counter.number if counter else None,
        counter_name=counter.name if counter else "",
    )


def fingerprint(public_key: bytes) -> str:
    """The 8 hex digits that kiosk and page show of a key (protocol.md 5)."""
    return hashlib.sha256(public_key).hexdigest()[:8]
