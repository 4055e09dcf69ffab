"""A visit of the sample's inspector, so that its pages show how one looks."""

from datetime import datetime, timedelta
from typing import Any

from server.inspection.selectors import visits
from server.inspection.services import add_finding, add_measure, enter_visit, set_done
from server.sample.history import ZONE
from server.sample.province import COMMUNES

UNIT = COMMUNES[0][0]
BY = "inspector"
AGO = timedelta(days=14)


def make(*, now_ms: int) -> None:
    """Once: a visit two weeks ago, what it found, what was to be done; one measure is overdue."""
    if visits([UNIT]):
        return
    today = datetime.fromtimestamp(now_ms / 1000, ZONE).date()
    first = today - AGO
    number = enter_visit(
        unit=UNIT, first_date=first, last_date=first + timedelta(days=1),
        people="Hai thanh tra mẫu", about="(Mẫu) Thời gian chờ ở quầy Đất đai – Xây dựng",
        by=BY, now_ms=now_ms,
    )  # fmt: skip
    of: dict[str, Any] = {"unit": UNIT, "visit": number}
    for words in (
        "(Mẫu) Bảng niêm yết phí, lệ phí ở quầy số 2 đã cũ.",
        "(Mẫu) Đầu giờ sáng chỉ một quầy nhận hồ sơ đất đai.",
    ):
        add_finding(**of, words=words, by=BY, now_ms=now_ms)
    for words, days in (
        ("(Mẫu) Thay bảng niêm yết phí, lệ phí.", 4),
        ("(Mẫu) Mở thêm một quầy nhận hồ sơ đất đai từ 7 giờ 30 đến 9 giờ.", 10),
    ):
        add_measure(
            **of, words=words, owner="Lãnh đạo Xã mẫu Một", due_date=first + timedelta(days=days),
            by=BY, now_ms=now_ms,
        )  # fmt: skip
    set_done(**of, number=1, done_date=first + timedelta(days=3), today=today, by=BY)
