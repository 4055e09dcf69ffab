"""Making a kiosk, giving out its code with a card to print, and revoking it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.fleet.enrolling import KioskPlace, code_state, kiosk_place
from server.fleet.errors import FleetError
from server.fleet.exposure import admin_pins_due
from server.fleet.levels import KIOSK, Holder, find_holder
from server.fleet.provenance import layers_of
from server.fleet.services import make_code, make_kiosk, withdraw_code
from server.folder import PUBLIC_URL
from server.ingest.known_journals import journals_of_kiosk
from server.ingest.revocation import MAX_REASON, RevocationError, revoke_journal
from server.organisation.access import may_manage_any, may_manage_kiosks
from server.organisation.selectors import counters, is_code, pins_due
from server.organisation.services import OrganisationError
from server.web import months
from server.web.cards import Card

MOST_LISTED = 300  # counters in one list; beyond it a code is typed
SEQ_DIGITS = 16


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_new(request: HttpRequest) -> HttpResponse:
    """A new kiosk at a counter; its code is made on the next page."""
    if not may_manage_any(request.user):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    wrong = ""
    if request.method == "POST":
        try:
            made = _make(request)
            return redirect("kiosk-code", id=made)
        except (FleetError, OrganisationError):
            wrong = gettext("Không có quầy này, hoặc quầy chưa dùng được. Hãy chọn lại.")
    listed = counters()
    context = {
        "counters": listed if len(listed) <= MOST_LISTED else None,
        "counter": given.get("counter", ""),
        "name": given.get("name", ""),
        "wrong": wrong,
    }
    return render(request, "web/kiosk_new.html", context, status=422 if wrong else 200)


def _make(request: HttpRequest) -> str:
    counter, name = request.POST.get("counter", "").strip(), request.POST.get("name", "").strip()
    if len(name) > 200 or not name.isprintable():
        raise FleetError("A name has at most 200 printable characters.")
    made = make_kiosk(
        counter=counter,
        name=name,
        now_ms=months.utc_ms(),
        by=request.user.get_username(),
    )
    return str(made.id)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_code(request: HttpRequest, id: str) -> HttpResponse:
    """How the enrolment of a kiosk stands; a new code, shown this once, with its card."""
    place = _managed(request, id)
    card, wrong = None, ""
    if request.POST.get("do") == "withdraw":
        withdraw_code(kiosk=id)
        return redirect("kiosk-code", id=id)
    if request.method == "POST":
        address = request.POST.get("address", "").strip().rstrip("/")
        if PUBLIC_URL.fullmatch(address):
            card = _card(request, place, address)
        else:
            wrong = gettext("Địa chỉ phải có dạng https://hailong.example.")
    known = settings.DATA.public_url
    context = {
        "place": place,
        "card": card,
        "wrong": wrong,
        "address": request.POST.get("address") or known or request.build_absolute_uri("/")[:-1],
        "address_known": bool(known),
        **_state(place),
    }
    return render(request, "web/kiosk_code.html", context, status=422 if wrong else 200)


def _card(request: HttpRequest, place: KioskPlace, address: str) -> Card:
    """A new code and its card; the address is remembered for the next one."""
    now_ms = months.utc_ms()
    if address != settings.DATA.public_url:
        settings.DATA.set_public_url(address)
    code = make_code(kiosk=place.id, now_ms=now_ms, by=request.user.get_username())
    until = months.local_time(code_state(kiosk=place.id, now_ms=now_ms).expires_ms, place.timezone)
    return Card(place, code, address, until, now_ms)


def _state(place: KioskPlace) -> dict[str, Any]:
    """What the page tells of code and journals, times on the unit's clock."""
    code = code_state(kiosk=place.id, now_ms=months.utc_ms())
    return {
        "code": code,
        "made": months.local_time(code.made_ms, place.timezone) if code.made_ms else None,
        "until": months.local_time(code.expires_ms, place.timezone) if code.expires_ms else None,
        "journals": [
            (journal, months.local_time(journal.enrolled_ms, place.timezone))
            for journal in journals_of_kiosk(place.id)
        ],
    }


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk_revoke(request: HttpRequest, id: str) -> HttpResponse:
    """Trust a journal of a kiosk no further than before a line; its id is typed to confirm."""
    place = _managed(request, id)
    journals = journals_of_kiosk(id)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        wrong = _revoke(request, place, {journal.journal for journal in journals})
        if not wrong:
            return redirect("kiosk-revoke", id=id)
    context = {
        "place": place,
        "journals": [
            (
                journal,
                months.local_time(journal.enrolled_ms, place.timezone),
                [
                    (revoked, months.local_time(revoked.at_ms, place.timezone))
                    for revoked in journal.revocations
                ],
            )
            for journal in journals
        ],
        "pins_due": pins_due(place.unit),
        "admin_pins_due": _admin_pins_due(id),
        "given": request.POST,
        "wrong": wrong,
    }
    return render(request, "web/kiosk_revoke.html", context, status=422 if wrong else 200)


def _admin_pins_due(kiosk: str) -> list[Holder]:
    """Whose technician's PIN has to be changed, among those that open the kiosk."""
    due = admin_pins_due()
    layers = layers_of(find_holder(f"{KIOSK}:{kiosk}"))
    return [each.holder for each in layers if (each.holder.level, each.holder.code) in due]


def _revoke(request: HttpRequest, place: KioskPlace, journals: set[str]) -> dict[str, str]:
    """What is wrong, by field; nothing if it was done."""
    given = request.POST
    journal, seq = given.get("journal", ""), given.get("from_seq", "").strip()
    wrong = {}
    if journal not in journals:
        wrong["journal"] = gettext("Hãy chọn một nhật ký.")
    if not (seq.isascii() and seq.isdigit() and len(seq) < SEQ_DIGITS):
        wrong["from_seq"] = gettext("Hãy ghi một số.")
    reason = given.get("reason", "").strip()
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        wrong["reason"] = gettext("Hãy ghi lý do trên một dòng, tối đa 300 ký tự.")
    if given.get("confirm", "").strip() != place.id:
        wrong["confirm"] = gettext("Mã thiết bị ghi lại không khớp.")
    if wrong:
        return wrong
    try:
        revoke_journal(
            journal=journal,
            from_seq=int(seq),
            reason=reason,
            by=request.user.get_username(),
            now_ms=months.utc_ms(),
        )
    except RevocationError:
        wrong["from_seq"] = gettext(
            "Số này phải từ 1 đến bản ghi mới nhất cộng 1, và không lớn hơn số đã thu hồi."
        )
    return wrong


def _managed(request: HttpRequest, id: str) -> KioskPlace:
    """The kiosk; a foreign one and one that does not exist answer alike."""
    place = kiosk_place(id) if is_code(id) else None
    if place is None or not may_manage_kiosks(request.user, place.unit):
        raise PermissionDenied
    return place
