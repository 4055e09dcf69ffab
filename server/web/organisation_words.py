"""The organisation in words: levels, stretches of days."""

from datetime import date, timedelta

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N_

LEVELS = {
    "province": N_("Tỉnh, thành phố"),
    "district": N_("Huyện, quận (đến 30/6/2025)"),
    "commune": N_("Xã, phường, đặc khu"),
    "agency": N_("Sở, ngành, cơ quan"),
    "hall": N_("Trung tâm Phục vụ hành chính công"),
    "other": N_("Đơn vị khác"),
}


def level_words(level: str) -> str:
    """What a unit is in the administration; an unknown word stands for itself."""
    return gettext(LEVELS[level]) if level in LEVELS else level


def level_options() -> list[tuple[str, str]]:
    return [(level, level_words(level)) for level in LEVELS]


def day_words(day: date) -> str:
    """01/07/2025 (vi), 1 Jul 2025 (en)"""
    return f"{day:%-d %b %Y}" if get_language() == "en" else f"{day:%d/%m/%Y}"


def last_day_words(ended_date: date | None) -> str:
    """The last day of a half-open stretch; nothing for an open one."""
    return "" if ended_date is None else day_words(ended_date - timedelta(days=1))


def days_words(started_date: date | None, ended_date: date | None) -> str:
    """[2020-01-01, 2025-07-01) -> 01/01/2020 – 30/06/2025"""
    if started_date is None and ended_date is None:
        return gettext("không rõ ngày bắt đầu, đến nay")
    if started_date is None:
        return gettext("đến hết {0}").format(last_day_words(ended_date))
    if ended_date is None:
        return gettext("từ {0}").format(day_words(started_date))
    return f"{day_words(started_date)} – {last_day_words(ended_date)}"
