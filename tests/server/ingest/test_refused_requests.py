"""Requests of odd shapes: two lengths, chunks, cut bodies, other methods and versions of HTTP.

What is no HTTP is refused by the HTTP server itself, with no body: no answer in the protocol's
sense. Whatever is let through is judged by the doors, over the very bytes that were signed.
"""

import socket
import time

import pytest

from protocol.keys import b64
from tests.server.doors import Reply, send, signature
from tests.server.ingest.test_line_door import enrolled, stored
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live, head_of

Headers = dict[str, "str | bytes | None"]


@pytest.fixture
def paper() -> PaperKiosk:
    return enrolled()


def target_of(paper: PaperKiosk) -> str:
    return f"/api/v1/journals/{paper.journal}/lines"


def headers(paper: PaperKiosk, *, target: str = "", body: bytes | None = None) -> Headers:
    """A good request's headers but for what says where its body ends."""
    sent, where = paper.body() if body is None else body, target or target_of(paper)
    return {
        "Host": "localhost",
        "Connection": "close",
        "Content-Type": "application/x-ndjson",
        "Hailong-Head": b64(paper.head()),
        "Hailong-Signature": signature(paper.kiosk, paper.key, "POST", where, sent),
    }


def sized(paper: PaperKiosk) -> Headers:
    return headers(paper) | {"Content-Length": str(len(paper.body()))}


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


LAST = b"0\r\n\r\n"


def only(replies: list[Reply]) -> Reply:
    assert len(replies) == 1, replies
    return replies[0]


# -- lengths ------------------------------------------------------------------------------------


def test_a_body_in_chunks_is_taken(live: Live, paper: PaperKiosk) -> None:
    body = paper.body()
    parts = chunk(body[:7]) + chunk(body[7:500]) + chunk(body[500:]) + LAST
    chunked = headers(paper) | {"Transfer-Encoding": "chunked"}
    assert only(live.talk(head_of("POST", target_of(paper), chunked) + parts)).json["acked"] == 3


def test_broken_chunks_store_nothing(live: Live, paper: PaperKiosk) -> None:
    """What came before the break is judged as it is: it is not what was signed."""
    body = paper.body()
    chunked = headers(paper) | {"Transfer-Encoding": "chunked"}
    start = head_of("POST", target_of(paper), chunked)
    for broken in (b"zz\r\n", b"-5\r\n", b"f" * 17 + b"\r\n", chunk(body[:-1])[:-2] + b"xx" + LAST):
        for reply in live.talk(start + broken):
            assert reply.status in (400, 401), broken
    assert stored(paper) == []


def test_a_body_of_two_lengths_ends_where_its_chunks_end(live: Live, paper: PaperKiosk) -> None:
    """RFC 9112 6.3: chunks win. What follows is a request of its own, signed or refused as such."""
    both = headers(paper) | {"Transfer-Encoding": "chunked", "Content-Length": "4"}
    both["Connection"] = "keep-alive"
    smuggled = head_of("POST", target_of(paper), {"Host": "x", "Content-Length": "0"})
    raw = head_of("POST", target_of(paper), both) + chunk(paper.body()) + LAST + smuggled
    replies = live.talk(raw + head_of("GET", "/healthz", {"Host": "x", "Connection": "close"}))
    assert replies[0].json["acked"] == 3
    assert [reply.status for reply in replies[1:2]] in ([415], []), "the smuggled one has no type"
    assert stored(paper) == paper.lines


def test_lengths_that_contradict_or_are_no_number_are_refused(
    live: Live, paper: PaperKiosk
) -> None:
    body, lines = paper.body(), b"Content-Length: %d\r\n"
    start = head_of("POST", target_of(paper), headers(paper))[:-2]
    two = start + lines % len(body) + lines % 5 + b"\r\n" + body
    assert only(live.talk(two)).status == 400
    for length in ("-1", "+5", "0x10", "1e3", "5, 6", "", "²", "9" * 30, "9" * 5_000):
        odd = headers(paper) | {"Content-Length": length}
        raw = head_of("POST", target_of(paper), odd) + body
        assert only(live.talk(raw)).status == 400, length[:12]
    for coding in ("identity", "chunked, gzip", "xchunked"):
        odd = headers(paper) | {"Transfer-Encoding": coding}
        raw = head_of("POST", target_of(paper), odd) + chunk(body) + LAST
        assert only(live.talk(raw)).status == 400, coding
    assert stored(paper) == []


def test_a_length_that_another_http_server_lets_through_is_refused_by_the_door(
    paper: PaperKiosk,
) -> None:
    """The doors are plain WSGI: what stands before them need not be as strict as ours."""
    for length, status in (
        ("-1", 400), ("+5", 400), ("²", 400), ("٣", 400), ("1e3", 400), ("9" * 5_000, 400),
        ("9" * 15, 413), (str((1 << 20) + 1), 413),
    ):  # fmt: skip
        assert send(paper, CONTENT_LENGTH=length).status == status, length[:12]
    assert stored(paper) == []


def test_a_body_shorter_than_it_says_is_never_a_request(live: Live, paper: PaperKiosk) -> None:
    longer = headers(paper) | {"Content-Length": str(len(paper.body()) + 1)}
    with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
        line.sendall(head_of("POST", target_of(paper), longer) + paper.body())
        line.shutdown(socket.SHUT_WR)
        assert b" 200 " not in line.recv(4_096)
    assert stored(paper) == []


def test_a_modem_that_dies_mid_request_stores_nothing_and_leaves_no_traceback(
    live: Live, paper: PaperKiosk
) -> None:
    body = paper.body()
    chunked = headers(paper) | {"Transfer-Encoding": "chunked"}
    for cut in (0, 10, len(body) - 1):
        for raw in (
            head_of("POST", target_of(paper), sized(paper)) + body[:cut],
            head_of("POST", target_of(paper), chunked) + chunk(body)[: cut + 3],
        ):
            with socket.create_connection(("127.0.0.1", live.port)) as line:
                line.sendall(raw)
    time.sleep(0.3)
    assert stored(paper) == []
    assert "Traceback" not in live.log.read_text()
    assert live.send(paper).json["acked"] == 3


@pytest.mark.parametrize("mebibytes", [1, 4, 8])
@pytest.mark.parametrize("how", ["sized", "chunked"])
def test_who_is_still_sending_what_is_too_large_hears_it(
    live: Live, paper: PaperKiosk, how: str, mebibytes: int
) -> None:
    """A server that hangs up on unread bytes resets the line, and the kiosk never hears `size`."""
    body = b"x" * ((mebibytes << 20) + 1)
    extra: Headers = (
        {"Content-Length": str(len(body))} if how == "sized" else {"Transfer-Encoding": "chunked"}
    )
    raw = head_of("POST", target_of(paper), headers(paper, body=body) | extra)
    reply = only(live.talk(raw + (body if how == "sized" else chunk(body) + LAST)))
    assert (reply.status, reply.word) == (413, "size")


def test_who_asks_first_is_told_to_go_on_or_that_it_is_too_large(
    live: Live, paper: PaperKiosk
) -> None:
    for length, first, status in (
        (len(paper.body()), b"HTTP/1.1 100 ", 200),
        ((1 << 20) + 1, b"HTTP/1.1 413 ", 413),
    ):
        asking = sized(paper) | {"Expect": "100-continue", "Content-Length": str(length)}
        with socket.create_connection(("127.0.0.1", live.port), timeout=5) as line:
            line.sendall(head_of("POST", target_of(paper), asking))
            heard = line.recv(65_536)
            assert heard.startswith(first)
            if status == 200:
                line.sendall(paper.body())
                assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")


# -- heads --------------------------------------------------------------------------------------


def test_a_head_that_is_too_large_or_no_http_is_refused(live: Live, paper: PaperKiosk) -> None:
    body, target, good = paper.body(), target_of(paper), sized(paper)
    many: Headers = {f"X-{number}": "x" for number in range(1_000)}
    for raw, status in (
        (head_of("POST", target, good | {"X": "x" * 1_000_000}), 431),
        (head_of("POST", target, good | many), 431),
        (head_of("POST", "/api/v1/" + "x" * 70_000, good), 414),
        (head_of("POST", target, good | {"X": b"a\0b"}), 400),
        (head_of("POST", target, good | {"X": "a\r\n b"}), 400),
        (head_of("POST", target, good | {"Content-Length ": "3"}), 400),
        (head_of("POST", target, good).replace(b"HTTP/1.1", b"HTTP/2.7"), 400),
        (b"\x16\x03\x01\x02\x00rubbish\r\n\r\n", 400),
    ):
        assert only(live.talk(raw + body)).status == status, raw[:60]
    assert stored(paper) == []


def test_another_header_of_any_bytes_or_with_an_underscore_changes_nothing(
    live: Live, paper: PaperKiosk
) -> None:
    odd = sized(paper) | {"X-Other": b"\xff\xfe", "X-Long": "x" * 100_000, "Hailong_Head": "zz"}
    reply = only(live.talk(head_of("POST", target_of(paper), odd) + paper.body()))
    assert reply.json["acked"] == 3


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "post", "X"]
)
def test_another_method_is_told_which_one_this_door_takes(
    live: Live, paper: PaperKiosk, method: str
) -> None:
    raw = head_of(method, target_of(paper), sized(paper)) + paper.body()
    reply = only(live.talk(raw, method=method))
    assert reply.status in (400, 405)
    assert reply.headers.get("allow", "POST") == "POST"


@pytest.mark.parametrize(
    "path",
    ["/api/v1/", "/api/v1/%ff", "/api/v1//lines", "/api/v1/journals/a%2fb/lines",
     "/api/v1/../v1/enrolments", "/api/v1/enrolments/", "/api/v1/Enrolments",
     "/api/v1/journals//lines/", "/api/v1/media/" + "0" * 63],
)  # fmt: skip
def test_what_is_no_door_is_not_found(live: Live, path: str) -> None:
    assert live.ask("POST", path).status == 404


@pytest.mark.parametrize(
    "name", ["%00", "%0a", "%c3%a9", "", "%ff", "' OR 1=1 --".replace(" ", "+")]
)
def test_a_journal_of_any_characters_is_only_unknown(
    live: Live, paper: PaperKiosk, name: str
) -> None:
    target = f"/api/v1/journals/{name}/lines"
    given = sized(paper) | {
        "Hailong-Signature": signature(paper.kiosk, paper.key, "POST", target, paper.body())
    }
    reply = only(live.talk(head_of("POST", target, given) + paper.body()))
    assert (reply.status, reply.word) == (401, "key")


def test_the_query_is_signed_as_it_was_sent_and_the_path_without_escapes(
    live: Live, paper: PaperKiosk
) -> None:
    """The HTTP server hands the path on decoded: docs/protocol.md asks for one without escapes."""
    plain = target_of(paper)
    for target, status in (
        (f"{plain}?a=%61&b=%zz&c=%00+d", 200),
        (plain.replace("/lines", "/%6cines"), 401),
        (f"http://localhost{plain}", 401),
        (f"{plain}?", 401),
    ):
        given = headers(paper, target=target) | {"Content-Length": str(len(paper.body()))}
        assert only(live.talk(head_of("POST", target, given) + paper.body())).status == status


# -- versions and connections -------------------------------------------------------------------


def test_http_1_0_is_taken_and_http_2_is_left_to_the_front(live: Live, paper: PaperKiosk) -> None:
    raw = head_of("POST", target_of(paper), sized(paper)).replace(b"HTTP/1.1", b"HTTP/1.0")
    assert only(live.talk(raw + paper.body())).json["acked"] == 3
    for reply in live.talk(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04" + bytes(5)):
        assert reply.status == 400
    assert live.send(paper).json["acked"] == 3


def test_requests_behind_each_other_on_one_connection_are_each_answered(
    live: Live, paper: PaperKiosk
) -> None:
    good = sized(paper) | {"Connection": "keep-alive"}
    bad = good | {"Hailong-Head": "rubbish"}
    last = sized(paper)
    raw = b"".join(
        head_of("POST", target_of(paper), each) + paper.body() for each in (good, bad, good, last)
    )
    assert [reply.status for reply in live.talk(raw)] == [200, 400, 200, 200]
