"""What every page shares: readable cookies, the language, headers that keep other hosts out."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


_PRINTABLE = re.compile(r"[ -~]*")
_SESSION = re.compile(r"[a-z0-9]+")


def readable_cookies(get_response: Handler) -> Handler:
    """Cookies that we cannot have set are not there: PostgreSQL refuses a text with U+0000.

    Forms come in UTF-8 as ours do: other encodings may hold what no text holds.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if _is_ours(name, value)
        }
        if (request.encoding or "utf-8").lower() != "utf-8":
            raise BadRequest("A form in another encoding than UTF-8.")
        return get_response(request)

    return middleware


def _is_ours(name: str, value: str) -> bool:
    shape = _SESSION if name == settings.SESSION_COOKIE_NAME else _PRINTABLE
    return shape.fullmatch(value) is not None


def chosen_language(get_response: Handler) -> Handler:
    """Vietnamese unless the reader chose otherwise.

    Not Django's LocaleMiddleware: an office computer often asks for English without anybody
    having chosen it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        with translation.override(language if language in known else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response

    return middleware


def content_security_policy(get_response: Handler) -> Handler:
    """Nothing is loaded from another host, nothing inline runs."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware
