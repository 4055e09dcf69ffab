"""The asking screen: every face is live, the same size, and means what it says."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.screens import palette
from kiosk.screens.metrics import PIXELS_PER_MM
from kiosk.screens.palette import rgba
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


def test_pressing_changes_the_same_pixels_of_every_card(stage: Any) -> None:
    calm, changed = stage.pixels(), set()
    for rating in (1, 2, 3, 4, 5):
        card = stage.face(rating)
        touch = stage.finger(*card.center)
        touch.touch_down()
        pressed = stage.pixels()
        touch.touch_up()
        x, width = round(card.x), stage.window.width
        rows = [4 * (y * width + x) for y in range(int(card.y), int(card.top))]
        corner = b"".join(pressed[at : at + 4 * 6] for at in rows)  # its left edge, 6 pixels wide
        assert corner != b"".join(calm[at : at + 4 * 6] for at in rows)
        changed.add(corner)
    assert len(changed) == 1


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
    assert not any(hasattr(widget, "next_name") for widget in stage.root.walk())


def test_the_officials_key_opens_the_sign_in(stage: Any) -> None:
    from kiosk.screens.widgets import OfficialKey

    stage.tap(next(w for w in stage.root.walk() if isinstance(w, OfficialKey)))
    assert stage.deeds == [("open_sign_in",)]


def test_the_screen_names_counter_unit_question_and_who_cannot_see(stage: Any) -> None:
    said = stage.words()
    assert "Quầy số 1" in said
    assert "Trung tâm Phục vụ hành chính công xã mẫu" in said
    assert "Ông/Bà có hài lòng với việc phục vụ vừa rồi không?" in said
    assert "Cán bộ tại quầy không xem được từng lượt đánh giá." in said
    assert "mạng" not in said


def test_with_nobody_signed_in_it_says_that_the_counter_is_rated(stage: Any) -> None:
    stage.show(signed_in=False)
    assert "Đánh giá cho Quầy số 1" in stage.words()


def test_being_offline_is_said_and_moves_no_face(stage: Any) -> None:
    before = [tuple(stage.face(rating).pos) for rating in (1, 5)]
    stage.show(offline=True)
    assert stage.screen.words["status.offline"] in stage.words()
    assert [tuple(stage.face(rating).pos) for rating in (1, 5)] == before


def test_an_official_is_named_only_when_the_view_names_one(stage: Any) -> None:
    stage.show(official="Cán bộ mẫu Một")
    assert "Cán bộ phục vụ: Cán bộ mẫu Một" in stage.words()
    stage.show()
    assert "Cán bộ phục vụ" not in stage.words()
    assert "Không phải" not in stage.words()


def test_one_tap_says_that_it_was_another_official_and_one_takes_it_back(stage: Any) -> None:
    stage.show(official="Cán bộ mẫu Một")
    stage.tap(disown_key(stage))
    screen = stage.show(official="Cán bộ mẫu Một", disowned=True)
    assert "Cán bộ mẫu Một" not in stage.words()
    assert "Đánh giá cho quầy, không cho cán bộ" in stage.words()
    assert disown_key(stage).chosen
    stage.tap(disown_key(stage))
    assert stage.deeds == [("disown", True), ("disown", False)]
    assert screen is stage.screen


def disown_key(stage: Any) -> Any:
    from kiosk.screens.asking import DisownKey

    return next(w for w in stage.root.walk() if isinstance(w, DisownKey))


def test_the_photo_is_that_of_the_official_and_goes_once_disowned(
    stage: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (300, 400), (255, 0, 255)).save(photo)

    def pink() -> bool:
        return bytes((255, 0, 255, 255)) in stage.pixels()

    named = {"official": "Cán bộ mẫu Một", "photo": str(photo)}
    stage.show(**named)
    assert pink()
    stage.show(**named, disowned=True)
    assert not pink()


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG\r\n\x1a\nnot a picture"])
def test_a_photo_that_cannot_be_read_is_not_there_and_all_else_is(
    stage: Any, tmp_path: Path, content: bytes | None
) -> None:
    photo = tmp_path / "photo.png"
    if content is not None:
        photo.write_bytes(content)
    stage.show(official="Cán bộ mẫu Một", photo=str(photo))
    assert "Cán bộ phục vụ: Cán bộ mẫu Một" in stage.words()
    stage.tap(stage.face(4))
    assert stage.deeds == [("face", 4, "touch")]


def test_the_listen_key_is_there_only_where_there_is_a_voice(stage: Any) -> None:
    assert "Nghe" not in stage.words()
    stage.show(can_listen=True)
    stage.tap(stage.key("Nghe"))
    assert stage.deeds == [("listen",)]


def test_an_invitation_is_said_and_seen_and_the_faces_take_votes_as_ever(stage: Any) -> None:
    calm = stage.pixels()
    faces = [tuple(stage.face(rating).pos) for rating in (1, 5)]
    stage.show(invited=True)
    assert "Mời Ông/Bà đánh giá" in stage.words()
    band = bytes(round(255 * part) for part in rgba(palette.ACCENT))
    assert stage.pixels().count(band) > calm.count(band) + 20_000  # of 384 000 pixels
    assert [tuple(stage.face(rating).pos) for rating in (1, 5)] == faces
    stage.tap(stage.face(2))
    assert stage.deeds == [("face", 2, "touch")]


def test_every_contact_is_reported_before_what_it_does(stage: Any) -> None:
    stage.finger(*stage.face(3).center).touch_down()
    stage.finger(4, 4).touch_down()
    assert stage.diary.deeds == [("touched",), ("face", 3, "touch"), ("touched",)]


def test_the_configured_question_replaces_the_usual_one(stage: Any) -> None:
    stage.show(question="Ông/Bà thấy thế nào?")
    assert "Ông/Bà thấy thế nào?" in stage.words()


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


def tap_told_by_two_drivers(stage: Any) -> None:
    for way in ("mtdev", "mouse"):
        touch = stage.finger(*stage.face(2).center)
        touch.device = way
        touch.touch_down()
        stage.step()
        touch.touch_up()
        stage.step()


def test_a_finger_that_two_drivers_tell_of_is_one_finger(stage: Any) -> None:
    stage.show()
    tap_told_by_two_drivers(stage)
    assert stage.deeds == [("face", 2, "touch")]


def test_another_driver_is_heard_when_the_finger_has_gone(stage: Any, monkeypatch: Any) -> None:
    stage.show()
    monkeypatch.setattr("kiosk.screens.stage.OTHER_WAY_WITHIN_S", 0.0)
    tap_told_by_two_drivers(stage)
    assert stage.deeds == [("face", 2, "touch")] * 2
