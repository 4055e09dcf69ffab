"""Who changed whose settings, when and why; and going back, as a change of its own."""

from typing import Any, NamedTuple

from server.fleet.choosing import own_table, set_settings
from server.fleet.chosen import read_table
from server.fleet.errors import FleetError
from server.fleet.levels import Holder, Table, find_holder
from server.fleet.models import SettingsChange
from server.fleet.settings_publishing import Told


class Difference(NamedTuple):
    """A key that is not what it was; before, after: as JSON keeps them, None for not chosen.

    Of the technician's PIN both are None: nobody reads it.
    """

    key: str
    before: Any
    after: Any


class Change(NamedTuple):
    """One change of a holder's settings. settled: every kiosk beneath has it."""

    number: int
    at_ms: int
    by: str
    why: str
    differences: list[Difference]
    settled: bool


def changes_of(holder: Holder, *, most: int = 100) -> list[Change]:
    """The newest changes of a holder's own settings, newest first, but for empty ones."""
    rows = SettingsChange.objects.filter(level=holder.level, holder=holder.code)
    return [
        Change(row.pk, row.at_ms, row.by, row.why, found, row.published_to is None)
        for row in rows.order_by("-pk")[:most]
        if (found := differences(row.before, row.after))
    ]


def differences(before: Table, after: Table) -> list[Difference]:
    """The keys whose values differ, by name."""
    return [
        Difference(key, *(_readable(key, table) for table in (before, after)))
        for key in sorted(before | after)
        if before.get(key) != after.get(key)
    ]


def newest_change(holder: Holder) -> int:
    """The number of the newest change of a holder's own settings; 0 if there is none."""
    rows = SettingsChange.objects.filter(level=holder.level, holder=holder.code)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def settings_after(*, holder: Holder, change: int) -> Table:
    """What was chosen once this change was made, without the technician's PIN.

    An old PIN never comes back: it may have been changed because somebody knew it. FleetError.
    """
    rows = SettingsChange.objects.filter(level=holder.level, holder=holder.code, pk=change)
    after = rows.values_list("after", flat=True).first()
    if after is None:
        raise FleetError(
            f"There is no change {change} of {holder.code}; "
            f"`hailong-server settings history {holder.code}` lists them."
        )
    return {key: value for key, value in after.items() if key != "admin_pin"}


def roll_back(*, id: str, change: int, now_ms: int, by: str, why: str = "") -> Told:
    """Choose again what was chosen after an older change: a new change, and new versions.

    Raises FleetError, OrganisationError.
    """
    holder = find_holder(id)
    table = settings_after(holder=holder, change=change)
    return set_settings(
        id=f"{holder.level}:{holder.code}",
        chosen=read_table(table),
        folder=None,
        now_ms=now_ms,
        by=by,
        why=why or f"back to {change}",
    )


def own_settings(holder: Holder) -> tuple[Table, bool]:
    """What is chosen for the holder itself without the technician's PIN, and whether it has one."""
    own = dict(own_table(holder))
    return own, own.pop("admin_pin", None) is not None


def _readable(key: str, table: Table) -> Any:
    return None if key == "admin_pin" else table.get(key)
