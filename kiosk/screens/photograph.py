"""Photographs every screen in every language at every size, each size in a process of its own."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.screens.samples import MAIN, SAMPLE, sample_views, touch_before

SIZES = ("800x480", "1024x600", "1280x800", "1920x1080", "480x800")
EVERY_STATE_AT = ("800x480", "480x800")
"""The 7-inch panel, where room is scarce; at the other sizes one state of each screen will do."""


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
    media = draw_media(Path(tempfile.mkdtemp()))
    for locale in load_catalogues():
        for name, view in sample_views(locale, media):
            if not (name in only if only else size in EVERY_STATE_AT or name in MAIN):
                continue
            stage.show(view)
            if stage.view != view:
                sys.exit(f"the {name} screen could not be drawn; the log says why.")
            touch_before(name, stage.children[0])
            for _ in range(4):
                EventLoop.idle()
            _save(Window, EventLoop, out / f"{name}-{locale}-{size}.png")


def draw_media(folder: Path) -> Path:
    """Makes photo.png and picture.png, of nobody and of nowhere; needs a window. The folder."""
    from kivy.graphics import Color, Ellipse, Fbo, Rectangle

    from kiosk.screens.palette import rgba

    def draw(name: str, size: tuple[int, int], shapes: list[tuple[Any, str, Any]]) -> None:
        fbo = Fbo(size=size)
        with fbo:
            for shape, color, (x, y, width, height) in shapes:
                Color(rgba=rgba(color))
                shape(pos=(x, y), size=(width, height))
        fbo.draw()
        fbo.texture.save(str(folder / name), flipped=True)

    bust = [(0, 0, 300, 400), (10, -150, 280, 300), (85, 150, 130, 160)]
    photo = zip((Rectangle, Ellipse, Ellipse), ("#C9DAE4", "#0B5A7A", "#E8C9A8"), bust, strict=True)
    draw("photo.png", (300, 400), list(photo))
    view = [(0, 0, 1200, 500), (900, 300, 130, 130), (-200, -330, 900, 560), (400, -300, 1100, 470)]
    walls = [(330, 90, 540, 170), (300, 250, 600, 40), (560, 90, 80, 110)]
    windows = [(x, 150, 60, 70) for x in (370, 460, 680, 770)]
    scene = [
        *zip((Rectangle, Ellipse, Ellipse, Ellipse), _COUNTRY, view, strict=True),
        *zip([Rectangle] * 3, ("#FFFFFF", "#B4472F", "#7A4A2B"), walls, strict=True),
        *((Rectangle, "#7CC4D6", window) for window in windows),
    ]
    draw("picture.png", (1200, 500), scene)
    return folder


_COUNTRY = ("#DCEEF5", "#F6D566", "#8FBF9A", "#6FA98A")


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
    _shrink(path)


def _shrink(path: Path) -> None:
    """To a third, where Pillow happens to be installed: a kiosk has none."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


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
