"""A real X server, a real pointer and real keys: what a finger on a touch screen does under X."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"
)

KIOSK = """
from dataclasses import replace
from kiosk.screens.samples import SAMPLE
from kiosk.screens.window import run_window

class Events:
    def __getattr__(self, name):
        return lambda *what: print(name, *what, flush=True)
    def touched(self):
        pass
    def face(self, rating, via):
        print("face", rating, via, flush=True)
        if via == "keyboard":
            self.handle.close()

events = Events()
def ready(handle):
    events.handle = handle
    print("ready", flush=True)
run_window(first=SAMPLE, events=events, size=(800, 480), fullscreen=False, on_ready=ready)
"""


@pytest.fixture
def display() -> Iterator[str]:
    """An X server of exactly the window's size, on a number that was free."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x480x24", "-nolisten", "tcp"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        assert select.select([told], [], [], 20)[0], "Xvfb did not start"
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(60)


def next_line(kiosk: "subprocess.Popen[str]", deadline_s: float = 30.0) -> str:
    assert kiosk.stdout is not None
    deadline = time.monotonic() + deadline_s
    while not select.select([kiosk.stdout], [], [], 1.0)[0]:
        assert time.monotonic() < deadline, "the kiosk said nothing"
        assert kiosk.poll() is None, "the kiosk ended"
    return kiosk.stdout.readline().strip()


def test_a_click_on_each_face_and_a_key_arrive_once(display: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "SDL_VIDEODRIVER"}
    environment["DISPLAY"] = display
    kiosk = subprocess.Popen(
        [sys.executable, "-c", KIOSK], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert next_line(kiosk) == "ready"
        for rating in (1, 2, 3, 4, 5):
            x = 16 + round((rating - 0.5) * 768 / 5)
            xdo(environment, "mousemove", str(x), "280", "click", "1")
            assert next_line(kiosk) == f"face {rating} touch"
        xdo(environment, "click", "4", "click", "3", "key", "2")
        assert next_line(kiosk) == "face 2 keyboard"  # the wheel and the right button said nothing
        assert next_line(kiosk) == "closed"
        assert kiosk.wait(60) == 0
    finally:
        kiosk.kill()
        kiosk.wait(60)
        assert kiosk.stdout is not None
        kiosk.stdout.close()


def xdo(environment: dict[str, str], *what: str) -> None:
    subprocess.run(["xdotool", *what], env=environment, check=True, timeout=60)
