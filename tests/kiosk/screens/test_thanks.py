"""The thanks: the same for everybody, with a way back."""

from typing import Any

from kiosk.screens.metrics import PIXELS_PER_MM


def test_the_thanks_are_the_same_pixels_whatever_was_pressed(stage: Any) -> None:
    seen = set()
    for rating in (1, 2, 3, 4, 5):
        stage.show()
        touch = stage.finger(*stage.face(rating).center)
        touch.touch_down()
        stage.step()
        stage.show(state="thanks", can_undo=True)
        seen.add(stage.pixels())
        touch.touch_up()
        stage.step()
        seen.add(stage.pixels())
    assert len(seen) == 1


def test_asking_looks_the_same_again_whatever_was_pressed(stage: Any) -> None:
    seen = {stage.pixels()}
    for rating in (1, 5):
        stage.finger(*stage.face(rating).center).touch_down()
        stage.show(state="thanks")
        stage.show()
        seen.add(stage.pixels())
    assert len(seen) == 1


def test_undo_is_one_tap_on_a_key_of_more_than_15_mm(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=True).ids.undo
    assert min(undo.size) / PIXELS_PER_MM >= 15
    stage.step_until(lambda: undo.armed)
    stage.tap(undo)
    assert stage.deeds == [("undo",)]


def test_the_second_tap_of_the_finger_that_voted_undoes_nothing(stage: Any) -> None:
    screen = stage.show(state="thanks", can_undo=True)
    stage.tap(screen.ids.undo)
    assert stage.deeds == []


def test_undo_waits_anew_each_time_the_thanks_come_up(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=True).ids.undo
    stage.step_until(lambda: undo.armed)
    stage.show()
    assert not stage.show(state="thanks", can_undo=True).ids.undo.armed


def test_a_finger_that_leaves_the_undo_key_has_changed_its_mind(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=True).ids.undo
    stage.step_until(lambda: undo.armed)
    touch = stage.finger(*undo.center)
    touch.touch_down()
    touch.touch_move(2, 470)
    touch.touch_up()
    stage.step(2)
    assert stage.deeds == []


def test_without_a_way_back_there_is_no_undo_key(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=False).ids.undo
    undo.armed = True
    stage.tap(undo)
    assert undo.opacity == 0
    assert stage.deeds == []


def test_the_next_citizen_may_press_a_key_during_the_thanks(stage: Any) -> None:
    stage.show(state="thanks", can_undo=True)
    stage.type(50)
    assert stage.deeds == [("face", 2, "keyboard")]


def test_the_second_tap_of_the_finger_that_undid_is_no_vote(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=True).ids.undo
    stage.step_until(lambda: undo.armed)
    where = (undo.center_x, undo.top - 4)
    touch = stage.finger(*where)
    touch.touch_down()
    touch.touch_up()
    assert stage.deeds == [("undo",)]
    stage.show()
    assert stage.face(3).collide_point(*where)
    stage.finger(*where).touch_down()
    assert stage.deeds == [("undo",)]


def test_the_next_face_after_an_undo_counts_at_once(stage: Any) -> None:
    undo = stage.show(state="thanks", can_undo=True).ids.undo
    stage.step_until(lambda: undo.armed)
    stage.tap(undo)
    stage.show()
    stage.finger(*stage.face(1).center).touch_down()
    assert stage.deeds == [("undo",), ("face", 1, "touch")]
