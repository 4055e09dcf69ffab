"""Prints, as JSON, what a window of one size really shows; test_layouts.py runs one for each."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kiosk.locale import load_catalogues
from kiosk.screens.photograph import SAMPLE, Nobody, sample_views
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
    view = replace(LONG, locale=locale)
    yield "asking-long", view
    yield (
        "asking-named",
        replace(view, official="Nguyễn Hoàng Thị Phương Nghiêm Trường, Chuyên viên"),
    )
    yield "sign_in-long", replace(view, state="sign_in")
    yield "out_of_order-long", replace(view, state="out_of_order")


def boxes(stage: Any) -> dict[str, Any]:
    from kiosk.screens.text import Text
    from kiosk.screens.widgets import FaceCard, Key

    walked = list(stage.walk())
    texts = [w for w in walked if isinstance(w, Text) and w.text and min(w.size) > 0]
    cards = [w for w in walked if isinstance(w, FaceCard)]
    keys = [w for w in walked if isinstance(w, Key) and not w.disabled]
    return {
        "texts": [
            {
                "text": w.text,
                "box": box(w),
                "texture": w.texture_size,
                "whole": w.is_whole(),
                "shrunk": w.font_size / w.px,
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
            }
            for c in cards
        ],
        "keys": [{"text": w.text, "box": box(w)} for w in keys],
    }


def box(widget: Any) -> list[float]:
    return [widget.x, widget.y, widget.right, widget.top]


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
    for locale in load_catalogues():
        for name, view in [*sample_views(locale), *long_views(locale)]:
            stage.show(view)
            if name == "pin":
                stage.children[0].choose(*view.officials[0])
            for _ in range(4):
                EventLoop.idle()
            shown[f"{name}-{locale}"] = boxes(stage)
    json.dump({"window": list(Window.size), "screens": shown}, sys.stdout)


main()
