"""The fleet: every kiosk's state now, by unit or narrowed, and the same list as CSV."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from server.organisation.access import may_manage_any, may_see_any_kiosks
from server.votes.selectors import QUIET_DAYS, QUIET_VOTES
from server.web import fleet_tree, months
from server.web.download import safe
from server.web.fleet import SHOWS, Fleet, Row, Stand, narrow, read_fleet, read_rows

PAGE = 50
INLINE = 60  # so few kiosks are shown beneath their units at once
CSV_AT_ONCE = 500
SHOW_WORDS = {
    "live": N_("Đang kết nối"),
    "failing": N_("Cần sửa ngay"),
    "silent": N_("Mất liên lạc"),
    "open": N_("Mất liên lạc trong giờ làm việc"),
    "attention": N_("Cần xem"),
    "unpressed": N_("Có nút lâu không ai bấm"),
    "never": N_("Chưa đăng ký"),
}
# The order is a promise to those who read the file by machine; the headings follow the language.
COLUMNS = (
    N_("đơn vị"),
    N_("tên đơn vị"),
    N_("thiết bị"),
    N_("tên thiết bị"),
    N_("quầy"),
    N_("trạng thái"),
    N_("liên lạc lần cuối"),  # ISO 8601 with the unit's UTC offset, as all times here
    N_("cần xem"),
    N_("bản ghi chờ gửi"),
    N_("lượt cuối"),
    N_("báo cáo lúc"),
    N_("phiên bản"),
    N_("cấu hình"),
    N_("đồng hồ lệch (giây)"),
    N_("thẻ nhớ trống (%)"),
    N_("nhiệt độ (°C)"),
)


@dataclass(frozen=True)
class Chip:
    """One way to narrow the list; n is None where counting would take too long."""

    show: str
    words: str
    n: int | None
    query: str
    chosen: bool


@dataclass(frozen=True)
class Asked:
    """What ?unit=…&show=…&page=… asks for; what cannot be read is not asked."""

    unit: str
    show: str
    page: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        show, page = request.GET.get("show", ""), request.GET.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        return cls(request.GET.get("unit", ""), show if show in SHOWS else "", max(1, number))

    def query(self, **changes: object) -> str:
        words = {"unit": self.unit, "show": self.show} | changes
        return urlencode({key: word for key, word in words.items() if word})


@never_cache
@login_required
@require_safe
def kiosks(request: HttpRequest) -> HttpResponse:
    """The tree of units with how their kiosks stand; or the kiosks themselves, page by page."""
    asked, fleet, roots, node = _read(request)
    context: dict[str, Any] = {
        "asked": asked,
        "node": node,
        "chips": _chips(fleet, asked),
        "total": len(fleet.stands),
        "csv_query": asked.query(),
        "quiet": {"days": QUIET_DAYS, "votes": QUIET_VOTES},
        "manages": may_manage_any(request.user),
        "as_of": months.local_time(fleet.now_ms, _zone(fleet)),
    }
    if asked.show:
        context["list"] = _page(fleet, narrow(fleet, asked.show), asked)
    elif len(fleet.stands) <= INLINE and len(fleet.units) <= INLINE:
        context["groups"] = _groups(fleet, [node] if node else roots)
    else:
        context["tree"] = fleet_tree.fold([node] if node else roots)
        own = [s for s in fleet.stands if node is not None and s.kiosk.unit == node.unit.code]
        context["list"] = _page(fleet, own, asked) if own else None
    context["usual"] = _usual_software(_shown(context))
    return render(request, "web/fleet.html", context)


@never_cache
@login_required
@require_safe
def kiosks_csv(request: HttpRequest) -> HttpResponse:
    """The same list, whole, for a spreadsheet."""
    asked, fleet, _, _ = _read(request)
    # Not streamed: after this returns, the language is no longer the reader's.
    text = "".join(_csv(fleet, narrow(fleet, asked.show)))
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    sample = "-sample" if settings.DATA.sample else ""
    response["Content-Disposition"] = f'attachment; filename="hailong-kiosks{sample}.csv"'
    return response


def _read(
    request: HttpRequest,
) -> tuple[Asked, Fleet, list[fleet_tree.Node], fleet_tree.Node | None]:
    """What is asked, of whom; a unit that the reader may not see, or that is none, is not asked."""
    if not may_see_any_kiosks(request.user):
        raise PermissionDenied
    asked = Asked.of(request)
    fleet = read_fleet(account=request.user, now_ms=months.utc_ms())
    roots = fleet_tree.grow(fleet)
    node = fleet_tree.find(roots, asked.unit) if asked.unit else None
    if node is None:
        return Asked("", asked.show, asked.page), fleet, roots, None
    some = fleet_tree.beneath(node)
    units = {code: unit for code, unit in fleet.units.items() if code in some}
    stands = [stand for stand in fleet.stands if stand.kiosk.unit in some]
    return asked, Fleet(units, fleet.lines & some, stands, fleet.now_ms), roots, node


def _zone(fleet: Fleet) -> str:
    return next((unit.timezone for unit in fleet.units.values()), "UTC")


def _shown(context: dict[str, Any]) -> list[Row]:
    """The rows of the page, whether they are in groups or in a list."""
    listed = context.get("list") or {"rows": []}
    return [*listed["rows"], *(row for _, rows in context.get("groups", []) for row in rows)]


def _usual_software(rows: list[Row]) -> str:
    """The version that most of these kiosks run; a row names its own only if it differs."""
    found = Counter(row.status.software for row in rows if row.status is not None)
    return found.most_common(1)[0][0] if found else ""


def _chips(fleet: Fleet, asked: Asked) -> list[Chip]:
    counts = {
        show: len(narrow(fleet, show))
        for show in ("live", "failing", "silent", "attention", "never")
    }  # fmt: skip
    chips = [Chip("", gettext("Tất cả"), len(fleet.stands), asked.query(show=""), not asked.show)]
    for show in SHOWS:
        if show == "unpressed" and not fleet.lines:
            continue  # nothing for this reader: fleet.py says why
        words, n = gettext(SHOW_WORDS[show]), counts.get(show)
        chips.append(Chip(show, words, n, asked.query(show=show), asked.show == show))
    return chips


def _page(fleet: Fleet, stands: list[Stand], asked: Asked) -> dict[str, Any]:
    """One page of a list and the way to its neighbors; a page after the last is the last."""
    last = max(1, -(-len(stands) // PAGE))
    page = min(asked.page, last)
    return {
        "rows": read_rows(fleet, stands[(page - 1) * PAGE : page * PAGE]),
        "n": len(stands),
        "page": page,
        "last": last,
        "before": asked.query(page=page - 1) if page > 1 else "",
        "after": asked.query(page=page + 1) if page < last else "",
        "several": len({stand.kiosk.unit for stand in stands}) > 1,
    }


def _groups(fleet: Fleet, roots: list[fleet_tree.Node]) -> list[tuple[fleet_tree.Node, list[Row]]]:
    """Each unit with its kiosks; units in between, which have none of their own, are left out."""
    rows: dict[str, list[Row]] = {code: [] for code in fleet.units}
    for row in read_rows(fleet, fleet.stands):
        rows[row.unit.code].append(row)
    return [
        (node, rows[node.unit.code])
        for node in fleet_tree.walk(roots)
        if node.own or not node.children
    ]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(fleet: Fleet, stands: list[Stand]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([gettext(column) for column in COLUMNS])
    for start in range(0, len(stands), CSV_AT_ONCE):
        for row in read_rows(fleet, stands[start : start + CSV_AT_ONCE]):
            yield writer.writerow([safe(value) for value in _cells(row)])


def _cells(row: Row) -> list[object]:
    status = row.status
    disk = status.disk if status else None
    temperature = status.temperature_mc if status else None
    cells: list[object | None] = [
        row.unit.code,
        row.unit.name,
        row.id,
        row.detail.name,
        row.counter.code if row.counter else row.detail.counter,
        row.words,
        row.seen.isoformat(timespec="seconds") if row.seen else None,
        "; ".join(row.marks),
        row.unsent,
        row.last_vote.isoformat(timespec="seconds") if row.last_vote else None,
        row.told.isoformat(timespec="seconds") if row.told else None,
        status.software if status else None,
        status.config if status else None,
        None if row.offset_ms is None else round(row.offset_ms / 1000),
        round(100 * disk.free / disk.total) if disk and disk.total else None,
        None if temperature is None else round(temperature / 1000),
    ]
    return ["" if cell is None else cell for cell in cells]
