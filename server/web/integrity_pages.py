"""The log's page for staff: what is proved and what is not, and what auditors found."""

from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from server.ledger.reports import (
    MAX_BYTES,
    BadReport,
    Kept,
    find_report,
    keep_report,
    last_reports,
)
from server.ledger.standing import Signed, read_standing
from server.organisation.access import may_handle_audits, may_see_log
from server.web import months
from server.web.integrity_words import sections
from server.web.proofs import hex_groups

FORM_BYTES = 20_000  # around the file
ID_DIGITS = 18


@csrf_exempt  # a form that is too long reaches us without its token; all others are checked below
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def integrity(request: HttpRequest) -> HttpResponse:
    """How the log stands, and the last audits; taking in an auditor's report."""
    if not may_see_log(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if not may_handle_audits(request.user):
            raise PermissionDenied
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if not stated.isdigit() or int(stated) > MAX_BYTES + FORM_BYTES:
            return _page(request, gettext("Tệp quá lớn: báo cáo có nhiều nhất 1 MB."), 413)
        return _take(request)
    return _page(request)


@csrf_protect
def _take(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("report")
    if file is None:
        return _page(request, gettext("Hãy chọn tệp báo cáo."), 422)
    try:
        kept = keep_report(file.read(), by=request.user.get_username(), now_ms=months.utc_ms())
    except BadReport:
        wrong = gettext(
            "Đây không phải báo cáo của “hailong-audit verify --json”. Hãy gửi tệp đúng như lệnh "
            "ghi ra, không sửa."
        )
        return _page(request, wrong, 422)
    return redirect("integrity-report", id=kept)


def _page(request: HttpRequest, wrong: str = "", status: int = 200) -> HttpResponse:
    now_ms = months.utc_ms()
    standing = read_standing(now_ms=now_ms)
    stopped = standing.stopped
    context = {
        "standing": standing,
        "stopped_at": _local(stopped.at_ms) if stopped else None,
        "newest": _shown(standing.newest),
        "cosigned": _shown(standing.cosigned),
        "reports": [_told(kept) for kept in last_reports(now_ms=now_ms)],
        "may_handle": may_handle_audits(request.user),
        "wrong": wrong,
    }
    return render(request, "web/integrity.html", context, status=status)


@never_cache
@login_required
@require_safe
def integrity_report(request: HttpRequest, id: str) -> HttpResponse:
    """One report in plain words; what it names is for those who may see all lines."""
    if not may_handle_audits(request.user):
        raise PermissionDenied
    known = id.isascii() and id.isdigit() and len(id) <= ID_DIGITS
    kept = find_report(int(id), now_ms=months.utc_ms()) if known else None
    if kept is None:
        raise Http404
    if "file" in request.GET:
        response = HttpResponse(kept.body, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="audit-{kept.id}.json"'
        return response
    return render(
        request, "web/integrity_report.html", {**_told(kept), "sections": sections(kept.report)}
    )


def _told(kept: Kept) -> dict[str, Any]:
    return {"kept": kept, "report": kept.report, "at": _local(kept.at_ms)}


def _shown(signed: Signed | None) -> dict[str, Any] | None:
    if signed is None:
        return None
    return {
        "size": signed.size,
        "root_groups": hex_groups(signed.root),
        "at": _local(signed.signed_ms),
        "note": signed.note.decode(),
        "qr": _qr(signed.note),
        "cosigned": [(one.name, _local(one.at_s * 1000)) for one in signed.cosigned],
    }


def _qr(note: bytes) -> SafeString:
    """The checkpoint's own bytes: what a phone reads, `hailong-audit` takes as a pin."""
    code = segno.make(note, error="l", micro=False)
    # Drawn by segno from modules alone: no text of ours is in it.
    return SafeString(code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))


def _local(ms: int) -> Any:
    return months.local_time(ms, settings.TIME_ZONE)
