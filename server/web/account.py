"""Signing in: Django's form in our words, behind the lockout."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from server.web import lockout, months


def _address(request: HttpRequest | None) -> str:
    return "" if request is None else request.META.get("REMOTE_ADDR", "")


class SignInForm(AuthenticationForm):
    """Account name and password; `waiting` is true when the lockout refused to look at them."""

    waiting = False
    error_messages = {  # noqa: RUF012 - Django's own shape
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu không đúng."),
        "inactive": _("Tài khoản này đã bị khóa. Hãy liên hệ quản trị hệ thống."),
    }

    def clean(self) -> dict[str, Any]:
        username, address = self.cleaned_data.get("username"), _address(self.request)
        if not username or not self.cleaned_data.get("password"):
            return self.cleaned_data
        if not lockout.claim_try(username=username, address=address, now_ms=months.utc_ms()):
            self.waiting = True
            raise forms.ValidationError(
                gettext("Đã nhập sai 5 lần. Xin đợi 5 phút rồi thử lại."), code="waiting"
            )
        cleaned: dict[str, Any] = super().clean()
        lockout.forget_tries(username=username, address=address)
        return cleaned


class SignIn(LoginView):
    """The sign-in page; whoever has signed in goes home."""

    template_name = "web/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.waiting:
            response.status_code = 429
            response["Retry-After"] = str(lockout.WAIT_MS // 1000)
        return response
