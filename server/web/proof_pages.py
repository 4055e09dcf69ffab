"""The proof of one vote: for everybody, without signing in.

Nobody can guess their way to a vote: a code has 60 bits, so that a thousand tries a second find one
of ten million votes in a few years' time, and what they find names nobody. There is no limit of
tries, then, that would only keep a village behind one address from looking.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from protocol.crockford import BadCode
from server.votes.codes import read_vote_code
from server.web import months
from server.web.proofs import answer_code

LONGEST = 40  # of what is shown back to whoever mistyped


@never_cache
@require_safe
def proof_ask(request: HttpRequest) -> HttpResponse:
    """Where a code is typed; `?code=` is what the form, or a kiosk's QR, asks for."""
    typed = request.GET.get("code", "").strip()
    if not typed:
        return render(request, "web/proof_ask.html", {"typed": "", "wrong": ""})
    try:
        return redirect("proof", code=read_vote_code(typed))
    except BadCode:
        return _mistyped(request, typed)


@never_cache
@require_safe
def proof(request: HttpRequest, code: str) -> HttpResponse:
    """What the log says of one code. The same page, asked for the same way, for every kiosk."""
    try:
        known = read_vote_code(code)
    except BadCode:
        return _mistyped(request, code)
    if known != code or not request.path.endswith("/"):
        return redirect("proof", code=known)
    answer = answer_code(known, now_ms=months.utc_ms())
    status = {"unknown": 404, "broken": 503}.get(answer.state, 200)
    context = {"code": known, "answer": answer, "address": request.build_absolute_uri("/")}
    return render(request, "web/proof.html", context, status=status)


@never_cache
@require_safe
def proof_text(request: HttpRequest, code: str) -> HttpResponse:
    """The proof as C2SP tlog-proof, to keep; of two votes with one code one after the other."""
    try:
        answer = answer_code(read_vote_code(code), now_ms=months.utc_ms())
    except BadCode:
        raise Http404 from None
    if answer.state != "proved":
        raise Http404
    text = "\n".join(shown.text for shown in answer.proofs)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{read_vote_code(code)}.tlog-proof"'
    return response


def _mistyped(request: HttpRequest, typed: str) -> HttpResponse:
    wrong = gettext("Mã có 12 chữ và số, như 7K3M-9QXA-2B4D. Xin đọc lại và nhập lại.")
    context = {"typed": typed[:LONGEST], "wrong": wrong}
    return render(request, "web/proof_ask.html", context, status=400)
