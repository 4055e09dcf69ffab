"""What the technician signs after the self-test, in English and Vietnamese."""

from __future__ import annotations

LINE = "_" * 24
# As in docs/mounting.md, so that a signature under either is the same.
ITEMS = (
    "every button pressed and counted, every lamp and the buzzer seen and heard / từng nút, đèn,"
    " còi",
    "hailong-hardware cardtest: the card kept all that it said it had kept / thẻ nhớ không mất dữ"
    " liệu",
    "from the official's chair: no face, no button, no hand to be seen / từ ghế cán bộ không thấy"
    " gì",
    "from the waiting line and in each camera's picture: the same / từ chỗ đợi và camera cũng vậy",
    "middle of the buttons at ____ mm above the floor; reached from a chair / độ cao nút, tầm với"
    " khi ngồi",
    "power pulled and plugged in: the question comes back by itself / rút điện, cắm lại: câu hỏi"
    " tự hiện",
    "a test vote arrived at the server; the counter on the screen is the right one / đúng quầy",
    "box locked; hailong.toml on the card shows stars for the code / đã khóa hộp, mã đã bị xóa",
)
FIELDS = ("Nơi / Place", "Ngày / Date", "Đơn vị / Unit", "Kỹ thuật viên / Technician",
          "Chữ ký / Signature")  # fmt: skip


def checklist(title: str, *, passed: bool) -> list[str]:
    """Lines of text to be printed: what the self-test saw, then what is for eyes and a hand."""
    saw = "ĐẠT / passed" if passed else "KHÔNG ĐẠT / failed"
    return [
        "",
        "BIÊN BẢN LẮP ĐẶT / INSTALLATION PROTOCOL",
        f"Bảng nút / Panel: {title}",
        f"Tự kiểm tra / Self-test: {saw}",
        "",
        *(f"[ ] {item}" for item in ITEMS),
        "",
        *(f"{field + ':':<28} {LINE}" for field in FIELDS),
    ]
