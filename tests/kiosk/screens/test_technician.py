"""The technician's page: behind a combination and a PIN, without votes, gone by itself."""

from dataclasses import replace
from typing import Any

import pytest

from kiosk.screens import combination
from kiosk.screens.combination import Combination
from kiosk.screens.metrics import PIXELS_PER_MM
from kiosk.screens.samples import sample_views

OPEN = dict(sample_views("vi"))["technician-facts"].technician


def words_on(stage: Any) -> list[str]:
    from kiosk.screens.text import Text

    return [w.text for w in stage.root.walk() if isinstance(w, Text) and w.text]


def press(stage: Any, *keys: str) -> None:
    for key in keys:
        stage.tap(stage.key(key))


def unlocked(stage: Any, **changes: Any) -> Any:
    return stage.show(state="technician", technician=replace(OPEN, **changes))


# The combination


def contacts(*lengths: float, pause_s: float = 0.5, in_corner: bool = True) -> list[bool]:
    watched, now_s, opened = Combination(), 100.0, []
    for length in lengths:
        opened.append(watched.contact(now_s, now_s + length, in_corner=in_corner))
        now_s += length + pause_s
    return opened


def test_hold_three_taps_hold_opens_once() -> None:
    assert contacts(3, 0.2, 0.2, 0.2, 3) == [False] * 4 + [True]
    assert contacts(3, 0.2, 0.2, 0.2, 3, 0.2, 0.2, 0.2, 3)[5:] == [False] * 4


def test_a_first_try_gone_wrong_costs_nothing_but_a_new_one() -> None:
    assert contacts(3, 0.2, 3, 0.2, 0.2, 0.2, 3)[-1]
    assert contacts(0.2, 0.2, 3, 3, 0.2, 0.2, 0.2, 9)[-1]


@pytest.mark.parametrize(
    "lengths",
    [(0.2,) * 40, (3,) * 9, (3, 0.2, 0.2, 3), (3, 0.2, 0.2, 0.2, 0.2, 3), (3, 1.5, 0.2, 0.2, 3)],
)
def test_hammering_leaning_and_near_misses_do_not_open(lengths: tuple[float, ...]) -> None:
    assert not any(contacts(*lengths))


def test_a_long_pause_or_another_place_begins_anew() -> None:
    assert not any(contacts(3, 0.2, 0.2, 0.2, 3, pause_s=3))
    assert not any(contacts(3, 0.2, 0.2, 0.2, 3, in_corner=False))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every contact is long enough to be a hold and short enough to be a tap."""
    monkeypatch.setattr(combination, "HOLD_FROM_S", 0.0)
    monkeypatch.setattr(combination, "TAP_UNTIL_S", 1000.0)
    monkeypatch.setattr(combination, "PAUSE_UNTIL_S", 1000.0)


def touch_corner(stage: Any, times: int) -> None:
    _, height = stage.window.size
    for _ in range(times):
        touch = stage.finger(20, height - 20)
        touch.touch_down()
        stage.step()
        touch.touch_up()


@pytest.mark.parametrize("state", ["asking", "out_of_order", "needs_enrolment"])
@pytest.mark.usefixtures("hurried")
def test_the_corner_opens_the_page_where_it_is_free(stage: Any, state: str) -> None:
    stage.show(state=state, places=(("M-1", "Thôn 1"),))
    touch_corner(stage, 4)
    assert ("open_technician",) not in stage.deeds
    touch_corner(stage, 1)
    assert stage.deeds.count(("open_technician",)) == 1


@pytest.mark.usefixtures("hurried")
def test_a_face_in_the_corner_is_voted_for_and_opens_nothing(stage: Any) -> None:
    stage.show(state="sign_in")
    card = stage.face(1)
    for _ in range(6):
        touch = stage.finger(card.x + 2, card.top - 2)
        touch.touch_down()
        touch.touch_up()
    assert [deed for deed in stage.deeds if deed[0] != "touched"] == [("face", 1, "touch")] * 6


@pytest.mark.usefixtures("hurried")
def test_a_vote_between_the_contacts_counts_and_ends_the_combination(stage: Any) -> None:
    touch_corner(stage, 4)
    stage.tap(stage.face(3))
    touch_corner(stage, 1)
    assert [deed for deed in stage.deeds if deed[0] != "touched"] == [("face", 3, "touch")]


def test_on_a_keyboard_it_is_control_alt_t(stage: Any) -> None:
    def type_t(*modifiers: str) -> None:
        stage.window.dispatch("on_key_down", ord("t"), 0, None, list(modifiers))
        stage.window.dispatch("on_key_up", ord("t"), 0)

    type_t()
    type_t("ctrl")
    type_t("shift", "alt")
    assert stage.deeds == []
    type_t("alt", "ctrl", "numlock")
    assert stage.deeds == [("open_technician",)]


# The PIN


def test_nothing_is_shown_before_the_pin(stage: Any) -> None:
    stage.show(state="technician", technician=replace(OPEN, unlocked=False))
    said = " ".join(words_on(stage))
    assert "Mã\xa0PIN của kỹ\xa0thuật\xa0viên" in said
    assert not any(value in said for _, value in OPEN.facts if len(value) > 1)
    press(stage, "1", "2", "3", "Xong")
    assert ("unlock", "123") in stage.deeds
    assert stage.screen.pin == ""


def test_a_refusal_stands_there_until_the_next_digit_and_comes_back(stage: Any) -> None:
    screen = stage.show(state="technician")
    press(stage, "1", "Xong")
    stage.show(state="technician", message="Mã PIN chưa đúng.")
    assert "Mã PIN chưa đúng." in words_on(stage)
    press(stage, "1")
    assert "Mã PIN chưa đúng." not in words_on(stage)
    press(stage, "Xong")
    assert screen.message == "Mã PIN chưa đúng."


def test_while_the_pin_is_checked_the_screen_says_to_wait(stage: Any) -> None:
    stage.show(state="technician", technician=replace(OPEN, unlocked=False, busy=True))
    assert "Xin chờ…" in words_on(stage)


def test_a_page_that_the_app_locks_begins_with_the_facts_again(stage: Any) -> None:
    screen = unlocked(stage)
    press(stage, "Thử máy")
    unlocked(stage, unlocked=False)
    assert stage.key("Xong")
    unlocked(stage)
    assert screen.tab == "facts"


# The tabs


def test_every_fact_is_shown_with_its_name_and_follows_the_view(stage: Any) -> None:
    unlocked(stage)
    said = words_on(stage)
    assert all(value in said for _, value in OPEN.facts)
    assert "Chờ gửi" in said
    unlocked(stage, facts=(("waiting", "không có dòng nào"),))
    assert "không có dòng nào" in words_on(stage)
    assert "kiosk-01 · Quầy số 1" not in words_on(stage)


def test_the_page_knows_no_votes(stage: Any) -> None:
    """Nothing on any tab is a face, and keys of digits vote for nobody."""
    from kiosk.screens.face_choices import FaceCard

    unlocked(stage)
    for tab in ("Mã QR", "Thử máy", "Thông tin"):
        press(stage, tab)
        stage.type(51)
        assert not any(isinstance(w, FaceCard) for w in stage.root.walk())
    assert not any(deed[0] == "face" for deed in stage.deeds)


def test_head_and_checkpoint_are_qr_codes(stage: Any) -> None:
    from kiosk.screens.qr import QrCode

    unlocked(stage, checkpoint_qr="")
    press(stage, "Mã QR")
    codes = [w for w in stage.root.walk() if isinstance(w, QrCode)]
    assert sorted(code.text for code in codes) == sorted((OPEN.head_qr, ""))
    assert words_on(stage).count("Chưa có") == 1
    unlocked(stage, checkpoint_qr="may-chu.thu/log\n5\n")
    assert "Chưa có" not in words_on(stage)


def test_signed_head_and_checkpoint_are_coarse_enough_to_be_read_by_a_phone(stage: Any) -> None:
    from kiosk.screens.qr import QrCode

    unlocked(stage)
    press(stage, "Mã QR")
    codes = [w for w in stage.root.walk() if isinstance(w, QrCode) and w.text]
    assert len(codes) == 2
    for code in codes:
        modules = code._texture.width
        assert int(min(code.size) / modules) / PIXELS_PER_MM >= 0.5


def test_the_self_test_is_on_while_its_tab_is_up(stage: Any) -> None:
    unlocked(stage)
    press(stage, "Thử máy", "Đèn và tiếng", "Thông tin")
    deeds = [deed for deed in stage.deeds if deed[0] != "touched"]
    assert deeds == [("self_test", True), ("light_lamps",), ("self_test", False)]


def test_a_button_is_ticked_when_it_was_felt(stage: Any) -> None:
    from kiosk.screens.technician_tabs import ButtonTile

    unlocked(stage, seen=())
    press(stage, "Thử máy")
    none = stage.pixels()
    unlocked(stage, seen=(2, 5))
    tiles = [w for w in stage.root.walk() if isinstance(w, ButtonTile)]
    assert sorted(tile.button for tile in tiles if tile.felt) == [2, 5]
    assert stage.pixels() != none


def test_a_device_without_buttons_says_so(stage: Any) -> None:
    unlocked(stage, buttons=())
    press(stage, "Thử máy")
    assert "Máy này không có nút bấm rời." in words_on(stage)


def test_the_display_is_dimmed_in_steps_within_its_limits(stage: Any) -> None:
    unlocked(stage, brightness=15)
    press(stage, "Thử máy", "–", "+")
    unlocked(stage, brightness=95)
    press(stage, "+")
    deeds = [deed for deed in stage.deeds if deed[0] == "brightness"]
    assert deeds == [("brightness", 10), ("brightness", 25), ("brightness", 100)]


def test_a_display_that_cannot_be_dimmed_has_no_keys_for_it(stage: Any) -> None:
    unlocked(stage, brightness=None)
    press(stage, "Thử máy")
    stage.tap(stage.key("+"))
    assert not any(deed[0] == "brightness" for deed in stage.deeds)


def test_only_a_mobile_kiosk_asks_for_its_place(stage: Any) -> None:
    unlocked(stage)
    with pytest.raises(StopIteration):
        stage.key("Nơi đặt")
    stage.show(state="technician", technician=OPEN, places=(("M-1", "Thôn 1"),))
    press(stage, "Nơi đặt")
    assert ("ask_place",) in stage.deeds


# The form


def type_on(stage: Any, text: str) -> None:
    for letter in text:
        if not any(getattr(w, "text", None) == letter for w in stage.root.walk()):
            press(stage, "123" if stage.screen.children[0].ids.keyboard.signs is False else "abc")
        press(stage, letter)


def test_a_device_enrols_with_server_and_code(stage: Any) -> None:
    unlocked(stage, facts=())
    press(stage, "Đăng ký", "123")
    form = stage.screen.children[0]
    assert (form.server, form.field) == ("https://", "server")
    type_on(stage, "may.chu:8443")
    stage.tap(next(w for w in form.walk() if getattr(w, "name", "") == "Mã đăng ký"))
    type_on(stage, "abcd-efgh-jk")
    press(stage, "Đăng ký máy")
    assert stage.deeds[-1] == ("enrol", "https://may.chu:8443", "ABCD-EFGH-JK")


def test_a_known_server_needs_the_code_alone(stage: Any) -> None:
    unlocked(stage)
    press(stage, "Đăng ký")
    form = stage.screen.children[0]
    assert (form.server, form.field) == (dict(OPEN.facts)["server"], "code")
    press(stage, "Đăng ký máy")
    assert not any(deed[0] == "enrol" for deed in stage.deeds)
    press(stage, "a", "b", "Xóa", "123", "http://", "Xóa")
    assert (form.server, form.code) == ("http:/", "A")


def test_while_it_is_enrolling_it_is_not_sent_again(stage: Any) -> None:
    unlocked(stage)
    press(stage, "Đăng ký", "a")
    unlocked(stage, busy=True)
    press(stage, "Đăng ký máy")
    assert not any(deed[0] == "enrol" for deed in stage.deeds)
    assert "Xin chờ…" in words_on(stage)


def test_the_form_forgets_the_code_and_leads_back(stage: Any) -> None:
    unlocked(stage)
    press(stage, "Đăng ký", "a", "Quay lại", "Đăng ký")
    assert stage.screen.children[0].code == ""


def test_an_address_longer_than_any_is_not_taken(stage: Any) -> None:
    unlocked(stage, facts=())
    press(stage, "Đăng ký")
    form = stage.screen.children[0]
    for _ in range(300):
        form.type("x")
    stage.step(3)
    assert len(form.server) == 200


# Leaving


def test_it_closes_at_a_key_and_ends_the_self_test(stage: Any) -> None:
    unlocked(stage)
    press(stage, "Thử máy", "Đóng")
    assert stage.deeds[-2:] == [("self_test", False), ("close_technician",)]


@pytest.mark.parametrize("is_unlocked", [False, True])
def test_it_closes_by_itself(
    stage: Any, monkeypatch: pytest.MonkeyPatch, is_unlocked: bool
) -> None:
    from kiosk.screens import technician

    monkeypatch.setattr(technician, "LEAVES_AFTER_S", 0.05)
    unlocked(stage, unlocked=is_unlocked)
    stage.step_until(lambda: ("close_technician",) in stage.deeds)


def test_the_form_waits_longer(stage: Any) -> None:
    screen = unlocked(stage)
    assert screen._leaving.timeout == 60
    press(stage, "Đăng ký")
    assert screen._leaving.timeout == 120


def test_it_does_not_close_while_something_is_under_way(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = unlocked(stage, busy=True)
    screen.close()
    assert ("close_technician",) not in stage.deeds
    assert screen._leaving.is_triggered


def test_once_it_has_gone_nothing_closes_it_again_and_the_pin_is_asked_anew(stage: Any) -> None:
    screen = unlocked(stage)
    press(stage, "Mã QR")
    stage.show()
    assert not screen._leaving.is_triggered
    stage.show(state="technician")
    assert "Xong" in [w.text for w in stage.root.walk() if hasattr(w, "text")]
    assert screen.tab == "facts"


@pytest.mark.parametrize("tab", ["", "Mã QR", "Thử máy", "Đăng ký"])
def test_keys_are_at_least_15_mm(stage: Any, tab: str) -> None:
    from kiosk.screens.widgets import Key

    unlocked(stage)
    if tab:
        press(stage, tab)
    keys = [w for w in stage.root.walk() if isinstance(w, Key) and not w.disabled]
    assert len(keys) >= 4
    assert min(min(key.size) for key in keys) / PIXELS_PER_MM >= 15
