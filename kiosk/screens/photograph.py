"""Photographs every screen in every language at every size, each size in a process of its own."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.screens.view import View

SIZES = ("800x480", "1024x600", "1280x800", "1920x1080", "480x800")

SAMPLE = View(
    state="asking",
    scale="vn5",
    locale="vi",
    locales=("vi", "en"),
    question="",
    unit="Trung tâm Phục vụ hành chính công xã mẫu",
    counter="Quầy số 1",
    official=None,
    signed_in=True,
    officials=tuple(
        (f"CB-010{n}", name)
        for n, name in enumerate(
            ("Cán bộ mẫu Một", "Cán bộ mẫu Hai", "Cán bộ mẫu Ba", "Cán bộ mẫu Bốn"), start=1
        )
    ),
    offline=False,
    attention=False,
    can_undo=False,
)
_COUNTER = {"vi": "Quầy số 1", "en": "Counter 1"}


def sample_views(locale: str) -> Iterator[tuple[str, View]]:
    """(name, view) of each screen in one language, without real people."""
    view = replace(SAMPLE, locale=locale, counter=_COUNTER.get(locale, SAMPLE.counter))
    yield "asking", view
    yield "asking-offline", replace(view, offline=True, signed_in=False)
    yield "asking-vn4", replace(view, scale="vn4")
    yield "asking-vn3", replace(view, scale="vn3")
    yield "thanks", replace(view, state="thanks", can_undo=True)
    yield "thanks-final", replace(view, state="thanks")
    yield "sign_in", replace(view, state="sign_in", signed_in=True)
    yield "pin", replace(view, state="sign_in")
    yield "out_of_order", replace(view, state="out_of_order")
    yield "needs_enrolment", replace(view, state="needs_enrolment", message="hailong-kiosk enrol")


class Nobody:
    """WindowEvents to whom nothing matters."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def photograph(out: Path, size: str, only: tuple[str, ...]) -> None:
    """All photographs of one size, in this process: a window's size is fixed for its life."""
    width, height = (int(side) for side in size.split("x"))
    from kiosk.locale import load_catalogues
    from kiosk.screens.window import open_stage

    events: Any = Nobody()
    stage = open_stage(SAMPLE, events, size=(width, height), fullscreen=False, driver="offscreen")
    from kivy.base import EventLoop
    from kivy.core.window import Window

    EventLoop.ensure_window()
    Window.add_widget(stage)
    EventLoop.status = "started"
    for locale in load_catalogues():
        for name, view in sample_views(locale):
            if only and name not in only:
                continue
            stage.show(view)
            if stage.view != view:
                sys.exit(f"the {name} screen could not be drawn; the log says why.")
            if name == "pin":
                stage.children[0].choose(*view.officials[0])
                stage.children[0].pin = "00"
            for _ in range(4):
                EventLoop.idle()
            _save(Window, EventLoop, out / f"{name}-{locale}-{size}.png")


def _save(window: Any, loop: Any, path: Path) -> None:
    """The pixels can be read only between drawing and flipping."""
    made: list[str] = []
    path.unlink(missing_ok=True)

    def shoot(*_: object) -> None:
        if not made:
            made.append(window.screenshot(name=str(path)))

    window.bind(on_flip=shoot)
    window.canvas.ask_update()
    loop.idle()
    window.unbind(on_flip=shoot)
    Path(made[0]).replace(path)  # Kivy numbers its screenshots


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), metavar="WxH")
    parser.add_argument("--only", nargs="+", default=[], metavar="SCREEN")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if len(options.sizes) == 1:
        photograph(options.out, options.sizes[0], tuple(options.only))
        return
    only = ["--only", *options.only] if options.only else []
    for size in options.sizes:
        subprocess.run(  # noqa: S603 (this program again, once for each size)
            [
                sys.executable,
                "-m",
                "kiosk.screens.photograph",
                str(options.out),
                *only,
                "--sizes",
                size,
            ],
            check=True,
        )


if __name__ == "__main__":
    main()
