"""Reading the fleet: kiosks, their configurations, and since when one serves several counters."""

from collections.abc import Sequence
from typing import Any

from server.fleet.levels import UNIT, own_of
from server.fleet.models import Configuration, Kiosk, Placement


def chosen_of_unit(unit: str) -> dict[str, Any]:
    """What is kept for all kiosks of a unit itself, as it is kept."""
    return own_of(UNIT, unit)


def standing_kiosks(unit: str) -> list[Kiosk]:
    """The kiosks of a unit that stand at a counter now."""
    standing = Placement.objects.filter(ended_ms__isnull=True).values("kiosk")
    return list(Kiosk.objects.filter(unit=unit, id__in=standing).order_by("id"))


def several_since(kiosks: Sequence[str]) -> dict[str, list[tuple[int, bool]]]:
    """For each kiosk (from when, whether it serves several counters) of each configuration that
    was made for it, oldest first."""
    found: dict[str, list[tuple[int, bool]]] = {kiosk: [] for kiosk in kiosks}
    rows = Configuration.objects.filter(kiosk__in=kiosks).order_by("version")
    for kiosk, made_ms, several in rows.values_list("kiosk", "made_ms", "several"):
        found[kiosk].append((made_ms, several))
    return found
