"""The labelled province: what is done where, and that every label is a vote."""

import random
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

pytestmark = pytest.mark.one_database
NOON = 1_780_000_000_000  # 2026-05-29 in Việt Nam


# By name: the settings stand only once the tests' folder does.
TRICKS = (
    "stuffing-slow", "stuffing-fast", "suppression", "mashing", "after-hours", "sabotage",
    "unplugging", "switched-off", "deterioration", "family",
)  # fmt: skip


def honest_days(trick: str, days: int = 60) -> list[tuple[list[Any], list[Any]]]:
    """Votes of each day before and after the trick."""
    from server.sample import frauds

    chance, found = random.Random(5), []
    for at in range(days):
        day = date.fromordinal(date(2026, 1, 5).toordinal() + at)
        if day.weekday() < 5:
            presses = list(frauds._citizens(day, 32, chance))
            found.append((presses, frauds.TRICKS[trick](day, presses, chance)))
    return found


def test_a_family_of_seven_votes_25_to_60_seconds_apart() -> None:
    runs = [[p for p in after if p.fraud] for _, after in honest_days("family")]
    runs = [run for run in runs if run]
    assert runs and {len(run) for run in runs} == {7}
    gaps = [b.at_ms - a.at_ms for run in runs for a, b in pairwise(run)]
    assert min(gaps) >= 25_000 and max(gaps) <= 60_000


def test_whoever_suppresses_only_takes_votes_away_and_the_displeased_first() -> None:
    before = [p for day, _ in honest_days("suppression") for p in day]
    after = [p for _, day in honest_days("suppression") for p in day]
    assert {*after} < {*before}

    def bad(presses: list[Any]) -> float:
        return sum(p.rating <= 3 for p in presses) / len(presses)

    assert bad(after) < bad(before) / 2


@pytest.mark.parametrize("trick", TRICKS)
def test_every_trick_is_done_some_day(trick: str) -> None:
    assert any(before != after for before, after in honest_days(trick))


def test_every_label_is_a_vote_that_the_server_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.pipeline import run_until_done
    from server.sample import frauds
    from server.votes.models import NotUnderstood, Vote

    monkeypatch.setattr(frauds, "BEFORE", 1)
    *_, truth = frauds.load(now_ms=NOON, days=2)
    run_until_done()
    votes = {*Vote.objects.values_list("journal", "seq")}
    assert {label[:2] for label in truth.labels} == votes
    assert not NotUnderstood.objects.exists()
    assert {label.fraud for label in truth.labels} >= {"", "stuffing-slow", "after-hours"}
    assert set(truth.counters.values()) == {"", *TRICKS} == {"", *frauds.TRICKS}
