"""Votes that only disagree with the decision are out of an official's score; held and excluded
votes are out of all; and no reading of either tells how one citizen voted."""

import random
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.server.analytics.made import change
from tests.server.votes.river import Station, new_unit, online

if TYPE_CHECKING:
    from server.analytics.selectors import Figure, UnitFigures

NOVEMBER = (date(2025, 11, 1), date(2025, 11, 30))


def _work() -> None:
    from server import pipeline

    pipeline.run_until_done()


def _figures(unit: str) -> "UnitFigures":
    from server.analytics.selectors import Period, unit_figures

    return unit_figures(unit=unit, period=Period(*NOVEMBER), today=date(2025, 11, 22))


class Desk:
    """A kiosk at a counter of a unit of its own, and CB-1 signed in."""

    def __init__(self) -> None:
        self.unit = new_unit(("CB-1", "CB-2"))
        self.station: Station = online(self.unit)
        self.duty = self.station.kiosk.duty("CB-1")
        self.n = 0

    def vote(self, rating: int, *reasons: str, at_once: bool = False) -> None:
        """at_once: the server has the vote before its reasons are chosen."""
        kiosk, self.n = self.station.kiosk, self.n + 1
        # As citizens come: some minutes apart, and not like a clock.
        seq = kiosk.vote(rating, duty=self.duty, after_ms=170_000 + self.n**2 % 7 * 11_000)
        if at_once:
            self.send()
        if reasons:
            kiosk.add(
                "vote.reasons", {"vote": seq, "reasons": list(reasons), "outcome": "answered"}
            )
        if at_once:
            self.send()

    def send(self) -> None:
        self.station.send(self.station.kiosk.now_ms + 10)
        _work()

    def read(self) -> tuple["Figure", "Figure"]:
        """The official's figure and the counter's."""
        found = _figures(self.unit)
        return found.officials["CB-1"], found.counters[f"{self.unit}-1"]


def _differences() -> list[str]:
    from server.analytics.audit import find_differences

    return find_differences()


def test_who_only_disagrees_with_the_decision_is_out_of_the_officials_score_alone() -> None:
    desk = Desk()
    desk.vote(1, "R9")
    desk.vote(2, "R9", "R3")  # says something of the official too
    for _ in range(9):
        desk.vote(5)
    desk.send()
    official, counter = desk.read()
    assert (official.n, official.base, official.counts, official.apart) == (
        11,
        9,
        (0, 1, 0, 0, 8),
        1,
    )
    assert (counter.base, counter.counts, counter.apart) == (10, (1, 1, 0, 0, 8), 0)
    assert _differences() == []


def test_the_score_of_fewer_than_five_others_is_not_told() -> None:
    desk = Desk()
    for _ in range(4):
        desk.vote(1, "R9")
    for _ in range(2):
        desk.vote(5)
    desk.send()
    official, counter = desk.read()
    assert (official.n, official.share, official.apart) == (6, None, 0)
    assert counter.counts == (4, 0, 0, 0, 1)


def test_watching_every_vote_arrive_does_not_tell_who_disagreed() -> None:
    """Attack: refresh at each vote; its reasons come a moment later. Two days that differ only in
    which of five citizens it was read the same at every moment."""
    readings = []
    for who in (1, 4):
        desk, seen = Desk(), []
        for place in range(30):
            desk.vote(2 if place % 5 == who else 5, *(["R9"] if place == who else []), at_once=True)
            official, counter = desk.read()
            seen.append((official, counter.counts))
        assert seen[-1][0].apart == 1
        readings.append(seen)
        told = [at for at, (figure, _) in enumerate(seen) if figure.apart]
        assert told[0] >= 24  # of five blocks at once, one of whose last votes it may be
        assert _differences() == []
    assert readings[0] == readings[1]


def test_sent_later_than_their_reasons_votes_are_read_by_fives() -> None:
    """A kiosk that was offline: whichever of a five disagreed, the same is read."""
    readings = set()
    for who in range(5):
        desk = Desk()
        for place in range(6):
            desk.vote(1 if place == who else 5, *(["R9"] if place == who else []))
        desk.send()
        official, counter = desk.read()
        readings.add((official, counter))
        assert (official.counts, official.apart) == (None, 0)  # four are left: no score
    assert len(readings) == 1


def test_successive_readings_of_an_official_differ_by_whole_fives_of_votes() -> None:
    dice = random.Random(4)
    desk = Desk()
    before, _ = desk.read() if desk.station.sent else (None, None)
    wholes = set()
    for _ in range(26):
        rating = dice.choice((1, 2, 4, 5))
        reasons = dice.choice(([], ["R9"], ["R9", "R1"])) if rating < 3 else []
        desk.vote(rating, *reasons, at_once=dice.random() < 0.5)
        desk.send()
        official, counter = desk.read()
        if official.counts is not None:
            assert (official.base + official.apart) % 5 == 0
            if before is not None and before.counts is not None:
                step = official.base + official.apart - before.base - before.apart
                assert step in (0, 5)
                wholes.add(step)
        assert counter.base % 5 == 0
        before = official
    assert wholes == {0, 5}
    assert _differences() == []


def _hold(desk: Desk, seqs: list[int], state: str = "held") -> None:
    from server.analytics.services import recount_changed
    from server.attribution.models import Attribution

    change(Attribution, desk.unit, seq__in=seqs, journal=desk.station.kiosk.journal, state=state)
    # Not the whole river: its rules would find nothing to doubt in these votes.
    while recount_changed():
        pass


def _votes(desk: Desk) -> list[int]:
    from server.votes.models import Vote

    return list(Vote.objects.filter(unit=desk.unit).order_by("seq").values_list("seq", flat=True))


def test_holding_one_vote_after_another_never_tells_a_rating() -> None:
    """Attack: whoever can have votes held one by one compares the figures before and after."""
    desk = Desk()
    for rating in (5, 4, 1, 2, 5, 1, 1, 5, 5, 5):
        desk.vote(rating)
    desk.send()
    whole = desk.read()[0]
    assert whole.base == 10
    seqs, seen = _votes(desk), []
    for held in range(1, 6):
        _hold(desk, seqs[:held])
        figure, states = desk.read()[0], _figures(desk.unit).states
        assert (states.counted, states.held) == (10 - held, held)
        assert figure.base in (5, 10)
        seen.append(figure.counts)
        assert _differences() == []
    # While most of its votes count, a block is shown as it was; then it is not shown at all.
    assert seen == [whole.counts] * 2 + [(2, 0, 0, 0, 3)] * 3
    _hold(desk, seqs, "counted")
    assert desk.read()[0].counts == whole.counts


def test_the_desk_counts_apart_what_only_disagrees_and_holds_as_much_as_the_recount() -> None:
    from server.analytics.desk import cast_by_official
    from server.analytics.selectors import Period

    desk = Desk()
    for rating in (1, 2, 5, 5):
        desk.vote(rating, *(["R9"] if rating < 3 else []))
    desk.send()
    _hold(desk, _votes(desk)[1:3])
    cast = cast_by_official(unit=desk.unit, period=Period(*NOVEMBER))["CB-1"]
    assert (cast.counts, cast.apart, cast.held) == ((0, 0, 0, 0, 1), 1, 2)


def test_excluded_votes_of_a_whole_block_leave_the_share() -> None:
    desk = Desk()
    for rating in (1, 1, 1, 1, 1, 5, 5, 5, 5, 4):
        desk.vote(rating)
    desk.send()
    assert desk.read()[0].share == 0.5
    _hold(desk, _votes(desk)[:5], "excluded")
    official, _ = desk.read()
    assert (official.n, official.base, official.share) == (5, 5, 1.0)
    found = _figures(desk.unit)
    assert found.states == (5, 0, 5) and found.official_states["CB-1"] == (5, 0, 5)
    assert _differences() == []


def test_votes_held_before_they_were_ever_shown_are_in_no_block() -> None:
    from server.analytics.models import ShownVote
    from server.attribution.services import attribute_pending
    from server.votes.services import understand_pending

    desk = Desk()
    for rating in (1, 1, 1, 1, 5, 5, 5, 5, 5):
        desk.vote(rating)
    desk.station.send()
    understand_pending()
    attribute_pending()
    _hold(desk, _votes(desk)[:4])
    assert desk.read()[0].counts == (0, 0, 0, 0, 5)
    assert ShownVote.objects.filter(unit=desk.unit).count() == 5
    assert _differences() == []


def test_the_response_rate_is_the_same_whatever_was_voted() -> None:
    """Attack: subtract response rates. They follow from numbers of votes alone."""
    from server.analytics.response import responses
    from server.analytics.selectors import Period
    from server.dossiers.models import Transactions

    found: list[Any] = []
    for ratings in ((5, 5, 5, 5, 5, 1), (1, 2, 1, 1, 3, 5)):
        desk = Desk()
        Transactions.objects.create(
            unit=desk.unit, counter=f"{desk.unit}-1", date=date(2025, 11, 22), n=20
        )
        for rating in ratings:
            desk.vote(rating, *(["R9"] if rating == 1 else []))
        desk.send()
        told = responses(unit=desk.unit, period=Period(*NOVEMBER))
        assert told.total is not None and told.total.rate is not None
        found.append((told.total, [*told.counters.values()], told.officials))
        assert float(told.total.rate) == 0.3
    assert found[0] == found[1]
