"""The votes behind a number: each look is recorded before anything is shown."""

import re

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from protocol.rating import POSITIVE_REASONS, REASONS
from server.analytics.drill import SECRET_REASON, Seen, Wanted, look_at_votes
from server.organisation.checks import is_code
from server.organisation.selectors import counters_by_code, names_of, procedure_names
from server.web import months, words
from server.web.desk_answer import Page, answer
from server.web.desk_asked import Asked, read_asked, read_skip
from server.web.desk_charts import Table
from server.web.desk_unit import procedures_of
from server.web.doubt_words import flag_words
from server.web.organisation_words import day_words

STATES = {"counted": N_("được tính"), "held": N_("tạm giữ"), "excluded": N_("bị loại")}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def votes(request: HttpRequest) -> HttpResponse:
    """Votes of a unit of the territory, narrowed by ?counter= &official= &rating=1,2 &reason=
    &field= &procedure= &state=; what cannot be read narrows nothing."""
    asked = read_asked(request)
    wanted = read_wanted(request.GET, asked)
    if wanted.reason == SECRET_REASON:
        return redirect("desk")
    skip = read_skip(request)
    page = look_at_votes(
        wanted=wanted, skip=skip, by=request.user.get_username(), now_ms=months.utc_ms()
    )
    title = gettext("Lượt đánh giá đằng sau con số")
    table = _table(page.votes)
    context = {
        "table": table,
        "narrowed": _narrowed(wanted),
        "unit_name": asked.units[wanted.unit],
        "skip": skip,
        "more": page.more,
    }
    shown = Page("desk-votes", title, asked, lambda: [(title, table)], context, wanted.unit)
    return answer(request, shown)


def read_wanted(query: QueryDict, asked: Asked) -> Wanted:
    """Which votes. PermissionDenied unless the unit is of the territory."""
    unit = query.get("unit", "")
    if unit not in asked.units:
        raise PermissionDenied
    procedures = tuple(p for p in query.getlist("procedure") if is_code(p))
    if field := query.get("field", ""):
        procedures = procedures_of(unit, asked, field) or procedures
    reason, state = query.get("reason", ""), query.get("state", "")
    return Wanted(
        unit=unit,
        period=asked.period,
        counter=_code(query, "counter"),
        official=_code(query, "official"),
        procedures=procedures,
        ratings=tuple(sorted({int(r) for r in re.findall(r"[1-5]", query.get("rating", ""))})),
        reason=reason if reason in REASONS | POSITIVE_REASONS else "",
        state=state if state in STATES else "",
    )


def _code(query: QueryDict, name: str) -> str | None:
    """A code; "" is nobody, or an unknown counter; None: whichever."""
    text = query.get(name)
    return text if text == "" or (text and is_code(text)) else None


def _narrowed(wanted: Wanted) -> list[str]:
    """What the list is narrowed to, in words."""
    found = []
    if wanted.counter is not None:
        found.append(_counters([wanted.counter]).get(wanted.counter, wanted.counter))
    if wanted.official is not None:
        names = names_of([wanted.official])
        found.append(names.get(wanted.official) or wanted.official or gettext("chưa gán được"))
    found += [words.rating_words(rating).lower() for rating in wanted.ratings]
    if wanted.reason:
        found.append(f"“{words.reason_words(wanted.reason)}”")
    if wanted.procedures:
        found.append(gettext("{0} thủ tục").format(len(wanted.procedures)))
    if wanted.state:
        found.append(gettext(STATES[wanted.state]))
    return found


def _counters(codes: list[str]) -> dict[str, str]:
    known = counters_by_code([code for code in codes if code])
    return {code: known[code].name if code in known else code for code in codes if code} | {
        "": gettext("không rõ quầy")
    }


def _table(votes: list[Seen]) -> Table:
    counters = _counters(sorted({vote.counter for vote in votes}))
    names = names_of(sorted({vote.official for vote in votes} - {""}))
    procedures = procedure_names(sorted({vote.procedure for vote in votes} - {""}))
    headings = (
        gettext("Ngày"), gettext("Quầy"), gettext("Cán bộ"), gettext("Mức"), gettext("Lý do"),
        gettext("Thủ tục"), gettext("Trạng thái"), gettext("Cờ"),
    )  # fmt: skip
    rows = tuple(
        (
            _days(vote),
            counters[vote.counter],
            names.get(vote.official) or vote.official or words.unattributed_words(vote.why)[0],
            f"{vote.rating} · {words.rating_words(vote.rating)}",
            ", ".join(words.reason_words(code) for code in vote.reasons.split()),
            procedures.get(vote.procedure, vote.procedure),
            _state(vote),
            flag_words(" ".join(vote.flags)),
        )
        for vote in votes
    )
    return Table(headings, rows)


def _days(vote: Seen) -> str:
    if vote.first_day == vote.last_day:
        return day_words(vote.first_day)
    return f"{day_words(vote.first_day)} – {day_words(vote.last_day)}"


def _state(vote: Seen) -> str:
    told = gettext(STATES[vote.state]) if vote.state in STATES else vote.state
    return f"{told}, {gettext('được mời')}" if vote.invited else told
