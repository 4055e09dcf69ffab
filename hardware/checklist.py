"""What the technician signs after the self-test, in Vietnamese and English."""

from __future__ import annotations

from .wiring import Wiring

LINE = "_" * 24


def checklist(wiring: Wiring, *, passed: bool) -> list[str]:
    """Lines of text to be printed. What the self-test saw is ticked, the rest is for eyes."""
    items = [
        (passed, "Mọi đầu vào được nhận, không có lỗi", "All inputs were seen, no fault"),
        (False, "Nhãn trên nút đúng như bảng", "The labels on the buttons are as in the table"),
    ]
    if wiring.lamps:
        items.append((False, "Mọi đèn cùng sáng, cùng tắt", "All lamps light and end together"))
    if wiring.buzzer is not None:
        items.append((False, "Còi kêu một tiếng ở mỗi lần bấm", "The buzzer sounds at each press"))
    if wiring.duty_lamp is not None:
        text = "The duty lamp is lit, and seen by the official only"
        items.append((False, "Đèn trực sáng, chỉ cán bộ thấy", text))
    items += [
        (False, "Màn hình quay khỏi phía cán bộ", "The screen is turned from the official"),
        (False, "Mái che tay người bấm", "A hood hides the arm that presses"),
        (False, "Người ngồi xe lăn với tới", "Somebody in a wheelchair reaches it"),
        (False, "Dây điện không vướng, không lộ", "No cable is in the way or within reach"),
    ]
    lines = ["", "BIÊN BẢN KIỂM TRA · TEST PROTOCOL", f"Bảng nút · Panel: {wiring.title}", ""]
    lines += [f"[{'x' if done else ' '}] {vi} · {en}" for done, vi, en in items]
    fields = ("Ngày · Date", "Nơi đặt · Place", "Người kiểm tra · Name", "Ký tắt · Initials")
    return [*lines, "", *(f"{field + ':':<24} {LINE}" for field in fields)]
