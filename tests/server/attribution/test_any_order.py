"""Whatever arrives in whichever order, and whenever the stages run: the same attributions and
tallies, which are those that deciding each vote by hand from all facts gives."""

import os
import random
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.attribution.by_hand import FOREVER, Facts, Reader
from tests.server.attribution.scene import HOUR, LATER, MINUTE, NINE, file_dossier
from tests.server.votes.river import Station, new_station, new_unit, rows

EXAMPLES = int(os.environ.get("HAILONG_EXAMPLES", "60")) // 8
HOURS = 24  # about as long as the kiosks' journals are
Step = Callable[[], None]


class Life:
    """A unit's days, made by a seed: what each source tells, in its own order, and `facts`, the
    same as it stands at the end. Of one seed every life is the same, but for ids."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.unit = new_unit(officials=())
        self.officials = [f"{self.unit}.{name}" for name in "abcd"]  # d is entered late, or never
        self.facts = Facts()
        self._make_officials(self.officials[:3])
        self.stations = [self._station(number) for number in (1, 1, 2)]
        for kiosk, number in enumerate((1, 1, 2)):
            self.facts.placed[kiosk] = [(number, 0, FOREVER)]
        if self.dice.random() < 0.3:
            self._ask(2)
        self.sources: list[list[Step]] = [
            *(list(self._journal(kiosk)) for kiosk in range(3)),
            list(self._posted()),
            list(self._moves()),
            list(self._rulings()),
            list(self._dossiers()),
            list(self._shifts()),
            [lambda: self._make_officials(self.officials[3:])] if self.dice.random() < 0.7 else [],
        ]

    def _station(self, number: int) -> Station:
        station = new_station(self.unit, number, enrolled_ms=NINE - HOUR)
        station.kiosk.now_ms, station.kiosk.mono_ms = NINE - HOUR, 10_000
        return station

    def _make_officials(self, codes: list[str]) -> None:
        from server.organisation.models import Unit
        from server.organisation.services import make_official

        for code in codes:
            make_official(unit=Unit.objects.get(code=self.unit), code=code, name="Cán bộ")
            self.facts.known.add(code)

    def _ask(self, kiosk: int) -> None:
        from tests.server.attribution.test_several_counters import serve

        serve(self.stations[kiosk], 1, 2, at_ms=NINE - 2 * HOUR)
        self.facts.asking.add(kiosk)

    def _time(self, step: int = MINUTE) -> int:
        return NINE + self.dice.randrange(0, HOURS * HOUR, step)

    # -- a kiosk -------------------------------------------------------------------------------

    def _journal(self, kiosk: int) -> Iterator[Step]:
        """Lines written now, sent later: in parts, each received at a time of its own."""
        station, dice = self.stations[kiosk], self.dice
        paper = station.kiosk
        duty: int | None = None
        if dice.random() < 0.8:
            paper.clock()
        for _ in range(dice.randint(6, 24)):
            pause = dice.choice([1, MINUTE, 40 * MINUTE, 2 * HOUR])
            what = dice.choices(["vote", "in", "out", "clock", "boot", "reasons"],
                                [14, 2, 2, 1, 1, 1])[0]  # fmt: skip
            if what == "vote":
                paper.add("vote", self._vote(duty), after_ms=pause)
            elif what == "in":
                data = {"official": dice.choice(self.officials), "by": "pin"}
                duty = paper.add("duty.started", data, after_ms=pause)
            elif what == "out" and duty is not None:
                by = dice.choice(["official", "idle", "restart"])
                paper.add("duty.ended", {"duty": duty, "by": by}, after_ms=pause)
            elif what == "clock":
                paper.clock()
            elif what == "boot":
                paper.boot = str(uuid.UUID(int=dice.getrandbits(128)))
                paper.mono_ms, paper.sync = 10_000, dice.random() < 0.5
            elif what == "reasons" and paper.lines and b'"type":"vote",' in paper.lines[-1]:
                data = {"vote": len(paper.lines), "reasons": ["R1"], "outcome": "answered"}
                paper.add("vote.reasons", data, after_ms=1_000)
        last = len(paper.lines)
        received = paper.now_ms + dice.choice([1_000, 20 * HOUR])
        for upto in sorted({*(dice.randint(1, last) for _ in range(3)), last}) if last else ():
            received += 1
            yield lambda upto=upto, at=received: station.send(at, upto=upto)  # type: ignore[misc]

    def _vote(self, duty: int | None) -> dict[str, object]:
        dice = self.dice
        named = dice.choice([duty, None, None, 1])
        counter = dice.choice([None] * 6 + [f"{self.unit}-{n}" for n in (1, 2, 9)])
        dossier = dice.choice([None] * 6 + ["H1", " H2", "H3", "H9"])
        return {
            "rating": dice.randint(1, 5), "scale": "vn5", "via": "button", "locale": "vi",
            "duty": named, "counter": counter, "not_official": dice.random() < 0.15,
            "dossier": dossier, "invited": False,
        }  # fmt: skip

    # -- people --------------------------------------------------------------------------------

    def _posted(self) -> Iterator[Step]:
        from server.attribution.services import set_duty, start_duty

        for ms in sorted({self._time() for _ in range(self.dice.randint(0, 9))}):
            number = self.dice.choice([1, 2])
            official = self.dice.choice([*self.officials[:3], ""])
            basis = "desk" if official and self.dice.random() < 0.5 else "board"
            do = start_duty if basis == "desk" else set_duty
            wish: dict[str, Any] = {
                "unit": self.unit, "counter": f"{self.unit}-{number}", "official": official,
                "by": "x", "now_ms": ms,
            }  # fmt: skip
            self.facts.posted.append((ms, number, official, basis))
            yield lambda do=do, wish=wish: do(**wish)  # type: ignore[misc]

    def _moves(self) -> Iterator[Step]:
        from server.fleet.services import place_kiosk

        for _ in range(self.dice.choice([0, 0, 1, 3])):
            kiosk, number = self.dice.randrange(3), self.dice.choice([0, 1, 2])
            low = self._time(HOUR)
            high = None if self.dice.random() < 0.3 else low + self.dice.randint(1, 9) * HOUR
            self.facts.placed[kiosk].append((number, low, FOREVER if high is None else high))
            wish: dict[str, Any] = {
                "kiosk": self.stations[kiosk].kiosk.kiosk, "from_ms": low, "to_ms": high,
                "counter": f"{self.unit}-{number}" if number else "", "by": "x", "now_ms": LATER,
            }  # fmt: skip
            yield lambda wish=wish: place_kiosk(**wish)  # type: ignore[misc]

    def _rulings(self) -> Iterator[Step]:
        from server.attribution.services import lift_ruling, propose_ruling

        given = 0
        for _ in range(self.dice.choice([0, 1, 2, 5])):
            number = self.dice.choice([1, 2])
            low = self._time(30 * MINUTE)
            high = low + self.dice.choice([30 * MINUTE, 3 * HOUR, 12 * HOUR])
            official = self.dice.choice([*self.officials[:3], ""])
            if any(n == number and a < high and low < b for n, a, b, _ in self.facts.rulings):
                continue
            given += 1
            wish: dict[str, Any] = {
                "unit": self.unit, "counter": f"{self.unit}-{number}", "from_ms": low,
                "to_ms": high, "official": official, "reason": "r", "by": "x", "now_ms": LATER,
            }  # fmt: skip
            yield lambda wish=wish: propose_ruling(**wish)  # type: ignore[misc]
            if self.dice.random() < 0.7:
                self.facts.rulings.append((number, low, high, official))
                continue
            taken = {"unit": self.unit, "number": given, "reason": "r", "by": "x", "now_ms": LATER}
            given += 1
            yield lambda taken=taken: lift_ruling(**taken)  # type: ignore[misc]

    def _dossiers(self) -> Iterator[Step]:
        for _ in range(self.dice.randint(0, 6)):
            number = self.dice.choice(["H1", "H2", "H3"])
            official = self.dice.choice([*self.officials, ""])
            procedure = self.dice.choice(["", "1.001", "2.002"])
            self.facts.dossiers[number] = official, procedure
            wish = (self.unit, number, official, procedure)
            yield lambda wish=wish: file_dossier(*wish)  # type: ignore[misc]

    def _shifts(self) -> Iterator[Step]:
        from server.organisation.models import Counter, Official, Unit
        from server.organisation.services import add_shift, remove_shift, set_rules

        def plan(number: int, low: int, high: int, official: str) -> Any:
            return add_shift(
                unit=Unit.objects.get(code=self.unit),
                counter=Counter.objects.get(code=f"{self.unit}-{number}"),
                official=Official.objects.get(code=official), started_ms=low, ended_ms=high,
            )  # fmt: skip

        def choose(count: bool | None, now_ms: int) -> None:
            set_rules(
                unit=Unit.objects.get(code=self.unit),
                shifts_count=count,
                two_for_rulings=None,
                by="x",
                now_ms=now_ms,
            )

        instants = iter(sorted(self.dice.choice([1, self._time(MINUTE)]) for _ in range(12)))
        for number, official in ((1, self.officials[0]), (2, self.officials[1])):
            edges = sorted({self._time(HOUR) for _ in range(6)})
            for low, high in [pair for pair in pairwise(edges) if pair[1] - pair[0] <= 24 * HOUR]:
                count = self.dice.choice([None, True, True, False])
                now_ms = next(instants)
                self.facts.choices.append((now_ms, bool(count)))
                yield lambda count=count, now_ms=now_ms: choose(count, now_ms)  # type: ignore[misc]
                kept = self.dice.random() < 0.7
                if kept:
                    self.facts.shifts.append((number, low, high, official))

                def enter(span: Any = (number, low, high, official), kept: bool = kept) -> None:
                    shift = plan(*span)
                    if not kept:
                        remove_shift(shift=shift)

                yield enter


def attributions(life: Life) -> dict[tuple[int, int], tuple[Any, ...]]:
    """(kiosk, seq) -> counter's number, official, basis, why, procedure, days."""
    from server.attribution.models import Attribution

    kiosk = {station.kiosk.journal: nth for nth, station in enumerate(life.stations)}
    return {
        (kiosk[row.journal], row.seq): (
            int(row.counter[-1]) if row.counter else 0, row.official, row.basis, row.why,
            row.procedure, str(row.first_day), str(row.last_day),
        )
        for row in Attribution.objects.filter(unit=life.unit)
    }  # fmt: skip


def tallies(life: Life) -> list[str]:
    """Every row that is made of attributions, ids apart."""
    from server.analytics.models import HourTally, OfficialMonth, ProcedureTally, Tally, UnitMonth

    found = [
        f"{model.__name__} {sorted(row.items())}".replace(life.unit, "unit")
        for model in (Tally, HourTally, ProcedureTally, UnitMonth, OfficialMonth)
        for row in rows(model, unit=life.unit)
    ]
    return found


def told_in_turn(life: Life) -> None:
    from server import pipeline

    for source in life.sources:
        for step in source:
            step()
    pipeline.run_until_done()


def told_mixed(life: Life, seed: int) -> None:
    """Each source keeps its own order; the stages run now and then."""
    from server import pipeline

    dice = random.Random(seed)
    waiting = [list(source) for source in life.sources if source]
    while waiting:
        source = dice.choice(waiting)
        source.pop(0)()
        waiting = [source for source in waiting if source]
        if dice.random() < 0.3:
            pipeline.run_once()
    pipeline.run_until_done()


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 2**32), order=st.integers(0, 2**32))
def test_any_order_of_arrival_ends_in_the_same_attributions_and_tallies(
    seed: int, order: int
) -> None:
    one, other = Life(seed), Life(seed)
    told_in_turn(one)
    told_mixed(other, order)
    found = attributions(one)
    wanted = Reader(one.facts, one.stations).verdicts()
    differing = {key: (row, wanted[key]) for key, row in found.items() if row != wanted[key]}
    assert differing == {}
    assert found.keys() == wanted.keys()
    assert plain(attributions(other), other) == plain(found, one)
    assert tallies(other) == tallies(one)


def plain(found: dict[tuple[int, int], tuple[Any, ...]], life: Life) -> dict[Any, str]:
    """Without the unit's own code in officials' codes."""
    return {key: str(row).replace(life.unit, "unit") for key, row in found.items()}


def test_a_rebuild_ends_in_the_same_attributions_and_tallies() -> None:
    from server import pipeline
    from server.analytics.audit import find_differences
    from server.attribution.audit import find_wrong_verdicts
    from server.attribution.models import CounterDuty
    from server.votes.audit import find_differences as votes_differing
    from server.votes.models import Vote

    lives = [Life(seed) for seed in range(11, 17)]
    for life in lives:
        told_mixed(life, 7)

    def kept() -> list[Any]:
        return [
            (attributions(life), tallies(life), rows(CounterDuty, unit=life.unit)) for life in lives
        ]

    before = kept()
    for life in lives:
        for journal in {*Vote.objects.filter(unit=life.unit).values_list("journal", flat=True)}:
            assert find_wrong_verdicts(unit=life.unit, journal=journal) == []
            assert votes_differing(unit=life.unit, journal=journal) == []
    pipeline.rebuild()
    assert kept() == before
    assert find_differences() == []
    # The test can tell: in such lives everything occurs.
    bases = {row[2] for found, *_ in before for row in found.values()}
    assert bases == {"ruling", "dossier", "duty", "desk", "board", "shift", "none"}
