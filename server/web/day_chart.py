"""A counter's day as inline SVG: who was on duty, and what is proposed. Never a vote.

Positions are percentages and colours come by class, as in bars.py. The table beneath the drawing
says the same in sentences.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.attribution.watches import Stretch
from server.web import attribution_words

HOUR_MS = 3_600_000
OFFICE = (6, 18)  # hours that are always drawn
LABEL_FROM = 9.0  # per cent of the width that a name needs
KINDS = {
    "duty": N_("đăng nhập trên thiết bị"),
    "desk": N_("máy tính làm việc"),
    "board": N_("bảng trực"),
    "shift": N_("ca đã xếp"),
    "ruling": N_("quyết định"),
    "unsure": N_("không chắc ai"),
    "none": N_("không ai đăng nhập"),
    "proposed": N_("quyết định đang chờ"),
}


def kinds(stretches: Sequence[Stretch], proposed: Sequence[Any]) -> list[tuple[str, str]]:
    """Class and words of what the drawing shows, in the order of KINDS."""
    shown = {_kind(each) for each in stretches} | ({"proposed"} if proposed else set())
    return [(kind, gettext(words)) for kind, words in KINDS.items() if kind in shown]


def draw_day(
    stretches: Sequence[Stretch],
    proposed: Sequence[Any],
    names: Mapping[str, str],
    day: tuple[int, int],
    zone: ZoneInfo,
) -> SafeString:
    """The day's busy hours, office hours at least; day: its midnights, unix ms."""
    window = _window(stretches, day)
    rows = [_part(each, window, names, zone) for each in stretches]
    waiting = [_proposal(each, window, zone) for each in proposed]
    return format_html(
        '<svg class="day{}" role="img" aria-label="{}">{}{}{}</svg>',
        " with-proposed" if proposed else "",
        gettext("Ai trực trong ngày; bảng bên dưới ghi cùng nội dung."),
        format_html_join("", "{}", ((line,) for line in _hours(window, zone))),
        format_html_join("", "{}", ((row,) for row in rows)),
        format_html_join("", "{}", ((row,) for row in waiting)),
    )


def _kind(stretch: Stretch) -> str:
    if stretch.basis != "none":
        return stretch.basis
    return "unsure" if stretch.official is None else "none"


def _window(stretches: Sequence[Stretch], day: tuple[int, int]) -> tuple[int, int]:
    """From the first to the last hour in which anything happened, whole hours."""
    busy = [each for each in stretches if _kind(each) != "none"]
    first = min([day[0] + OFFICE[0] * HOUR_MS, *(each.from_ms for each in busy)])
    last = max([day[0] + OFFICE[1] * HOUR_MS, *(each.to_ms for each in busy)])
    hours = (first - day[0]) // HOUR_MS, -((day[0] - last) // HOUR_MS)
    return day[0] + hours[0] * HOUR_MS, min(day[1], day[0] + hours[1] * HOUR_MS)


def _hours(window: tuple[int, int], zone: ZoneInfo) -> Iterator[SafeString]:
    count = (window[1] - window[0]) // HOUR_MS
    for hour in range(count + 1):
        at = _at(window[0] + hour * HOUR_MS, window)
        yield format_html('<line class="hour" x1="{0}%" x2="{0}%" y1="20" y2="100%" />', at)
        if hour < count:
            text = f"{attribution_words.local(window[0] + hour * HOUR_MS, zone):%-H}"
            odd = " odd" if hour % 2 else ""
            yield format_html('<text class="hour{}" x="{}%" y="14">{}</text>', odd, at, text)


def _part(
    stretch: Stretch, window: tuple[int, int], names: Mapping[str, str], zone: ZoneInfo
) -> SafeString:
    left, width = _box(stretch.from_ms, stretch.to_ms, window)
    if width <= 0:
        return SafeString("")
    name = names.get(stretch.official or "", stretch.official or "")
    label = SafeString("")
    if name and width >= LABEL_FROM:
        label = format_html(
            '<svg x="{}%" width="{}%" y="24" height="44"><text class="on-{}" x="8" y="27">{}'
            "</text></svg>",
            f"{left:.2f}", f"{width:.2f}", _kind(stretch), name,
        )  # fmt: skip
    return format_html(
        '<rect class="{}" x="{}%" width="{}%" y="24" height="44"><title>{} {}</title></rect>{}',
        _kind(stretch), f"{left:.2f}", f"{width:.2f}",
        attribution_words.span(stretch.from_ms, stretch.to_ms, zone),
        name or gettext(KINDS[_kind(stretch)]), label,
    )  # fmt: skip


def _proposal(ruling: Any, window: tuple[int, int], zone: ZoneInfo) -> SafeString:
    left, width = _box(ruling.from_ms, ruling.to_ms, window)
    return format_html(
        '<rect class="proposed" x="{}%" width="{}%" y="76" height="16"><title>{}</title></rect>',
        f"{left:.2f}", f"{max(width, 0):.2f}",
        attribution_words.span(ruling.from_ms, ruling.to_ms, zone),
    )  # fmt: skip


def _box(from_ms: int, to_ms: int, window: tuple[int, int]) -> tuple[float, float]:
    low, high = max(from_ms, window[0]), min(to_ms, window[1])
    left = 100 * (low - window[0]) / (window[1] - window[0])
    return left, 100 * (high - low) / (window[1] - window[0])


def _at(ms: int, window: tuple[int, int]) -> str:
    return f"{100 * (ms - window[0]) / (window[1] - window[0]):.2f}"
