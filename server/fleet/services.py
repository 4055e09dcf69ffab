"""Making kiosks, placing them, giving out enrolment codes, publishing what they show."""

import secrets
from pathlib import Path

from django.db import transaction

from protocol.crockford import CROCKFORD
from protocol.enrolment import hash_code, new_code
from server.database import Cursor, write
from server.fleet.errors import FleetError
from server.fleet.models import EnrolmentCode, Kiosk, Placement
from server.fleet.pictures import keep_picture, read_file
from server.fleet.publishing import publish
from server.fleet.selectors import standing_kiosks
from server.ledger.services import record_deed
from server.organisation.models import Counter, Official
from server.organisation.selectors import is_code, officials_of
from server.organisation.services import set_photo

CODE_LASTS_MS = 24 * 3600 * 1000
ORDER_DUTY = "UPDATE fleet_kiosk SET duty_official = %s, duty_ordered_ms = %s WHERE id = %s"


def make_kiosk(*, counter: str, now_ms: int, name: str = "", by: str = "") -> Kiosk:
    """A new kiosk that stands at `counter` from now on; its home unit is the counter's for ever."""
    place = Counter.objects.filter(code=counter).first() if is_code(counter) else None
    if place is None:
        raise FleetError(f"There is no counter {counter}; `hailong-server counters` lists them.")
    with transaction.atomic():
        # Random, so that an id is not given twice even after an old backup was restored.
        suffix = "".join(secrets.choice(CROCKFORD.lower()) for _ in range(7))
        kiosk = Kiosk.objects.create(id=f"k-{suffix}", unit=place.unit_id, name=name or place.name)
        Placement.objects.create(
            kiosk=kiosk, unit=place.unit_id, counter=place.code, started_ms=now_ms
        )
        # A kiosk that could not be told what to show is not made at all.
        publish_configuration(kiosk=kiosk.id, now_ms=now_ms, by=by, why="new kiosk")
    return kiosk


def make_code(*, kiosk: str, now_ms: int, by: str = "") -> str:
    """A new enrolment code for the kiosk, good for 24 hours; unused ones before it lapse."""
    if not is_code(kiosk) or not Kiosk.objects.filter(id=kiosk).exists():
        raise FleetError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    code = new_code()
    with transaction.atomic():
        EnrolmentCode.objects.filter(kiosk_id=kiosk, used_key="").delete()
        EnrolmentCode.objects.create(
            code_hash=hash_code(code),
            kiosk_id=kiosk,
            expires_ms=now_ms + CODE_LASTS_MS,
            made_ms=now_ms,
            made_by=by,
        )
    return code


def withdraw_code(*, kiosk: str) -> bool:
    """The code that was not used yet opens nothing any more; False if there was none."""
    gone, _ = EnrolmentCode.objects.filter(kiosk_id=kiosk, used_key="").delete()
    return gone > 0


def publish_configuration(*, kiosk: str, now_ms: int, by: str = "", why: str = "") -> int:
    """Sign what the kiosk shall show now, as a new version if it differs; the newest version.

    Raises FleetError, OrganisationError.
    """
    done = publish([kiosk], now_ms=now_ms, by=by, why=why)
    for error in done.failed.values():
        raise error
    return done.versions[kiosk]


def publish_unit(*, unit: str, now_ms: int, by: str = "", why: str = "") -> None:
    """Publish anew for every kiosk of a unit, after its roster or counters changed.

    Raises FleetError or OrganisationError for the first that could not be told; the others were.
    """
    kiosks = [kiosk.id for kiosk in standing_kiosks(unit)]
    for error in publish(kiosks, now_ms=now_ms, by=by, why=why).failed.values():
        raise error


def order_duty(*, kiosk: str, official: str, now_ms: int, by: str) -> None:
    """Put an official on duty at a kiosk without a screen, or with "" nobody; it is a deed.

    official: of the kiosk's unit. by: who ordered it. Raises FleetError.
    """
    found = Kiosk.objects.filter(id=kiosk).first() if is_code(kiosk) else None
    if found is None:
        raise FleetError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    if official and official not in officials_of(found.unit):
        raise FleetError(f"{official} is no official of unit {found.unit}.")
    # Each order is one of its own to the kiosk, even if the clock went back.
    at_ms = max(now_ms, (found.duty_ordered_ms or 0) + 1)

    def order(cursor: Cursor) -> None:
        cursor.execute(ORDER_DUTY, (official, at_ms, kiosk))
        record_deed(
            cursor,
            unit=found.unit,
            journal=kiosk,  # of no journal: the kiosk may have had none yet
            type="duty",
            seq=at_ms,
            at_ms=at_ms,
            data={"kiosk": kiosk, "official": official or None, "by": by},
        )

    write(order)
    # A crash here leaves the order unpublished; the next publication takes it along.
    publish_configuration(kiosk=kiosk, now_ms=now_ms, by=by, why="duty")


def keep_photo(*, official: Official, file: Path | None, now_ms: int) -> None:
    """The official's picture, or none. It is shown only where there is a legal basis for it.

    Raises FleetError.
    """
    sha256, body = ("", b"") if file is None else read_file(file.parent, file.name)
    with transaction.atomic():
        keep_picture(sha256, body)
        set_photo(official=official, sha256=sha256)
    publish_unit(unit=official.unit_id, now_ms=now_ms, why="officials")
