"""Figures of the desk in words: shares with their interval, changes, what is held and left out."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.analytics.desk import Cast
from server.analytics.methods.change import change
from server.analytics.methods.wilson import wilson_interval
from server.web import words
from server.web.desk_charts import Cell

FEWEST = 5  # votes: below nothing but their count is said
WEEKDAYS = (
    N_("Thứ hai"), N_("Thứ ba"), N_("Thứ tư"), N_("Thứ năm"), N_("Thứ sáu"), N_("Thứ bảy"),
    N_("Chủ nhật"),
)  # fmt: skip


class Share(NamedTuple):
    """A share as a table prints it: "4,0 %", "3,1–5,2"; both empty with too few votes."""

    words: str
    interval: str

    def __str__(self) -> str:
        return f"{self.words} ({self.interval})" if self.words else too_few()

    @property
    def cell(self) -> Cell:
        """For a table: the interval in small type beneath."""
        return self.cell_to("")

    def cell_to(self, url: str) -> Cell:
        """The same; url: where it is explained."""
        return Cell(self.words, url, self.interval) if self.words else Cell("", "", too_few())


def too_few() -> str:
    return gettext("dưới 5 lượt")


def share(hits: int, n: int) -> Share:
    """hits of n with the 95 % interval."""
    if n < FEWEST:
        return Share("", "")
    return Share(words.percent(Fraction(hits, n)), words.percent_range(*wilson_interval(hits, n)))


def complaints(cast: Cast) -> Share:
    """The share of the worst two levels."""
    return share(cast.complaints, cast.n)


def satisfied(cast: Cast) -> Share:
    """The share of the best two levels."""
    return share(cast.satisfied, cast.n)


def change_words(before: Cast, now: Cast, *, clear: bool | None = None) -> str:
    """How the share of complaints moved, in percentage points, and whether that is clear. clear:
    what many comparisons at once leave of it; None: this one is the only one."""
    if before.n < FEWEST or now.n < FEWEST:
        return gettext("chưa đủ để so")
    moved = change((before.complaints, before.n), (now.complaints, now.n))
    if moved.difference is None or not (moved.clear if clear is None else clear):
        return gettext("không rõ khác biệt")
    size = words.percent_range(abs(moved.difference), abs(moved.difference)).split("–")[0]
    text = gettext("tăng {0} điểm") if moved.difference > 0 else gettext("giảm {0} điểm")
    return text.format(size)


def left_out_cell(cast: Cast) -> str:
    """The same in a table whose heading says what it is: held / excluded."""
    return f"{words.whole(cast.held)} / {words.whole(cast.excluded)}"


def left_out(cast: Cast) -> str:
    """Held and excluded, as every table prints them."""
    text = gettext("tạm giữ {0}, loại {1}")
    return text.format(words.whole(cast.held), words.whole(cast.excluded))


def short_month(month: date) -> str:
    """3/26, as an axis prints it."""
    return f"{month.month}/{month:%y}"
