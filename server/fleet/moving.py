"""Units that were renamed or moved: the kiosks beneath show other words, under other settings."""

from collections.abc import Sequence

from django.db import transaction

from server.fleet.levels import UNIT, own_of
from server.fleet.models import SettingsChange
from server.organisation.services import settle_units


@transaction.atomic
def follow_units(*, now_ms: int) -> bool:
    """Let changes of units whose day has come take hold, and tell the kiosks beneath; True if there
    were any."""
    moved = settle_units()
    mark_moved(units=moved, now_ms=now_ms)
    return bool(moved)


def mark_moved(*, units: Sequence[str], now_ms: int, by: str = "") -> None:
    """Have `publish_pending` publish anew for every kiosk beneath these units: as a change of
    their settings that changes none of them."""
    for unit in units:
        own = own_of(UNIT, unit)
        SettingsChange.objects.create(
            level=UNIT, holder=unit, at_ms=now_ms, by=by, why="units", before=own, after=own
        )
