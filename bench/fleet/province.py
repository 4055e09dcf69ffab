"""Makes the units, counters, officials and kiosks of a fleet, by the server's own services.

A share of the kiosks gets a code and enrols over the door; the others are enrolled here, for
sixteen thousand enrolments are not what the bench is about.
"""

import json
import sys
import time
import uuid
from pathlib import Path

import django

from protocol.enrolment import hash_code
from protocol.keys import new_key, public_bytes

COUNTERS_A_UNIT = 20
OVER_THE_DOOR = 20  # every so many-th


def make(kiosks: int) -> list[tuple[str, ...]]:
    """A list of bench.fleet.kiosk.Identity."""
    found: list[tuple[str, ...]] = []
    for number in range(-(-kiosks // COUNTERS_A_UNIT)):
        found += make_unit(number, min(COUNTERS_A_UNIT, kiosks - len(found)))
    return found


def make_unit(number: int, counters: int) -> list[tuple[str, ...]]:
    from django.db import transaction

    from server.fleet.services import make_code, make_kiosk
    from server.organisation import services

    now_ms = time.time_ns() // 1_000_000
    made = []
    with transaction.atomic():
        code = f"F{number:04}"
        unit = services.make_unit(code=code, name=f"Đơn vị {number}")
        for place in range(1, counters + 1):
            counter = services.make_counter(unit=unit, number=place)
            official = services.make_official(code=f"{code}-{place:02}", name="Mẫu", unit=unit)
            kiosk = make_kiosk(counter=counter.code, now_ms=now_ms)
            enrolment = make_code(kiosk=kiosk.id, now_ms=now_ms)
            key = new_key()
            made.append((kiosk.id, counter.code, official.code, str(uuid.uuid4()), key, enrolment))
    return [
        (*row[:4], row[4].private_bytes_raw().hex(), enrol(number * COUNTERS_A_UNIT + i, *row[3:]))
        for i, row in enumerate(made)
    ]


def enrol(number: int, journal: str, key, code: str) -> str:  # type: ignore[no-untyped-def]
    """The code, if it is for the door."""
    from server.ingest.enrolment import Wish
    from server.ingest.enrolment import enrol as use_code

    if number % OVER_THE_DOOR == 0:
        return code
    use_code(Wish(hash_code(code), journal, public_bytes(key)))
    return ""


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[2]).write_text(json.dumps(make(int(sys.argv[1]))))
