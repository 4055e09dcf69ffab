"""A finger and an eye for windows under Xvfb: xdotool touches, Pillow looks."""

import os
import subprocess
from pathlib import Path

from PIL import ImageGrab

WIDTH, HEIGHT = 800, 480
FACES_Y = 288


def tap(display: str, x: int, y: int) -> None:
    """A finger down and up at a pixel, from the top left."""
    subprocess.run(
        ["xdotool", "mousemove", str(x), str(y), "click", "1"],
        env={**os.environ, "DISPLAY": display},
        check=True,
    )


def touch(display: str, rating: int) -> None:
    """A finger on a face: five stand side by side, 1 on the left."""
    tap(display, WIDTH * (2 * rating - 1) // 10, FACES_Y)


def press_key(display: str, key: str) -> None:
    subprocess.run(["xdotool", "key", key], env={**os.environ, "DISPLAY": display}, check=True)


def look(display: str) -> bytes:
    """What is on the display now."""
    return bytes(ImageGrab.grab(xdisplay=display).tobytes())


def photograph(display: str, path: Path) -> bytes:
    """What is on the display now, kept for people to look at."""
    image = ImageGrab.grab(xdisplay=display)
    image.save(path)
    return image.tobytes()
