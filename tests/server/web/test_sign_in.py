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


def test_another_address_of_the_same_ipv6_network_waits() -> None:
    for host in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8:0:1::{host}"), "wrong")
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:1:f::"), PASSWORD).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="2001:db8:0:2::1"), PASSWORD).status_code == 302


def spray(first: int, last: int) -> list[int]:
    names = [f"name{number}" for number in range(first, last)]
    return [sign_in(Client(), "wrong", name).status_code for name in names]


def test_an_address_that_tries_many_names_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spray(0, 21) == [200] * 20 + [429]
    waiting = sign_in(Client(), PASSWORD)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "60")
    assert "Xin đợi 1 phút" in waiting.content.decode()
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), PASSWORD).status_code == 302
    # The minute runs from the first try; refused ones do not lengthen it.
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 60_000)
    assert sign_in(Client(), PASSWORD).status_code == 302


def test_an_account_of_ones_own_buys_no_tries_at_the_others() -> None:
    assert spray(0, 10) == [200] * 10
    assert sign_in(Client(), PASSWORD).status_code == 302
    assert spray(10, 21) == [200] * 10 + [429]


def test_a_person_who_waits_does_not_use_up_the_tries_of_the_office() -> None:
    statuses = [sign_in(Client(), "wrong").status_code for _ in range(30)]
    assert statuses == [200] * 5 + [429] * 25
    assert sign_in(Client(), PASSWORD, "supervisor2").status_code == 302


def test_tries_at_once_are_counted_one_by_one() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from server.web import lockout

    def claim(number: int) -> bool:
        try:
            return not lockout.claim_try(username=f"n{number % 7}", address="a", now_ms=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(60))) == lockout.ADDRESS.tries


def test_a_flood_that_is_refused_leaves_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.web.models import SignInTries

    spray(0, 40)
    assert SignInTries.objects.count() == 20 + 1
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 5 * 60_000)
    spray(40, 41)
    assert SignInTries.objects.count() == 2


def test_no_more_than_two_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from server.web import turns

    monkeypatch.setattr(turns, "WAIT_S", 20.0)
    inside, go_on = threading.Barrier(turns.AT_ONCE + 1), threading.Event()

    def hash_one(_: int) -> str:
        try:
            with turns.turn():
                if not go_on.is_set():
                    inside.wait(60)
                    go_on.wait(60)
                return "hashed"
        except turns.Busy:
            answered.release()
            return "busy"

    answered = threading.Semaphore(0)
    with ThreadPoolExecutor(10) as pool:
        hashing = pool.map(hash_one, range(10))
        inside.wait(60)
        # Two hash and one waits: seven are told so at once, none of them holds a thread.
        assert all(answered.acquire(timeout=60) for _ in range(7))
        go_on.set()
        assert sorted(hashing) == ["busy"] * 7 + ["hashed"] * 3


def test_who_finds_no_turn_is_asked_to_come_back_and_no_try_is_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from server.web import turns
    from server.web.models import SignInTries

    monkeypatch.setattr(turns, "WAIT_S", 0.0)
    client = Client()
    client.cookies["django_language"] = "en"
    with turns.turn(), turns.turn():
        busy = sign_in(client, PASSWORD)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    assert "Many people are signing in" in busy.content.decode()
    assert not SignInTries.objects.exists()
    assert not caplog.records  # a flood fills no log either
    assert sign_in(client, PASSWORD).status_code == 302


def test_signing_in_clears_sessions_that_have_expired() -> None:
    from datetime import UTC, datetime

    from django.contrib.sessions.models import Session

    old = datetime(2025, 1, 1, tzinfo=UTC)
    Session.objects.create(session_key="old", session_data="", expire_date=old)
    sign_in(Client(), PASSWORD)
    assert Session.objects.count() == 1
    assert not Session.objects.filter(session_key="old").exists()


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "messages"])
@pytest.mark.parametrize("value", ['"\\000abcdefghij"', "\xff\xfe", "é", "Z" * 32, "x" * 5000])
def test_a_cookie_that_we_did_not_set_is_not_there(name: str, value: str) -> None:
    client = Client()
    reply = client.get("/login/", HTTP_COOKIE=f"{name}={value}")
    assert reply.status_code == 200
    reply = client.get("/units/99001/", HTTP_COOKIE=f"{name}={value}")
    assert reply.status_code == 302


def send(address: str, body: bytes, kind: str) -> int:
    """The status for these very bytes; Django's post() would encode them once more."""
    reply = Client().generic("POST", address, body, content_type=kind)
    return reply.status_code


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", "utf-7"])
def test_a_form_in_another_encoding_is_not_read(charset: str) -> None:
    body = b"username=%5Cud800&password=%5Cud800"
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert send("/login/?next=%5Cud800", body, kind) == 400
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n\\ud800\r\n'
        for name in ("username", "password")
    )
    assert send("/login/", f"{parts}--b--\r\n".encode(), kind) == 400


def test_a_host_that_is_not_ours_costs_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import logging

    logger = logging.getLogger("django.security.DisallowedHost")
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    monkeypatch.setattr(handler, "handle", records.append)
    logger.addHandler(handler)
    try:
        assert Client(HTTP_HOST="evil.example").get("/login/").status_code == 400
    finally:
        logger.removeHandler(handler)
    (record,) = records
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert "\n" not in record.getMessage()


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
    rows = SignInTries.objects.values_list("key", flat=True)
    assert [len(row) for row in rows] == [64, 64]
    assert not any("typed" in row or "127.0.0.1" in row for row in rows)


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
