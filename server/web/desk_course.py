"""The course of complaints as a chart: the one that fits the series, and why, in plain words. Pure.

Limits are frozen on the first twelve months that have votes; with fewer there are none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.analytics.desk import NOTHING, Cast
from server.analytics.methods.chart import Chart as Limits
from server.analytics.methods.chart import Point
from server.analytics.methods.choose_chart import FEWEST_POINTS, Choice, choose_chart, draw_chart
from server.analytics.methods.individuals import g_chart
from server.analytics.methods.run_rules import Special, nhs_rules
from server.web import months, words
from server.web.desk_charts import Cell, Chart, Series, Table
from server.web.desk_words import FEWEST, left_out_cell, share, short_month
from server.web.organisation_words import day_words

SHOWN = 24  # months of a course
LinkOf = Callable[[date], str]  # where a month's votes are, "" for nowhere

RULES = {
    "outside": N_("nằm ngoài khoảng thường gặp"),
    "trend": N_("trong 7 tháng liền cùng tăng hoặc cùng giảm"),
    "two of three": N_("2 trong 3 tháng liền sát mép khoảng thường gặp"),
    "seven": N_("trong 7 tháng liền ở cùng một phía của mức trung bình"),
}


@dataclass(frozen=True)
class Course:
    """What a course is of. what: "không hài lòng", or a reason, in words. hits: of each month's
    votes; None: its complaints."""

    key: str
    title: str
    what: str
    hits: Callable[[Cast], int] = lambda cast: cast.complaints


def draw_course(
    course: Course, casts: Mapping[date, Cast], last: date, link: LinkOf = lambda month: ""
) -> Chart:
    """The share by month, up to the month of `last`, from the first with votes, two years at most.
    casts: by month. A month without votes is a gap."""
    shown = _shown(casts, last)
    each = [casts.get(month, NOTHING) for month in shown]
    # Of fewer than five votes nothing but their count is said, so they are no point either.
    hits = [course.hits(cast) if cast.n >= FEWEST else None for cast in each]
    sizes = [cast.n if cast.n >= FEWEST else None for cast in each]
    choice = choose_chart(hits, sizes)
    limits = draw_chart(choice, hits, sizes, baseline=_baseline(sizes))
    specials = nhs_rules(limits) if choice.enough else [None] * len(shown)
    told = tuple(
        _told(month, cast, course, point, special)
        for month, cast, point, special in zip(
            shown, each, limits.points, specials, strict=True
        )
    )  # fmt: skip
    return Chart(
        key=course.key,
        kind="course",
        title=course.title,
        sentence=_sentence(shown, limits, choice, specials, course),
        series=_series(limits, choice, specials, course),
        table=_table(shown, each, course, specials, link),
        places=tuple(short_month(month) for month in shown),
        told=told,
        links=tuple(link(month) if cast.n else "" for month, cast in zip(shown, each, strict=True)),
        special=gettext("Tháng khác thường") if any(specials) else "",
        rules=_rules(choice, limits),
    )


def draw_rare(course: Course, days: Mapping[date, Cast]) -> Chart | None:
    """Votes between one complaint and the next, for complaints too rare for shares by month; None
    with fewer than two. days: by day; of one day's complaints the votes are shared out evenly."""
    at, between = _between(days, course)
    if len(between) < 2:
        return None
    limits = g_chart(between)
    specials = nhs_rules(limits) if len(between) >= FEWEST_POINTS else [None] * len(between)
    told = tuple(
        gettext("{0}: sau {1} lượt kể từ lần trước").format(day_words(day), words.whole(n))
        for day, n in zip(at, between, strict=True)
    )
    middle = next(point.center for point in limits.points if point.center is not None)
    text = gettext(
        "Rất ít lượt {0}, nên biểu đồ đếm số lượt giữa hai lần: điểm thấp là hai lần gần nhau. "
        "Một nửa số lần cách nhau quá {1} lượt."
    )
    return Chart(
        key=f"{course.key}-rare",
        kind="course",
        title=gettext("{0}: số lượt giữa hai lần").format(course.title),
        sentence=text.format(course.what, words.whole(round(middle))),
        series=(
            Series(gettext("Trung vị"), [middle] * len(at), "steps", "center"),
            Series(gettext("Số lượt giữa hai lần"), [float(n) for n in between], "line", "main",
                   tuple(i for i, special in enumerate(specials) if special)),
        ),
        table=Table(
            (gettext("Ngày"), gettext("Số lượt kể từ lần trước")),
            tuple((day_words(day), words.whole(n)) for day, n in zip(at, between, strict=True)),
        ),
        places=tuple(f"{day.day}/{day.month}" for day in at),
        told=told,
        measure="count",
        special=gettext("Lần khác thường") if any(specials) else "",
    )  # fmt: skip


def _shown(casts: Mapping[date, Cast], last: date) -> list[date]:
    end = last.replace(day=1)
    window = [months.back(end, steps) for steps in reversed(range(SHOWN))]
    first = next((n for n, month in enumerate(window) if month in casts), SHOWN - 1)
    return window[first:]


def _baseline(sizes: Sequence[int | None]) -> int | None:
    """How many months hold the first twelve with votes; None: all."""
    known = [place for place, size in enumerate(sizes) if size]
    return known[FEWEST_POINTS - 1] + 1 if len(known) > FEWEST_POINTS else None


def _series(
    limits: Limits, choice: Choice, specials: Sequence[Special | None], course: Course
) -> tuple[Series, ...]:
    points = limits.points
    main = Series(
        gettext("Tỷ lệ {0}").format(course.what), [point.y for point in points], "line", "main",
        tuple(place for place, special in enumerate(specials) if special),
    )  # fmt: skip
    center = Series(gettext("Trung bình"), [p.center for p in points], "steps", "center")
    if not choice.enough:
        return center, main
    band = [None if p.low is None or p.high is None else (p.low, p.high) for p in points]
    return Series(gettext("Khoảng thường gặp"), band, "band", "limit"), center, main


def _sentence(
    shown: Sequence[date], limits: Limits, choice: Choice, specials: Sequence[Special | None],
    course: Course,
) -> str:  # fmt: skip
    known = [point for point in limits.points if point.y is not None]
    if not known:
        return gettext("Chưa có lượt đánh giá nào trong các tháng này.")
    center = words.percent(known[0].center or 0.0)
    if not choice.enough:
        text = gettext(
            "Mới có {0} tháng có số liệu: chưa đủ {1} tháng để nói tháng nào khác thường. "
            "Trung bình {2} {3}."
        )
        return text.format(len(known), FEWEST_POINTS, center, course.what)
    odd = [place for place, special in enumerate(specials) if special]
    if not odd:
        text = gettext("{0} tháng dao động quanh {1} {2}; không tháng nào khác thường.")
        return text.format(len(known), center, course.what)
    newest, special = odd[-1], specials[odd[-1]]
    side = gettext("cao") if special and special.side > 0 else gettext("thấp")
    text = gettext("{0} tháng khác thường; gần nhất là {1}, {2} hơn mức quen thuộc {3}: {4}.")
    return text.format(
        len(odd), _lower(months.month_words(shown[newest])), side, center,
        gettext(RULES[special.rule]) if special else "",
    )  # fmt: skip


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith("T") and "áng" in text else text


def _told(
    month: date, cast: Cast, course: Course, point: Point, special: Special | None
) -> str:  # fmt: skip
    name = months.month_words(month)
    if not cast.n:
        return gettext("{0}: không có lượt đánh giá").format(name)
    if cast.n < FEWEST:
        return gettext("{0}: {1} lượt, quá ít để tính tỷ lệ").format(name, cast.n)
    hits = course.hits(cast)
    text = gettext("{0}: {1} trên {2} lượt, {3}").format(
        name, words.whole(hits), words.whole(cast.n), str(share(hits, cast.n))
    )
    return f"{text}; {gettext(RULES[special.rule])}" if special else text


def _table(
    shown: Sequence[date], each: Sequence[Cast], course: Course,
    specials: Sequence[Special | None], link: LinkOf,
) -> Table:  # fmt: skip
    def row(month: date, cast: Cast, special: Special | None) -> tuple[str | Cell, ...]:
        name, url = months.month_words(month), link(month) if cast.n else ""
        hits = course.hits(cast)
        return (
            Cell(name, url) if url else name,
            words.whole(cast.n),
            words.whole(hits) if cast.n >= FEWEST else "",
            share(hits, cast.n).cell,
            left_out_cell(cast),
            gettext(RULES[special.rule]) if special else "",
        )

    rows = [row(*parts) for parts in zip(shown, each, specials, strict=True)]
    headings = (
        gettext("Tháng"), gettext("Lượt"), gettext("Lượt {0}").format(course.what),
        gettext("Tỷ lệ"), gettext("Tạm giữ / loại"), gettext("Ghi chú"),
    )  # fmt: skip
    return Table(headings, tuple(reversed(rows)))


def _rules(choice: Choice, limits: Limits) -> tuple[str, ...]:
    if not choice.enough:
        return ()
    if choice.kind in ("p'", "u'"):
        text = gettext(
            "Khoảng thường gặp là nơi gần như mọi tháng rơi vào nếu không có gì đổi khác. Các "
            "tháng ở đây vốn dao động nhiều hơn ngẫu nhiên, nên máy chủ nới khoảng ra {0} lần; "
            "nếu không, tháng nào cũng bị báo (biểu đồ p′ của Laney)."
        ).format(words.decimal(limits.sigma_z))
    else:
        text = gettext(
            "Khoảng thường gặp là nơi gần như mọi tháng rơi vào nếu không có gì đổi khác; tháng "
            "ít lượt có khoảng rộng hơn (biểu đồ p). Khoảng tính từ 12 tháng đầu có số liệu."
        )
    return (
        text,
        gettext(
            "Một tháng được đánh dấu khi: nằm ngoài khoảng; hoặc thuộc 7 tháng liền cùng tăng "
            "hay cùng giảm; hoặc 2 trong 3 tháng liền sát mép khoảng; hoặc thuộc 7 tháng liền ở "
            "cùng một phía của mức trung bình (quy tắc của Dịch vụ Y tế Anh, NHS)."
        ),
        gettext(
            "Tháng được đánh dấu là tháng đáng xem, không phải một kết luận: trên 100 biểu đồ "
            "không có gì đổi khác vẫn có khoảng 15 biểu đồ mang dấu."
        ),
    )


def _between(days: Mapping[date, Cast], course: Course) -> tuple[list[date], list[int]]:
    """The days of the complaints, from the second on, and how many votes lie before each."""
    at: list[date] = []
    places: list[int] = []
    before = 0
    for day in sorted(days):
        cast = days[day]
        hits = course.hits(cast)
        for number in range(1, hits + 1):
            at.append(day)
            places.append(before + cast.n * number // (hits + 1))
        before += cast.n
    return at[1:], [later - earlier for earlier, later in pairwise(places)]


def last_day(month: date) -> date:
    """The last day of a month that is given by its first."""
    return months.back(month, -1) - timedelta(days=1)
