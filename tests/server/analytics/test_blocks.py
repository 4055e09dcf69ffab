"""No figures, added or subtracted, leave fewer than five votes over (server/analytics/cells.py).

The model here knows which votes stand behind every figure that was ever shown, as sets.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_unit, online

NOVEMBER, DECEMBER = date(2025, 11, 1), date(2025, 12, 31)
Counts = tuple[int, ...]
Seen = frozenset[tuple[str, int, int]]  # journal, seq, rating as drawn
NONE = (0,) * 5


def _work() -> None:
    from server import pipeline

    pipeline.run_until_done()


def _counts(unit: str) -> dict[str, Counts]:
    """What a supervisor reads: n1..n5 of the unit, its counters and officials."""
    from server.analytics.selectors import Period, unit_figures

    period = Period(NOVEMBER, DECEMBER)
    found = unit_figures(unit=unit, period=period, today=NOVEMBER)
    figures = {"total": found.total, **found.counters, **found.officials}
    for figure in figures.values():
        assert figure.base % 5 == 0
        assert figure.n >= 5 or figure.counts is None
        assert figure.base < 2 * figure.n or figure.base == 0
    assert found.total.base <= found.total.n
    return {code: figure.counts or NONE for code, figure in figures.items()}


class Reader:
    """Somebody who keeps every figure that was ever shown, with the votes behind it."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.blocks: set[Seen] = set()
        self.figures: set[tuple[frozenset[Seen], Counts]] = set()

    def read(self) -> dict[str, Counts]:
        shown = self._shown()
        said = _counts(self.unit)
        for code, counts in said.items():
            behind = [
                block for cell, block in shown if code == "total" or code in (cell[0], cell[1])
            ]
            ratings = Counter(rating for block in behind for *_, rating in block)
            if counts != NONE:
                assert counts == tuple(ratings[rating] for rating in range(1, 6))
                self.figures.add((frozenset(behind), counts))
        return said

    def _shown(self) -> list[tuple[tuple[str, str], Seen]]:
        from server.analytics.models import Block, Shown, ShownVote

        found = []
        cells = {cell.number: cell for cell in Shown.objects.filter(unit=self.unit)}
        for block in Block.objects.filter(unit=self.unit):
            rows = ShownVote.objects.filter(unit=self.unit, block=block.number)
            seen = frozenset((row.journal, row.seq, row.rating) for row in rows)
            assert len(seen) % 5 == 0
            self.blocks.add(seen)
            if block.shown:
                cell = cells[block.cell]
                found.append(((cell.counter, cell.official), seen))
        return found

    def check(self) -> None:
        """Blocks share no votes but with what they grew from; so figures differ by fives."""
        for one, other in combinations(self.blocks, 2):
            older, newer = sorted(({(j, s) for j, s, _ in b} for b in (one, other)), key=len)
            assert not older & newer or (older < newer and len(newer - older) >= 5)
        for (one, counts), (other, others) in combinations(self.figures, 2):
            votes = Counter((j, s) for block in one - other for j, s, _ in block)
            votes.subtract((j, s) for block in other - one for j, s, _ in block)
            different = sum(1 for n in votes.values() if n)
            assert different >= 5 or (one == other and counts == others)


class Scene:
    """Two kiosks at counter 1: one that votes, and one whose sign-ins come late."""

    def __init__(self) -> None:
        self.unit = new_unit(("CB-1", "CB-2"))
        self.voting, self.signing = online(self.unit), online(self.unit)
        self.reader = Reader(self.unit)
        self.early_ms = 0

    def vote(self, *ratings: int) -> None:
        """About a minute apart: what goes like a clock is held."""
        for rating in ratings:
            early_ms = len(self.voting.kiosk.lines) ** 2 * 7_919 % 15_000
            self.voting.kiosk.vote(rating, after_ms=60_000 + self.early_ms - early_ms)
            self.early_ms = early_ms
        self.send(self.voting)

    def send(self, station: Station) -> dict[str, Counts]:
        station.send(T0 + 86_400_000 + self.voting.kiosk.now_ms - T0)
        _work()
        return self.reader.read()

    def on_duty(self, official: str, first: int, last: int) -> dict[str, Counts]:
        """The official was there from the first-th to the last-th vote: one learns it now."""
        at_ms = T0 + 1_000 + first * 60_000 - 30_000
        self._at(at_ms)
        duty = self.signing.kiosk.add(
            "duty.started", {"official": official, "by": "pin"}, after_ms=0
        )
        self._at(at_ms + (last - first + 1) * 60_000)
        self.signing.kiosk.add("duty.ended", {"duty": duty, "by": "official"}, after_ms=0)
        return self.send(self.signing)

    def _at(self, ms: int) -> None:
        self.signing.kiosk.mono_ms += ms - self.signing.kiosk.now_ms
        self.signing.kiosk.now_ms = ms

    def named(self) -> dict[str, int]:
        """How many votes each official has; "" for nobody."""
        from server.attribution.models import Attribution

        return Counter(
            Attribution.objects.filter(unit=self.unit).values_list("official", flat=True)
        )

    def finish(self) -> None:
        from server import pipeline
        from server.analytics.audit import find_differences

        assert find_differences() == []
        before = self.reader.read()
        pipeline.rebuild()
        assert self.reader.read() == before
        assert find_differences() == []
        self.reader.check()


@pytest.fixture
def scene(empty_database: None) -> Scene:
    return Scene()


def test_the_only_vote_of_an_official_cannot_be_told_from_five_that_it_was_among(
    scene: Scene,
) -> None:
    counter = f"{scene.unit}-1"
    scene.vote(1, 5, 5, 4, 5)
    assert scene.reader.read()[counter] == (1, 0, 0, 1, 3)
    assert scene.on_duty("CB-1", 1, 1)[counter] == (1, 0, 0, 1, 3)
    assert scene.named() == {"CB-1": 1, "": 4}
    scene.vote(5)
    assert scene.reader.read()[counter] == (1, 0, 0, 1, 3)
    scene.vote(5, 5, 5, 5)
    assert scene.reader.read()[counter] == (1, 0, 0, 1, 8)
    assert scene.reader.read()["CB-1"] == NONE
    scene.finish()


def test_a_five_that_an_official_takes_whole_goes_along_and_comes_back(scene: Scene) -> None:
    from server.attribution.models import Attribution, ChangedDay, ChangedUnit

    scene.vote(1, 1, 1, 1, 1, 5, 5, 5, 5, 5)
    before = scene.reader.read()
    after = scene.on_duty("CB-1", 6, 10)
    assert after["CB-1"] == (0, 0, 0, 0, 5)
    assert after[f"{scene.unit}-1"] == before[f"{scene.unit}-1"] == (5, 0, 0, 0, 5)
    # As a ruling would: nobody's again, all but one.
    of_official = Attribution.objects.filter(unit=scene.unit, official="CB-1").order_by("seq")
    kept = of_official[0].seq
    of_official.exclude(seq=kept).update(official="", why="not-official")
    ChangedUnit.objects.update(gen=99)
    ChangedDay.objects.update(gen=99)
    _work()
    assert scene.reader.read()["CB-1"] == NONE  # one vote: not judged by the five
    assert scene.reader.read()["total"] == (5, 0, 0, 0, 0)
    Attribution.objects.filter(unit=scene.unit).update(official="", why="not-official")
    ChangedUnit.objects.update(gen=100)
    ChangedDay.objects.update(gen=100)
    _work()
    assert scene.reader.read()["total"] == (5, 0, 0, 0, 5)
    scene.reader.check()


def test_ten_five_ten_never_tells_which_votes_were_exchanged(scene: Scene) -> None:
    scene.vote(1, 1, 1, 2, 2, 5, 5, 5, 4, 4)
    scene.on_duty("CB-1", 4, 8)
    assert scene.named() == {"CB-1": 5, "": 5}
    assert scene.reader.read()["CB-1"] == NONE  # its votes are in two blocks of nobody's
    scene.vote(3, 3, 3, 3, 3)
    assert scene.reader.read()["total"] == (3, 2, 5, 0, 0)  # the second block rests
    scene.finish()


def test_four_who_leave_and_one_who_comes_are_no_new_five(scene: Scene) -> None:
    scene.vote(5, 1, 1, 1, 1, 4)
    after = scene.on_duty("CB-1", 2, 6)
    assert scene.named() == {"CB-1": 5, "": 1}
    # {1..5} was shown: {2..6} beside it would tell vote 6 from vote 1.
    assert after["CB-1"] == NONE
    assert after["total"] == NONE
    scene.finish()


def test_a_revision_that_is_drawn_ties_its_five_to_the_next(scene: Scene) -> None:
    scene.vote(5, 5, 5, 5, 5)
    scene.voting.kiosk.add("vote.revised", {"vote": len(scene.voting.kiosk.lines), "rating": 1})
    assert scene.send(scene.voting)["total"] == (0, 0, 0, 0, 5)
    scene.vote(4, 4, 4, 4, 4)
    assert scene.reader.read()["total"] == (1, 0, 0, 5, 4)
    # Were the second five alone to move, the figure left behind would tell the revision.
    after = scene.on_duty("CB-1", 6, 10)
    assert scene.named() == {"CB-1": 5, "": 5}
    assert after["CB-1"] == NONE
    scene.finish()


step = st.one_of(
    st.tuples(st.just("vote"), st.lists(st.integers(1, 5), min_size=1, max_size=6)),
    st.tuples(st.just("duty"), st.integers(1, 12), st.integers(1, 8), st.integers(1, 2)),
    st.tuples(st.just("revise"), st.integers(0, 30), st.integers(1, 5)),
    st.tuples(st.just("place"), st.integers(0, 20), st.integers(1, 8)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, min_size=6, max_size=22))
def test_whatever_is_voted_revised_and_moved_five_votes_stay_together(
    steps: list[tuple[Any, ...]],
) -> None:
    scene = Scene()
    scene.vote(1, 2, 3, 4, 5)
    do: dict[str, Callable[..., None]] = {
        "vote": lambda ratings: scene.vote(*ratings),
        "duty": lambda first, n, who: _sign_in(scene, first, n, who),
        "revise": lambda which, rating: _revise(scene, which, rating),
        "place": lambda first, n: _move_kiosk(scene, first, n),
    }
    for what, *values in steps:
        do[what](*values)
        scene.reader.read()
    scene.finish()


def _sign_in(scene: Scene, first: int, n: int, who: int) -> None:
    first = max(first, (scene.signing.kiosk.now_ms - T0) // 60_000 + 2)
    scene.on_duty(f"CB-{who}", first, first + n - 1)


def _revise(scene: Scene, which: int, rating: int) -> None:
    kiosk = scene.voting.kiosk
    votes = [seq for seq, line in enumerate(kiosk.lines, 1) if b'"type":"vote",' in line]
    kiosk.add("vote.revised", {"vote": votes[-1 - which % 2], "rating": rating}, after_ms=1)
    scene.send(scene.voting)


def _move_kiosk(scene: Scene, first: int, n: int) -> None:
    """A placement put right: the kiosk stood at counter 2 for a while (or no longer did)."""
    from server.attribution.services import reattribute
    from server.fleet.models import Placement

    kiosk = scene.voting.kiosk.kiosk
    start = T0 + 1_000 + first * 60_000 - 30_000
    Placement.objects.filter(kiosk=kiosk).delete()
    spans = [(1, 0, start), (2, start, start + n * 60_000), (1, start + n * 60_000, None)]
    for number, started, ended in spans:
        Placement.objects.create(
            kiosk_id=kiosk, unit=scene.unit, counter=f"{scene.unit}-{number}",
            started_ms=started, ended_ms=ended,
        )  # fmt: skip
    for number in (1, 2):
        counter = f"{scene.unit}-{number}"
        reattribute(unit=scene.unit, counter=counter, from_ms=0, to_ms=2**62)
    _work()
