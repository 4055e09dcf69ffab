"""Holding units: what is derived from one has one writer at a time."""

from collections.abc import Sequence

from django.db import connection

from server.organisation.models import Unit

RULES_LOCK = 0x68610002  # of our own choosing, as closure.TREE_LOCK


def lock_unit(*, unit: str) -> None:
    """Hold the unit until the caller's transaction ends: its derived rows have one writer.

    SQLite's transactions are one at a time anyway; on PostgreSQL this waits for the row.
    """
    lock_units(units=[unit])


def lock_units(*, units: Sequence[str]) -> None:
    """Hold several units, in the order of their codes: no two callers wait for each other."""
    rows = Unit.objects.select_for_update(no_key=True).filter(code__in=units).order_by("code")
    list(rows.values_list("code"))


def hold_rules(*, to_change: bool = False) -> None:
    """Until the caller's transaction ends nobody changes where shifts count; to change it, nobody
    enters a shift meanwhile either: of the two at one moment neither would see the other. Before
    any unit is held. SQLite's transactions are one at a time anyway."""
    if connection.vendor == "postgresql":
        how = "" if to_change else "_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{how}(%s)", [RULES_LOCK])
