"""Signing in and out, the wait after wrong passwords, and the cookies."""

from typing import Any

import pytest
from django.test import Client

from tests.server.web.conftest import NOW, PASSWORD

pytestmark = pytest.mark.usefixtures("office")


def sign_in(client: Client, password: str, username: str = "supervisor", **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


def test_a_supervisor_signs_in_and_out() -> None:
    client = Client()
    assert sign_in(client, PASSWORD).headers["Location"] == "/"
    assert client.get("/units/99001/").status_code == 200
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/units/99001/").status_code == 302


def test_signing_in_returns_to_the_page_asked_for_but_to_no_other_host() -> None:
    page = "/units/99001/?from=2025-10&to=2025-10"
    assert sign_in(Client(), PASSWORD, next=page).headers["Location"] == page
    for hostile in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        assert sign_in(Client(), PASSWORD, next=hostile).headers["Location"] == "/"


def test_a_wrong_password_says_nothing_about_the_account() -> None:
    pages = [
        sign_in(Client(), "wrong", username).content.decode() for username in ("supervisor", "none")
    ]
    assert all("Tên đăng nhập hoặc mật khẩu không đúng." in page for page in pages)


def test_a_closed_account_stays_out() -> None:
    from server.organisation.models import StaffAccount

    StaffAccount.objects.filter(username="supervisor").update(is_active=False)
    assert sign_in(Client(), PASSWORD).status_code == 200


def test_five_wrong_passwords_make_the_account_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        assert sign_in(Client(), "wrong").status_code == 200
    waiting = sign_in(Client(), PASSWORD)
    assert waiting.status_code == 429
    assert waiting.headers["Retry-After"] == "300"
    assert "Xin đợi 5 phút" in waiting.content.decode()
    # Another account is not held up, nor this one once the wait is over.
    assert sign_in(Client(), PASSWORD, "supervisor2").status_code == 302
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 5 * 60_000)
    assert sign_in(Client(), PASSWORD).status_code == 302


def test_another_address_does_not_wait() -> None:
    for _ in range(6):
        sign_in(Client(), "wrong")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), PASSWORD).status_code == 302


def test_capital_letters_do_not_buy_more_tries() -> None:
    for username in ("supervisor", "Supervisor", "SUPERVISOR", "sUpervisor", "suPervisor"):
        sign_in(Client(), "wrong", username)
    assert sign_in(Client(), PASSWORD).status_code == 429


def test_signing_in_gives_the_tries_back() -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(Client(), "wrong")
        assert sign_in(Client(), PASSWORD).status_code == 302


def test_what_was_typed_is_not_kept() -> None:
    from server.web.models import SignInTries

    sign_in(Client(), "wrong", "typed-by-mistake")
    (row,) = SignInTries.objects.values_list("key", flat=True)
    assert "typed" not in row and len(row) == 64


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    client = Client()
    sign_in(client, PASSWORD)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert 0 < int(cookie["max-age"]) <= 12 * 3600


def test_a_form_from_elsewhere_is_refused_in_plain_words() -> None:
    client = Client(enforce_csrf_checks=True)
    for address in ("/login/", "/language/"):
        reply = client.post(address, {"username": "supervisor", "password": PASSWORD})
        assert reply.status_code == 403
        assert "Trang đã mở quá lâu" in reply.content.decode()
