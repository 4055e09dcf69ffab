"""Trains of edges as contacts make them, played to the rule, raw and through a kernel's filter."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.debounce import STABLE_NS, Change, Debounce
from hardware.wiring import load_wiring

MS = 1_000_000
FOREVER = 10**18
KERNEL_NS = 5 * MS
TRAINS = tomllib.loads((Path(__file__).parent / "bounce_trains.toml").read_text("utf-8"))["train"]
BUTTONS = tuple(load_wiring().buttons)
Edge = tuple[int, bool]  # time, active


def edges(stretches: list[int], *, start: int = 0) -> list[Edge]:
    """Active, released, active, … and released in the end."""
    at, out = start, []
    for i, stretch in enumerate(stretches):
        out.append((at, i % 2 == 0))
        at += stretch
    return [*out, (at, False)] if len(stretches) % 2 else out


def recorded(train: dict[str, Any]) -> list[int]:
    stretches = [*train["stretches_ms"], train.get("open_ms", 1000.0)] * train.get("repeat", 1)
    return [round(ms * MS) for ms in stretches]


def play(train: list[Edge], *, button: int = 5, end: int = FOREVER) -> list[Change]:
    rule = Debounce(BUTTONS)
    changes = [change for at, active in train for change in rule.edge(button, active, at)]
    return changes + rule.advance(end)


def kinds(changes: list[Change], kind: str) -> list[Change]:
    return [change for change in changes if change.kind == kind]


def through_the_kernel(train: list[Edge]) -> list[Edge]:
    """What gpiod hands on with a debounce of KERNEL_NS: levels that stay, dated when they had."""
    out, told = [], False
    for (at, active), (end, _) in pairwise([*train, (FOREVER, False)]):
        if active != told and end - at >= KERNEL_NS:
            told = active
            out.append((at + KERNEL_NS, active))
    return out


@pytest.mark.parametrize("train", TRAINS, ids=[train["name"] for train in TRAINS])
def test_a_recorded_train_is_as_many_presses_as_a_person_would_say(train: dict[str, Any]) -> None:
    changes = play(edges(recorded(train)))
    assert len(kinds(changes, "press")) == train["presses"]
    assert len(kinds(changes, "noisy")) == train.get("noisy", False)
    assert len(kinds(changes, "quiet")) == train.get("noisy", False)
    assert kinds(changes, "stuck") == []


bounces = st.lists(st.integers(1, KERNEL_NS - 1), max_size=12)


@given(bounces, st.integers(40 * MS, 400 * MS), bounces)
def test_a_forty_millisecond_press_with_any_chatter_is_exactly_one_with_and_without_the_kernel(
    before: list[int], hold: int, after: list[int]
) -> None:
    lead, tail = before[: len(before) // 2 * 2], after[: len(after) // 2 * 2]
    train = edges([*lead, hold, *tail])
    (raw,) = play(train)[:1]
    (filtered,) = kinds(play(through_the_kernel(train)), "press")
    assert (raw.kind, raw.at_ns) == ("press", sum(lead))
    assert raw.at_ns <= filtered.at_ns - KERNEL_NS <= raw.at_ns  # late by its time, no more
    assert len(kinds(play(train), "press")) == 1


stretch = st.one_of(st.integers(1, 60 * MS), st.sampled_from([KERNEL_NS - 1, KERNEL_NS, STABLE_NS]))


@given(st.lists(stretch, max_size=25))
def test_no_press_is_lost_in_the_kernels_filter(stretches: list[int]) -> None:
    train = edges(stretches)
    filtered = kinds(play(through_the_kernel(train)), "press")
    # Two raw presses may be one if what parts them is finer than the filter, never none.
    for press in kinds(play(train), "press"):
        assert any(f.at_ns <= press.at_ns + KERNEL_NS for f in filtered)


@given(st.lists(st.integers(1, KERNEL_NS - 1), max_size=25))
def test_what_is_finer_than_the_kernels_filter_is_nothing(stretches: list[int]) -> None:
    assert play(through_the_kernel(edges(stretches[: len(stretches) // 2 * 2 - 1]))) == []


def test_the_kernels_filter_hides_a_shaking_contact_and_makes_presses_of_a_scraping_one() -> None:
    # Why the panel asks the kernel for no debounce.
    shaking = edges([3 * MS, 2 * MS, 4 * MS, 2 * MS, 3 * MS, 26 * MS] * 300)
    assert [change.kind for change in play(shaking)] == ["noisy", "quiet"]
    assert play(through_the_kernel(shaking)) == []
    scraping = edges([3 * MS, 2 * MS, 6 * MS, 2 * MS, 3 * MS, 60 * MS] * 100)  # never 10 ms
    assert play(scraping) == []
    assert len(kinds(play(through_the_kernel(scraping)), "press")) == 100
