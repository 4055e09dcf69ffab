"""A change of settings on its way to the kiosks beneath: in batches, resumed after a crash."""

import logging
from typing import NamedTuple

from server.fleet.errors import FleetError
from server.fleet.levels import Holder, find_holder
from server.fleet.models import SettingsChange
from server.fleet.publishing import BATCH, publish
from server.fleet.standing import ids_beneath

log = logging.getLogger(__name__)


class Told(NamedTuple):
    """A change by its number: how many kiosks got a new version now, how many wait to be asked,
    and who could not be told, in sentences."""

    change: int
    new: int
    waiting: int
    failed: dict[str, str]


def publish_change(*, change: int, now_ms: int, most: int | None = None) -> Told:
    """Tell the kiosks beneath a change what they shall show now, at most `most` of them.

    Each batch is a transaction; a crash leaves the mark where it was, and its kiosks are asked
    again, which costs nothing if they have it.
    """
    row = SettingsChange.objects.get(pk=change)
    try:
        holder = find_holder(f"{row.level}:{row.holder}")
    except FleetError:  # it exists no more
        _mark(change, None)
        return Told(change, 0, 0, {})
    new, asked, failed, place = 0, 0, dict[str, str](), row.published_to
    while place is not None and (most is None or asked < most):
        size = BATCH if most is None else min(BATCH, most - asked)
        kiosks = ids_beneath(holder, after=place, most=size)
        done = publish(kiosks, now_ms=now_ms, by=row.by, why=f"settings {change}")
        new, asked = new + len(done.new), asked + len(kiosks)
        failed |= {kiosk: str(error) for kiosk, error in done.failed.items()}
        place = kiosks[-1] if len(kiosks) == size else None
        _mark(change, place)
    return Told(change, new, _waiting(holder, place), failed)


def publish_pending(*, now_ms: int) -> bool:
    """One batch of the oldest change that not every kiosk has yet; False if there is none."""
    pending = SettingsChange.objects.filter(published_to__isnull=False).order_by("pk")
    change = pending.values_list("pk", flat=True).first()
    if change is None:
        return False
    for kiosk, sentence in publish_change(change=change, now_ms=now_ms, most=BATCH).failed.items():
        log.warning("Kiosk %s keeps its configuration: %s", kiosk, sentence)
    return True


def waiting_for(change: int) -> int:
    """How many kiosks beneath a change were not asked yet."""
    row = SettingsChange.objects.get(pk=change)
    return _waiting(find_holder(f"{row.level}:{row.holder}"), row.published_to)


def _waiting(holder: Holder, place: str | None) -> int:
    return 0 if place is None else len(ids_beneath(holder, after=place))


def _mark(change: int, place: str | None) -> None:
    SettingsChange.objects.filter(pk=change).update(published_to=place)
