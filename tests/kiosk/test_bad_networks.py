"""What networks do to a kiosk, on real sockets: nothing is lost, nothing is believed too soon."""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import door as doors
from kiosk import pace, wire
from kiosk.clock import Clock
from kiosk.config import write_setting
from kiosk.door import Door, NoAnswer
from kiosk.sync_loop import BESIDES_EVERY, SyncLoop
from kiosk.way import Way
from protocol.keys import new_key
from tests.kiosk.certificates import Authority
from tests.kiosk.conftest import eventually
from tests.kiosk.modem import Modem, listening, open_proxy, read_request
from tests.kiosk.test_sync import Unit, bodies, inflate

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"a":1}'
WHOLE = OK + b"Content-Length: 7\r\n\r\n" + BODY
NAME = "hailong.example"


def door_to(port: int, *, host: str = "127.0.0.1", scheme: str = "http", **way: str) -> Door:
    return Door(
        f"{scheme}://{host}:{port}", kiosk="kiosk-1", server="may-chu.thu", key=new_key(),
        clock=Clock(), way=Way(**way),
    )  # fmt: skip


@pytest.fixture
def modem(server: Any, enrolled: Path) -> Iterator[Modem]:
    """Between `server` and the kiosk of `enrolled`."""
    between = Modem(server.server_port)
    write_setting(enrolled, "server", between.url)
    yield between
    between.close()


@pytest.fixture
def unit(modem: Modem, enrolled: Path) -> Iterator[Unit]:
    opened = Unit(enrolled)
    yield opened
    opened.close()


def drain(unit: Unit, rounds: int = 40) -> int:
    """Rounds until the server has everything."""
    for count in range(1, rounds + 1):
        if unit.round():
            return count
    raise AssertionError(f"{unit.sender.unsent()} lines are left after {rounds} rounds")


# A line that is slow, or breaks ------------------------------------------------------------


def test_what_is_too_much_for_a_slow_line_goes_in_smaller_pieces(
    server: Any, unit: Unit, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 kB at 20 kB/s, in 0.7 s a request: whole it would never get there."""
    monkeypatch.setattr(doors, "DEADLINE_S", 0.7)
    monkeypatch.setattr(doors, "SLOWEST_BYTES_S", 1 << 30)
    modem.up_bytes_s = 20_000
    unit.vote(330)
    drain(unit)
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))
    modem.up_bytes_s = None
    unit.vote(400)
    assert unit.round()
    sizes = [inflate(raw).count(b"\n") + 1 for raw in bodies(server) if raw]
    assert max(sizes[-4:]) > min(sizes), "it grows again"


def test_a_large_body_has_more_time_than_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "DEADLINE_S", 0.4)
    monkeypatch.setattr(doors, "SLOWEST_BYTES_S", 50_000)

    def slowly(connection: socket.socket) -> None:
        read_request(connection)
        time.sleep(0.8)
        connection.sendall(WHOLE)

    with listening(slowly) as port:
        assert door_to(port).ask("POST", "/x", b"x" * 50_000).status == 200
        with pytest.raises(NoAnswer, match="time-out"):
            door_to(port).ask("POST", "/x", b"")


@pytest.mark.parametrize("cut", [("up", 300), ("up", 3000), ("down", 0), ("down", 60)])
def test_a_modem_that_dies_in_the_middle_costs_a_repeat_and_nothing_else(
    server: Any, unit: Unit, modem: Modem, cut: tuple[str, int]
) -> None:
    unit.vote(60)
    modem.dies.extend([cut] * 3)
    assert drain(unit) == 4
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))
    assert list(unit.journal.all_lines()) == [line.line for line in server.lines]


def test_a_connection_that_breaks_after_a_few_kilobytes_gets_few_lines_at_a_time(
    server: Any, unit: Unit, modem: Modem
) -> None:
    unit.vote(200)
    modem.dies.extend([("up", 9000)] * 60)
    drain(unit)
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))


@pytest.mark.parametrize("say", [
    pytest.param(b"", id="silence"),
    pytest.param(b"H", id="half a status line"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="100 without end"),
    pytest.param(OK + b"X-Drip: ", id="headers that drip"),
    pytest.param(OK + b"Content-Length: 100000\r\n\r\n", id="a body that drips"),
    pytest.param(OK + b"Connection: close\r\n\r\n", id="a body without length"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n", id="a chunk that drips"),
])  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whatever_drips_is_cut_off_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, say: bytes, scheme: str
) -> None:
    """Over https it is the handshake that drips."""
    monkeypatch.setattr(doors, "DEADLINE_S", 0.3)

    def drip(connection: socket.socket) -> None:
        while True:
            connection.sendall(say if say.startswith(b"HTTP/1.1 100") else b"x")
            time.sleep(0.02)

    def answer(connection: socket.socket) -> None:
        connection.recv(10)
        connection.sendall(say)
        if say:
            drip(connection)
        time.sleep(1)

    with listening(answer) as port:
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            door_to(port, scheme=scheme).ask("GET", "/x")
        assert time.monotonic() - began < 15


@pytest.mark.parametrize("answer", [
    pytest.param(OK + b"Content-Length: 9\r\n\r\n" + BODY, id="truncated"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n7\r\n" + BODY, id="no last chunk"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="no chunk's size"),
    pytest.param(b"\x16\x03\x01\x00\xff", id="bytes of another protocol"),
    pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 3000 + b"\r\n", id="3,000 headers"),
    pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999, id="an endless header"),
    pytest.param(b"HTTP/1.1 two\r\n\r\n", id="no number"),
])  # fmt: skip
def test_half_an_answer_is_none_and_the_next_request_is_not_confused_by_it(answer: bytes) -> None:
    answers = [answer, WHOLE]

    def say(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answers.pop(0))
            if len(answers) == 1:
                return

    with listening(say) as port:
        door = door_to(port)
        with pytest.raises(NoAnswer):
            door.ask("POST", "/x", b"1")
        assert door.ask("POST", "/x", b"2").body == BODY


@pytest.mark.parametrize("answer", [
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, id="100-continue"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
                 id="chunked"),
    pytest.param(OK + b"Connection: close\r\n\r\n" + BODY, id="until it closes"),
])  # fmt: skip
def test_every_way_to_say_the_same_is_understood(answer: bytes) -> None:
    def say(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answer)
            if b"close" in answer:
                return

    with listening(say) as port:
        door = door_to(port)
        for _ in range(2):
            reply = door.ask("POST", "/x", b"1")
            assert (reply.status, reply.body) == (200, BODY)


def test_an_answer_that_comes_twice_is_not_the_next_ones() -> None:
    count = 0

    def say(connection: socket.socket) -> None:
        nonlocal count
        while read_request(connection):
            count += 1
            body = b"%d" % count
            connection.sendall((OK + b"Content-Length: 1\r\n\r\n" + body) * 2)

    with listening(say) as port:
        door = door_to(port)
        for expected in (b"1", b"2", b"3"):
            assert door.ask("POST", "/x", b"1").body == expected
            time.sleep(0.05)


# Connections ------------------------------------------------------------------------------


def test_a_drain_keeps_one_connection_and_a_heartbeat_leaves_none(
    server: Any, unit: Unit, modem: Modem
) -> None:
    unit.vote(1500)
    assert unit.round()
    assert (modem.made, modem.open) == (1, 1)
    assert len(bodies(server)) > 2
    for beats in (1, 2):
        server.requests.clear()
        assert unit.round()
        assert bodies(server) == [b""]
        assert server.requests[0][2]["Connection"] == "close"
        eventually(lambda: modem.open == 0)
        assert modem.made == beats  # the first went over the connection that was there
    unit.vote(1)
    assert unit.round()
    assert "close" not in server.requests[-1][2].get("Connection", "")


def test_a_connection_that_has_rested_is_not_trusted(
    server: Any, unit: Unit, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit.vote(1)
    assert unit.round()
    monkeypatch.setattr(doors, "IDLE_S", 0.0)
    unit.vote(1)
    assert unit.round()
    assert modem.made == 2


def test_the_time_to_make_a_connection_does_not_look_like_a_wrong_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve = socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.4)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with listening(whole) as port:
        began = Clock().mono_ms()
        reply = door_to(port).ask("GET", "/x")
    assert reply.sent.mono_ms - began >= 400
    assert reply.rtt_ms < 300


# Names and addresses ----------------------------------------------------------------------


def whole(connection: socket.socket) -> None:
    while read_request(connection):
        connection.sendall(WHOLE)


def test_an_ipv6_address_will_do() -> None:
    with listening(whole, host="::1") as port:
        assert door_to(port, host="[::1]").ask("POST", "/x", b"1").body == BODY


@pytest.fixture
def dead_ipv6() -> Iterator[int]:
    """A port of ::1 at which connecting never ends: its queue is full."""
    with socket.socket(socket.AF_INET6) as listener, contextlib.ExitStack() as waiting:
        listener.bind(("::1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            client = waiting.enter_context(socket.socket(socket.AF_INET6))
            client.setblocking(False)
            client.connect_ex(("::1", port))
        time.sleep(0.05)
        yield port


def test_where_ipv6_is_dead_the_other_address_is_tried(
    dead_ipv6: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "CONNECT_S", 1.0)
    with listening(whole) as port:
        both = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", dead_ipv6, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
        began = time.monotonic()
        reply = door_to(port, host=NAME).ask("GET", "/x")
        assert reply.body == BODY
        assert time.monotonic() - began < 15
        assert reply.rtt_ms < 900


# TLS --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@contextlib.contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            read_request(secure)
            secure.sendall(WHOLE)

    with listening(answer) as port:
        yield port


def test_a_private_authority_is_trusted_where_it_is_named(authority: Authority) -> None:
    with tls_server(authority.context("localhost", "127.0.0.1", "::1")) as port:
        for host in ("localhost", "127.0.0.1"):
            door = door_to(port, host=host, scheme="https", ca=str(authority.pem))
            assert door.ask("GET", "/x").body == BODY


def test_the_systems_store_is_trusted_where_none_is_named(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    with tls_server(authority.context("localhost")) as port:
        assert door_to(port, host="localhost", scheme="https").ask("GET", "/x").body == BODY


def test_a_pinned_authority_is_the_only_one(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.pem))
    other = Authority(tmp_path, "Another authority")
    with tls_server(authority.context("localhost")) as port, pytest.raises(NoAnswer):
        door_to(port, host="localhost", scheme="https", ca=str(other.pem)).ask("GET", "/x")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"begins": -60, "ends": -30}, "expired, or this unit's clock is wrong"),
        ({"begins": 30, "ends": 60}, "not yet valid; is this unit's clock right?"),
        ({"names": ("elsewhere.example",)}, "for another name than this address"),
        ({"pinned": False}, "of an authority that is not known here; name it with --ca"),
    ],
    ids=["expired", "not yet valid", "another name", "unknown authority"],
)
def test_a_certificate_that_is_not_good_is_told_in_plain_words(
    authority: Authority, made: dict[str, Any], words: str
) -> None:
    made = dict(made)
    names, pinned = made.pop("names", ("localhost",)), made.pop("pinned", True)
    way = {"ca": str(authority.pem)} if pinned else {}
    with tls_server(authority.context(*names, **made)) as port:
        door = door_to(port, host="localhost", scheme="https", **way)
        with pytest.raises(NoAnswer) as told:
            door.ask("GET", "/x")
    assert str(told.value) == f"certificate not trusted ({words})"


def test_a_missing_file_of_the_authority_is_told_in_plain_words(tmp_path: Path) -> None:
    door = door_to(9, host="localhost", scheme="https", ca=str(tmp_path / "ca.pem"))
    with pytest.raises(NoAnswer, match="the authority's certificate file is missing"):
        door.ask("GET", "/x")


def test_a_server_without_tls_is_no_secure_one() -> None:
    with (
        listening(lambda c: c.sendall(WHOLE)) as port,
        pytest.raises(NoAnswer, match="no secure connection"),
    ):
        door_to(port, scheme="https").ask("GET", "/x")


# Proxies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("from_environment", [False, True], ids=["kiosk.toml", "environment"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_knows_the_way(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, scheme: str, from_environment: bool
) -> None:
    """The name is the proxy's to resolve; TLS goes through it by CONNECT."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = tls_server(authority.context(NAME)) if scheme == "https" else listening(whole)
    with server as port, listening(open_proxy(port)) as proxy:
        way = {}
        if from_environment:
            monkeypatch.setenv(f"{scheme}_proxy", f"http://127.0.0.1:{proxy}")
        else:
            way = {"proxy": f"http://127.0.0.1:{proxy}"}
        assert door_to(port, host=NAME, scheme=scheme, **way).ask("GET", "/x").body == BODY


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 502 No\r\n\r\n"]
)
def test_a_proxy_that_refuses_is_no_answer(answer: bytes) -> None:
    def refuse(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    with listening(refuse) as proxy:
        door = door_to(443, host=NAME, scheme="https", proxy=f"http://127.0.0.1:{proxy}")
        with pytest.raises(NoAnswer):
            door.ask("GET", "/x")


# A long drain -----------------------------------------------------------------------------


def test_a_long_drain_starves_neither_new_votes_nor_what_else_there_is(
    server: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MAX_LINES", 20)
    unit.sender._size = pace.Batch()
    unit.vote(1200)
    server.set_config()
    turns: list[int] = []  # how many batches had gone when the rest had its turn

    def besides() -> None:
        turns.append(len(bodies(server)))

    threads = unit.sender
    loop = SyncLoop(threads, besides)
    slowest = 0.0
    with on_thread(unit, loop):
        while len(server.lines) < 1200:
            began = time.monotonic()
            unit.vote()  # durable when this returns: then the citizen is thanked
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.2)
    assert slowest < 3.0
    assert turns[0] <= BESIDES_EVERY and len(turns) >= 2
    assert (unit.folder / "config.json").exists()
    assert server.seqs() == list(range(1, len(server.seqs()) + 1))


@contextlib.contextmanager
def on_thread(unit: Unit, loop: SyncLoop) -> Iterator[None]:
    loop.start()
    yield
    assert loop.stop(within_s=60)


def test_besides_has_its_turn_after_a_refusal_too_but_not_when_told_to_be_quiet(
    server: Any, unit: Unit
) -> None:
    from protocol.problems import problem

    turns: list[str] = []
    loop = SyncLoop(unit.sender, lambda: turns.append(unit.journal.row().state))
    for word, expected in (("closed", ["closed"]), ("busy", []), ("key", ["key"])):
        status, body = problem(word)
        server.answers.append((status, "application/problem+json", body, {}))
        unit.sender.not_before = 0
        loop._send()
        assert turns == expected
        turns.clear()


def test_the_last_send_of_a_long_drain_ends_when_the_program_has_to(
    server: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch, modem: Modem
) -> None:
    monkeypatch.setattr(pace, "MAX_LINES", 5)
    unit.sender._size = pace.Batch()
    modem.up_bytes_s = 30_000
    unit.vote(1000)
    loop = SyncLoop(unit.sender)
    loop.start()
    eventually(lambda: len(server.lines) > 0)
    began = time.monotonic()
    assert loop.stop(within_s=5)
    assert time.monotonic() - began < 6
    assert 0 < len(server.lines) < 1000
