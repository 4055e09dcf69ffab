"""Choosing the counter: large numbers, all within reach, and nobody has to remember."""

from typing import Any

from kiosk.screens.metrics import PIXELS_PER_MM


def counters(count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"Q-{n}", str(n)) for n in range(1, count + 1))


def test_a_number_is_its_counter(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(4))
    stage.tap(stage.key("3"))
    assert stage.deeds == [("counter", "Q-3")]


def test_who_does_not_remember_says_so(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(4))
    assert "Quầy số mấy?" in stage.words()
    stage.tap(stage.key("Không nhớ"))
    assert stage.deeds == [("counter", None)]


def test_twelve_counters_are_on_one_page_and_all_are_large(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(12))
    for _code, number in counters(12):
        assert min(stage.key(number).size) / PIXELS_PER_MM >= 15
        stage.tap(stage.key(number))
    assert [code for _counter, code in stage.deeds] == [code for code, _number in counters(12)]
    assert stage.key("Xem tiếp").disabled


def test_more_counters_are_on_further_pages_and_after_the_last_comes_the_first(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(17))
    size = tuple(stage.key("1").size)
    stage.tap(stage.key("Xem tiếp"))
    assert tuple(stage.key("13").size) == size
    stage.tap(stage.key("17"))
    stage.tap(stage.key("Xem tiếp"))
    stage.tap(stage.key("1"))
    assert stage.deeds == [("counter", "Q-17"), ("counter", "Q-1")]


def test_the_next_citizen_starts_on_the_first_page(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(17))
    stage.tap(stage.key("Xem tiếp"))
    stage.show()
    stage.show(state="choose_counter", counters=counters(17))
    assert stage.key("1")


def test_fewer_counters_than_before_bring_back_the_first_page(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(17))
    stage.tap(stage.key("Xem tiếp"))
    stage.show(state="choose_counter", counters=counters(2))
    assert stage.key("2")


def test_one_tap_changes_the_language(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(3))
    stage.tap(stage.key("English"))
    stage.show(state="choose_counter", counters=counters(3), locale="en")
    assert "Which counter?" in stage.words()
    assert stage.deeds == [("locale", "en")]


def test_the_keys_1_to_5_vote_here_too(stage: Any) -> None:
    stage.show(state="choose_counter", counters=counters(3))
    stage.type(49)
    assert stage.deeds == [("face", 1, "keyboard")]
