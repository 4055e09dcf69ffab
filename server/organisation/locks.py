"""Holding units: what is derived from one has one writer at a time."""

from collections.abc import Sequence

from server.organisation.models import Unit


def lock_unit(*, unit: str) -> None:
    """Hold the unit until the caller's transaction ends: its derived rows have one writer.

    SQLite's transactions are one at a time anyway; on PostgreSQL this waits for the row.
    """
    lock_units(units=[unit])


def lock_units(*, units: Sequence[str]) -> None:
    """Hold several units, in the order of their codes: no two callers wait for each other."""
    rows = Unit.objects.select_for_update(no_key=True).filter(code__in=units).order_by("code")
    list(rows.values_list("code"))
