"""Doubts in words: flags, states, gaps between votes, and the rhythm as inline SVG."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.web import attribution_words

# What each flag doubts (flags.rules), short and as a sentence.
FLAGS = {
    "repeat": (N_("bấm lặp"), N_("Có lượt giống lượt ngay trước nó, cách chưa đến 10 giây.")),
    "burst": (N_("dồn dập"), N_("Từ 5 lượt trong 20 giây, hoặc từ 9 lượt trong 150 giây.")),
    "rhythm": (N_("đều như máy"), N_("Từ 8 lượt cách đều nhau, lệch nhau dưới 2 %.")),
    "after-hours": (
        N_("ngoài giờ"),
        N_("Ngoài giờ mở cửa của thiết bị quá 30 phút, hoặc vào ngày nghỉ."),
    ),
    "over-served": (
        N_("nhiều hơn lượt phục vụ"),
        N_(
            "Trong ngày, quầy có nhiều lượt đánh giá hơn số lượt phục vụ. Số lượt phục vụ do đơn "
            "vị tự nhập: hãy kiểm tra số đó trước."
        ),
    ),
    "sign-in-edge": (N_("sát lúc đăng nhập"), N_("Trong 20 giây sau khi cán bộ đăng nhập.")),
    "rating-burst": (
        N_("đông và khác thường"),
        N_("Từ 8 lượt trong 10 phút, với các mức khác hẳn 30 ngày trước của thiết bị."),
    ),
}
STATES = {
    "new": N_("Mới"),
    "looked": N_("Đã xem"),
    "excluded": N_("Đã loại ra"),
    "included": N_("Đã cho tính"),
}
DECISIONS = {"exclude": N_("Loại ra"), "include": N_("Cho tính")}
WIDTH, EDGE = 1000, 12  # of the drawing's own units


def flag_words(flags: str) -> str:
    """Short names of flags, a comma between; an unknown one stands for itself."""
    return ", ".join(gettext(FLAGS[flag][0]) if flag in FLAGS else flag for flag in flags.split())


def flag_sentences(flags: str) -> list[tuple[str, str]]:
    """Each flag's short name and what it says."""
    return [(gettext(FLAGS[f][0]), gettext(FLAGS[f][1])) for f in flags.split() if f in FLAGS]


def doubt_state(state: str) -> str:
    """How a doubt stands."""
    return gettext(STATES[state]) if state in STATES else state


def decision_words(what: str) -> str:
    """What a decision does with the votes."""
    return gettext(DECISIONS[what]) if what in DECISIONS else what


def gap_words(gap_ms: int | None) -> str:
    """1,6 giây; 2 phút 05 giây; 1 giờ 12 phút."""
    if gap_ms is None:
        return "–"
    if gap_ms < 60_000:
        return gettext("{0} giây").format(number_format(gap_ms / 1000, 1))
    minutes, seconds_ms = divmod(gap_ms, 60_000)
    if minutes < 60:
        return gettext("{0} phút {1} giây").format(minutes, f"{seconds_ms // 1000:02}")
    return gettext("{0} giờ {1} phút").format(minutes // 60, f"{minutes % 60:02}")


def rhythm_sentence(times: Sequence[int]) -> str:
    """What the drawing shows, in one sentence."""
    n = len(times)
    if n < 2:
        return gettext("Chỉ có một lượt, nên không có nhịp để xem.")
    gaps = sorted(b - a for a, b in pairwise(times))
    text = gettext("{0} lượt trong {1}; một nửa số lượt cách lượt trước không quá {2}.")
    return text.format(n, gap_words(times[-1] - times[0]), gap_words(gaps[(len(gaps) - 1) // 2]))


def draw_rhythm(votes: Sequence[Any], zone: ZoneInfo) -> SafeString:
    """A stroke for each vote (flags.looking.Glimpse) along the time; the table says the same."""
    if not votes:
        return SafeString("")
    first, last = votes[0].at_ms, votes[-1].at_ms
    length = max(1, last - first)
    strokes = (
        (
            "flagged" if vote.flags else "told",
            f"{EDGE + (WIDTH - 2 * EDGE) * (vote.at_ms - first) / length:.1f}",
            f"{attribution_words.local(vote.at_ms, zone):%H:%M:%S}",
        )
        for vote in votes
    )
    return format_html(
        '<svg class="strokes" viewBox="0 0 {} 60" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><line class="axis" x1="0" y1="50" x2="{}" y2="50" />{}</svg>',
        WIDTH,
        rhythm_sentence([vote.at_ms for vote in votes]),
        WIDTH,
        format_html_join(
            "",
            '<line class="{0}" x1="{1}" y1="8" x2="{1}" y2="50"><title>{2}</title></line>',
            strokes,
        ),
    )
