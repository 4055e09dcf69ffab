"""The stage: the kiosk's real window at 800×480, stepped frame by frame without a display."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.screens.samples import SAMPLE
from kiosk.screens.view import View
from kiosk.screens.window import open_stage

DEADLINE_S = 60.0


class Diary:
    """WindowEvents that writes down what happened."""

    def __init__(self) -> None:
        self.deeds: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *what: self.deeds.append((name, *what))


def visible(widget: Any) -> Iterator[Any]:
    """A widget and all in it that is not transparent."""
    if widget.opacity > 0:
        yield widget
        for child in reversed(widget.children):
            yield from visible(child)


class StageHands:
    """What a test may do with the window: show, step, tap, type, look."""

    def __init__(self, root: Any, diary: Diary, window: Any, loop: Any) -> None:
        self.root, self.diary, self.window, self._loop = root, diary, window, loop

    @property
    def screen(self) -> Any:
        return self.root.children[0]

    @property
    def deeds(self) -> list[tuple[Any, ...]]:
        """What was reported, but for the bare contacts before it."""
        return [deed for deed in self.diary.deeds if deed != ("touched",)]

    def step(self, frames: int = 1) -> None:
        for _ in range(frames):
            self._loop.idle()

    def step_until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not happened():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.01)  # what is waited for is time: others may have the processor
            self.step()

    def show(self, **changes: Any) -> Any:
        """Shows the sample view with changes, drawn; returns its screen."""
        self.root.show(replace(SAMPLE, **changes))
        self.step(3)
        return self.screen

    def finger(self, x: float, y: float, button: str | None = None) -> Any:
        from kivy.tests.common import UnitTestTouch

        touch = UnitTestTouch(x, y)
        if button:
            touch.profile = ["pos", "button"]
            touch.button = button
        return touch

    def tap(self, widget: Any) -> None:
        touch = self.finger(*widget.center)
        touch.touch_down()
        self.step()
        touch.touch_up()
        self.step_until(lambda: not self.keys_down())
        self.step(2)

    def keys_down(self) -> list[Any]:
        """Keys that look pressed; one stays so for a moment after the finger has left it."""
        from kiosk.screens.widgets import Key

        return [w for w in self.root.walk() if isinstance(w, Key) and w.state == "down"]

    def face(self, rating: int) -> Any:
        return next(card for card in self.screen.ids.faces.children if card.rating == rating)

    def words(self) -> str:
        """All that can be read, with usual spaces."""
        from kiosk.screens.text import Text

        texts = [w.text for w in visible(self.root) if isinstance(w, Text) and w.text]
        return "\n".join(texts).replace("\xa0", " ")

    def key(self, text: str) -> Any:
        """The key that carries these words."""
        from kiosk.screens.widgets import Key

        return next(w for w in self.root.walk() if isinstance(w, Key) and w.text == text)

    def type(self, code: int) -> None:
        self.window.dispatch("on_key_down", code, 0, None, [])
        self.window.dispatch("on_key_up", code, 0)
        self.step()

    def pixels(self) -> bytes:
        """What the citizen sees, every pixel."""
        from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

        seen: list[bytes] = []
        width, height = self.window.size

        def look(*_: object) -> None:
            seen.append(bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)))

        self.window.bind(on_flip=look)
        self.window.canvas.ask_update()
        self.step()
        self.window.unbind(on_flip=look)
        return seen[-1]


@pytest.fixture(scope="session")
def opened_window() -> Any:
    """Kivy and its window, once for the test process."""
    before = os.environ.get("SDL_VIDEODRIVER")
    root = open_stage(SAMPLE, Diary(), size=(800, 480), fullscreen=False, driver="offscreen")
    root.retire()
    if before is None:
        os.environ.pop("SDL_VIDEODRIVER")  # other tests ask whether there is a display
    from kivy.base import EventLoop
    from kivy.core.window import Window

    EventLoop.ensure_window()
    EventLoop.status = "started"
    return Window


@pytest.fixture
def stage(opened_window: Any) -> Iterator[StageHands]:
    from kivy.base import EventLoop

    from kiosk.screens.pace import set_fps
    from kiosk.screens.stage import Stage

    diary = Diary()
    root = Stage(SAMPLE, diary)
    opened_window.add_widget(root)
    set_fps(0)  # as fast as the test can step
    hands = StageHands(root, diary, opened_window, EventLoop)
    hands.step(3)
    yield hands
    opened_window.remove_widget(root)
    root.retire()


@pytest.fixture
def sample() -> View:
    return SAMPLE
