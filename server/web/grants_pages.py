"""For which units inspectors and reviewers act: administrators give it and end it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.clock import midnight_ms
from server.organisation.access import may_grant
from server.organisation.selectors import account_of, accounts_to_grant, grants_in_force
from server.organisation.selectors import unit as find_unit
from server.organisation.services import OrganisationError, end_grant, give_grant
from server.web import months, organisation_words
from server.web.asked import Action, Given, Unreadable, carry_out

ROLES = {"inspector": N_("Thanh tra"), "reviewer": N_("Người thẩm định")}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def grants(request: HttpRequest) -> HttpResponse:
    """Who may act where, and forms to give and to end it."""
    if not may_grant(request.user):
        raise PermissionDenied
    refused = None
    if request.method == "POST":
        refused = carry_out(request, {"give": _giving(request), "end": _ending(request)})
        if refused is None:
            return redirect("grants")
    accounts = accounts_to_grant()
    context = {
        "rows": [
            {
                "grant": row,
                "role": gettext(ROLES[row.account.role]),
                "since": _day(row.from_ms, row.unit.timezone),
                "until": "" if row.to_ms is None else _day(row.to_ms - 1, row.unit.timezone),
            }
            for row in grants_in_force(months.utc_ms())
        ],
        "accounts": [
            ("", gettext("Chọn người")),
            *((row.username, f"{row.username} · {gettext(ROLES[row.role])}") for row in accounts),
        ],
        "refused": refused,
    }  # fmt: skip
    return render(request, "web/grants.html", context, status=422 if refused else 200)


def _giving(request: HttpRequest) -> Action:
    def give(given: Given) -> str:
        unit = find_unit(given.text("unit"))
        if unit is None:
            raise Unreadable("unit", gettext("Không có đơn vị mang mã này; hãy sửa mã."))
        account = account_of(given.text("account", 150))
        if account is None:
            raise Unreadable("account", gettext("Hãy chọn người được giao."))
        last = given.day_or_none("last")
        until = None
        if last is not None:
            until = midnight_ms(last + timedelta(days=1), ZoneInfo(unit.timezone))
        give_grant(
            account=account, unit=unit, by=request.user.get_username(), now_ms=months.utc_ms(),
            to_ms=until,
        )  # fmt: skip
        return gettext("Đã giao.")

    return give


def _ending(request: HttpRequest) -> Action:
    def end(given: Given) -> str:
        account, unit = account_of(given.text("account", 150)), find_unit(given.text("unit"))
        if account is None or unit is None:
            name, code = given.text("account", 150), given.text("unit")
            raise OrganisationError("no-grant", account=name, unit=code)
        end_grant(
            account=account, unit=unit, by=request.user.get_username(), now_ms=months.utc_ms()
        )
        return gettext("Đã kết thúc.")

    return end


def _day(ms: int, timezone: str) -> str:
    return organisation_words.day_words(months.local_time(ms, timezone).date())
