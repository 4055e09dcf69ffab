"""Importing files: choose a kind, look at what it would do, apply it, take it back."""

import base64
import binascii
import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from server.importing.errors import BadFile, UndoError
from server.importing.headings import Column
from server.importing.kinds import KINDS
from server.importing.reading import REMARK, ROWS
from server.importing.selectors import find_import, last_imports
from server.importing.services import Outcome, Source, anywhere, import_file
from server.importing.undoing import undo_import
from server.importing.work import Kind
from server.organisation.access import may_import, may_name_by_file, may_plan_the_past
from server.printable import printable
from server.web import months, words

# A preview carries the file back to us as text (4 for 3), and a request has at most 1 MB.
MOST_BYTES = 700_000
# Nobody else can write meanwhile; more is for the command. The first, of what is kept row by row.
MOST_ROWS, MOST_ROWS_IN_BULK = 2_000, 10_000
FORM_BYTES = 1_000_000
NUMBER_DIGITS = 18


@never_cache
@login_required
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """The kinds that the reader may import, and what was imported."""
    kinds = _kinds(request)
    if not kinds:
        raise PermissionDenied
    everything = may_import(request.user, "units")
    by = None if everything else request.user.get_username()
    context = {
        "kinds": kinds,
        "imports": [
            (row, _local(row.at_ms), _local(row.undone_ms), _title(row.kind))
            for row in last_imports(by=by)
        ],
        "everything": everything,
    }
    return render(request, "web/imports.html", context)


@csrf_exempt  # a form that is too long reaches us without its token; all others are checked below
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_of(request: HttpRequest, kind: str) -> HttpResponse:
    """A file of one kind: chosen, looked at in a dry run, then applied."""
    found = _kind(request, kind)
    if request.method == "POST":
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if not stated.isdigit() or int(stated) > FORM_BYTES:
            return _page(request, found, wrong=_too_long(), status=413)
        return _take(request, found)
    return _page(request, found)


@csrf_protect
def _take(request: HttpRequest, kind: Kind) -> HttpResponse:
    try:
        name, body = _given(request)
        sheet = request.POST.get("sheet", "").strip() or None
        dry_run = request.POST.get("do") != "apply"
        outcome = _run(request, kind, name, body, sheet, dry_run=dry_run)
    except BadFile as error:
        return _page(request, kind, wrong=printable(str(error)), status=422)
    if outcome.number is not None:
        messages.success(request, _done_words(outcome))
        for note in outcome.notes:
            messages.info(request, note)
        return redirect("imports")
    context: dict[str, Any] = {
        "outcome": outcome,
        "more": outcome.wrong - len(outcome.problems),
        "name": name,
        "sheet": sheet or "",
        "carried": base64.b64encode(body).decode(),
    }
    return _page(request, kind, status=422 if outcome.wrong else 200, **context)


def _given(request: HttpRequest) -> tuple[str, bytes]:
    """The file's name and bytes: chosen now, or carried along from the preview. BadFile."""
    file = request.FILES.get("file")
    if file is not None:
        name, body = printable(file.name or ""), file.read()
    else:
        name = printable(request.POST.get("name", ""))
        try:
            body = base64.b64decode(request.POST.get("carried", ""), validate=True)
        except (binascii.Error, ValueError):
            body = b""
    if not body:
        raise BadFile(gettext("Hãy chọn một tệp có dữ liệu."))
    if len(body) > MOST_BYTES:
        raise BadFile(_too_long())
    return name[:200], body


def _run(
    request: HttpRequest, kind: Kind, name: str, body: bytes, sheet: str | None, *, dry_run: bool
) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(body)
        return import_file(
            kind=kind.name,
            source=Source(path, name, sheet),
            by=request.user.get_username(),
            now_ms=months.utc_ms(),
            dry_run=dry_run,
            may=_may(request, kind.name),
            most_rows=_most_rows(kind),
            since_ms=_since(request),
            may_name=may_name_by_file(request.user),
        )


@never_cache
@login_required
@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file with the headings and one sample row, which is read over when it is imported."""
    found = _kind(request, kind)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.heading for column in found.columns])
    first, *others = [
        "" if closed else column.sample for column, closed in _columns(request, found)
    ]
    mark = gettext("mẫu, dòng bắt đầu bằng # không được nhập")
    writer.writerow([f"{REMARK} {first} ({mark})", *others])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}-template.csv"'
    return response


@never_cache
@login_required
@require_POST
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take an import back."""
    known = number.isascii() and number.isdigit() and len(number) <= NUMBER_DIGITS
    found = find_import(int(number)) if known else None
    if found is None or found.kind not in {kind.name for kind in _kinds(request)}:
        raise PermissionDenied
    # As the list: what a refusal tells of an import of others is none of the reader's business.
    if not may_import(request.user, "units") and found.by != request.user.get_username():
        raise PermissionDenied
    try:
        notes = undo_import(
            number=found.pk,
            by=request.user.get_username(),
            now_ms=months.utc_ms(),
            may=_may(request, found.kind),
            since_ms=_since(request),
            may_name=may_name_by_file(request.user),
        )
    except UndoError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Đã hoàn tác lần nhập số %(n)s.") % {"n": found.pk})
        for note in notes:
            messages.info(request, note)
    return redirect("imports")


def _page(
    request: HttpRequest, kind: Kind, *, wrong: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    most = words.whole(_most_rows(kind))
    context = {
        "kind": kind,
        "columns": _columns(request, kind),
        "most_rows": most,
        "title": gettext(kind.words),
        "wrong": wrong,
    }
    return render(request, "web/import.html", {**context, **more}, status=status)


def _columns(request: HttpRequest, kind: Kind) -> list[tuple[Column, bool]]:
    """The columns, and whether the reader's file has to leave each one empty."""
    free = may_name_by_file(request.user)
    return [(column, not free and column.key == kind.naming) for column in kind.columns]


def _kinds(request: HttpRequest) -> list[Kind]:
    """What the reader may import at all, of their own unit or of every one."""
    own = getattr(request.user, "unit_id", None)
    return [
        kind
        for kind in KINDS.values()
        if may_import(request.user, kind.name) or (own and may_import(request.user, kind.name, own))
    ]


def _kind(request: HttpRequest, name: str) -> Kind:
    allowed = _kinds(request)
    if not allowed or (name in KINDS and KINDS[name] not in allowed):
        raise PermissionDenied
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _may(request: HttpRequest, kind: str) -> Callable[[str], bool]:
    """Whether the reader may import for a unit; asked once a unit."""
    if may_import(request.user, kind):
        return anywhere
    known: dict[str, bool] = {}

    def may(unit: str) -> bool:
        if unit not in known:
            known[unit] = may_import(request.user, kind, unit)
        return known[unit]

    return may


def _since(request: HttpRequest) -> int:
    """From when on the reader may plan shifts that say whom votes are about."""
    return 0 if may_plan_the_past(request.user) else months.utc_ms()


def _title(kind: str) -> str:
    return gettext(KINDS[kind].words) if kind in KINDS else kind


def _local(ms: int | None) -> Any:
    return None if ms is None else months.local_time(ms, settings.TIME_ZONE)


def _most_rows(kind: Kind) -> int:
    return MOST_ROWS_IN_BULK if kind.most_rows == ROWS else MOST_ROWS


def _too_long() -> str:
    return gettext(
        "Tệp quá lớn cho trang này (nhiều nhất 700 kB). Hãy nhờ người vận hành nhập bằng lệnh "
        "“hailong-server import”."
    )


def _done_words(outcome: Outcome) -> str:
    return gettext("Đã nhập: thêm %(added)s, sửa %(changed)s, không đổi %(unchanged)s.") % {
        "added": words.whole(outcome.added),
        "changed": words.whole(outcome.changed),
        "unchanged": words.whole(outcome.unchanged),
    }
