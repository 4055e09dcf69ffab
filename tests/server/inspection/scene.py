"""Tallies as the pipeline writes them, put in by hand: what inspectors' pages are made of."""

from datetime import date
from typing import Any

DAY = date(2025, 11, 20)


def tally(
    unit: str,
    counter: str,
    *,
    day: date = DAY,
    last: date | None = None,
    official: str = "",
    r6: int = 0,
    n1: int = 0,
    n5: int = 0,
    state: str = "counted",
) -> None:
    """n1 + n5 votes of a counter's day; r6 of them named harassment."""
    from server.analytics.models import Tally

    Tally.objects.create(
        unit=unit, counter=counter, first_day=day, last_day=last or day, official=official,
        why="" if official else "nobody-signed-in", basis="duty" if official else "none",
        state=state, n1=n1, n5=n5, r6=r6,
    )  # fmt: skip


def month(unit: str, first: date, *, n1: int, n5: int) -> None:
    """A unit's counted votes of a month."""
    from server.analytics.models import UnitMonth

    UnitMonth.objects.create(
        unit=unit, first_month=first, last_month=first, state="counted", n1=n1, n5=n5
    )


def looks() -> list[dict[str, Any]]:
    """The deeds of looks, in order."""
    import json

    from server.ledger.models import ServerRecord

    rows = ServerRecord.objects.filter(type="viewed").order_by("seq")
    return [json.loads(bytes(row.body))["data"] for row in rows]
