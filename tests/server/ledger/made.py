"""A small log in real tables: two kiosks, some requests each, places given and a checkpoint."""

from dataclasses import dataclass
from typing import Any

from tests.server.votes.river import ENROLLED, Station, new_unit, online


@dataclass
class Made:
    """The stations whose lines stand in the log; the first has over 256 of them."""

    first: Station
    second: Station

    @property
    def journal(self) -> str:
        return self.first.kiosk.journal


def make_log(*, enrolled: bool = False) -> Made:
    """Lines of two kiosks in turns, signed; enrolled: with the records that say whose they are."""
    unit = new_unit()
    made = Made(online(unit), online(unit, 2))
    for station in (made.first, made.second) if enrolled else ():
        _record_enrolled(station)
    for _ in range(3):
        add_votes(made.first, 100)
        add_votes(made.second, 5)
    log_all()
    return made


def _record_enrolled(station: Station) -> None:
    from protocol.keys import b64, public_bytes
    from server.database import write
    from server.ledger.services import record_deed

    paper = station.kiosk
    data = {"kiosk": paper.kiosk, "unit": station.unit, "journal": paper.journal,
            "public_key": b64(public_bytes(paper.key))}  # fmt: skip
    write(
        lambda cursor: record_deed(
            cursor, unit=station.unit, journal=paper.journal, type="enrolled", seq=0,
            at_ms=ENROLLED, data=data,
        )
    )  # fmt: skip


def add_votes(station: Station, count: int) -> None:
    """One request of so many votes."""
    for number in range(count):
        station.kiosk.vote(1 + number % 5)
    station.send()


def log_all() -> bytes | None:
    """Give everything its place and sign it, as `work --once` does; the note, if one was signed."""
    from server.clock import now_ms
    from server.ledger.integrator import integrate_all
    from server.ledger.keys import read_log
    from server.ledger.signing import sign_checkpoint_now

    integrate_all()
    from django.conf import settings

    at_ms = now_ms()
    return sign_checkpoint_now(read_log(now_ms=at_ms), settings.DATA.path, now_ms=at_ms)


def tables() -> dict[Any, list[dict[str, Any]]]:
    """Every row of the ledger's tables."""
    from django.apps import apps

    models = apps.get_app_config("ledger").get_models()
    return {model: list(model._default_manager.values()) for model in models}


def put_back(rows: dict[Any, list[dict[str, Any]]]) -> None:
    """Make the ledger's tables what they were: yesterday's database file."""
    for model, held in rows.items():
        model.objects.all().delete()
        names = [field.attname for field in model._meta.concrete_fields if field.column]
        model.objects.bulk_create(
            [model(**{name: row[name] for name in names}) for row in held], batch_size=500
        )


def differences() -> list[str]:
    """What `check` says of the log."""
    from django.conf import settings

    from server.ledger.audit import find_differences

    return find_differences(settings.DATA.path)
