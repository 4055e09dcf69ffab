"""The real `hailong-kiosk` that tells when it was pressed, kept the vote and drew.

`python -m bench.watched run …`. After each vote it skips the follow-up by itself, and it rests
after REST_AFTER_S instead of ten seconds, so that many presses take little time.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

from bench.told import tell, tell_frames
from kiosk.__main__ import main

REST_AFTER_S = 1.2
SKIPS_AFTER_S = 0.1


def watch() -> None:
    """Puts a teller before the few calls that matter; all of them go on as they are."""
    from kiosk import core, senses
    from kiosk.screens import window

    _told_before(core.Core, "press", "pressed")
    _told_before(senses.UnitSenses, "thank", "committed")
    cores: list[core.Core] = []
    start = core.Core.start
    core.Core.start = lambda self, *what: (cores.append(self), start(self, *what))[1]
    open_stage = window.open_stage

    def open_and_watch(*what: Any, **how: Any) -> Any:
        stage = open_stage(*what, **how)
        from kivy.core.window import Window

        from kiosk.screens import pace

        pace.RESTS_AFTER_S = REST_AFTER_S
        stage._pace = pace.Pace()
        tell_frames(Window, lambda: _drawn(stage.view.state, cores[0]))
        return stage

    window.open_stage = open_and_watch


def _drawn(state: str, core: Any) -> None:
    tell("drawn", state=state)
    if state == "follow_up":
        who = core.citizen
        skip = threading.Timer(SKIPS_AFTER_S, lambda: (who.finish("skipped"), who.dismiss()))
        skip.daemon = True
        skip.start()


def _told_before(owner: type, name: str, event: str) -> None:
    call: Callable[..., Any] = getattr(owner, name)

    def told(*what: Any, **how: Any) -> Any:
        tell(event)
        return call(*what, **how)

    setattr(owner, name, told)


if __name__ == "__main__":
    watch()
    sys.exit(main())
