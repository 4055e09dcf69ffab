"""A pretend crowd: citizens who rate, press twice or change their mind; officials take turns."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

WEIGHTS = {5: 55, 4: 25, 3: 10, 2: 6, 1: 4}  # per cent; ratings a box lacks are left out
PRESSES_TWICE = 1 / 15
CHANGES_MIND = 1 / 30
RELIEVED = 1 / 25  # before this share of the citizens another official signs in
AGAIN_S = (0.4, 0.8)
OTHER_FACE_S = (0.9, 1.1)
UNDO_S = 2.0  # of the kiosks that a crowd presses
PACE_S = (15.0, 40.0)  # from one citizen to the next: quicker ones would look like one thumb

SignIn = Callable[[str, str], None]


class Presser(Protocol):
    """What a crowd needs of simulated.PinDriver."""

    @property
    def buttons(self) -> tuple[int, ...]: ...
    def press(self, button: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Citizen:
    """What one citizen will do."""

    presses: tuple[tuple[float, int], ...]  # seconds to wait before, button
    relieved: bool  # another official signs in first
    pause_s: float  # until the next citizen


def citizens(
    rng: random.Random, buttons: Sequence[int], pace_s: tuple[float, float]
) -> Iterator[Citizen]:
    """Citizens without end, the same for the same generator state."""
    while True:
        relieved = rng.random() < RELIEVED
        first = _face(rng, buttons)
        presses = [(0.0, first)]
        whim = rng.random()
        others = [b for b in buttons if b != first]
        if whim < PRESSES_TWICE:
            presses.append((rng.uniform(*AGAIN_S), first))
        elif whim < PRESSES_TWICE + CHANGES_MIND and others:
            presses.append((rng.uniform(*OTHER_FACE_S), _face(rng, others)))
        yield Citizen(tuple(presses), relieved, rng.uniform(*pace_s))


def _face(rng: random.Random, buttons: Sequence[int]) -> int:
    return rng.choices(buttons, [WEIGHTS[b] for b in buttons])[0]


class Crowd:
    """Presses `driver` from a thread of its own; all chance comes from `seed`.

    `officials` are (code, PIN); `sign_in` is called from the crowd's thread. `undo_s` is the
    kiosk's undo window: the next citizen comes only when the one before has lost it.
    """

    def __init__(
        self,
        seed: int,
        driver: Presser,
        sign_in: SignIn,
        officials: Sequence[tuple[str, str]],
        pace_s: tuple[float, float] = PACE_S,
        *,
        undo_s: float = UNDO_S,
    ):
        self.presses = 0  # real presses of a pin, finished
        self._rng = random.Random(seed)  # noqa: S311  (a pretend crowd, no secret)
        self._driver, self._sign_in = driver, sign_in
        self._officials = list(officials)
        self._at_counter: tuple[str, str] | None = None
        self._pace_s, self._gap_s = pace_s, undo_s + 0.2 if undo_s else 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crowd", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the citizen in hand finish, then no more come. May be called twice, or unstarted."""
        self._stopping.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        self._relieve()
        pause_s = 0.0  # the first one stands there already
        for citizen in citizens(self._rng, self._driver.buttons, self._pace_s):
            if self._stopping.wait(max(self._gap_s, pause_s)):
                return
            pause_s = citizen.pause_s
            if citizen.relieved:
                self._relieve()
            try:
                self._serve(citizen)
            except Exception:
                log.exception("the crowd leaves: the panel cannot be pressed")
                return

    def _serve(self, citizen: Citizen) -> None:
        for wait_s, button in citizen.presses:
            # Not cut short by stop(): half a citizen would be one press too few.
            threading.Event().wait(wait_s)
            self._driver.press(button)
            self.presses += 1

    def _relieve(self) -> None:
        others = [o for o in self._officials if o != self._at_counter]
        if not others:
            return
        code, pin = self._at_counter = self._rng.choice(others)
        try:
            self._sign_in(code, pin)
        except Exception:
            log.exception("official %s of the crowd could not sign in", code)
