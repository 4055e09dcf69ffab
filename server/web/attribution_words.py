"""Duties, stretches of a counter's day and rulings in sentences."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N_

from server.attribution.watches import Served, Stretch

# How a duty began and how it ended (attribution.watches.Served).
_BY = {
    "badge": N_("đăng nhập bằng thẻ"),
    "pin": N_("đăng nhập bằng mã PIN"),
    "qr": N_("đăng nhập bằng mã QR"),
    "remote": N_("được đặt từ xa trên thiết bị"),
    "desk": N_("tự bắt đầu trên máy tính làm việc"),
    "board": N_("người phụ trách đặt trên bảng trực"),
}
_ENDED = {
    "official": N_("đăng xuất"),
    "next": N_("người khác đăng nhập trên cùng thiết bị"),
    "idle": N_("thiết bị tự đăng xuất vì lâu không dùng"),
    "closing": N_("hết giờ mở cửa"),
    "restart": N_("thiết bị khởi động lại"),
    "journal": N_("thiết bị bắt đầu nhật ký mới"),
    "moved": N_("thiết bị chuyển sang quầy khác"),
    "midnight": N_("hết ngày mà chưa ai đăng xuất"),
    "posted": N_("bảng trực hoặc máy tính làm việc ghi thay đổi"),
    "goes-on": N_("đang tiếp tục"),
    "taken-over": N_("người khác bắt đầu trực ở quầy này"),
    "ruling": N_("từ đây theo điều khác"),
    "shift": N_("hết ca đã xếp"),
}
_STATES = {
    "proposed": N_("Chờ xác nhận"),
    "force": N_("Có hiệu lực"),
    "refused": N_("Đã từ chối"),
    "withdrawn": N_("Đã rút"),
    "lifted": N_("Đã hủy"),
}
Names = Mapping[str, str]


def by_words(by: str) -> str:
    """How a duty began; an unknown word stands for itself."""
    return gettext(_BY[by]) if by in _BY else by


def ended_words(ended: str) -> str:
    """How a duty or a stretch ended; an unknown word stands for itself."""
    return gettext(_ENDED[ended]) if ended in _ENDED else ended


def state_words(state: str) -> str:
    """How a ruling stands."""
    return gettext(_STATES[state]) if state in _STATES else state


def who(code: str, names: Names) -> str:
    """An official by name and code."""
    return f"{names[code]} ({code})" if code in names else code


def clock(ms: int, zone: ZoneInfo) -> str:
    """07:58"""
    return f"{local(ms, zone):%H:%M}"


def day_and_clock(ms: int, zone: ZoneInfo) -> str:
    """07:58 22/11/2025 (vi), 07:58 on 22 Nov 2025 (en)"""
    at = local(ms, zone)
    return f"{at:%H:%M on %-d %b %Y}" if get_language() == "en" else f"{at:%H:%M %d/%m/%Y}"


def local(ms: int, zone: ZoneInfo) -> datetime:
    """An instant by the unit's clock."""
    return datetime.fromtimestamp(ms // 1000, zone)


def span(from_ms: int, to_ms: int, zone: ZoneInfo) -> str:
    """07:58–11:31, with seconds within one minute; the end of a day is 24:00."""
    begun, until = clock(from_ms, zone), clock(to_ms, zone)
    if begun == until and to_ms - from_ms < 60_000:
        begun, until = (f"{local(ms, zone):%H:%M:%S}" for ms in (from_ms, to_ms))
    return f"{begun}–{'24:00' if until == '00:00' else until}"


def interval(from_ms: int, to_ms: int, zone: ZoneInfo) -> str:
    """07:58–11:31 22/11/2025, or both days where it is of several."""
    last = local(to_ms - 1, zone)
    if local(from_ms, zone).date() == last.date():
        day = day_and_clock(from_ms, zone).split(" ", 1)[1]
        return f"{span(from_ms, to_ms, zone)} {day}"
    return f"{day_and_clock(from_ms, zone)} – {day_and_clock(to_ms, zone)}"


def stretch_words(stretch: Stretch, names: Names, number: int | None = None) -> str:
    """What counts in a stretch and why; number: of the ruling that decides it."""
    if stretch.basis == "ruling" and stretch.official:
        return gettext("Theo quyết định số {0}: {1} phục vụ.").format(
            number, who(stretch.official, names)
        )
    if stretch.basis == "ruling":
        text = gettext("Theo quyết định số {0}: không phải cán bộ của đơn vị phục vụ.")
        return text.format(number)
    if stretch.official is None:
        text = gettext(
            "Đồng hồ của thiết bị không cho biết chắc ai trực: lượt đánh giá thuộc về quầy."
        )
        return text
    if not stretch.official:
        return gettext("Không ai đăng nhập: lượt đánh giá thuộc về quầy.")
    if stretch.basis == "shift":
        return gettext("Không ai đăng nhập; theo ca đã xếp: {0}.").format(
            who(stretch.official, names)
        )
    began = by_words(stretch.served[0].by) if stretch.served else ""
    parts = [gettext("Trực: {0}, {1}.").format(who(stretch.official, names), began)]
    if stretch.ended == "goes-on":
        parts.append(gettext("Đang tiếp tục."))
    elif stretch.ended:
        parts.append(gettext("Kết thúc: {0}.").format(ended_words(stretch.ended)))
    return " ".join(parts)


def also_words(stretch: Stretch, names: Names) -> str:
    """Who is still signed in on a kiosk though the counter was taken over; empty if nobody."""
    if not stretch.also:
        return ""
    listed = ", ".join(who(code, names) for code in stretch.also)
    text = gettext("{0} vẫn còn đăng nhập trên thiết bị: lượt nào ghi ca đó thì vẫn là của họ.")
    return text.format(listed)


def began_words(served: Served, zone: ZoneInfo) -> str:
    """When a duty began: one instant, or between two where the kiosk's clock leaves it open."""
    if local(served.low_ms, zone).replace(second=0) == local(served.high_ms, zone).replace(
        second=0
    ):
        return clock(served.low_ms, zone)
    return gettext("khoảng {0}–{1}").format(clock(served.low_ms, zone), clock(served.high_ms, zone))


def over_words(served: Served, zone: ZoneInfo) -> str:
    """When it ended, likewise; nothing while it goes on."""
    if served.ended == "goes-on":
        return ""
    low, high = clock(served.until_low_ms, zone), clock(served.until_ms, zone)
    high = "24:00" if high == "00:00" else high
    low = "24:00" if low == "00:00" else low
    return high if low == high else gettext("khoảng {0}–{1}").format(low, high)


def ruled_words(ruling: Any, names: Names) -> str:
    """Whom a ruling names; what it takes back, if that is all it does."""
    if ruling.lifts is not None:
        return gettext("Hủy quyết định số {0}").format(ruling.lifts)
    if not ruling.official:
        return gettext("Không phải cán bộ của đơn vị")
    return who(ruling.official, names)
