"""Why a figure of the desk is what it is: its counts and formula, and how to count it anew."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.analytics.desk import NOTHING, Cast, cast_by_official, cast_of
from server.analytics.drill import look_at_officials
from server.ledger.standing import read_standing
from server.organisation.selectors import is_code, names_of, rules_of
from server.web import months, words
from server.web.desk_answer import Page, answer
from server.web.desk_asked import Asked, read_asked, votes_url
from server.web.desk_charts import Table
from server.web.desk_words import FEWEST, share
from server.web.proofs import hex_groups


class Figure(NamedTuple):
    """What is explained. unit: empty for the whole territory; of: in words; fewest: votes that a
    share wants."""

    unit: str
    official: str
    of: str
    cast: Cast
    fewest: int


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest) -> HttpResponse:
    """The shares of the territory, of ?unit=, or of its ?official=, explained."""
    asked = read_asked(request)
    figure = _figure(request, asked)
    newest = read_standing(now_ms=months.utc_ms()).newest
    title = gettext("Vì sao có con số này")
    table = _table(figure)
    context = {
        "figure": figure,
        "table": table,
        "sum": _sum(figure),
        "apart": words.whole(figure.cast.apart) if figure.cast.apart else "",
        "wilson": _wilson(figure),
        "votes_url": votes_url(figure.unit, asked.period, **_official(figure))
        if figure.unit
        else "",
        "command": _command(figure, asked),
        "size": words.whole(newest.size) if newest else "",
        "root_groups": hex_groups(newest.root) if newest else [],
    }
    page = Page("desk-why", title, asked, lambda: [(title, table)], context, figure.unit)
    return answer(request, page)


def _figure(request: HttpRequest, asked: Asked) -> Figure:
    unit, official = request.GET.get("unit", ""), request.GET.get("official", "")
    if unit and unit not in asked.units:
        raise PermissionDenied
    if unit and official and is_code(official):
        look_at_officials(
            unit=unit, official=official, period=asked.period, by=request.user.get_username(),
            now_ms=months.utc_ms(),
        )  # fmt: skip
        cast = cast_by_official(unit=unit, period=asked.period).get(official, NOTHING)
        of = names_of([official]).get(official) or official
        fewest = rules_of(unit).person_from
        return Figure(unit, official, f"{of} · {asked.units[unit]}", cast, fewest)
    cast = cast_of(units=[unit] if unit else asked.units, period=asked.period)
    return Figure(unit, "", asked.units.get(unit, gettext("Cả địa bàn")), cast, FEWEST)


def _official(figure: Figure) -> dict[str, str]:
    return {"official": figure.official} if figure.official else {}


def _table(figure: Figure) -> Table:
    """Each share with its hits and its formula; the number of votes alone where there are few, for
    hits of n are the share in other words."""
    cast = figure.cast
    rows: list[tuple[Any, ...]] = []
    for name, hits, levels in (
        (gettext("Tỷ lệ hài lòng"), cast.satisfied, "(n4 + n5) / n"),
        (gettext("Tỷ lệ không hài lòng"), cast.complaints, "(n1 + n2) / n"),
    ):
        few = cast.n < figure.fewest
        told = "" if few else share(hits, cast.n).cell
        formula = levels if few else f"{levels} = {words.whole(hits)} / {words.whole(cast.n)}"
        rows.append((name, formula, told))
    headings = (gettext("Tỷ lệ"), gettext("Công thức"), gettext("Kết quả"))
    return Table(headings, tuple(rows))


def _sum(figure: Figure) -> str:
    """n as the sum of its levels, as far as these may be told."""
    cast = figure.cast
    if cast.n < figure.fewest:
        return f"n = {words.whole(cast.n)}"
    parts = " + ".join(words.whole(count) for count in cast.counts)
    return f"n = n1 + n2 + n3 + n4 + n5 = {parts} = {words.whole(cast.n)}"


def _wilson(figure: Figure) -> str:
    """The interval's formula, in which n stands."""
    if figure.cast.n < figure.fewest:
        return gettext("Dưới {0} lượt: chỉ nói số lượt.").format(figure.fewest)
    return "(p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n), " + gettext("z = 1,96")


def _command(figure: Figure, asked: Asked) -> str:
    by = "official" if figure.official else "unit"
    period = f"--from {asked.period.first} --to {asked.period.last}"
    unit = f" --unit {figure.unit}" if figure.unit else ""
    return f"hailong-server recount {period} --by {by}{unit}"
