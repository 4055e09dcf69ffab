"""Who presses a simulated panel: a script on standard input, the keyboard, or a pretend crowd."""

import threading
from collections.abc import Callable

from hardware.simulated import Crowd, Keys, SimulatedPanel
from kiosk.core import Core, void
from kiosk.script import Answers, Script
from kiosk.showing import Counter

CONFIG_WAIT_S = 15.0
Stop = Callable[[], int | None]
"""Ends the presses; how many they were, if that is counted."""


def press_by_script(
    panel: SimulatedPanel, core: Core, tell: Answers, end: Callable[[], None]
) -> Stop:
    """Commands from standard input; the core counts what they pressed."""
    Script(panel.driver, core, tell=tell.tell, on_end=end).start()
    return lambda: core.presses


def press_by_keys(panel: SimulatedPanel) -> Stop:
    """The terminal's digit keys."""
    keys = Keys(panel.driver)
    keys.start()
    return keys.stop


def press_by_crowd(
    panel: SimulatedPanel,
    core: Core,
    *,
    seed: int,
    configured: threading.Event,
    counter: Callable[[], Counter],
) -> Stop:
    """The crowd comes once the officials are known, or soon without them."""
    leaving = threading.Event()
    crowds: list[Crowd] = []

    def come() -> None:
        configured.wait(CONFIG_WAIT_S)
        officials = [(o.code, o.code[-4:]) for o in counter().config.officials]
        crowd = Crowd(
            seed, panel.driver, lambda code, pin: void(core.sign_in(code, pin).result(30)),
            officials, undo_s=counter().undo_s,
        )  # fmt: skip
        crowds.append(crowd)
        if not leaving.is_set():
            crowd.start()

    def leave() -> int:
        leaving.set()
        configured.set()
        coming.join()
        crowds[0].stop()
        return crowds[0].presses

    coming = threading.Thread(target=come, name="crowd-coming", daemon=True)
    coming.start()
    return leave
