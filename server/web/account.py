"""Signing in: Django's form in our words, behind the lockout and the turns at hashing."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from server.address import client_address
from server.web import lockout, months, turns


@dataclass(frozen=True)
class Refusal:
    """The answer to a try whose password was not looked at."""

    status: int
    retry_after_s: int


class SignInForm(AuthenticationForm):
    """Account name and password; `refusal` is set when nobody looked at them."""

    refusal: Refusal | None = None
    error_messages = {  # noqa: RUF012 - Django's own shape
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "inactive": _("Tài khoản này đã bị khóa. Hãy liên hệ quản trị hệ thống."),
    }

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("username") or not self.cleaned_data.get("password"):
            return self.cleaned_data
        try:
            with turns.turn():
                return self._look(self.cleaned_data["username"])
        except turns.Busy:
            words = gettext("Nhiều người đang đăng nhập cùng lúc. Xin đợi vài giây rồi thử lại.")
            raise self._refused(503, turns.RETRY_S, words) from None

    def _look(self, username: str) -> dict[str, Any]:
        address = "unknown" if self.request is None else client_address(self.request.META)
        limit = lockout.claim_try(username=username, address=address, now_ms=months.utc_ms())
        if limit is not None:
            raise self._refused(429, limit.wait_ms // 1000, _wait_words(limit))
        cleaned: dict[str, Any] = super().clean()
        lockout.forget_tries(username=username, address=address)
        return cleaned

    def _refused(self, status: int, retry_after_s: int, words: str) -> forms.ValidationError:
        self.refusal = Refusal(status, retry_after_s)
        return forms.ValidationError(words, code="refused")


def _wait_words(limit: lockout.Limit) -> str:
    if limit is lockout.ACCOUNT:
        return gettext("Đã nhập sai 5 lần. Xin đợi 5 phút rồi thử lại.")
    return gettext(
        "Mạng này vừa có quá nhiều lần đăng nhập không thành công. Xin đợi 1 phút rồi thử lại."
    )


class SignIn(LoginView):
    """The sign-in page; whoever has signed in goes home."""

    template_name = "web/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        # Nothing else clears them away, and people sign in far more rarely than they read.
        SessionStore.clear_expired()
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.refusal is not None:
            response.status_code = form.refusal.status
            response["Retry-After"] = str(form.refusal.retry_after_s)
        return response
