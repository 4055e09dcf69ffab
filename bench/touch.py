"""Press to changed pixel in the real kiosk, beside a touch of a bare window at 60 Hz.

Buttons are pressed on mock pins, touches are made on an X server; a pixel has changed when its
frame has been handed over to the display. Ours and the bare window take turns.
"""

import argparse
from collections.abc import Callable
from statistics import median, quantiles
from typing import NamedTuple

from bench.display import Finger, display, has_display, pause
from bench.enrolled import RUN, enrolled
from bench.process import Process, load, process
from bench.told import now_ms
from bench.watched import REST_AFTER_S

HZ = 60
ROUNDS = 30
MOST = 1.2
AFTER_REST_MS = 120.0
BETWEEN_S = 0.35  # presses closer than 300 ms are one gesture
FACES = [(16 + round((number - 0.5) * 768 / 5), 280) for number in range(1, 6)]


class Took(NamedTuple):
    """ms from press to the first changed pixel, to the thanks, and of them the commit."""

    first: float
    thanks: float
    commit: float


def run(args: argparse.Namespace) -> bool:
    """Print p50 and p95 of each kind of press; True if each is fast enough."""
    if not has_display():
        print("there is no Xvfb to touch: NOT MEASURED")
        return False
    with (
        enrolled() as kiosk, display() as one, display() as other,
        process("bench.bare", str(HZ), env=one) as bare,
        process("bench.watched", *RUN, env={**kiosk, **other}) as ours,
    ):  # fmt: skip
        bare.wait_for("drawn")
        ours.wait_for("ready")
        pause(2)
        presses = Presses(bare, Finger(one["DISPLAY"]), ours, Finger(other["DISPLAY"]))
        for number in range(max(5, ROUNDS // (10 if args.quick else 1))):
            presses.round(number)
    return presses.report()


class Presses:
    """Rounds of presses: at rest, then awake; by button, then by touch."""

    def __init__(self, bare: Process, bare_finger: Finger, ours: Process, finger: Finger) -> None:
        self._bare, self._bare_finger, self._ours, self._finger = bare, bare_finger, ours, finger
        self._took: dict[str, list[Took]] = {}
        self._yard: list[float] = []

    def round(self, number: int) -> None:
        """Every kind once; the window falls asleep between two rounds."""
        x, y = FACES[number % 5]

        def button() -> float:
            at_ms = now_ms()
            self._ours.say(f"press {1 + number % 5}")
            return at_ms

        def touch() -> float:
            return self._finger.tap(x, y)

        self._touch_bare(x, y)
        pause(REST_AFTER_S + 0.2)
        self._press("button at rest", button)
        self._press("first touch after rest", touch)
        self._press("touch awake", touch)
        self._press("button awake", button)
        self._touch_bare(x, y)

    def report(self) -> bool:
        yard = _p95(self._yard)
        print(f"bare window at 60 Hz: p50 {median(self._yard):.1f} ms, p95 {yard:.1f} ms; {load()}")
        met = [self._report(kind, took, yard) for kind, took in self._took.items()]
        return all(met)

    def _report(self, kind: str, took: list[Took], yard: float) -> bool:
        """A touch shows at once that it was felt; a button changes nothing before the commit."""
        commit = _p95([t.commit for t in took])
        first, thanks = [t.first for t in took], [t.thanks for t in took]
        if kind == "first touch after rest":
            met, limit = _p95(first) <= AFTER_REST_MS, f"under {AFTER_REST_MS:.0f} ms"
        else:
            most = MOST * yard + commit
            met, limit = _p95(first) <= most, f"at most {MOST} x bare + commit = {most:.1f} ms"
        print(
            f"{kind}: changed pixel p50 {median(first):.1f} ms, p95 {_p95(first):.1f} ms ({limit}),"
            f" {_p95(first) / yard:.2f} times; thanks p50 {median(thanks):.1f} ms, p95"
            f" {_p95(thanks):.1f} ms; commit p95 {commit:.1f} ms{'' if met else '  NOT MET'}"
        )
        return met

    def _press(self, kind: str, press: Callable[[], float]) -> None:
        since = len(self._ours.events)
        at_ms = press()
        first = self._ours.wait_for("drawn", since=since)["ms"]
        thanks = self._ours.wait_for("drawn", since=since, state="follow_up")["ms"]
        kept = self._ours.wait_for("committed", since=since)["ms"]
        pressed = self._ours.wait_for("pressed", since=since)["ms"]
        self._took.setdefault(kind, []).append(Took(first - at_ms, thanks - at_ms, kept - pressed))
        self._ours.wait_for("drawn", since=since, state="asking")
        self._ours.wait_for("reasons", since=since)
        pause(BETWEEN_S)

    def _touch_bare(self, x: int, y: int) -> None:
        since = len(self._bare.events)
        at_ms = self._bare_finger.tap(x, y)
        self._yard.append(self._bare.wait_for("drawn", since=since)["ms"] - at_ms)
        pause(BETWEEN_S / 2)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
