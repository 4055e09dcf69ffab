"""The evidence of a signal as a chart: its course before and after, beside what is usual. Pure."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as N_

from server.web import words
from server.web.desk_charts import Chart, Series, Table
from server.web.signal_words import day_words

NAMES = {
    "complaints": N_("Tỷ lệ không hài lòng"),
    "response": N_("Tỷ lệ đánh giá trên lượt phục vụ"),
    "satisfied": N_("Tỷ lệ hài lòng"),
    "invited": N_("Hài lòng, lượt được mời"),
    "uninvited": N_("Hài lòng, lượt tự đến"),
    "share": N_("Tỷ lệ"),
    "votes": N_("Lượt đánh giá"),
    "citizens": N_("Lượt phục vụ"),
    "hours": N_("Số giờ mất liên lạc"),
}
COUNTS = {"votes", "citizens", "hours"}
FEWEST, FEWEST_OF_PERSON = 5, 10  # votes of a period of which a share is drawn


def evidence_chart(row: Any, course: Any, sentence: str) -> Chart:
    """row: the signal; course: signals.selectors.Course."""
    counts = bool(course.lines) and course.lines[0].name in COUNTS
    fewest = FEWEST_OF_PERSON if row.official else FEWEST
    places = tuple(_place(first, course.step) for first in course.periods)
    marked = tuple(
        at
        for at, first in enumerate(course.periods)
        if row.since_date - timedelta(days=course.step) < first <= row.found_date
    )
    series = [
        Series(
            gettext(NAMES[line.name]),
            line.x if counts else _shares(line, fewest),
            "bars" if counts and line.name == "citizens" else "line",
            "other" if at else "main",
            () if at else marked,
        )
        for at, line in enumerate(course.lines)
    ]
    usual = row.evidence.get("p0") or None
    if series and usual and not counts and row.kind != "gone":
        flat = [usual] * len(places)
        series.append(Series(gettext("Mức thường thấy"), flat, "line", "center"))
    return Chart(
        key="evidence",
        kind="course",
        title=gettext("Diễn biến"),
        sentence=sentence,
        series=tuple(series),
        table=_table(course, places, counts, fewest),
        places=places,
        told=tuple(_told(course, at, counts, fewest) for at in range(len(places))),
        measure="count" if counts else "share",
        across=gettext("Ngày") if course.step == 1 else gettext("Tuần bắt đầu từ ngày"),
        special=gettext("Từ khi bắt đầu đến khi phát hiện"),
        rules=(gettext(RULES),),
    )


RULES = gettext_noop(
    "Tín hiệu được tính bằng tổng tích lũy (CUSUM): mỗi lượt đánh giá cộng thêm hoặc trừ bớt một "
    "ít, và khi tổng vượt ngưỡng thì có tín hiệu. Biểu đồ chỉ giúp hiểu tín hiệu, không tự tạo "
    "ra tín hiệu. Kỳ có quá ít lượt thì để trống."
)


def _shares(line: Any, fewest: int) -> list[float | None]:
    return [x / n if n >= fewest else None for x, n in zip(line.x, line.n, strict=True)]


def _place(first: date, step: int) -> str:
    return f"{first:%d/%m}" if step == 1 else day_words(first)


def _words(x: int, n: int, counts: bool, fewest: int) -> str:
    if counts:
        return words.whole(x)
    if n == 0:
        return "–"
    if n < fewest:
        return gettext("%(n)s lượt, quá ít") % {"n": n}
    return f"{words.percent(x / n)} ({words.whole(x)}/{words.whole(n)})"


def _told(course: Any, at: int, counts: bool, fewest: int) -> str:
    parts = [
        f"{gettext(NAMES[line.name])}: {_words(line.x[at], line.n[at], counts, fewest)}"
        for line in course.lines
    ]
    return f"{day_words(course.periods[at])}\n" + "\n".join(parts)


def _table(course: Any, places: tuple[str, ...], counts: bool, fewest: int) -> Table:
    headings = (
        gettext("Ngày") if course.step == 1 else gettext("Tuần bắt đầu từ ngày"),
        *(gettext(NAMES[line.name]) for line in course.lines),
    )
    rows = tuple(
        (place, *(_words(line.x[at], line.n[at], counts, fewest) for line in course.lines))
        for at, place in enumerate(places)
    )
    return Table(headings, rows if course.lines else ())
