"""A page of the desk as an answer: drawn, or its tables as CSV, or the same sealed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from server.inspection.selectors import views_of
from server.inspection.services import forget_view, save_view
from server.web import desk_export
from server.web.asked import Action, Given, carry_out
from server.web.desk_asked import Asked, period_context
from server.web.desk_charts import Table

TEMPLATES = {
    "desk": "web/desk/territory.html",
    "desk-unit": "web/desk/unit.html",
    "desk-funnel": "web/desk/funnel.html",
    "desk-compare": "web/desk/compare.html",
    "desk-votes": "web/desk/votes.html",
    "desk-why": "web/desk/why.html",
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
    log; of `save` and `forget`: the reader's saved views."""
    refused = None
    if request.method == "POST":
        if request.POST.get("do") == "sealed":
            return desk_export.sealed(request, page.title, page.asked, page.tables())
        refused = carry_out(request, _views(request))
        if refused is None:
            return redirect(request.get_full_path())
    elif request.GET.get("format") == "csv":
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
        "views": views_of(_account(request)),
        "refused": refused,
    }
    return render(request, TEMPLATES[page.name], context, status=422 if refused else 200)


def _views(request: HttpRequest) -> dict[str, Action]:
    def save(given: Given) -> str:
        name = given.text("name")
        save_view(account=_account(request), name=name, address=request.get_full_path())
        return gettext("Đã lưu trang “{0}”.").format(name)

    def forget(given: Given) -> str:
        forget_view(account=_account(request), name=given.text("name"))
        return gettext("Đã bỏ trang “{0}”.").format(given.text("name"))

    return {"save": save, "forget": forget}


def _account(request: HttpRequest) -> Any:
    """The reader: whoever asked for the desk was let in as an inspector."""
    return request.user
