"""Making kiosks, placing them, giving out enrolment codes, publishing what they show."""

import secrets
from pathlib import Path

from django.db import transaction

from protocol.crockford import CROCKFORD
from protocol.enrolment import hash_code, new_code
from server.clock import FOREVER_MS
from server.database import Cursor, write
from server.fleet.errors import FleetError
from server.fleet.models import EnrolmentCode, Kiosk, Placement
from server.fleet.pictures import keep_picture, read_file
from server.fleet.placed import record_placed
from server.fleet.publishing import publish
from server.fleet.selectors import standing_kiosks
from server.fleet.stays import Stay, joined, replaced
from server.ledger.services import record_deed
from server.organisation.models import Counter, Official
from server.organisation.selectors import counter_codes_of, is_code, officials_of
from server.organisation.services import lock_unit, note_change, set_photo

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
        stay = Stay(place.code, now_ms, None)
        Placement.objects.create(
            kiosk=kiosk, unit=place.unit_id, counter=stay.counter, started_ms=stay.from_ms
        )
        record_placed(kiosk=kiosk.id, unit=place.unit_id, stay=stay, by=by, now_ms=now_ms)
        # A kiosk that could not be told what to show is not made at all.
        publish_configuration(kiosk=kiosk.id, now_ms=now_ms, by=by, why="new kiosk")
    return kiosk


def place_kiosk(
    *, kiosk: str, counter: str, from_ms: int, to_ms: int | None, by: str, now_ms: int
) -> None:
    """The kiosk stands at a counter of its home unit, "" at none, in [from_ms, to_ms), None: from
    then on; for these instants that replaces where it was said to stand. It is a deed.

    What is to come is not entered ahead. Raises FleetError; OrganisationError if it could not be
    told what to show there.
    """
    found = Kiosk.objects.filter(id=kiosk).first() if is_code(kiosk) else None
    if found is None:
        raise FleetError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    if counter and counter not in counter_codes_of([found.unit])[found.unit]:
        raise FleetError(f"{counter} is no counter of unit {found.unit}, where {kiosk} belongs.")
    if not 0 <= from_ms < (now_ms + 1 if to_ms is None else to_ms) <= now_ms + 1:
        raise FleetError("A stay begins before it ends, and neither lies in the future.")
    with transaction.atomic():
        lock_unit(unit=found.unit)
        stay = Stay(counter, from_ms, to_ms)
        rows = found.placements.order_by("started_ms")
        before = [Stay(*row) for row in rows.values_list("counter", "started_ms", "ended_ms")]
        after = joined(replaced(before, stay))
        rows.all().delete()
        Placement.objects.bulk_create(
            Placement(
                kiosk=found, unit=found.unit, counter=s.counter, started_ms=s.from_ms,
                ended_ms=s.to_ms,
            )
            for s in after
        )  # fmt: skip
        record_placed(kiosk=kiosk, unit=found.unit, stay=stay, by=by, now_ms=now_ms)
        for name in {s.counter for s in [*before, stay] if s.counter and s.meets(stay)}:
            note_change(
                unit=found.unit, counter=name, from_ms=from_ms,
                to_ms=FOREVER_MS if to_ms is None else to_ms,
            )  # fmt: skip
    if after and after[-1].to_ms is None:
        # A crash here leaves it untold; the next publication takes it along.
        publish_configuration(kiosk=kiosk, now_ms=now_ms, by=by, why="placement")


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
