"""A mobile kiosk asks in the morning where it stands."""

from typing import Any

from kiosk.screens.metrics import PIXELS_PER_MM

PLACES = tuple((f"M-{n}", f"Nhà văn hóa thôn {n}") for n in range(1, 9))


def test_one_tap_chooses_the_place(stage: Any) -> None:
    stage.show(state="choose_place", places=PLACES[:3])
    stage.tap(stage.key("Nhà văn hóa thôn 2"))
    assert ("place", "M-2") in stage.deeds


def test_more_places_than_fit_are_on_further_pages(stage: Any) -> None:
    screen = stage.show(state="choose_place", places=PLACES)
    seen = []
    for _ in range(2):
        page = screen.ids.place.children[0].children
        seen += [key.text for key in reversed(page) if hasattr(key, "text")]
        stage.tap(stage.key("Xem tiếp"))
    assert seen == [name for _, name in PLACES]
    assert screen.page == 0


def test_few_places_have_no_key_for_more_and_keys_as_large_as_six(stage: Any) -> None:
    stage.show(state="choose_place", places=PLACES[:6])
    size = tuple(stage.key(PLACES[0][1]).size)
    assert stage.key("Xem tiếp").disabled
    stage.show(state="choose_place", places=PLACES[:1])
    assert tuple(stage.key(PLACES[0][1]).size) == size
    assert min(size) / PIXELS_PER_MM >= 15


def test_a_shorter_list_and_a_new_morning_begin_with_the_first_page(stage: Any) -> None:
    screen = stage.show(state="choose_place", places=PLACES)
    stage.tap(stage.key("Xem tiếp"))
    stage.show(state="choose_place", places=PLACES[:2])
    assert screen.page == 0
    stage.show(state="choose_place", places=PLACES)
    stage.tap(stage.key("Xem tiếp"))
    stage.show()
    stage.show(state="choose_place", places=PLACES)
    assert screen.page == 0


def test_the_faces_stay_live_while_the_place_is_asked(stage: Any) -> None:
    stage.show(state="choose_place", places=PLACES)
    stage.tap(stage.face(2))
    stage.type(51)
    faces = [deed for deed in stage.deeds if deed[0] == "face"]
    assert faces == [("face", 2, "touch"), ("face", 3, "keyboard")]


def test_it_may_be_closed_without_a_place(stage: Any) -> None:
    stage.show(state="choose_place", places=PLACES)
    stage.tap(stage.key("Đóng"))
    assert ("close_place",) in stage.deeds
