"""Every screen at every size in every language: nothing cut, nothing overlapping, all reachable."""

import json
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens.metrics import is_portrait, unit
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
            assert text["shrunk"] >= (0.7 if "long" not in name and "named" not in name else 0.5), (
                name,
                text,
            )


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
        smallest = 20 if is_portrait(width, height) and name.startswith("asking") else 24
        assert min(sides(faces[0]["face"])) >= smallest * millimeter, name


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
