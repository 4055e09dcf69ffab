"""The asking screen: every face is live, the same size, and means what it says."""

from typing import Any

import pytest

from kiosk.screens.metrics import PIXELS_PER_MM
from protocol.rating import SCALES


@pytest.mark.parametrize("scale", SCALES)
def test_every_face_is_its_rating_from_the_first_contact(stage: Any, scale: str) -> None:
    stage.show(scale=scale)
    for rating in SCALES[scale]:
        touch = stage.finger(*stage.face(rating).center)
        touch.touch_down()
        assert stage.deeds[-1] == ("face", rating, "touch")
        touch.touch_up()
    assert len(stage.deeds) == len(SCALES[scale])


def test_the_word_below_a_face_and_its_corner_are_part_of_it(stage: Any) -> None:
    card = stage.face(2)
    for x, y in (card.ids.word.center, (card.x + 2, card.y + 2), (card.right - 2, card.top - 2)):
        stage.finger(x, y).touch_down()
    assert stage.deeds == [("face", 2, "touch")] * 3


def test_faces_are_ordered_by_rating_and_all_of_one_size(stage: Any) -> None:
    cards = [stage.face(rating) for rating in (1, 2, 3, 4, 5)]
    assert [card.x for card in cards] == sorted(card.x for card in cards)
    assert len({tuple(card.size) for card in cards}) == 1
    assert len({tuple(card.ids.face.size) for card in cards}) == 1
    assert len({card.ids.word.font_size for card in cards}) == 1


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_on_a_seven_inch_panel_faces_are_24_mm_words_5_mm_and_keys_15_mm(
    stage: Any, locale: str
) -> None:
    stage.show(locale=locale)
    for rating in (1, 2, 3, 4, 5):
        card = stage.face(rating)
        assert min(card.ids.face.size) / PIXELS_PER_MM >= 24
        lines = card.ids.word.texture_size[1] / len(card.ids.word._label._cached_lines)
        assert lines / PIXELS_PER_MM >= 5
    for key in (stage.key("English" if locale == "vi" else "Tiếng Việt"), stage.key("")):
        assert min(key.size) / PIXELS_PER_MM >= 15


def test_the_picture_of_a_press_is_the_same_for_every_face(stage: Any) -> None:
    looks = set()
    for rating in (1, 2, 3, 4, 5):
        card = stage.face(rating)
        touch = stage.finger(*card.center)
        touch.touch_down()
        looks.add((card.fill, card.edge, card.border, tuple(card.ids.face.size)))
        touch.touch_up()
        assert not card.pressed
    assert len(looks) == 1


@pytest.mark.parametrize("button", ["scrollup", "scrolldown", "right", "middle"])
def test_a_wheel_or_another_mouse_button_is_no_vote(stage: Any, button: str) -> None:
    stage.finger(*stage.face(3).center, button=button).touch_down()
    assert stage.deeds == []


def test_the_left_mouse_button_is_a_finger(stage: Any) -> None:
    stage.finger(*stage.face(3).center, button="left").touch_down()
    assert stage.deeds == [("face", 3, "touch")]


def test_a_finger_that_slides_onto_a_face_is_no_vote(stage: Any) -> None:
    touch = stage.finger(4, 4)
    touch.touch_down()
    touch.touch_move(*stage.face(3).center)
    touch.touch_up()
    assert stage.deeds == []


def test_one_tap_changes_the_language_and_another_brings_it_back(stage: Any) -> None:
    stage.tap(stage.key("English"))
    stage.show(locale="en")
    stage.tap(stage.key("Tiếng Việt"))
    assert stage.deeds == [("locale", "en"), ("locale", "vi")]


def test_an_unfinished_language_is_not_offered(stage: Any) -> None:
    stage.show(locales=("vi", "hmn"))
    keys = [w for w in stage.root.walk() if hasattr(w, "next_name")]
    assert [keys_row.next_name for keys_row in keys] == [""]


def test_the_officials_key_opens_the_sign_in(stage: Any) -> None:
    from kiosk.screens.widgets import OfficialKey

    stage.tap(next(w for w in stage.root.walk() if isinstance(w, OfficialKey)))
    assert stage.deeds == [("open_sign_in",)]


def words_on(stage: Any) -> list[str]:
    from kiosk.screens.text import Text

    return [w.text for w in stage.root.walk() if isinstance(w, Text) and w.text]


def test_the_screen_names_counter_unit_question_and_who_cannot_see(stage: Any) -> None:
    said = " ".join(words_on(stage)).replace("\xa0", " ")
    assert "Quầy số 1" in said
    assert "Trung tâm Phục vụ hành chính công xã mẫu" in said
    assert "Ông/Bà có hài lòng với việc phục vụ vừa rồi không?" in said
    assert "Cán bộ tại quầy không xem được từng lượt đánh giá." in said
    assert "mạng" not in said


def test_being_offline_is_said_and_moves_no_face(stage: Any) -> None:
    before = [tuple(stage.face(rating).pos) for rating in (1, 5)]
    stage.show(offline=True)
    assert "Chưa có mạng · ý kiến vẫn được lưu" in words_on(stage)
    assert [tuple(stage.face(rating).pos) for rating in (1, 5)] == before


def test_an_official_is_named_only_when_the_view_names_one(stage: Any) -> None:
    stage.show(official="Cán bộ mẫu Một")
    assert "Cán bộ phục vụ: Cán bộ mẫu Một" in words_on(stage)
    stage.show()
    assert not any("Cán bộ phục vụ" in words for words in words_on(stage))


def test_the_configured_question_replaces_the_usual_one(stage: Any) -> None:
    stage.show(question="Ông/Bà thấy thế nào?")
    assert "Ông/Bà thấy thế nào?" in words_on(stage)


@pytest.mark.parametrize("code", [49, 257])
def test_the_keys_1_to_5_are_the_faces(stage: Any, code: int) -> None:
    for n in range(5):
        stage.type(code + n)
    assert stage.deeds == [("face", n, "keyboard") for n in (1, 2, 3, 4, 5)]


def test_a_held_key_is_one_press(stage: Any) -> None:
    for _ in range(5):
        stage.window.dispatch("on_key_down", 52, 0, None, [])
    assert stage.deeds == [("face", 4, "keyboard")]
    stage.window.dispatch("on_key_up", 52, 0)
    stage.type(52)
    assert len(stage.deeds) == 2


def test_a_key_whose_face_the_scale_does_not_offer_is_no_vote(stage: Any) -> None:
    stage.show(scale="vn4")
    stage.type(51)
    stage.type(48)
    stage.type(27)  # escape ends nothing either
    assert stage.deeds == []
