"""Press to changed screen beyond the commit: a real Kivy window, offscreen if there is no display.

A press is timed to the thanks event (after the durable commit) and to the first frame that is
drawn of what follows a vote.
"""

import argparse
import os
import statistics
import threading
import time
from typing import Any

from bench.unit import now_ms, unit
from kiosk.screens.display import display_answers
from kiosk.screens.view import View

PRESSES = 60
MOST_MS = 50.0
SETTLES_S = 2.0


def run(args: argparse.Namespace) -> bool:
    """Print median and p95 in ms beyond the commit; True if p95 is under MOST_MS."""
    if not display_answers():
        os.environ["SDL_VIDEODRIVER"] = "offscreen"
    from kiosk.screens.window import WindowHandle, run_window

    beyond: list[float] = []
    committed, drawn, ready = threading.Event(), threading.Event(), threading.Event()
    times: dict[str, float] = {}
    shown: list[View] = []

    def hear(event: dict[str, object]) -> None:
        if event["event"] == "thanks":
            times["commit"] = now_ms()
            committed.set()

    with unit(hear) as (core, _):
        handles: list[WindowHandle] = []

        def on_ready(handle: WindowHandle) -> None:
            from kivy.core.window import Window

            handles.append(handle)
            Window.bind(on_flip=on_flip)

            def show(view: View) -> None:
                shown.append(view)
                handle.show(view)

            core.show_on(show)
            handle.prepare(core.after_a_vote())
            ready.set()

        def on_flip(*_: Any) -> None:
            if committed.is_set() and shown[-1].state == "follow_up" and not drawn.is_set():
                times["flip"] = now_ms()
                drawn.set()

        def press() -> None:
            ready.wait(30)
            time.sleep(SETTLES_S)
            for number in range(PRESSES // (4 if args.quick else 1)):
                committed.clear()
                drawn.clear()
                core.touch(1 + number % 5, "touch")
                if committed.wait(10) and drawn.wait(10):
                    beyond.append(times["flip"] - times["commit"])
                core.citizen.finish("skipped")
                core.citizen.dismiss()
                _until_asking(shown)
            handles[0].close()

        threading.Thread(target=press, daemon=True).start()
        run_window(
            first=core.view, events=_Nobody(), size=(800, 480), fullscreen=False, on_ready=on_ready
        )
    return _report(beyond)


def _report(beyond: list[float]) -> bool:
    if len(beyond) < 5:
        print(f"only {len(beyond)} presses were drawn: NOT MEASURED")
        return False
    p95 = statistics.quantiles(beyond, n=20)[-1]
    print(
        f"changed screen beyond the commit: median {statistics.median(beyond):.1f} ms, "
        f"p95 {p95:.1f} ms (under {MOST_MS:.0f}){'' if p95 < MOST_MS else '  NOT MET'}"
    )
    return p95 < MOST_MS


def _until_asking(shown: list[View]) -> None:
    """The next press comes when the question is back."""
    pause = threading.Event()
    for _ in range(100):
        if shown[-1].state == "asking":
            return
        pause.wait(0.05)


class _Nobody:
    """Window events that nobody hears."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: None
