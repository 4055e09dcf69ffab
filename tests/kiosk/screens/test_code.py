"""The vote code: only on request, large, and as a QR where there is an address to check it."""

from typing import Any

CODE = "7K2M-9QXD-4TBW"


def test_the_code_stands_on_one_line_in_large_letters(stage: Any) -> None:
    screen = stage.show(state="code", code=CODE)
    assert CODE in stage.words()
    assert screen.ids.code.texture_size[1] < 2 * screen.ids.code.font_size
    assert screen.ids.code.font_size > 40


def test_a_qr_is_drawn_where_there_is_an_address(stage: Any) -> None:
    stage.show(state="code", code=CODE)
    without = stage.pixels()
    assert "Quét để kiểm tra" not in stage.words()
    stage.show(state="code", code=CODE, code_qr=f"https://hailong.example/v/{CODE}")
    assert "Quét để kiểm tra" in stage.words()
    black = bytes((0, 0, 0, 255))
    assert stage.pixels().count(black) > without.count(black) + 10_000


def test_it_is_closed_by_a_tap(stage: Any) -> None:
    screen = stage.show(state="code", code=CODE)
    stage.tap(screen.ids.close)
    assert stage.deeds == [("show_code", False)]


def test_the_code_of_one_citizen_does_not_stay_for_the_next(stage: Any) -> None:
    stage.show(state="code", code=CODE)
    stage.show()
    stage.show(state="code", code="AAAA-BBBB-CCCC")
    assert CODE not in stage.words()


def test_the_next_citizen_may_press_a_key_1_to_5(stage: Any) -> None:
    stage.show(state="code", code=CODE)
    stage.type(53)
    assert stage.deeds == [("face", 5, "keyboard")]
