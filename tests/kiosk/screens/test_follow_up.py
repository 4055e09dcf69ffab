"""The follow-up: thanks first, reasons for those who like, and the same looks at every rating."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from kiosk.screens.samples import SAMPLE, follow_up
from kiosk.screens.view import Reason
from protocol.rating import POSITIVE_REASONS, REASONS

RATINGS = (1, 2, 3, 4, 5)


def show(stage: Any, rating: int = 2, **changes: Any) -> Any:
    """The follow-up of a rating, once it takes touches."""
    view = follow_up(SAMPLE, rating)
    asked = {"state": "follow_up", "reasons": view.reasons, "can_undo": True}
    screen = stage.show(**(asked | changes))
    stage.step_until(lambda: screen.armed)
    return screen


def tile(stage: Any, code: str) -> Any:
    from kiosk.screens.follow_up import ReasonTile

    tiles = [w for w in stage.root.walk() if isinstance(w, ReasonTile)]
    return next(tile for tile in tiles if tile.reason.code == code)


def test_thanks_stand_at_the_top_and_one_heading_beneath(stage: Any) -> None:
    said = set()
    for rating in RATINGS:
        show(stage, rating)
        lines = stage.words().split("\n")
        said.add((lines.index("Đã ghi nhận. Cảm ơn Ông/Bà."), lines[0]))
        assert "Điều gì ảnh hưởng nhiều nhất đến đánh giá của Ông/Bà?" in lines
    assert len(said) == 1


def test_several_reasons_can_be_chosen_and_taken_back(stage: Any) -> None:
    show(stage)
    stage.tap(tile(stage, "R1"))
    show(stage, chosen=frozenset({"R1"}))
    stage.tap(tile(stage, "R4"))
    show(stage, chosen=frozenset({"R1", "R4"}))
    assert {code for code in ("R1", "R3", "R4") if tile(stage, code).chosen} == {"R1", "R4"}
    stage.tap(tile(stage, "R1"))
    assert stage.deeds == [("reason", "R1", True), ("reason", "R4", True), ("reason", "R1", False)]


def test_a_chosen_reason_is_seen_without_colors_too(stage: Any) -> None:
    show(stage)
    plain = tile(stage, "R1").border
    show(stage, chosen=frozenset({"R1"}))
    from kiosk.screens.widgets import CheckMark

    marks = [w for w in tile(stage, "R1").walk(restrict=True) if isinstance(w, CheckMark)]
    assert [mark.opacity for mark in marks] == [1]
    assert tile(stage, "R1").border > plain
    assert tile(stage, "R3").border == plain


def test_the_citizen_ends_it_either_way(stage: Any) -> None:
    show(stage)
    stage.tap(stage.key("Xong"))
    stage.tap(stage.key("Bỏ qua"))
    assert stage.deeds == [("done",), ("skip",)]


def test_the_vote_code_is_shown_on_request(stage: Any) -> None:
    show(stage)
    stage.tap(stage.key("Mã đánh giá"))
    assert stage.deeds == [("show_code", True)]


def test_choosing_again_is_one_tap_while_it_is_possible(stage: Any) -> None:
    screen = show(stage)
    assert "Chọn lại" in stage.words()
    stage.tap(screen.ids.undo)
    assert stage.deeds == [("undo",)]
    keys = [screen.ids[name] for name in ("code", "skip", "done")]
    before = [tuple(key.pos) for key in keys]
    show(stage, can_undo=False)
    stage.tap(screen.ids.undo)
    assert stage.deeds == [("undo",)]
    assert screen.ids.undo.opacity == 0
    assert [tuple(key.pos) for key in keys] == before


def test_a_second_tap_of_the_finger_that_voted_reaches_no_key_and_no_reason(stage: Any) -> None:
    screen = stage.show(state="follow_up", reasons=follow_up(SAMPLE, 1).reasons, can_undo=True)
    from kiosk.screens.widgets import Key

    keys = [w for w in screen.walk(restrict=True) if isinstance(w, Key)]
    assert len(keys) == 6 + 4 + 1
    screen.leave()
    screen.enter()  # anew, and no frame after it: drawing may take a busy machine its whole wait
    for key in keys:
        touch = stage.finger(*key.center)
        touch.touch_down()
        touch.touch_up()
        assert not screen.armed
    assert stage.diary.deeds == [("touched",)] * len(keys)


def test_it_waits_anew_each_time_it_comes_up(stage: Any) -> None:
    show(stage)
    stage.show()
    # Asked before a frame is drawn: on a busy machine three of them may take as long as it waits.
    stage.root.show(replace(SAMPLE, state="follow_up"))
    assert not stage.screen.armed


def test_a_finger_that_leaves_a_key_has_changed_its_mind(stage: Any) -> None:
    screen = show(stage)
    touch = stage.finger(*screen.ids.undo.center)
    touch.touch_down()
    touch.touch_move(2, 478)
    touch.touch_up()
    stage.step(2)
    assert stage.deeds == []


def test_a_key_held_while_the_screen_goes_does_nothing(stage: Any) -> None:
    screen = show(stage)
    touch = stage.finger(*screen.ids.undo.center)
    touch.touch_down()
    stage.show(state="thanks")
    touch.touch_up()
    stage.step(2)
    assert stage.deeds == []
    assert screen.ids.undo.state == "normal"


def test_a_second_tap_of_the_finger_that_undid_is_no_vote(stage: Any) -> None:
    where = (80, 80)
    undo = show(stage).ids.undo
    assert undo.collide_point(*where)
    touch = stage.finger(*where)
    touch.touch_down()
    touch.touch_up()
    stage.show()
    assert stage.face(1).collide_point(*where)
    stage.finger(*where).touch_down()
    assert stage.deeds == [("undo",)]


def test_the_next_face_after_an_undo_counts_at_once(stage: Any) -> None:
    screen = show(stage)
    stage.tap(screen.ids.undo)
    stage.show()
    stage.finger(*stage.face(5).center).touch_down()
    assert stage.deeds == [("undo",), ("face", 5, "touch")]


def test_the_next_citizen_may_press_a_key_1_to_5(stage: Any) -> None:
    show(stage)
    stage.type(50)
    assert stage.deeds == [("face", 2, "keyboard")]


def test_without_reasons_it_is_the_same_pixels_whatever_was_pressed(stage: Any) -> None:
    seen = set()
    for rating in RATINGS:
        stage.show()
        touch = stage.finger(*stage.face(rating).center)
        touch.touch_down()
        stage.step()
        stage.show(state="follow_up", can_undo=True)
        seen.add(stage.pixels())
        touch.touch_up()
        stage.step()
        seen.add(stage.pixels())
    assert len(seen) == 1


def test_from_two_meters_away_all_ratings_look_alike(stage: Any) -> None:
    """The same boxes, edges and fills of every tile; only words and small pictures differ."""
    from kiosk.screens.follow_up import ReasonTile

    looks = set()
    for rating in RATINGS:
        show(stage, rating)
        tiles = [w for w in stage.root.walk() if isinstance(w, ReasonTile)]
        looks.add(tuple((*t.pos, *t.size, t.fill, t.edge, t.border, t.picture_size) for t in tiles))
    assert len(looks) == 1
    assert len(next(iter(looks))) == 6


def test_no_red_and_no_green_at_any_rating(stage: Any) -> None:
    """All colors on the screen are shades between white, ink and the one accent."""
    for rating in RATINGS:
        show(stage, rating, chosen=frozenset({"R1", "P1"}))
        for color in set(memoryview(stage.pixels()).cast("I")):
            red, green, blue, _opaque = color.to_bytes(4, sys.byteorder)
            assert red <= green + 2 <= blue + 4, (rating, red, green, blue)


def test_every_reason_has_a_picture_of_its_own_and_an_added_one_the_neutral(stage: Any) -> None:
    from kiosk.screens.pictograms import NEUTRAL, PICTOGRAMS

    drawn = [PICTOGRAMS[code] for code in (*REASONS, *POSITIVE_REASONS)]
    assert len(set(drawn)) == len(drawn)
    assert NEUTRAL not in drawn
    seen = set()
    for code in (*REASONS, "R77"):
        show(stage, reasons=(Reason(code, "x"),))
        seen.add(stage.pixels())
    assert len(seen) == len(REASONS) + 1


def test_reasons_change_with_the_language(stage: Any) -> None:
    english = follow_up(replace(SAMPLE, locale="en"), 2).reasons
    show(stage, reasons=english, locale="en")
    assert "Long wait" in stage.words()
    assert "What influenced your rating most?" in stage.words()
    stage.tap(stage.key("Tiếng Việt"))
    assert stage.deeds == [("locale", "vi")]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_fewer_reasons_are_tiles_of_at_least_15_mm_too(stage: Any, count: int) -> None:
    show(stage, reasons=follow_up(SAMPLE, 1).reasons[:count])
    from kiosk.screens.follow_up import ReasonTile

    tiles = [w for w in stage.root.walk() if isinstance(w, ReasonTile)]
    assert len(tiles) == count
    assert min(min(tile.size) for tile in tiles) >= 79
