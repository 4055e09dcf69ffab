"""A page of the desk as an answer: drawn, or its tables as CSV, or the same sealed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from server.web import desk_export
from server.web.desk_asked import Asked, period_context
from server.web.desk_charts import Table

TEMPLATES = {
    "desk": "web/desk/territory.html",
    "desk-unit": "web/desk/unit.html",
    "desk-funnel": "web/desk/funnel.html",
    "desk-compare": "web/desk/compare.html",
    "desk-votes": "web/desk/votes.html",
}


@dataclass(frozen=True)
class Page:
    """name: of its address; tables: gives all that it shows, whole, each with its title; unit: the
    one that it is of, if any."""

    name: str
    title: str
    asked: Asked
    tables: Callable[[], Sequence[tuple[str, Table]]]
    context: dict[str, Any] = field(default_factory=dict)
    unit: str = ""


def answer(request: HttpRequest, page: Page) -> HttpResponse:
    """The page; with ?format=csv its tables; POST of `do=sealed`: the same with its hash in the
    log."""
    if request.method == "POST":
        return desk_export.sealed(request, page.title, page.asked, page.tables())
    if request.GET.get("format") == "csv":
        return desk_export.csv_file(page.title, page.asked, page.tables())
    query = request.GET.copy()
    query.pop("skip", None)
    context = {
        **period_context(page.asked),
        **page.context,
        "title": page.title,
        "unit_code": page.unit,
        "same": query.urlencode(),  # what this page was asked, for the links that keep it
        "keep": [(key, value) for key, value in query.items() if key not in ("from", "to")],
    }
    return render(request, TEMPLATES[page.name], context)
