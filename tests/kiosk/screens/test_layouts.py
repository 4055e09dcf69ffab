"""Every screen at every size in every language: nothing cut, nothing overlapping, all reachable."""

import json
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens.metrics import unit
from kiosk.screens.photograph import SIZES

MEASURING = Path(__file__).with_name("measuring.py")
Box = list[float]


@cache
def measured(size: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(MEASURING), size],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert "x".join(map(str, found["window"])) == size
    return found


def screens(size: str) -> list[tuple[str, dict[str, Any]]]:
    return list(measured(size)["screens"].items())


def inside(box: Box, outer: Box) -> bool:
    slack = 0.6
    return all(a >= b - slack for a, b in zip(box[:2], outer[:2], strict=True)) and all(
        a <= b + slack for a, b in zip(box[2:], outer[2:], strict=True)
    )


def apart(one: Box, other: Box) -> bool:
    return (
        one[2] <= other[0] + 0.6
        or other[2] <= one[0] + 0.6
        or one[3] <= other[1] + 0.6
        or other[3] <= one[1] + 0.6
    )


def sides(box: Box) -> tuple[float, float]:
    return box[2] - box[0], box[3] - box[1]


@pytest.mark.parametrize("size", SIZES)
def test_no_words_are_cut_or_leave_the_window(size: str) -> None:
    window = [0.0, 0.0, *measured(size)["window"]]
    for name, screen in screens(size):
        assert screen["texts"], name
        for text in screen["texts"]:
            width, height = sides(text["box"])
            assert text["whole"], (name, text)
            assert text["texture"][0] <= width + 1, (name, text)
            assert text["texture"][1] <= height + 1, (name, text)
            assert inside(text["box"], window), (name, text)
            absurd = "long" in name or "asking-named" in name
            assert text["shrunk"] >= (0.45 if absurd else 0.7), (name, text)


@pytest.mark.parametrize("size", SIZES)
def test_faces_and_keys_are_inside_the_window_and_apart(size: str) -> None:
    window = [0.0, 0.0, *measured(size)["window"]]
    for name, screen in screens(size):
        boxes = [thing["box"] for thing in (*screen["faces"], *screen["keys"])]
        for box in boxes:
            assert inside(box, window), name
        for one, other in combinations(boxes, 2):
            assert apart(one, other), (name, one, other)


@pytest.mark.parametrize("size", SIZES)
def test_texts_do_not_run_into_faces_keys_or_each_other(size: str) -> None:
    for name, screen in screens(size):
        things = [thing["box"] for thing in (*screen["faces"], *screen["keys"])]
        free = [t["box"] for t in screen["texts"] if all(not inside(t["box"], b) for b in things)]
        for one, other in combinations([*things, *free], 2):
            assert apart(one, other), (name, one, other)


@pytest.mark.parametrize("size", SIZES)
def test_all_faces_of_a_screen_are_of_one_size_and_large_enough(size: str) -> None:
    width, height = measured(size)["window"]
    millimeter = unit(width, height) * 5.249  # 7-inch panel of 800×480 or 480×800
    for name, screen in screens(size):
        faces = screen["faces"]
        if not faces:
            continue
        for part in ("box", "face", "word"):
            sizes = {tuple(round(side, 3) for side in sides(face[part])) for face in faces}
            assert len(sizes) == 1, (name, part)
        assert len({face["letters"] for face in faces}) == 1, name
        assert min(sides(faces[0]["box"])) >= 23.5 * millimeter, name
        assert min(sides(faces[0]["face"])) >= 24 * millimeter, name


@pytest.mark.parametrize("size", SIZES)
def test_the_words_of_faces_are_5_mm_high(size: str) -> None:
    millimeter = unit(*measured(size)["window"]) * 5.249
    for name, screen in screens(size):
        if name.startswith(("asking", "invited", "named", "disowned", "resting")):
            assert min(face["line"] for face in screen["faces"]) >= 5 * millimeter, name


@pytest.mark.parametrize("size", SIZES)
def test_the_words_of_reasons_are_large(size: str) -> None:
    u = unit(*measured(size)["window"])
    for name, screen in screens(size):
        if name.startswith("follow_up") and "long" not in name:
            labels = {key["text"] for key in screen["keys"] if key["picture"][:1] in ("R", "P")}
            letters = [text["letters"] for text in screen["texts"] if text["text"] in labels]
            assert len(letters) == (0 if "thanks" in name else 6)
            assert all(high >= 20 * u for high in letters), name


@pytest.mark.parametrize("size", SIZES)
def test_words_stand_out_by_four_and_a_half_to_one_as_drawn(size: str) -> None:
    for name, screen in screens(size):
        for text in screen["texts"]:
            assert text["contrast"] >= 4.5, (name, text)


@pytest.mark.parametrize("size", SIZES)
def test_edges_of_keys_and_pictures_stand_out_by_three_to_one_as_drawn(size: str) -> None:
    for name, screen in screens(size):
        for thing in (*screen["keys"], *screen["pictures"]):
            assert thing["contrast"] >= 3, (name, thing)


@pytest.mark.parametrize("size", SIZES)
def test_pictures_are_inside_the_window_and_apart_from_words(size: str) -> None:
    window = [0.0, 0.0, *measured(size)["window"]]
    for name, screen in screens(size):
        for picture in screen["pictures"]:
            assert inside(picture["box"], window), (name, picture)
            for text in screen["texts"]:
                assert apart(picture["box"], text["box"]), (name, picture, text)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_reasons_stand_in_the_same_boxes_at_every_rating(size: str, locale: str) -> None:
    found = measured(size)["screens"]
    boxes = [
        [key["box"] for key in found[f"follow_up-{name}-{locale}"]["keys"]]
        for name in ("bad", "neutral", "good")
    ]
    assert boxes[0] == boxes[1] == boxes[2]
    assert len(boxes[0]) == 6 + 4 + 2


@pytest.mark.parametrize("size", SIZES)
def test_rest_and_invitation_move_no_face(size: str) -> None:
    found = measured(size)["screens"]
    names = ("asking", "invited", "named", "disowned", "resting-story", "resting-picture")
    faces = [[face["box"] for face in found[f"{name}-vi"]["faces"]] for name in names]
    assert all(boxes == faces[0] for boxes in faces)


@pytest.mark.parametrize("size", SIZES)
def test_every_key_is_at_least_15_mm(size: str) -> None:
    millimeter = unit(*measured(size)["window"]) * 5.249
    for name, screen in screens(size):
        for key in screen["keys"]:
            assert min(sides(key["box"])) >= 15 * millimeter, (name, key)


def test_upright_the_best_face_is_on_top() -> None:
    faces = measured("480x800")["screens"]["asking-vi"]["faces"]
    from_the_top = sorted(faces, key=lambda face: -face["box"][1])
    assert [face["rating"] for face in from_the_top] == [5, 4, 3, 2, 1]
