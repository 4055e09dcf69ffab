"""The last thanks: the same for everybody, and nobody has to wait for its end."""

from typing import Any


def thanks(stage: Any) -> Any:
    """Once it takes touches."""
    screen = stage.show(state="thanks")
    stage.step_until(lambda: screen.armed)
    return screen


def test_the_thanks_are_the_same_pixels_whatever_was_pressed(stage: Any) -> None:
    seen = set()
    for rating in (1, 2, 3, 4, 5):
        stage.show()
        touch = stage.finger(*stage.face(rating).center)
        touch.touch_down()
        stage.step()
        stage.show(state="thanks")
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


def test_it_thanks_and_says_who_cannot_see_the_answer(stage: Any) -> None:
    thanks(stage)
    assert "Đã ghi nhận. Cảm ơn Ông/Bà." in stage.words()
    assert "Cán bộ tại quầy không xem được từng lượt đánh giá." in stage.words()


def test_it_has_no_keys(stage: Any) -> None:
    from kiosk.screens.widgets import Key

    assert not [w for w in thanks(stage).walk(restrict=True) if isinstance(w, Key)]


def test_a_tap_anywhere_leads_on(stage: Any) -> None:
    thanks(stage)
    stage.finger(5, 5).touch_down()
    assert stage.diary.deeds == [("touched",), ("dismiss",)]


def test_the_finger_that_brought_it_up_does_not_take_it_away(stage: Any) -> None:
    stage.show(state="thanks")
    stage.finger(400, 240).touch_down()
    assert stage.deeds == []


def test_a_wheel_is_no_tap(stage: Any) -> None:
    thanks(stage)
    stage.finger(400, 240, button="scrolldown").touch_down()
    assert stage.diary.deeds == []


def test_a_second_tap_of_the_finger_that_led_on_is_no_vote(stage: Any) -> None:
    stage.show()
    where = stage.face(3).center
    thanks(stage)
    touch = stage.finger(*where)
    touch.touch_down()
    stage.show()  # at once, while the finger is still there
    touch.touch_up()
    stage.finger(*where).touch_down()
    assert stage.deeds == [("dismiss",)]


def test_the_next_citizen_may_press_a_key_1_to_5(stage: Any) -> None:
    stage.show(state="thanks")
    stage.type(50)
    assert stage.deeds == [("face", 2, "keyboard")]
