"""The last week of a commune that was merged: votes that are another unit's today."""

import random
from datetime import date, time

from server.fleet.services import place_kiosk
from server.ingest.revocation import revoke_journal
from server.organisation.models import Unit
from server.organisation.services import make_counter
from server.sample import history
from server.sample.province import MERGED

DAYS = tuple(date(2025, 6, day) for day in (24, 25, 26, 27, 30))
WHY = "(Mẫu) Xã đã nhập vào xã khác; thiết bị đã được thu hồi."


def load(*, seed: int = 2025) -> None:
    """A kiosk enrols, sends its days like any other, and is taken away as the commune ends.

    Nobody signs in: the sample knows no official of those days.
    """
    chance = random.Random(seed)  # noqa: S311 - sample data, no secret
    unit = MERGED[0][0]
    counter = make_counter(unit=Unit.objects.get(code=unit), number=1)
    kiosk = history.PastKiosk(counter.code, history.instant(DAYS[0], time(6, 0)))
    kiosk.enrol()
    for day in DAYS:
        history.live_a_day(kiosk, None, 1, day, chance)
    ended_ms = history.instant(DAYS[-1], time(18, 0))
    place_kiosk(
        kiosk=kiosk.kiosk, counter="", from_ms=ended_ms, to_ms=None, by=history.BY, now_ms=ended_ms
    )
    revoke_journal(
        journal=kiosk.journal, from_seq=kiosk.seq + 1, reason=WHY, by=history.BY, now_ms=ended_ms
    )
