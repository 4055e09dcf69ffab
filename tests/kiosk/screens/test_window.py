"""The window as the app sees it: thread-safe, quiet at rest, and never a traceback."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from kiosk.screens.samples import SAMPLE
from kiosk.screens.view import State
from kiosk.screens.window import WindowHandle

WHOLE_LIFE = """
import threading
from dataclasses import replace
from kiosk.screens.samples import SAMPLE
from kiosk.screens.view import State
from kiosk.screens.window import run_window

class Events:
    def __getattr__(self, name):
        return lambda *what: print(name, *what, flush=True)

def ready(handle):
    from kivy.core.window import Window
    def other_thread():
        handle.show(replace(SAMPLE, state="thanks", can_undo=True))
        handle.show(replace(SAMPLE, locale="en"))
        handle.close()
    def first_key(*_):
        Window.dispatch("on_key_down", 52, 0, None, [])
        threading.Thread(target=other_thread).start()
    from kivy.clock import Clock
    Clock.schedule_once(first_key)
    print("ready", flush=True)

run_window(first=SAMPLE, events=Events(), size=(800, 480), fullscreen=False, on_ready=ready)
print("over", flush=True)
"""


def run_python(code: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_window_lives_from_ready_to_closed_and_writes_nothing_at_home(tmp_path: Path) -> None:
    ended = run_python(WHOLE_LIFE, tmp_path, SDL_VIDEODRIVER="offscreen")
    assert ended.stdout.split("\n") == ["ready", "face 4 keyboard", "closed", "over", ""]
    assert ended.stderr == ""
    assert list(tmp_path.rglob("*kivy*")) == []


def test_without_a_display_there_is_one_sentence_and_no_kivy(tmp_path: Path) -> None:
    code = WHOLE_LIFE.replace("run_window(first", "import sys\ntry: run_window(first")
    code = code.replace(
        'print("over"',
        "except Exception as no:\n print(type(no).__name__, no)\n"
        ' print("kivy" in sys.modules)\nprint("over"',
    )
    ended = run_python(code, tmp_path, SDL_VIDEODRIVER="dummy")
    name, _, sentence = ended.stdout.split("\n")[0].partition(" ")
    assert (name, ended.stdout.split("\n")[1]) == ("NoDisplay", "False")
    assert sentence.startswith("no display found") and "--headless" in sentence
    assert ended.stderr == ""


def test_views_and_window_can_be_imported_without_kivy(tmp_path: Path) -> None:
    code = (
        "import sys, kiosk.screens.view, kiosk.screens.window, kiosk.screens.display, kiosk.locale;"
        "print([name for name in sys.modules if name.startswith('kivy')])"
    )
    assert run_python(code, tmp_path).stdout == "[]\n"


def handle_of(stage: Any) -> WindowHandle:
    from kivy.clock import Clock

    return WindowHandle(lambda call: Clock.schedule_once(lambda _dt: call()), stage.root)


def test_a_view_may_come_from_any_thread_and_the_newest_wins(stage: Any) -> None:
    handle = handle_of(stage)
    drawn_in: list[threading.Thread] = []
    draw = stage.root.show
    stage.root.show = lambda view: (drawn_in.append(threading.current_thread()), draw(view))

    def other_thread() -> None:
        for n in range(100):
            handle.show(replace(SAMPLE, counter=f"Quầy số {n}"))

    thread = threading.Thread(target=other_thread)
    thread.start()
    thread.join()
    stage.step_until(lambda: stage.root.view.counter == "Quầy số 99")
    assert set(drawn_in) == {threading.main_thread()}
    assert len(drawn_in) < 100


STATES = get_args(State)


@pytest.mark.parametrize("state", STATES)
def test_no_frame_is_drawn_while_nothing_changes(stage: Any, state: str) -> None:
    stage.show(state=state)
    stage.step(5)
    flips: list[object] = []
    stage.window.bind(on_flip=flips.append)
    stage.root.show(stage.root.view)  # the same view again changes nothing either
    stage.step(20)
    stage.window.unbind(on_flip=flips.append)
    assert flips == []


def test_every_state_has_its_screen_and_leads_to_every_other(stage: Any) -> None:
    for one in STATES:
        for other in STATES:
            first = type(stage.show(state=one))
            second = type(stage.show(state=other))
            assert stage.root.view.state == other
            assert (first is second) == (
                {one, other} <= {"out_of_order", "needs_enrolment"} or one == other
            )


def test_a_broken_screen_becomes_out_of_order_and_recovers(
    stage: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from kiosk.screens.thanks import ThanksScreen

    with monkeypatch.context() as broken:
        broken.setattr(ThanksScreen, "enter", lambda _self: 1 / 0)
        screen = stage.show(state="thanks")
    assert type(screen).__name__ == "OutOfOrderScreen"
    assert "the thanks screen failed" in caplog.text
    stage.type(52)
    assert stage.deeds == [("failed",)]  # and nothing is taken that might not be kept
    assert type(stage.show()).__name__ == "AskingScreen"


def test_a_failing_callback_becomes_out_of_order_too(
    stage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from kiosk.screens.window import _failures_to

    handler = _failures_to(stage.root)
    handler.handle_exception(ValueError("disk on fire"))
    stage.step(2)
    assert type(stage.screen).__name__ == "OutOfOrderScreen"
    assert "disk on fire" in caplog.text
    assert stage.deeds == [("failed",)]


def test_ctrl_c_still_ends_the_window(stage: Any) -> None:
    from kivy.base import ExceptionManager

    from kiosk.screens.window import _failures_to

    handler = _failures_to(stage.root)
    assert handler.handle_exception(KeyboardInterrupt()) == ExceptionManager.RAISE


def test_the_window_looks_more_often_while_someone_is_there(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kivy.clock import Clock

    from kiosk.screens import pace

    monkeypatch.setattr(pace, "RESTS_AFTER_S", 0.05)
    kept = pace.Pace()
    kept.wake()
    assert Clock._max_fps == pace.AWAKE_FPS
    stage.step_until(lambda: Clock._max_fps == pace.REST_FPS)


def test_a_touch_that_sdl_has_is_handed_on_without_waiting_for_the_next_look(stage: Any) -> None:
    from kivy.clock import Clock

    stage.step(3)
    assert Clock.get_min_timeout() > 0  # nothing is due
    stage.window.dispatch("on_mouse_down", 5, 5, "left", [])
    assert Clock.get_min_timeout() <= 0
    stage.step(2)


def test_a_prepared_view_is_laid_out_and_not_drawn(stage: Any) -> None:
    stage.step(5)
    flips: list[object] = []
    stage.window.bind(on_flip=flips.append)
    stage.root.prepare([replace(SAMPLE, state="thanks", locale="en")])
    stage.step_until(lambda: any(type(s).__name__ == "ThanksScreen" for s in ready(stage)))
    stage.step(5)
    stage.window.unbind(on_flip=flips.append)
    (thanks,) = (s for s in ready(stage) if type(s).__name__ == "ThanksScreen")
    assert thanks.view.locale == "en"
    assert (flips, stage.root.view.state) == ([], "asking")


def test_a_view_that_cannot_be_prepared_is_left_for_when_it_is_shown(
    stage: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from kiosk.screens.thanks import ThanksScreen

    monkeypatch.setattr(ThanksScreen, "show", lambda _self, _view: 1 / 0)
    stage.root.prepare([replace(SAMPLE, state="thanks")])
    stage.step_until(lambda: "could not be prepared" in caplog.text)
    assert type(stage.screen).__name__ == "AskingScreen"


def ready(stage: Any) -> list[Any]:
    return list(stage.root._screens.values())


def test_a_console_that_loses_its_first_frame_is_drawn_again(stage: Any) -> None:
    drawn: list[int] = []
    flips: list[int] = []
    stage.window.bind(on_flip=lambda *_: flips.append(1))
    stage.root.once_drawn(lambda: drawn.append(len(flips)), frames=2)
    stage.window.canvas.ask_update()
    stage.step_until(lambda: bool(drawn))
    assert drawn[0] >= 1 and len(flips) >= 2
    stage.step(5)
    assert len(drawn) == 1
