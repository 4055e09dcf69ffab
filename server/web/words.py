"""Figures and codes in a reader's words; Vietnamese is the source, English a translation."""

from decimal import Decimal
from fractions import Fraction

from django.utils.formats import get_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N_

from protocol.rating import POSITIVE_REASONS, REASONS, WORDS

NBSP = "\N{NO-BREAK SPACE}"

# Why a vote counts for no official, and the one thing that mends it (attribution.why).
_UNATTRIBUTED = {
    "nobody-signed-in": (
        N_("Không có cán bộ nào đăng nhập trên thiết bị"),
        N_("Nhắc cán bộ đăng nhập khi vào quầy và đăng xuất khi rời quầy."),
    ),
    "ruled-nobody": (
        N_("Một quyết định ghi: không phải cán bộ của đơn vị phục vụ"),
        N_("Không cần làm gì; xem ở trang Quyết định."),
    ),
    "not-official": (
        N_("Người dân cho biết người phục vụ là cán bộ khác"),
        N_("Nhắc cán bộ đăng nhập lại mỗi khi đổi người trực."),
    ),
    "counter-forgotten": (
        N_("Người dân không nhớ số quầy đã phục vụ"),
        N_("Treo số quầy to, rõ; lượt đánh giá được tính cho đơn vị."),
    ),
    "clock-uncertain": (
        N_("Không xác định được giờ bấm"),
        N_("Kiểm tra nguồn điện và kết nối mạng của thiết bị để giờ được đồng bộ."),
    ),
    "duty-unknown": (
        N_("Ca trực ghi trong lượt đánh giá không còn hiệu lực"),
        N_("Báo quản trị hệ thống kiểm tra nhật ký của thiết bị."),
    ),
    "unknown-official": (
        N_("Mã cán bộ không có trong danh sách của đơn vị"),
        N_("Báo quản trị hệ thống bổ sung hoặc sửa mã cán bộ."),
    ),
    "no-placement": (
        N_("Chưa ghi nhận thiết bị đặt ở quầy nào vào lúc bấm"),
        N_("Báo quản trị hệ thống ghi bổ sung thời gian đặt thiết bị tại quầy."),
    ),
    "quarantined": (
        N_("Lượt đánh giá bị cách ly, chờ hai người có thẩm quyền quyết định"),
        N_("Chờ kết quả xác minh; lượt đánh giá vẫn được giữ nguyên."),
    ),
}

# What names an official (attribution.basis), in the order in which they count, and what it means.
_BASES = {
    "ruling": (
        N_("Quyết định"),
        N_("Người có thẩm quyền đã ghi ai phục vụ ở quầy trong khoảng giờ đó."),
    ),
    "dossier": (
        N_("Hồ sơ"),
        N_("Lượt đánh giá ghi số hồ sơ; phần mềm một cửa cho biết ai thụ lý hồ sơ đó."),
    ),
    "duty": (
        N_("Đăng nhập trên thiết bị"),
        N_("Cán bộ đăng nhập trên thiết bị tại quầy."),
    ),
    "desk": (
        N_("Máy tính làm việc"),
        N_("Cán bộ tự bắt đầu trực trên máy tính làm việc."),
    ),
    "board": (
        N_("Bảng trực"),
        N_("Người phụ trách đặt cán bộ trên bảng trực của hôm đó."),
    ),
    "shift": (
        N_("Ca đã xếp"),
        N_("Không ai đăng nhập; đơn vị chọn dùng ca đã xếp."),
    ),
}

_JOURNAL_STATES = {
    "": N_("Chưa đăng ký"),
    "open": N_("Đang nhận"),
    "closed": N_("Đã đóng"),
    "forked": N_("Rẽ nhánh (có hai bản nhật ký khác nhau), cần xác minh"),
    "revoked": N_("Đã thu hồi"),
}


def unattributed_words(why: str) -> tuple[str, str]:
    """Why a vote counts for no official, and how to mend it; an unknown code stands for itself."""
    words = _UNATTRIBUTED.get(why)
    if words is None:
        return why, gettext("Báo quản trị hệ thống.")
    return gettext(words[0]), gettext(words[1])


def basis_words(basis: str) -> tuple[str, str]:
    """What names an official, and what that means; an unknown word stands for itself."""
    words = _BASES.get(basis)
    return (basis, "") if words is None else (gettext(words[0]), gettext(words[1]))


def bases_in_order() -> list[str]:
    """The bases, the strongest first."""
    return list(_BASES)


def journal_state_words(state: str) -> str:
    """A journal's state (ingest.Journal.state; empty: none yet)."""
    words = _JOURNAL_STATES.get(state)
    return state if words is None else gettext(words)


def rating_words(rating: int) -> str:
    """A rating 1..5 as the citizen read it."""
    return WORDS[rating]["en" if get_language() == "en" else "vi"]


def per_cent(share: Fraction | float) -> Decimal:
    """0.7835 -> 78.4: per cent with one decimal, halves up. The one rounding of page and CSV.

    Give Fractions where there are counts: a float of 1/80 is not quite 1.25 %.
    """
    return Decimal((Fraction(share) * 2000 + 1) // 2).scaleb(-1)


def percent(share: Fraction | float) -> str:
    """0.92 -> 92,0 % (vi), 92.0% (en)"""
    return _with_sign(f"{per_cent(share):.1f}")


def percent_of_two(share: Fraction) -> str:
    """470208/475158 -> 98,96 % (vi), 98.96% (en): halves up, for shares that are near the whole."""
    hundredths = Decimal((share * 20_000 + 1) // 2).scaleb(-2)
    return _with_sign(f"{hundredths:.2f}")


def percent_range(low: Fraction | float, high: Fraction | float) -> str:
    """0.841, 0.962 -> 84,1–96,2"""
    return _localized(f"{per_cent(low):.1f}–{per_cent(high):.1f}")


def decimal(value: float) -> str:
    """2.13 -> 2,1 (vi), 2.1 (en)"""
    return _localized(f"{value:.1f}")


def whole(n: int) -> str:
    """1234 -> 1.234 (vi), 1,234 (en); Django's own vi format does not group."""
    # By hand: a page of a province formats thousands of numbers, and Django's way takes its time.
    return f"{n:,}".replace(",", get_format("THOUSAND_SEPARATOR"))


def _with_sign(number: str) -> str:
    return _localized(number) + ("%" if get_language() == "en" else f"{NBSP}%")


def _localized(number: str) -> str:
    return number.replace(".", get_format("DECIMAL_SEPARATOR"))


def reason_words(code: str) -> str:
    """A reason as the citizen read it; an unknown code stands for itself."""
    words = (REASONS | POSITIVE_REASONS).get(code)
    return code if words is None else words["en" if get_language() == "en" else "vi"]
