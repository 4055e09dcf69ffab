"""At rest: something to look at beside faces that stay where they are and stay live."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.screens import resting
from kiosk.screens.view import Story

SEATS = Story(said="Thiếu ghế ngồi.", did="Đã thêm 20 ghế.")
FANS = Story(said="Phòng chờ nóng.", did="Đã thêm 4 quạt.")


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "CHANGES_EVERY_S", 0.05)


def paint(file: Path, color: tuple[int, int, int]) -> str:
    Image.new("RGB", (1200, 500), color).save(file)
    return str(file)


def test_a_story_says_what_was_said_and_what_was_done(stage: Any) -> None:
    stage.show(resting=True, stories=(SEATS,))
    said = stage.words()
    for words in ("Người dân góp ý", "Thiếu ghế ngồi.", "Chúng tôi đã làm", "Đã thêm 20 ghế."):
        assert words in said


def test_the_faces_stay_where_they_are_and_the_first_touch_is_a_vote(stage: Any) -> None:
    before = [(tuple(stage.face(n).pos), tuple(stage.face(n).size)) for n in (1, 2, 3, 4, 5)]
    stage.show(resting=True, stories=(SEATS,))
    now = [(tuple(stage.face(n).pos), tuple(stage.face(n).size)) for n in (1, 2, 3, 4, 5)]
    assert now == before
    stage.tap(stage.face(5))
    assert stage.diary.deeds == [("touched",), ("face", 5, "touch")]


def test_a_picture_is_really_seen(stage: Any, tmp_path: Path) -> None:
    stage.show(resting=True, pictures=(paint(tmp_path / "a.png", (255, 0, 255)),))
    assert stage.pixels().count(bytes((255, 0, 255, 255))) > 40_000


def test_with_nothing_to_show_it_looks_as_when_asking(stage: Any, tmp_path: Path) -> None:
    asking = stage.pixels()
    stage.show(resting=True)
    assert stage.pixels() == asking
    stage.show(resting=True, pictures=(str(tmp_path / "missing.png"),))
    assert stage.pixels() == asking


def test_a_touch_brings_the_question_back(stage: Any) -> None:
    asking = stage.pixels()
    stage.show(resting=True, stories=(SEATS,))
    assert stage.pixels() != asking
    stage.show()
    assert stage.pixels() == asking


def test_stories_change_by_themselves(stage: Any, quickly: None) -> None:
    stage.show(resting=True, stories=(SEATS, FANS))
    for words in ("Đã thêm 4 quạt.", "Đã thêm 20 ghế.", "Đã thêm 4 quạt."):
        stage.step_until(lambda words=words: words in stage.words())


def test_a_picture_that_cannot_be_read_is_passed_over_and_tried_once(
    stage: Any, quickly: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
    stage.show(resting=True, stories=(SEATS, FANS), pictures=(str(broken),))
    for words in ("Đã thêm 4 quạt.", "Đã thêm 20 ghế.", "Đã thêm 4 quạt."):
        stage.step_until(lambda words=words: words in stage.words())
    assert caplog.text.count(f"the picture {broken} cannot be shown") == 1


def test_one_change_is_one_frame_and_none_is_drawn_in_between(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resting, "CHANGES_EVERY_S", 0.3)
    stage.show(resting=True, stories=(SEATS, FANS))
    stage.step(5)
    flips: list[object] = []
    stage.window.bind(on_flip=flips.append)
    stage.step_until(lambda: "Đã thêm 4 quạt." in stage.words())
    stage.step(5)
    stage.window.unbind(on_flip=flips.append)
    assert len(flips) == 1


def test_a_single_still_never_changes_and_draws_nothing(stage: Any, quickly: None) -> None:
    card = stage.show(resting=True, stories=(SEATS,)).ids.above.children[0]
    assert not card._changing.is_triggered


def test_stills_do_not_change_behind_another_screen(stage: Any, quickly: None) -> None:
    card = stage.show(resting=True, stories=(SEATS, FANS)).ids.above.children[0]
    assert card._changing.is_triggered
    stage.show(state="thanks")
    assert not card._changing.is_triggered


def test_stories_and_pictures_take_turns(sample: Any) -> None:
    from dataclasses import replace

    view = replace(sample, stories=(SEATS, FANS), pictures=("a", "b", "c"))
    assert resting.stills_of(view) == (SEATS, "a", FANS, "b", "c")
