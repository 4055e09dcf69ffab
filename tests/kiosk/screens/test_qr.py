"""The QR code on the screen has exactly the modules of the encoder's own matrix."""

from typing import Any

import pytest
import segno

SIGNED_HEAD = (
    "hailong/journal/v1 6f9619ff-8b86-4d01-b42d-00c04fc964ff\n123456\n"
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
    "— kiosk-quay-01.hailong.example " + "4jNxW0B" * 12 + "\n"
)


def show(stage: Any, text: str, pos: tuple[float, float], size: tuple[float, float]) -> Any:
    from kiosk.screens.qr import QrCode

    stage.root.clear_widgets()
    code = QrCode(text=text, pos=pos, size=size, size_hint=(None, None))
    stage.root.add_widget(code)
    stage.step(2)
    return code


@pytest.mark.parametrize(
    ("text", "pos", "size"),
    [
        ("https://hailong.example/danh-gia/Q1", (20, 30), (300, 300)),
        (SIGNED_HEAD, (100.4, 33.7), (277.3, 401)),
        ("Phường Đông – Quầy số 1", (300, 90), (111, 222.2)),
    ],
)
def test_every_pixel_of_every_module_is_the_encoders(
    stage: Any, text: str, pos: tuple[float, float], size: tuple[float, float]
) -> None:
    code = show(stage, text, pos, size)
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    each = int(min(size) / len(rows))
    assert each >= 2
    across = each * len(rows)
    left, low = round(code.center_x - across / 2), round(code.center_y - across / 2)
    seen = stage.pixels()
    width, _ = stage.window.size
    for row, modules in enumerate(rows):
        line = b"".join((b"\0\0\0\xff" if dark else b"\xff" * 4) * each for dark in modules)
        for y in range(low + across - (row + 1) * each, low + across - row * each):
            start = 4 * (y * width + left)
            assert seen[start : start + 4 * across] == line, (row, y)


def test_the_error_level_is_at_least_m_and_a_signed_head_fits() -> None:
    code = segno.make(SIGNED_HEAD, error="m", micro=False)
    assert len(SIGNED_HEAD.encode()) > 200
    assert code.error in "MQH"


def test_without_a_text_nothing_is_drawn(stage: Any) -> None:
    show(stage, "", (0, 0), (10, 10))
    empty = stage.pixels()
    code = show(stage, "abc", (100, 100), (200, 200))
    assert stage.pixels() != empty
    code.text = ""
    assert stage.pixels() == empty


def test_a_text_too_long_is_logged_and_draws_nothing(
    stage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    code = show(stage, "x" * 4000, (100, 100), (200, 200))
    assert code.canvas.length() == 0
    assert "too long" in caplog.text


def test_moved_and_resized_bit_by_bit_it_stays_in_the_middle(stage: Any) -> None:
    code = show(stage, "abc", (0, 0), (100, 100))
    assert code.center == [50, 50]
    for side, value in (("width", 400), ("x", 30), ("height", 250), ("y", 40), ("x", 90)):
        setattr(code, side, value)
    code.width = 300
    (drawn,) = (part for part in code.canvas.children if hasattr(part, "size"))
    assert drawn.pos[0] + drawn.size[0] / 2 == pytest.approx(90 + 150, abs=1)
    assert drawn.pos[1] + drawn.size[1] / 2 == pytest.approx(40 + 125, abs=1)


def test_it_draws_again_only_when_something_changed(stage: Any) -> None:
    code = show(stage, "abc", (100, 100), (200, 200))
    drawn = list(code.canvas.children)
    code.text, code.size = "abc", (200, 200)
    stage.step(3)
    assert list(code.canvas.children) == drawn
    code.text = "abd"
    assert list(code.canvas.children) != drawn
