"""The door for invitations, over real sockets: what it takes, refuses and never tells."""

import http.client
import json
import logging
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kiosk import http_request, invite_door
from kiosk.errors import KioskError
from kiosk.invite_door import BURST, CONNECTIONS, Bucket, InviteDoor

TOKEN = "Zq7-" * 10
RIGHT = {"Authorization": f"Bearer {TOKEN}"}
HOST = "127.0.0.1"
DEADLINE_S = 60.0


def eventually(check: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture
def invited() -> list[str | None]:
    return []


@pytest.fixture
def door(invited: list[str | None]) -> Iterator[InviteDoor]:
    door = InviteDoor(HOST, 0, TOKEN, invited.append)
    door.start()
    yield door
    door.stop()


def ask(
    door: InviteDoor,
    body: bytes | None = None,
    *,
    method: str = "POST",
    path: str = "/invite",
    headers: dict[str, str] = RIGHT,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer."""
    client = http.client.HTTPConnection(HOST, door.port, timeout=DEADLINE_S)
    try:
        client.request(method, path, body, headers)
        reply = client.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        client.close()


def ask_raw(door: InviteDoor, request: bytes) -> bytes:
    """All that comes back for these bytes."""
    with socket.create_connection((HOST, door.port), timeout=DEADLINE_S) as client:
        client.sendall(request)
        answer = b""
        while got := client.recv(4096):
            answer += got
        return answer


def head_of(length: int) -> bytes:
    """A right request up to its body."""
    return (
        f"POST /invite HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def dossier(number: Any) -> bytes:
    return json.dumps({"dossier": number}, ensure_ascii=False).encode()


def test_an_invitation_without_a_dossier_is_taken(
    door: InviteDoor, invited: list[str | None]
) -> None:
    assert ask(door) == (204, {"Connection": "close"}, b"")
    assert ask(door, b"{}")[0] == ask(door, dossier(None))[0] == 204
    assert invited == [None, None, None]


@pytest.mark.parametrize(
    ("number", "taken"),
    [
        ("H01.23-260723-0001", "H01.23-260723-0001"),
        ("  Hồ sơ số 7/2026  ", "Hồ sơ số 7/2026"),
        (unicodedata.normalize("NFD", "Hồ sơ"), "Hồ sơ"),
        ("ố" * 64, "ố" * 64),
    ],
)
def test_an_invitation_may_name_a_dossier(
    door: InviteDoor, invited: list[str | None], number: str, taken: str
) -> None:
    assert ask(door, dossier(number))[0] == 204
    assert invited == [taken]


@pytest.mark.parametrize(
    "body",
    [
        *map(dossier, ["", " ", "a" * 65, "a\nb", "a\0", "a\u202eb", "a\u00a0b", 7, True, ["a"]]),
        b'{"dossier": "\\ud800"}', b'{"dossier": "\xff"}', b'{"dosier": "1"}', b"[]", b"null",
        b"hello", b"{", b'{"dossier":' + b"[" * 900, b"\xff\xfe", b"\0" * 1024,
    ],
)  # fmt: skip
def test_a_body_that_names_no_dossier_is_refused_in_one_sentence(
    door: InviteDoor, invited: list[str | None], body: bytes
) -> None:
    status, headers, answer = ask(door, body)
    problem = json.loads(answer)
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert problem["status"] == 400 and problem["detail"].endswith(".")
    assert "\n" not in problem["detail"]
    assert invited == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN.lower()}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer \xff\xfe"},
        {"X-Token": TOKEN},
    ],
)
def test_without_the_token_every_answer_is_the_same(
    door: InviteDoor, invited: list[str | None], headers: dict[str, str]
) -> None:
    status, answered, body = ask(door, dossier("1"), headers=headers)
    assert (status, answered["WWW-Authenticate"]) == (401, "Bearer")
    assert json.loads(body)["detail"] == "This needs the right token."
    assert invited == []


def test_two_tokens_are_none(door: InviteDoor, invited: list[str | None]) -> None:
    line = f"Authorization: Bearer {TOKEN}\r\n".encode()
    assert ask_raw(door, b"POST /invite HTTP/1.1\r\n" + line * 2 + b"\r\n").startswith(
        b"HTTP/1.1 401 "
    )
    assert invited == []


def test_the_word_bearer_is_read_in_any_case(door: InviteDoor) -> None:
    assert ask(door, headers={"authorization": f"bearer  {TOKEN} "})[0] == 204


@pytest.mark.parametrize("path", ["/", "/invite/", "/invite?x", "/votes", "//invite", "/../invite"])
def test_there_is_nothing_else_behind_the_door(
    door: InviteDoor, invited: list[str | None], path: str
) -> None:
    assert ask(door, path=path)[0] == 404
    assert invited == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "DANCE"])
def test_only_post_invites(door: InviteDoor, invited: list[str | None], method: str) -> None:
    status, headers, _ = ask(door, method=method)
    assert (status, headers["Allow"]) == (405, "POST")
    assert invited == []


@pytest.mark.parametrize("size", [1025, 60_000, 10**12, 10**40])
def test_a_long_body_is_refused_before_it_is_read(door: InviteDoor, size: int) -> None:
    answer = ask_raw(door, head_of(size) + b"x" * min(size, 30_000))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_whoever_is_still_sending_when_refused_can_finish_and_read_why(
    door: InviteDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invite_door, "REFUSED_S", 0.0)
    with socket.create_connection((HOST, door.port), timeout=DEADLINE_S) as client:
        client.sendall(head_of(30_000))
        client.recv(1, socket.MSG_PEEK)  # refused by now
        for _ in range(30):
            client.sendall(b"x" * 1000)
            time.sleep(0.005)
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\r\n\r\n", 400),
        (b"POST /invite\r\n\r\n", 400),
        (b"POST  /invite HTTP/1.1\r\n\r\n", 400),
        (b"POST /invite HTTP/2.0\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),  # somebody speaks TLS
        (b"POST /invite HTTP/1.1\r\nA: " + b"a" * 9000, 431),
        (b"POST /" + b"a" * 9000, 431),
        (b"POST /invite HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_junk_gets_a_problem_and_no_more(
    door: InviteDoor, invited: list[str | None], request_: bytes, status: int
) -> None:
    head, _, body = ask_raw(door, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["status"] == status
    assert invited == []


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: -1", b"Content-Length: 1e1", b"Content-Length: \xb2", b"Content-Length:",
        b"Content-Length: 2\r\nContent-Length: 2", b"Transfer-Encoding: chunked",
    ],
)  # fmt: skip
def test_a_body_of_unclear_length_is_refused(door: InviteDoor, lines: bytes) -> None:
    head = b"POST /invite HTTP/1.1\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n"
    assert ask_raw(door, head + lines + b"\r\n\r\n{}").startswith(b"HTTP/1.1 400 ")


def test_a_request_that_comes_byte_by_byte_is_taken(
    door: InviteDoor, invited: list[str | None]
) -> None:
    body = dossier("Hồ sơ 7")
    request = head_of(len(body)) + body
    with socket.create_connection((HOST, door.port), timeout=DEADLINE_S) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(len(request)):
            client.sendall(request[i : i + 1])
        assert client.recv(100).startswith(b"HTTP/1.1 204 ")
    assert invited == ["Hồ sơ 7"]


def test_whoever_drips_is_cut_off_and_keeps_nobody_out_for_long(
    invited: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_request, "DEADLINE_S", 0.5)
    door = InviteDoor(HOST, 0, TOKEN, invited.append)
    door.start()
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(0.02):
            try:
                with socket.create_connection((HOST, door.port), timeout=60) as client:
                    client.sendall(b"POST /invite HTTP/1.1\r\n")
                    while not ended.wait(0.02):  # for ever, if it may
                        client.sendall(b"A: b\r\n")
            except OSError:
                continue

    dripping = [threading.Thread(target=drip) for _ in range(CONNECTIONS + 2)]
    for thread in dripping:
        thread.start()
    try:
        eventually(lambda: len(door._open) == CONNECTIONS)
        assert ask(door)[0] == 204
    finally:
        ended.set()
        door.stop()
        for thread in dripping:
            thread.join()
    assert invited == [None]


def test_a_hundred_connections_are_served_by_four_threads(
    door: InviteDoor, invited: list[str | None]
) -> None:
    before = threading.active_count()
    idle = [socket.create_connection((HOST, door.port), timeout=60) for _ in range(CONNECTIONS)]
    eventually(lambda: len(door._open) == CONNECTIONS)
    more = []
    for _ in range(96):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((HOST, door.port))
        more.append(client)
    assert threading.active_count() == before
    assert len(door._open) == CONNECTIONS
    for client in (*idle, *more):
        client.close()
    assert ask(door)[0] == 204
    assert invited == [None]


def test_too_many_invitations_are_refused_and_the_door_recovers(
    door: InviteDoor, invited: list[str | None]
) -> None:
    statuses = []
    while 429 not in statuses:
        statuses.append(ask(door)[0])
        assert len(statuses) < 500
    assert statuses[:BURST] == [204] * BURST
    assert len(invited) == statuses.count(204)
    eventually(lambda: ask(door)[0] == 204)


def test_a_bucket_lets_a_burst_through_and_then_one_a_while() -> None:
    bucket = Bucket(3, 2.0)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(s) for s in (101.0, 102.0, 102.1, 104.0)] == [False, True, False, True]
    assert [bucket.take(1e6) for _ in range(4)] == [True, True, True, False]


def test_whoever_fails_on_an_invitation_does_not_close_the_door(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: str | None) -> None:
        raise OSError("no room on the card")

    door = InviteDoor(HOST, 0, TOKEN, fail)
    door.start()
    for _ in range(CONNECTIONS + 1):
        status, _, body = ask(door)
        assert status == 500 and b"card" not in body
    door.stop()
    assert "no room on the card" in caplog.text


def test_neither_log_nor_answer_tells_the_token_or_the_dossier(
    door: InviteDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told = b""
    for headers in (RIGHT, {"Authorization": f"Bearer wrong{TOKEN}"}):
        for body in (dossier("H01"), b"H01", b"H01" * 1000):
            told += repr(ask(door, body, headers=headers)).encode()
    told += ask_raw(door, f"POST /invite?{TOKEN} {TOKEN}\r\n\r\n".encode())
    for secret in (TOKEN, "H01"):
        assert secret not in caplog.text + told.decode() + repr(vars(door))
    assert caplog.text.count("wrong token") == 1  # and not one line for each try


@pytest.mark.parametrize(
    ("host", "word"),
    [
        ("", "no address"), ("0.0.0.0", "every network"), ("::", "every network"),
        ("0:0::0", "every network"), ("::ffff:0.0.0.0", "every network"), ("0", "no address"),
        ("*", "no address"), ("localhost", "no address"), ("192.168.1.256", "no address"),
    ],
)  # fmt: skip
def test_only_one_named_address_is_listened_on(host: str, word: str) -> None:
    with pytest.raises(KioskError, match=word) as refusal:
        InviteDoor(host, 8090, TOKEN, print)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("token", ["", "a" * 31, "ă" * 40, "a\n" * 20])
def test_a_token_that_is_short_or_cannot_be_sent_is_refused(token: str) -> None:
    with pytest.raises(KioskError, match="too easy to guess") as refusal:
        InviteDoor(HOST, 8090, token, print)
    assert not token or token not in str(refusal.value)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(KioskError, match="no port"):
        InviteDoor(HOST, port, TOKEN, print)


def test_a_port_in_use_and_an_address_of_another_machine_are_one_sentence(
    door: InviteDoor,
) -> None:
    second = InviteDoor(HOST, door.port, TOKEN, print)
    with pytest.raises(KioskError, match=f"Another program listens on port {door.port}"):
        second.start()
    second.stop()
    with pytest.raises(KioskError, match=r"192\.0\.2\.1 is no address of this machine"):
        InviteDoor("192.0.2.1", 0, TOKEN, print).start()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_address_of_the_new_internet_will_do(invited: list[str | None]) -> None:
    door = InviteDoor("::1", 0, TOKEN, invited.append)
    door.start()
    client = http.client.HTTPConnection("::1", door.port, timeout=DEADLINE_S)
    client.request("POST", "/invite", b"", RIGHT)
    assert client.getresponse().status == 204
    client.close()
    door.stop()


def test_stopping_cuts_off_whoever_is_connected_and_frees_the_port(
    invited: list[str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_request, "DEADLINE_S", 3600.0)
    door = InviteDoor(HOST, 0, TOKEN, invited.append)
    door.start()
    port = door.port
    with socket.create_connection((HOST, port), timeout=DEADLINE_S) as client:
        eventually(lambda: door._open)
        stopping = threading.Thread(target=door.stop, daemon=True)
        stopping.start()
        eventually(lambda: not stopping.is_alive())
        door.stop()
        assert client.recv(100) == b""
    assert not [t for t in threading.enumerate() if t.name.startswith("invite-")]
    again = InviteDoor(HOST, port, TOKEN, invited.append)
    again.start()
    assert ask(again)[0] == 204
    again.stop()
    InviteDoor(HOST, port, TOKEN, print).stop()  # never started
