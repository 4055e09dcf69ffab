"""A unit with paper kiosks whose journals go through the real line door, pipeline and tables."""

import itertools
from dataclasses import dataclass
from typing import Any

from protocol.keys import public_bytes
from tests.server.kiosks import T0, PaperKiosk

_numbers = itertools.count(1)
ENROLLED = T0 - 1_000


@dataclass
class Station:
    """A kiosk standing at a counter, and how much of its journal the server has."""

    kiosk: PaperKiosk
    unit: str
    counter: str
    sent: int = 0

    def send(self, at_ms: int | None = None, *, upto: int | None = None) -> None:
        """Let the server receive the lines up to `upto` at `at_ms` (a moment after the newest)."""
        from server.ingest.services import accept_lines

        upto = len(self.kiosk.lines) if upto is None else upto
        if upto <= self.sent:
            return
        accept_lines(
            journal=self.kiosk.journal,
            head_note=self.kiosk.head(upto),
            body=self.kiosk.body(self.sent + 1, upto),
            now_ms=self.kiosk.now_ms + 2_000 if at_ms is None else at_ms,
        )
        self.sent = upto


def new_unit(officials: tuple[str, ...] = ("CB-1", "CB-2"), counters: int = 2) -> str:
    """A unit of its own for one test or example; its officials are <unit>/<code>-like codes."""
    from server.organisation.services import make_counter, make_official, make_unit

    unit = make_unit(code=f"u{next(_numbers)}", name="Xã thử")
    for number in range(1, counters + 1):
        make_counter(unit=unit, number=number)
    for code in officials:
        make_official(unit=unit, code=code, name=f"Cán bộ {code}")
    return unit.code


def new_station(unit: str, number: int = 1, *, enrolled_ms: int = ENROLLED) -> Station:
    """A kiosk placed at the unit's counter long ago, with an empty journal."""
    from server.fleet.models import Kiosk, Placement

    kiosk = Kiosk.objects.create(id=f"k-{next(_numbers)}", unit=unit, name="Kiosk")
    counter = f"{unit}-{number}"
    Placement.objects.create(kiosk=kiosk, unit=unit, counter=counter, started_ms=0)
    return enrol(kiosk.id, unit, counter, enrolled_ms=enrolled_ms)


def enrol(kiosk: str, unit: str, counter: str, *, enrolled_ms: int = ENROLLED) -> Station:
    """A new journal of a kiosk; the one before is closed."""
    from server.ingest.models import Journal

    paper = PaperKiosk(kiosk)
    Journal.objects.filter(kiosk=kiosk).update(state="closed")
    Journal.objects.create(
        unit=unit,
        journal=paper.journal,
        kiosk=kiosk,
        public_key=public_bytes(paper.key),
        enrolled_ms=enrolled_ms,
        head_hash=paper.hash_at(0),
    )
    return Station(paper, unit, counter)


def online(unit: str, number: int = 1) -> Station:
    """A kiosk whose clock the server knows."""
    station = new_station(unit, number)
    station.kiosk.clock()
    return station


def rows(model: Any, **filters: object) -> list[dict[str, object]]:
    """Every row as a dict, without the number of the round it changed in."""
    found = model.objects.filter(**filters).order_by("pk").values()
    return [{k: v for k, v in row.items() if k not in ("gen", "pk")} for row in found]


def understood(unit: str) -> dict[str, list[dict[str, object]]]:
    """All that was understood of a unit's journals."""
    from server.votes.models import Duty, NotUnderstood, Revision, Vote, VoteCode

    models = (Vote, VoteCode, Revision, Duty, NotUnderstood)
    return {model.__name__: rows(model, unit=unit) for model in models}
