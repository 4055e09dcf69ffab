"""Sign-in: who, then the PIN, while every face stays live."""

from typing import Any

import pytest

from kiosk.screens.metrics import PIXELS_PER_MM


@pytest.fixture
def screen(stage: Any) -> Any:
    return stage.show(state="sign_in", signed_in=False)


def choose(stage: Any, name: str, code: str) -> None:
    stage.tap(stage.key(f"{name}\n{code}"))


def press(stage: Any, *keys: str) -> None:
    for key in keys:
        stage.tap(stage.key(key))


def deeds(stage: Any) -> list[tuple[Any, ...]]:
    """What happened, but for fingers that only came down."""
    return [deed for deed in stage.deeds if deed[0] != "touched"]


def test_an_official_signs_in_with_name_and_pin(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Hai", "CB-0102")
    press(stage, "0", "1", "0", "2", "Xong")
    assert deeds(stage) == [("sign_in", "CB-0102", "0102")]


def test_a_digit_can_be_erased_and_an_empty_pin_is_not_sent(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    press(stage, "9", "Xóa", "Xong")
    assert deeds(stage) == []
    press(stage, "7", "Xong")
    assert deeds(stage) == [("sign_in", "CB-0101", "7")]


def test_the_pin_is_forgotten_once_sent_and_when_the_screen_goes(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    press(stage, "0", "1", "Xong")
    assert screen.pin == ""
    press(stage, "5")
    stage.show()
    assert (screen.pin, screen.chosen) == ("", "")


def test_the_digits_are_never_written_on_the_screen(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    press(stage, "1", "1", "1")
    one = stage.pixels()
    press(stage, "Xóa", "Xóa", "Xóa", "8", "8", "8")
    assert stage.pixels() == one


def test_a_refusal_is_said_until_the_next_digit(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    stage.show(state="sign_in", message="Mã PIN chưa đúng.")
    assert screen.message == "Mã PIN chưa đúng."
    press(stage, "1")
    assert screen.message == ""
    assert screen.chosen == "CB-0101"


@pytest.mark.parametrize("chosen", [False, True])
def test_a_citizen_can_vote_on_every_face_meanwhile(stage: Any, screen: Any, chosen: bool) -> None:
    if chosen:
        choose(stage, "Cán bộ mẫu Một", "CB-0101")
    for rating in (1, 2, 3, 4, 5):
        stage.tap(stage.face(rating))
        assert min(stage.face(rating).ids.face.size) / PIXELS_PER_MM >= 24
    stage.type(51)
    ratings = [(deed[1], deed[2]) for deed in stage.deeds if deed[0] == "face"]
    assert ratings == [(n, "touch") for n in (1, 2, 3, 4, 5)] + [(3, "keyboard")]
    assert screen.pin == ""


def test_keys_are_at_least_15_mm(stage: Any, screen: Any) -> None:
    from kiosk.screens.widgets import Key

    for _ in range(2):
        keys = [w for w in stage.root.walk() if isinstance(w, Key) and not w.disabled]
        assert len(keys) > 4
        assert min(min(key.size) for key in keys) / PIXELS_PER_MM >= 15
        choose(stage, "Cán bộ mẫu Một", "CB-0101") if not screen.chosen else None


def test_back_leads_to_the_names_and_close_leaves(stage: Any, screen: Any) -> None:
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    press(stage, "Quay lại")
    assert deeds(stage) == []
    press(stage, "Đóng")
    assert deeds(stage) == [("close_sign_in",)]


def test_ending_the_duty_asks_for_the_pin_and_names_nobody(stage: Any) -> None:
    from kiosk.screens.text import Text

    screen = stage.show(state="sign_in", signed_in=True)
    press(stage, "Kết thúc trực")
    said = [w.text for w in stage.root.walk() if isinstance(w, Text)]
    assert "Mã\xa0PIN để kết\xa0thúc trực" in said
    assert not any(name in " ".join(said) for _, name in screen.view.officials)
    press(stage, "0", "1", "0", "1", "Xong")
    assert deeds(stage) == [("sign_out", "0101")]


def test_from_the_pin_for_the_end_one_gets_back_to_the_names(stage: Any) -> None:
    stage.show(state="sign_in", signed_in=True)
    press(stage, "Kết thúc trực", "5", "Quay lại")
    choose(stage, "Cán bộ mẫu Một", "CB-0101")
    press(stage, "7", "Xong")
    assert deeds(stage) == [("sign_in", "CB-0101", "7")]


def test_where_nobody_is_signed_in_there_is_no_duty_to_end(stage: Any, screen: Any) -> None:
    assert stage.key("Kết thúc trực").disabled


def test_who_was_on_duty_last_goes_on_with_one_key_and_the_pin(stage: Any) -> None:
    stage.show(state="sign_in", last_official="CB-0103")
    keys = [key for key in stage.screen.ids.place.children[0].children if hasattr(key, "text")]
    assert keys[-1].text == "Tiếp tục:\nCán bộ mẫu Ba"  # Kivy's children are last first
    assert [key.strong for key in reversed(keys)] == [True, False, False, False]
    stage.tap(keys[-1])
    press(stage, "3", "Xong")
    assert deeds(stage) == [("sign_in", "CB-0103", "3")]


def test_whom_a_badge_has_named_is_asked_for_the_pin_at_once(stage: Any) -> None:
    screen = stage.show(state="sign_in", picked_official="CB-0102")
    press(stage, "2", "Xong")
    assert deeds(stage) == [("sign_in", "CB-0102", "2")]
    press(stage, "Quay lại")
    stage.show(state="sign_in", picked_official="CB-0102", offline=True)
    assert not screen.asks_pin  # they went back, and no other badge came


def test_a_badge_shown_while_the_names_are_up_opens_the_pin_pad(stage: Any, screen: Any) -> None:
    stage.show(state="sign_in", picked_official="CB-0104")
    assert screen.chosen == "CB-0104"
    stage.show(state="sign_in", picked_official="CB-0101")
    assert screen.chosen == "CB-0101"


def test_the_next_official_is_not_the_one_a_badge_named_before(stage: Any) -> None:
    screen = stage.show(state="sign_in", picked_official="CB-0102")
    stage.show()
    stage.show(state="sign_in")
    assert not screen.asks_pin


def test_a_second_wrong_pin_is_said_although_the_view_is_the_same(stage: Any) -> None:
    screen = stage.show(state="sign_in", picked_official="CB-0102")
    press(stage, "1", "Xong")
    stage.show(state="sign_in", picked_official="CB-0102", message="Mã PIN chưa đúng.")
    press(stage, "1")
    assert screen.message == ""
    stage.show(
        state="sign_in", picked_official="CB-0102", message="Mã PIN chưa đúng.", offline=True
    )
    assert screen.message == ""  # news about the network is no news about the PIN
    press(stage, "Xong")
    assert screen.message == "Mã PIN chưa đúng."


def test_more_officials_than_fit_are_on_further_pages(stage: Any) -> None:
    officials = tuple((f"CB-{n:04}", f"Cán bộ mẫu {n}") for n in range(14))
    screen = stage.show(state="sign_in", officials=officials)
    seen = set()
    for _ in range(3):
        names = screen.ids.place.children[0].children
        seen |= {key.text.split("\n")[1] for key in names if hasattr(key, "text")}
        press(stage, "Xem tiếp")
    assert seen == {code for code, _ in officials}
    assert screen.page == 0


def test_a_shorter_list_brings_back_the_first_page(stage: Any) -> None:
    officials = tuple((f"CB-{n:04}", f"Cán bộ mẫu {n}") for n in range(14))
    screen = stage.show(state="sign_in", officials=officials)
    press(stage, "Xem tiếp", "Xem tiếp")
    stage.show(state="sign_in", officials=officials[:2])
    assert screen.page == 0
    assert stage.key("Cán bộ mẫu 0\nCB-0000")


def test_without_officials_the_screen_says_so(stage: Any) -> None:
    screen = stage.show(state="sign_in", officials=())
    assert "Chưa có cán bộ nào" in screen.title(screen.words, "", False, "", screen.view)


def test_an_abandoned_sign_in_closes_by_itself(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.screens import sign_in

    monkeypatch.setattr(sign_in, "LEAVES_AFTER_S", 0.05)
    stage.show(state="sign_in")
    stage.step_until(lambda: deeds(stage) == [("close_sign_in",)])


def test_the_timeout_is_off_once_the_screen_has_gone(stage: Any, screen: Any) -> None:
    assert screen._leaving.is_triggered
    stage.show()
    assert not screen._leaving.is_triggered
