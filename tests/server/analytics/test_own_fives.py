"""What an official reads of their own moves by five votes or not at all, whatever is corrected: no
two readings, one after the other or far apart, tell what a single citizen pressed or said."""

import os
import random
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.attribution.scene import HOUR, MINUTE, file_dossier, vote, write
from tests.server.votes.river import Station, new_station, new_unit

EXAMPLES = int(os.environ.get("HAILONG_EXAMPLES", "60")) // 10
BEGIN = 1_760_922_000_000  # 2025-10-20 08:00 in Việt Nam
LATER = BEGIN + 30 * 24 * HOUR
OCTOBER, TODAY = (date(2025, 10, 1), date(2025, 10, 31)), date(2025, 11, 19)
KINDS = ["votes"] * 6 + [
    "rule", "rule", "lift", "dossier", "dossier", "shift", "unshift", "count", "board", "enter",
    "place", "revise",
]  # fmt: skip


class Read(NamedTuple):
    """What the page tells of a month, and the votes whose ratings those are."""

    votes: frozenset[tuple[str, int]]
    counts: Any
    reasons_base: int
    reasons: tuple[tuple[str, int], ...]


class Office:
    """A unit whose October is over, and everything that still changes what is known of it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.unit = new_unit(officials=())
        self.officials = [f"{self.unit}.{name}" for name in "abc"]  # c is entered late, or never
        for code in self.officials[:2]:
            self._make(code)
        self.stations = [self._station(number) for number in (1, 1, 2)]
        self.duties: list[int | None] = [None] * 3
        self.moved: set[str] = set()

    def _station(self, number: int) -> Station:
        station = new_station(self.unit, number, enrolled_ms=BEGIN - HOUR)
        station.kiosk.now_ms, station.kiosk.mono_ms = BEGIN, 1_000
        station.kiosk.clock()
        return station

    def _make(self, code: str) -> None:
        from server.organisation.models import Unit
        from server.organisation.services import make_official

        make_official(unit=Unit.objects.get(code=self.unit), code=code, name="Cán bộ")

    def _slot(self) -> int:
        return BEGIN + self.dice.randrange(0, 3 * HOUR, 15 * MINUTE)

    def happen(self, kind: str) -> None:
        from server import pipeline
        from server.attribution.errors import AttributionError
        from server.organisation.services import OrganisationError

        before = self._attributions()
        with suppress(AttributionError, OrganisationError):
            getattr(self, f"_{kind}")()
        pipeline.run_until_done()
        if kind != "votes" and self._attributions() != before:
            self.moved.add(kind)

    def _attributions(self) -> list[Any]:
        from server.attribution.models import Attribution

        rows = Attribution.objects.filter(unit=self.unit).order_by("journal", "seq")
        return list(rows.values_list("journal", "seq", "counter", "official"))

    def _votes(self) -> None:
        """Some citizens, one after the other; now and then somebody signs in before, or out."""
        nth = self.dice.randrange(3)
        station = self.stations[nth]
        if self.dice.random() < 0.4:
            official = self.dice.choice(self.officials)
            by = {"official": official, "by": "pin"}
            self.duties[nth] = write(station, station.kiosk.now_ms + MINUTE, "duty.started", by)
        for _ in range(self.dice.choice([1, 2, 4, 6])):
            seq = vote(
                station, station.kiosk.now_ms + 7 * MINUTE, rating=self.dice.randint(1, 5),
                duty=self.duties[nth] if self.dice.random() < 0.7 else None,
                dossier=self.dice.choice([None, None, "H1", "H2", "H3"]),
            )  # fmt: skip
            said = {"vote": seq, "reasons": [self.dice.choice(["R1", "R2"])]}
            station.kiosk.add("vote.reasons", {**said, "outcome": "answered"})
        if self.duties[nth] is not None and self.dice.random() < 0.7:
            station.kiosk.add("duty.ended", {"duty": self.duties[nth], "by": "idle"})
            self.duties[nth] = None
        station.send(LATER + len(station.kiosk.lines))

    def _revise(self) -> None:
        station = self.dice.choice(self.stations)
        votes = [
            seq for seq, line in enumerate(station.kiosk.lines, 1) if b'"type":"vote",' in line
        ]
        if votes:
            said = {"vote": votes[-1], "rating": self.dice.randint(1, 5)}
            station.kiosk.add("vote.revised", said)
            station.send(LATER + len(station.kiosk.lines))

    def _rule(self) -> None:
        from server.attribution.services import propose_ruling

        low = self._slot()
        propose_ruling(
            unit=self.unit, counter=f"{self.unit}-{self.dice.choice([1, 2])}", from_ms=low,
            to_ms=low + self.dice.choice([20 * MINUTE, HOUR, 4 * HOUR]),
            official=self.dice.choice([*self.officials[:2], ""]), reason="r", by="x", now_ms=LATER,
        )  # fmt: skip

    def _lift(self) -> None:
        from server.attribution.models import Ruling
        from server.attribution.services import lift_ruling

        for row in Ruling.objects.filter(state="force", lifts=None).order_by("number")[:1]:
            lift_ruling(unit=self.unit, number=row.number, reason="r", by="x", now_ms=LATER)

    def _dossier(self) -> None:
        number, official = (
            self.dice.choice(["H1", "H2", "H3"]),
            self.dice.choice([*self.officials, ""]),
        )
        file_dossier(self.unit, number, official)

    def _shift(self) -> None:
        from server.organisation.models import Counter, Official, Unit
        from server.organisation.services import add_shift

        low = self._slot()
        add_shift(
            unit=Unit.objects.get(code=self.unit),
            counter=Counter.objects.get(code=f"{self.unit}-{self.dice.choice([1, 2])}"),
            official=Official.objects.get(code=self.dice.choice(self.officials[:2])),
            started_ms=low, ended_ms=low + self.dice.choice([HOUR, 9 * HOUR]),
        )  # fmt: skip

    def _unshift(self) -> None:
        from server.organisation.models import Shift
        from server.organisation.services import remove_shift

        for shift in Shift.objects.filter(unit=self.unit).order_by("pk")[:1]:
            remove_shift(shift=shift)

    def _count(self) -> None:
        from server.organisation.models import Unit
        from server.organisation.services import set_rules

        unit, count = Unit.objects.get(code=self.unit), self.dice.random() < 0.7
        set_rules(unit=unit, shifts_count=count, two_for_rulings=None, by="x", now_ms=1)

    def _board(self) -> None:
        """Entered then, though the votes of that day come only now."""
        from server.attribution.services import set_duty

        set_duty(
            unit=self.unit, counter=f"{self.unit}-{self.dice.choice([1, 2])}",
            official=self.dice.choice([*self.officials[:2], ""]), by="x", now_ms=self._slot(),
        )  # fmt: skip

    def _enter(self) -> None:
        self._make(self.officials[2])

    def _place(self) -> None:
        from server.fleet.services import place_kiosk

        low, number = self._slot(), self.dice.choice([0, 1, 2])
        place_kiosk(
            kiosk=self.dice.choice(self.stations).kiosk.kiosk, from_ms=low, to_ms=low + 3 * HOUR,
            counter=f"{self.unit}-{number}" if number else "", by="x", now_ms=LATER,
        )  # fmt: skip

    def read(self) -> dict[str, Read]:
        """The page of each official, and what stands behind it."""
        from server.analytics.selectors import Period, own_figures

        found = {}
        for code in self.officials:
            period = Period(*OCTOBER)
            own = own_figures(official=code, units=[self.unit], period=period, today=TODAY)
            assert all(n >= 5 and n % 5 == 0 for n in own.reasons.values())
            counts = own.total.counts if own.total else None
            votes = self._behind(code) if counts else {}
            if counts:
                told = [list(votes.values()).count(rating) for rating in range(1, 6)]
                assert tuple(told) == counts
            said = tuple(sorted(own.reasons.items()))
            found[code] = Read(frozenset(votes), counts, own.reasons_base, said)
        return found

    def _behind(self, official: str) -> dict[tuple[str, int], int]:
        from server.analytics.models import Block, Shown, ShownVote

        cells = Shown.objects.filter(unit=self.unit, official=official).values("number")
        blocks = Block.objects.filter(unit=self.unit, shown=True, cell__in=cells).values("number")
        rows = ShownVote.objects.filter(unit=self.unit, block__in=blocks)
        return {(row.journal, row.seq): row.rating for row in rows}


def check_pair(one: Read, other: Read) -> None:
    """The same votes, or five that stand behind one reading alone."""
    differing = one.votes ^ other.votes
    assert len(differing) >= 5 or not differing
    if not differing:
        assert one.counts == other.counts
    if one.reasons_base == other.reasons_base:
        assert one.reasons == other.reasons
    else:
        assert abs(one.reasons_base - other.reasons_base) >= 5


def live(seed: int, kinds: list[str]) -> Office:
    """Let it all happen; each reading is held against every one before."""
    office = Office(seed)
    readings = [office.read()]
    for kind in kinds:
        office.happen(kind)
        now = office.read()
        for code in office.officials:
            for before in readings:
                check_pair(before[code], now[code])
        readings.append(now)
    return office


@settings(max_examples=EXAMPLES, deadline=None, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(seed=st.integers(0, 2**32), kinds=st.lists(st.sampled_from(KINDS), min_size=8, max_size=20))
def test_no_two_readings_of_ones_own_page_differ_by_fewer_than_five_votes(
    seed: int, kinds: list[str]
) -> None:
    live(seed, ["votes"] * 4 + kinds)


def test_every_kind_of_correction_moves_votes_and_none_tells_of_one() -> None:
    dice = random.Random(3)
    corrections = [kind for kind in KINDS if kind != "votes"] * 2
    still = {*corrections} - {"revise"}
    for seed in range(8):
        dice.shuffle(corrections)
        first = ["board", *["votes"] * 7, "shift", "count"]
        still -= live(seed, [*first, *corrections]).moved if still else set()
    assert not still
