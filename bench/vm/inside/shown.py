"""The real `hailong-kiosk` that tells which view it has drawn and every touch that reached it.

`python -m bench.vm.inside.shown run …`; all else goes on as it is.
"""

import json
import sys
from typing import Any

from kiosk.__main__ import main


def tell(event: str, **more: object) -> None:
    """One whole line at once, from any thread."""
    sys.stdout.write(json.dumps({"event": event, **more}) + "\n")
    sys.stdout.flush()


def watch() -> None:
    """Tells of touches and frames of the stage, from the moment that there is one."""
    from kiosk.screens import window

    open_stage = window.open_stage

    def open_and_watch(*what: Any, **how: Any) -> Any:
        stage = open_stage(*what, **how)
        from kivy.core.window import Window

        tell("window", size=list(Window.size))
        drawn: list[str] = []

        def flipped(*_: object) -> None:
            if drawn[-1:] != [stage.view.state]:
                drawn.append(stage.view.state)
                tell("drawn", state=stage.view.state)

        Window.bind(on_flip=flipped)
        Window.bind(on_touch_down=lambda _w, touch: tell("touch", way=touch.device))
        return stage

    window.open_stage = open_and_watch


if __name__ == "__main__":
    watch()
    sys.exit(main())
