"""What followed a visit, in words: both shares with their n, the difference, what it says."""

from collections.abc import Collection
from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from django.utils.translation import gettext

from server.inspection.selectors import Effect, Side
from server.web import organisation_words, words

MINUS = "\N{MINUS SIGN}"
COUNT_FROM = 5  # below, a share says nothing and would tell of single votes


class Told(NamedTuple):
    """before, after: period, votes and share; difference: with its interval, or ""; sentence: what
    it says; undone: how many measures are not done yet, in words, or ""; left_out: how many votes
    were not counted."""

    before: tuple[str, str, str]
    after: tuple[str, str, str] | None
    difference: str
    sentence: str
    undone: str
    left_out: str


def effect_words(effect: Effect, measures: Collection[Any]) -> Told:
    """The effect as a page tells it."""
    waiting = sum(row.done_date is None for row in measures)
    undone = gettext("Còn %(n)s biện pháp chưa làm xong.") % {"n": waiting} if waiting else ""
    return Told(
        before=_side(effect.before),
        after=None if effect.after is None else _side(effect.after),
        difference=_difference(effect),
        sentence=_sentence(effect),
        undone=undone,
        left_out=_left_out(effect),
    )


def _left_out(effect: Effect) -> str:
    sides = [side.votes for side in (effect.before, effect.after) if side is not None]
    return gettext("Chỉ gồm lượt được tính; không gồm %(held)s tạm giữ, %(excluded)s loại ra.") % {
        "held": words.whole(sum(votes.held for votes in sides)),
        "excluded": words.whole(sum(votes.excluded for votes in sides)),
    }


def _side(side: Side) -> tuple[str, str, str]:
    period = organisation_words.days_words(side.first, side.last + timedelta(days=1))
    hits, n = side.votes[:2]
    if n < COUNT_FROM:
        return period, words.whole(n), "–"
    return period, words.whole(n), words.percent(Fraction(hits, n))


def _difference(effect: Effect) -> str:
    change = effect.change
    if change is None or change.difference is None or effect.least < COUNT_FROM:
        return ""
    assert change.low is not None and change.high is not None  # noqa: S101 - with the difference
    text = gettext("%(difference)s điểm phần trăm (khoảng tin cậy 95 %%: từ %(low)s đến %(high)s)")
    return text % {
        "difference": _points(change.difference),
        "low": _points(change.low),
        "high": _points(change.high),
    }


def _sentence(effect: Effect) -> str:
    if effect.after is None:
        return gettext("Chưa có số liệu sau đợt kiểm tra để so sánh.")
    if not effect.enough:
        return gettext("Chưa đủ lượt đánh giá để so sánh: mỗi bên cần ít nhất 30 lượt.")
    change = effect.change
    if change is None or not change.clear or change.difference is None:
        return gettext("Chưa thấy khác biệt rõ giữa trước và sau.")
    if change.difference < 0:
        return gettext("Tỷ lệ không hài lòng thấp hơn trước, khác biệt rõ.")
    return gettext("Tỷ lệ không hài lòng cao hơn trước, khác biệt rõ.")


def _points(share: float) -> str:
    """-0.039 -> −3,9 (vi), −3.9 (en)"""
    number = words.per_cent(abs(share))
    sign = MINUS if share < 0 and number else "+" if share > 0 and number else ""
    return sign + words.percent_range(abs(share), abs(share)).split("–")[0]
