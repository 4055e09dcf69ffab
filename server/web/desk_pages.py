"""The inspector's desk: the territory at a glance, one unit, the funnels, as-was beside as-is."""

from itertools import islice

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.analytics.desk import cast_by_month, cast_by_official, cast_by_unit
from server.analytics.drill import look_at_officials
from server.organisation.selectors import names_of, rules_of
from server.signals.selectors import open_signals
from server.web import desk_compare, desk_unit, months, words
from server.web.desk_answer import Page, answer
from server.web.desk_asked import Asked, read_asked, read_skip, unit_url, votes_url, why_url
from server.web.desk_charts import Table
from server.web.desk_course import Course, draw_course
from server.web.desk_funnel import Subject, draw_funnel, officials, units
from server.web.desk_territory import Territory, pages_of
from server.web.desk_words import change_words, complaints, left_out, satisfied

MOST_OPTIONS = 400
page_of_the_desk = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@login_required
@page_of_the_desk
def desk(request: HttpRequest) -> HttpResponse:
    """The territory at a glance."""
    asked = read_asked(request)
    found = Territory(asked)
    skip = read_skip(request)
    total, before = found.total, found.total_before
    of = Course(
        "territory", gettext("Diễn biến không hài lòng của địa bàn"), gettext("không hài lòng")
    )
    months = cast_by_month(units=asked.units, period=asked.course)
    course = draw_course(of, months, asked.period.last)
    waiting = {unit: str(n) for unit, n in open_signals(units=asked.units).items()}
    table = found.table(skip, signals=waiting)
    context = {
        "facts": [
            (gettext("Tỷ lệ hài lòng"), *satisfied(total)),
            (gettext("Tỷ lệ không hài lòng"), *complaints(total)),
            (gettext("Lượt đánh giá"), words.whole(total.n), left_out(total)),
            (gettext("Đơn vị có lượt"), words.whole(len(found.now)),
             gettext("trên {0}").format(words.whole(len(asked.units)))),
        ],
        "moved": change_words(before, total),
        "why": why_url(asked.period),
        "course": course,
        "table": table,
        "pages": pages_of(len(asked.units), skip),
    }  # fmt: skip
    title = gettext("Toàn cảnh địa bàn")

    def tables() -> list[tuple[str, Table]]:
        whole = found.table(0, most=len(asked.units), signals=waiting)
        return [(title, whole), (course.title, course.table)]

    return answer(request, Page("desk", title, asked, tables, context))


@never_cache
@login_required
@page_of_the_desk
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """One unit: the course of complaints, reasons, fields, hours, and complaints elsewhere."""
    asked = read_asked(request)
    if code not in asked.units:
        raise PermissionDenied
    context, tables = desk_unit.read_unit(code, asked, request.GET, by=request.user.get_username())
    return answer(
        request, Page("desk-unit", asked.units[code], asked, lambda: tables, context, code)
    )


@never_cache
@login_required
@page_of_the_desk
def funnel(request: HttpRequest) -> HttpResponse:
    """The funnel of the territory's units, or of the officials of one (?unit=)."""
    asked = read_asked(request)
    code = request.GET.get("unit", "")
    if code and code not in asked.units:
        raise PermissionDenied
    if code:
        look_at_officials(
            unit=code, official="", period=asked.period, by=request.user.get_username(),
            now_ms=months.utc_ms(),
        )  # fmt: skip
    who = officials(rules_of(code)) if code else units()
    chart = draw_funnel(who, _officials(code, asked) if code else _units(asked))
    title, of = gettext("So sánh công bằng"), gettext("cán bộ của {0}")
    named = islice(asked.units.items(), MOST_OPTIONS)
    context = {
        "chart": chart,
        "of": code,
        "of_name": asked.units.get(code, ""),
        "options": [(each, of.format(name)) for each, name in named],
    }
    tables = [(chart.title, chart.table)]
    return answer(request, Page("desk-funnel", title, asked, lambda: tables, context))


@never_cache
@login_required
@page_of_the_desk
def compare(request: HttpRequest) -> HttpResponse:
    """The period's votes as units stood then, beside the same by the units of today."""
    asked = read_asked(request)
    context, table = desk_compare.read_compared(asked)
    title = gettext("Như khi đó và theo hôm nay")
    return answer(request, Page("desk-compare", title, asked, lambda: [(title, table)], context))


def _units(asked: Asked) -> list[Subject]:
    found = cast_by_unit(units=asked.units, period=asked.period)
    return [
        Subject(
            code, asked.units[code], cast, unit_url(code, asked), why_url(asked.period, unit=code)
        )
        for code, cast in sorted(found.items())
    ]


def _officials(code: str, asked: Asked) -> list[Subject]:
    found = cast_by_official(unit=code, period=asked.period)
    names = names_of(sorted(found))
    return [
        Subject(official, names.get(official) or official, cast,
                votes_url(code, asked.period, official=official),
 why_url(asked.period, unit=code, official=official))
        for official, cast in sorted(found.items())
    ]  # fmt: skip
