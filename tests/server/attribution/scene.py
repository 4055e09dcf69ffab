"""A counter with a kiosk, and what people enter beside it, for tests of attribution."""

import argparse
from typing import Any

from tests.server.kiosks import T0
from tests.server.votes.river import Station, rows

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NINE = T0 - 6 * HOUR - 26 * MINUTE - 40_000  # 2025-11-22 09:00 in Việt Nam
LATER = NINE + 40 * DAY


def vote(station: Station, at_ms: int, **changes: object) -> int:
    """A vote cast at `at_ms`."""
    data: dict[str, object] = {
        "rating": 5, "scale": "vn5", "via": "button", "locale": "vi", "duty": None,
        "counter": None, "not_official": False, "dossier": None, "invited": False,
    }  # fmt: skip
    return write(station, at_ms, "vote", data | changes)


def write(station: Station, at_ms: int, type: str, data: dict[str, object]) -> int:
    """A line written at `at_ms`, after those before it."""
    return station.kiosk.add(type, data, after_ms=at_ms - station.kiosk.now_ms)


def sign_in(station: Station, at_ms: int, official: str) -> int:
    return write(station, at_ms, "duty.started", {"official": official, "by": "badge"})


def morning(unit: str, number: int = 1) -> Station:
    """A kiosk at the counter whose clock the server knows since half past eight."""
    from tests.server.votes.river import new_station

    station = new_station(unit, number, enrolled_ms=NINE - HOUR)
    station.kiosk.now_ms, station.kiosk.mono_ms = NINE - HOUR // 2, 1_000
    station.kiosk.clock()
    return station


def attributed(unit: str) -> list[tuple[Any, ...]]:
    """Official, basis and why of each vote, by journal and seq."""
    from server import pipeline
    from server.attribution.models import Attribution

    pipeline.run_until_done()
    return [(row["official"], row["basis"], row["why"]) for row in rows(Attribution, unit=unit)]


def rule(
    unit: str, official: str, from_ms: int = NINE, to_ms: int = NINE + HOUR, **more: Any
) -> int:
    from server.attribution.services import propose_ruling

    wish = {"counter": f"{unit}-1", "reason": "signed in too late", "by": "anna", "now_ms": LATER}
    return propose_ruling(
        unit=unit, official=official, from_ms=from_ms, to_ms=to_ms, **{**wish, **more}
    )


def ask_for_two(unit: str) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import set_rules

    set_rules(
        unit=Unit.objects.get(code=unit), shifts_count=None, two_for_rulings=True, by="x", now_ms=1
    )


def file_dossier(unit: str, number: str, official: str, procedure: str = "1.001") -> None:
    """What the one-stop software says of a dossier, as its import keeps it."""
    from server.dossiers.models import Dossier, DossierChange

    Dossier.objects.update_or_create(
        unit=unit,
        number=number,
        defaults={"official": official, "procedure": procedure, "received_ms": NINE},
    )
    DossierChange.objects.get_or_create(unit=unit, number=number)


def checked() -> int:
    from server.console.check import main

    return main(argparse.Namespace())


def differences() -> str:
    """What `check` says of the tables that people's decisions stand in."""
    from server.attribution.audit import find_differences

    return "\n".join(find_differences())


def deeds(type: str) -> list[dict[str, Any]]:
    """The data of each deed of a type."""
    from protocol.server_record import read_server_record
    from server.ledger.selectors import deeds_by_type

    return [read_server_record(body).data for *_, body in deeds_by_type(type)]
