"""Each stretch of a day, each interval and each end of a duty in its sentence."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = int(dt.datetime(2025, 11, 22, tzinfo=ZONE).timestamp()) * 1000
MINUTE, HOUR = 60_000, 3_600_000
NAMES = {"CB-1": "An", "CB-2": "Bình"}


def stretch(official: str | None, basis: str, **more: Any) -> Any:
    from server.attribution.watches import Served, Stretch

    served = ()
    if basis in ("duty", "desk", "board"):
        by = more.pop("by", basis)
        served = (Served("99001-1", official or "", basis, by, 0, 0, 1, 1, "official"),)
    found = Stretch(MIDNIGHT + 8 * HOUR, MIDNIGHT + 9 * HOUR, official, basis, "", served, ())
    return found._replace(**more)


@pytest.mark.usefixtures("chosen_language")
@pytest.mark.parametrize(
    ("official", "basis", "more", "sentence"),
    [
        ("CB-1", "duty", {"by": "badge", "ended": "official"},
         "Trực: An (CB-1), đăng nhập bằng thẻ. Kết thúc: đăng xuất."),
        ("CB-1", "desk", {"ended": "goes-on"},
         "Trực: An (CB-1), tự bắt đầu trên máy tính làm việc. Đang tiếp tục."),
        ("CB-1", "board", {"ended": "taken-over"},
         "Trực: An (CB-1), người phụ trách đặt trên bảng trực. "
         "Kết thúc: người khác bắt đầu trực ở quầy này."),
        ("CB-1", "shift", {}, "Không ai đăng nhập; theo ca đã xếp: An (CB-1)."),
        ("CB-1", "ruling", {}, "Theo quyết định số 7: An (CB-1) phục vụ."),
        ("", "ruling", {}, "Theo quyết định số 7: không phải cán bộ của đơn vị phục vụ."),
        ("", "none", {}, "Không ai đăng nhập: lượt đánh giá thuộc về quầy."),
        (None, "none", {},
         "Đồng hồ của thiết bị không cho biết chắc ai trực: lượt đánh giá thuộc về quầy."),
    ],
)  # fmt: skip
def test_every_stretch_has_its_sentence(
    official: str | None, basis: str, more: dict[str, Any], sentence: str
) -> None:
    from server.web.attribution_words import stretch_words

    assert stretch_words(stretch(official, basis, **more), NAMES, 7) == sentence


@pytest.mark.usefixtures("chosen_language")
def test_whoever_is_still_signed_in_elsewhere_is_named() -> None:
    from server.web.attribution_words import also_words

    words = also_words(stretch("CB-1", "desk", also=("CB-2", "CB-9")), NAMES)
    assert words.startswith("Bình (CB-2), CB-9 vẫn còn đăng nhập trên thiết bị")
    assert also_words(stretch("CB-1", "desk"), NAMES) == ""


@pytest.mark.usefixtures("chosen_language")
def test_times_are_said_as_people_read_them() -> None:
    from django.utils import translation

    from server.web.attribution_words import interval, span

    eight = MIDNIGHT + 8 * HOUR
    assert span(eight, MIDNIGHT + 24 * HOUR, ZONE) == "08:00–24:00"
    assert span(eight, eight + 13_000, ZONE) == "08:00:00–08:00:13"
    assert interval(eight, eight + HOUR, ZONE) == "08:00–09:00 22/11/2025"
    assert interval(eight, MIDNIGHT + 24 * HOUR, ZONE) == "08:00–24:00 22/11/2025"
    assert interval(eight, eight + 24 * HOUR, ZONE) == "08:00 22/11/2025 – 08:00 23/11/2025"
    with translation.override("en"):
        assert interval(eight, eight + HOUR, ZONE) == "08:00–09:00 on 22 Nov 2025"


def test_every_way_to_begin_and_to_end_a_duty_has_words() -> None:
    """Those of the wire (protocol.records) and those of attribution.watches."""
    from typing import get_args, get_type_hints

    from protocol.records import DutyEnded, DutyStarted
    from server.web.attribution_words import by_words, ended_words

    begins = {*get_args(get_type_hints(DutyStarted)["by"]), "desk", "board"}
    ends = {*get_args(get_type_hints(DutyEnded)["by"]), "journal", "moved", "midnight", "posted"}
    assert [by for by in begins if by_words(by) == by] == []
    ends |= {"goes-on", "taken-over", "ruling", "shift"}
    assert [end for end in ends if ended_words(end) == end] == []


@pytest.mark.usefixtures("chosen_language")
def test_the_drawing_shows_office_hours_and_whatever_lies_outside() -> None:
    from server.web.day_chart import draw_day, kinds

    day = (MIDNIGHT, MIDNIGHT + 24 * HOUR)
    nobody = stretch("", "none", from_ms=MIDNIGHT, to_ms=day[1])
    late = stretch("CB-1", "desk", from_ms=day[1] - 90 * MINUTE, to_ms=day[1])
    drawn = str(draw_day([nobody], [], NAMES, day, ZONE))
    assert ">6</text>" in drawn and ">17</text>" in drawn and ">18</text>" not in drawn
    drawn = str(draw_day([nobody, late], [], {"CB-1": "<script>"}, day, ZONE))
    assert ">23</text>" in drawn and "style=" not in drawn and "<script>" not in drawn
    assert [kind for kind, _ in kinds([nobody, late], [])] == ["desk", "none"]
