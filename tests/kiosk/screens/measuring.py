"""Prints, as JSON, what a window of one size really shows; test_layouts.py runs one for each."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from kiosk.locale import load_catalogues
from kiosk.screens.palette import contrast
from kiosk.screens.photograph import Nobody, draw_media
from kiosk.screens.samples import SAMPLE, follow_up, sample_views, touch_before
from kiosk.screens.view import Reason, Story
from kiosk.screens.window import View, open_stage

LONG = replace(
    SAMPLE,
    unit="Trung tâm Phục vụ hành chính công phường Nguyễn Nghiêm Thượng Hạ, tỉnh mẫu phía Đông",
    counter="Quầy số 12 – Tiếp nhận hồ sơ đất đai và môi trường",
    question="Ông/Bà có hài lòng với việc tiếp nhận hồ sơ, hướng dẫn thủ tục và trả kết quả "
    "giải quyết thủ tục hành chính vừa rồi tại quầy này không?",
    officials=tuple((f"CB-{n:04}", "Nguyễn Hoàng Thị Phương Nghiêm Trường") for n in range(14)),
    offline=True,
    attention=True,
    message="Mã PIN chưa đúng. Còn hai lần thử nữa, sau đó mã của cán bộ này bị khóa một lúc.",
)


def long_views(locale: str) -> Iterator[tuple[str, View]]:
    """Words longer than anyone should configure."""
    view = replace(LONG, locale=locale, can_listen=True)
    named = replace(view, official="Nguyễn Hoàng Thị Phương Nghiêm Trường, Chuyên viên chính")
    yield "asking-long", view
    yield "invited-long", replace(view, invited=True)
    yield "asking-named", named
    yield "asking-named-invited", replace(named, invited=True)
    yield "asking-named-disowned", replace(named, disowned=True)
    story = Story(
        said="Người cao tuổi và người khuyết tật phải đứng chờ lâu, không có ghế ngồi gần quầy.",
        did="Từ đầu tháng 9 có hàng ghế ưu tiên, xe lăn và một cán bộ hướng dẫn ở ngay cửa ra vào.",
    )
    yield "resting-long", replace(view, resting=True, stories=(story,))
    label = "Hồ sơ bị trả lại nhiều lần mà không nói rõ thiếu giấy tờ gì"
    reasons = tuple(Reason(f"R{n}", label) for n in range(10, 16))
    yield "follow_up-long", replace(follow_up(view, 1), reasons=reasons, chosen=frozenset({"R10"}))
    counters = tuple((f"Q-{n}", f"Tầng 2 – {n}B") for n in range(12))
    yield "choose_counter-long", replace(view, state="choose_counter", counters=counters)
    yield "sign_in-long", replace(view, state="sign_in")
    yield "out_of_order-long", replace(view, state="out_of_order")


def look(stage: Any, picture: Image.Image) -> dict[str, Any]:
    from kiosk.screens.face_choices import FaceCard
    from kiosk.screens.pictograms import Pictogram
    from kiosk.screens.text import Text
    from kiosk.screens.widgets import Key

    walked = list(seen(stage))
    texts = [w for w in walked if isinstance(w, Text) and w.text and min(w.size) > 0]
    cards = [w for w in walked if isinstance(w, FaceCard)]
    keys = [w for w in walked if isinstance(w, Key) and not w.disabled]
    pictures = [w for w in walked if isinstance(w, Pictogram) and w.name]
    return {
        "texts": [
            {
                "text": w.text,
                "box": box(w),
                "texture": w.texture_size,
                "whole": w.is_whole(),
                "shrunk": w.font_size / w.px,
                "letters": w.font_size,
                "contrast": contrast_in(picture, w),
            }
            for w in texts
        ],
        "faces": [
            {
                "rating": c.rating,
                "box": box(c),
                "face": box(c.ids.face),
                "word": box(c.ids.word),
                "letters": c.ids.word.font_size,
                "line": c.ids.word.texture_size[1] / len(c.ids.word._label._cached_lines),
            }
            for c in cards
        ],
        "keys": [
            {
                "text": w.text,
                "picture": getattr(w, "picture", ""),
                "box": box(w),
                "contrast": edge_contrast(picture, w),
            }
            for w in keys
        ],
        "pictures": [
            {"name": w.name, "box": box(w), "contrast": contrast_in(picture, w)} for w in pictures
        ],
    }


def seen(widget: Any) -> Iterator[Any]:
    """A widget and all in it that is not transparent."""
    if widget.opacity > 0:
        yield widget
        for child in reversed(widget.children):
            yield from seen(child)


def contrast_in(picture: Image.Image, widget: Any) -> float:
    """Of what is drawn in a widget's box, the strongest, against the color that fills most."""
    return strongest(picture, widget.x, widget.y, widget.right, widget.top)


def edge_contrast(picture: Image.Image, key: Any) -> float:
    """Of the pixels across the left edge of a key, against those beside it."""
    middle = key.center_y
    return strongest(picture, key.x - 6, middle, key.x + max(3, key.border), middle + 1)


def strongest(picture: Image.Image, left: float, low: float, right: float, top: float) -> float:
    height = picture.height
    part = picture.crop((int(left), int(height - top), int(right), int(height - low)))
    found = sorted(part.getcolors(maxcolors=1 << 16), reverse=True)
    most = found[0][1]
    return max(contrast_of(most, color) for _times, color in found)


@cache
def contrast_of(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The same few colors come back in every picture."""
    return contrast(*("#{:02X}{:02X}{:02X}".format(*color) for color in (one, other)))


def box(widget: Any) -> list[float]:
    return [widget.x, widget.y, widget.right, widget.top]


def lay_out() -> None:
    """A frame that nobody looks at: all of it but the drawing, which is most of its cost."""
    from kivy.clock import Clock
    from kivy.lang import Builder

    Clock.tick()
    Builder.sync()
    Clock.tick_draw()
    Builder.sync()


def photographed(window: Any, loop: Any) -> Image.Image:
    from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

    read: list[bytes] = []
    width, height = window.size

    def take(*_: object) -> None:
        read.append(bytes(glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)))

    window.bind(on_flip=take)
    window.canvas.ask_update()
    loop.idle()
    window.unbind(on_flip=take)
    upright = Image.frombytes("RGBA", (width, height), read[-1]).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    return upright.convert("RGB")


def main() -> None:
    width, height = (int(side) for side in sys.argv[1].split("x"))
    events: Any = Nobody()
    stage = open_stage(SAMPLE, events, size=(width, height), fullscreen=False, driver="offscreen")
    from kivy.base import EventLoop
    from kivy.core.window import Window

    EventLoop.ensure_window()
    Window.add_widget(stage)
    EventLoop.status = "started"
    shown = {}
    media = draw_media(Path(tempfile.mkdtemp()))
    for locale in load_catalogues():
        for name, view in [*sample_views(locale, media), *long_views(locale)]:
            stage.show(view)
            touch_before(name, stage.children[0])
            for _ in range(4):
                lay_out()
            shown[f"{name}-{locale}"] = look(stage, photographed(Window, EventLoop))
    json.dump({"window": list(Window.size), "screens": shown}, sys.stdout)


main()
