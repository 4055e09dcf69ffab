"""One unit of the desk: what is read, and the charts that are made of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from protocol.rating import REASONS
from server.analytics.desk import (
    NOTHING,
    Cast,
    cast_by_day,
    cast_by_hour,
    cast_by_month,
    cast_by_procedure,
    cast_of,
    cast_of_procedures_by_month,
)
from server.analytics.drill import SECRET_REASON
from server.analytics.methods.choose_chart import choose_chart
from server.analytics.response import responses
from server.analytics.selectors import Period
from server.complaints.selectors import elsewhere_by_month
from server.organisation.selectors import procedures_on, rules_of
from server.signals.selectors import signals
from server.signals.services import record_looks
from server.web import months, words
from server.web.desk_asked import Asked, unit_url, votes_url, why_url
from server.web.desk_charts import Chart, Table
from server.web.desk_course import Course, draw_course, draw_rare, last_day
from server.web.desk_parts import (
    Named,
    draw_elsewhere,
    draw_heat,
    draw_reasons,
    fields_table,
)
from server.web.desk_words import change_words, complaints, left_out, satisfied
from server.web.figure_words import response_words
from server.web.signal_pages import rows_of

Tables = list[tuple[str, Table]]
MOST_SIGNALS = 20
COMPLAINTS = "1,2"  # the ratings that count as complaints, as a page's address says it


def read_unit(
    code: str, asked: Asked, query: QueryDict, *, by: str
) -> tuple[dict[str, Any], Tables]:
    """The page's charts and tables. query: ?reason= or ?field= narrows the course. by: who reads
    it, which the log says where officials are named."""
    now = cast_of(units=[code], period=asked.period)
    before = cast_of(units=[code], period=asked.before)
    by_month = cast_by_month(units=[code], period=asked.course)
    fields = _fields(code, asked)
    course = _course(code, asked, query, by_month, fields)
    charts = [course, _rare(code, asked, by_month), *_beside(code, asked, by_month, now, before)]
    drawn = [chart for chart in charts if chart is not None]
    by_field = fields_table(
        gettext("Lĩnh vực"),
        [
            Named(name, each, was, f"{unit_url(code, asked)}&field={field}" if field else "")
            for field, name, each, was, _ in fields
        ],
    )
    context = {
        "signals": _signals(code, asked, by),
        "facts": [
            (gettext("Tỷ lệ hài lòng"), *satisfied(now)),
            (gettext("Tỷ lệ không hài lòng"), *complaints(now)),
            (gettext("Lượt đánh giá"), words.whole(now.n), left_out(now)),
        ],
        "came": _came(code, asked),
        "moved": change_words(before, now),
        "why": why_url(asked.period, unit=code),
        "charts": drawn,
        "fields": by_field,
        "narrowed": bool(query.get("reason") or query.get("field")),
        "whole_url": unit_url(code, asked),
        "votes_url": votes_url(code, asked.period, rating=COMPLAINTS),
    }
    tables = [(chart.title, chart.table) for chart in drawn]
    return context, [*tables, (gettext("Theo lĩnh vực"), by_field)]


def _came(code: str, asked: Asked) -> str:
    """How many of those who came voted, in words; empty where nobody counted them."""
    total = responses(unit=code, period=asked.period).total
    return response_words(total, rules_of(code))


def _signals(code: str, asked: Asked, by: str) -> list[Any]:
    """The unit's signals that nobody has closed, newest first."""
    found = [row for row in signals(units=[code]) if row.state != "closed" and row.stands]
    shown = found[:MOST_SIGNALS]
    record_looks(signals=shown, by=by, now_ms=months.utc_ms())
    return rows_of(shown, dict(asked.units))


def _course(
    code: str, asked: Asked, query: QueryDict, by_month: Mapping[date, Cast],
    fields: "list[tuple[str, str, Cast, Cast, tuple[str, ...]]]",
) -> Chart:  # fmt: skip
    reason, field = query.get("reason", ""), query.get("field", "")
    if reason in REASONS and reason != SECRET_REASON:
        name = words.reason_words(reason)
        return draw_course(
            Course("course", gettext("Lý do “{0}” theo tháng").format(name),
                   gettext("nêu lý do này"), lambda cast: cast.named(reason)),
            by_month, asked.period.last, lambda month: _votes(code, month, reason=reason),
        )  # fmt: skip
    known = next((each for each in fields if field and each[0] == field), None)
    if known is not None:
        casts = cast_of_procedures_by_month(unit=code, procedures=known[4], period=asked.course)
        return draw_course(
            Course("course", gettext("Không hài lòng theo tháng: {0}").format(known[1]),
                   gettext("không hài lòng")),
            casts, asked.period.last,
            lambda month: _votes(code, month, rating=COMPLAINTS, field=field),
        )  # fmt: skip
    return draw_course(
        Course("course", gettext("Không hài lòng theo tháng"), gettext("không hài lòng")),
        by_month, asked.period.last, lambda month: _votes(code, month, rating=COMPLAINTS),
    )  # fmt: skip


def _votes(code: str, month: date, **more: str) -> str:
    return votes_url(code, Period(month, last_day(month)), **more)


def _rare(code: str, asked: Asked, by_month: Mapping[date, Cast]) -> Chart | None:
    """Where complaints are too rare for shares by month: the votes between them."""
    shown = sorted(by_month)
    casts = [by_month[month] for month in shown]
    if choose_chart([c.complaints for c in casts], [c.n or None for c in casts]).kind != "g":
        return None
    return draw_rare(
        Course("course", gettext("Không hài lòng"), gettext("không hài lòng")),
        cast_by_day(units=[code], period=asked.course),
    )


def _beside(
    code: str, asked: Asked, by_month: Mapping[date, Cast], now: Cast, before: Cast
) -> list[Chart | None]:
    counts = elsewhere_by_month(units=[code], first=asked.course.first, last=asked.course.last)
    here = unit_url(code, asked)
    secret = f"{reverse('desk-integrity')}?{urlencode({'unit': code})}"  # a list of its own
    reasons = [
        (words.reason_words(reason), now.named(reason), before.named(reason),
         secret if reason == SECRET_REASON else f"{here}&reason={reason}")
        for reason in REASONS
    ]  # fmt: skip
    return [
        draw_elsewhere(counts, by_month, asked.period.last),
        draw_reasons(reasons, now, before),
        draw_heat(cast_by_hour(unit=code, period=asked.period)),
    ]


def _fields(code: str, asked: Asked) -> list[tuple[str, str, Cast, Cast, tuple[str, ...]]]:
    """Each field with votes: code, name, votes now and before, and its procedures that have any."""
    now = cast_by_procedure(unit=code, period=asked.period)
    was = cast_by_procedure(unit=code, period=asked.before)
    field_of = {
        procedure.code: (procedure.field.code, procedure.field.name)
        for procedure in procedures_on()
        if procedure.field is not None
    }
    found: dict[tuple[str, str], list[str]] = {}
    for procedure in sorted({*now, *was}):
        key = field_of.get(procedure, ("", gettext("Chưa rõ lĩnh vực")))
        found.setdefault(key, []).append(procedure)
    return [
        (field, name, sum((now.get(p, NOTHING) for p in codes), NOTHING),
         sum((was.get(p, NOTHING) for p in codes), NOTHING), tuple(codes))
        for (field, name), codes in sorted(found.items(), key=lambda row: row[0][1])
    ]  # fmt: skip


def procedures_of(code: str, asked: Asked, field: str) -> tuple[str, ...]:
    """The procedures of a field that have votes in the unit."""
    return next((codes for each, _, _, _, codes in _fields(code, asked) if each == field), ())
