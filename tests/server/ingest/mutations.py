"""Good requests of the line door and a thousand ways to spoil them, for hypothesis to combine."""

import gzip
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from protocol.journal import line_hash, sign_head
from protocol.keys import b64, new_key
from tests.server.doors import signature
from tests.server.kiosks import PaperKiosk

STRANGER = new_key()
BYTES = st.sampled_from(
    [b"", b"\0", b"\n", b"\r", b"\xff", b"\xc0\x80", b" ", b'"', b"{", b"}", b",", b"\\", b"0",
     b"-", b"1e3", b"9" * 400, b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"x" * 5_000, b"null", b"true"]
)  # fmt: skip
PLACE = st.integers(0, 2_000)
MUTATION = st.one_of(
    st.tuples(st.just("splice"), PLACE, PLACE, BYTES),
    st.tuples(st.just("splice last"), PLACE, st.integers(0, 12), BYTES),
    st.tuples(st.just("version"), st.sampled_from([b"0", b"2", b"9007199254740991", b"01"])),
    st.tuples(st.just("flip"), PLACE, st.integers(1, 255)),
    st.tuples(st.just("drop"), PLACE),
    st.tuples(st.just("repeat"), PLACE),
    st.tuples(st.just("exchange"), PLACE, PLACE),
    st.tuples(st.just("cut"), PLACE),
    st.tuples(st.just("gzip"), st.sampled_from(["good", "cut", "flip", "tail", "twice", "none"]),
              PLACE),
    st.tuples(st.just("head seq"), st.integers(-3, 3)),
    st.tuples(st.just("head hash"), st.integers(0, 31)),
    st.tuples(st.just("head key")),
    st.tuples(st.just("head bytes"), PLACE, BYTES),
    st.tuples(st.just("header"),
              st.sampled_from(["CONTENT_TYPE", "HTTP_HAILONG_HEAD", "HTTP_HAILONG_SIGNATURE",
                               "HTTP_CONTENT_ENCODING", "CONTENT_LENGTH", "HTTP_HAILONG_LOG"]),
              st.sampled_from(["absent", "", "x", "é", "gzip", "-1", "²", "9" * 5_000, "YQ=="])),
    st.tuples(st.just("unsigned"), st.sampled_from(["other key", "other body", "late"])),
)  # fmt: skip


@dataclass
class Request:
    """One request under way: every mutation changes a part, `seal` makes the bytes."""

    paper: PaperKiosk
    body: bytes
    seq: int
    hash: bytes
    key: Ed25519PrivateKey
    packed: bytes | None = None
    note: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    unsigned: str = ""

    def seal(self) -> tuple[str, bytes, dict[str, str]]:
        """Target, body as sent, and headers in WSGI's spelling."""
        paper, sent = self.paper, self.body if self.packed is None else self.packed
        note = self.note or sign_head(
            kiosk=paper.kiosk, journal=paper.journal, seq=self.seq, hash=self.hash, key=self.key
        )
        target = f"/api/v1/journals/{paper.journal}/lines"
        signed = signature(
            paper.kiosk,
            STRANGER if self.unsigned == "other key" else paper.key,
            "POST",
            target,
            b"other" if self.unsigned == "other body" else sent,
            ms=1 if self.unsigned == "late" else None,
        )
        headers = {
            "CONTENT_TYPE": "application/x-ndjson",
            "HTTP_HAILONG_HEAD": b64(note),
            "HTTP_HAILONG_SIGNATURE": signed,
            **({} if self.packed is None else {"HTTP_CONTENT_ENCODING": "gzip"}),
            **self.headers,
        }
        return target, sent, {name: text for name, text in headers.items() if text != "absent"}


def good_request(paper: PaperKiosk, first: int, last: int) -> Request:
    """Lines first..last (none: a heartbeat) under the head of `last`, or of the newest."""
    last = min(last, len(paper.lines))
    body = paper.body(first, last) if first <= last else b""
    return Request(paper, body, last, paper.hash_at(last), paper.key)


def mutate(request: Request, mutation: tuple[Any, ...]) -> None:
    """Spoil one part; the head is signed anew over a changed last line, so the rule is alone."""
    what, *how = mutation
    lines = request.body.split(b"\n")
    if what == "splice":
        at = how[0] % (len(request.body) + 1)
        request.body = request.body[:at] + how[2] + request.body[at + how[1] % 9 :]
    elif what == "splice last":
        at = how[0] % (len(lines[-1]) + 1)
        _rewrite(request, lines, lines[-1][:at] + how[2] + lines[-1][at + how[1] :])
    elif what == "version":
        _rewrite(request, lines, lines[-1].replace(b'"v":1', b'"v":' + how[0], 1))
    elif what == "flip" and request.body:
        at = how[0] % len(request.body)
        byte = bytes([request.body[at] ^ how[1]])
        request.body = request.body[:at] + byte + request.body[at + 1 :]
    elif what in ("drop", "repeat", "exchange"):
        _shuffle(request, lines, what, how)
    elif what == "cut":
        request.body = request.body[: how[0] % (len(request.body) + 1)]
    elif what == "gzip":
        request.packed = _pack(request.body, *how)
    elif what.startswith("head"):
        _spoil_head(request, what, how)
    elif what == "unsigned":
        request.unsigned = how[0]


def _rewrite(request: Request, lines: list[bytes], last: bytes) -> None:
    request.body, request.hash = b"\n".join([*lines[:-1], last]), line_hash(last)


def _shuffle(request: Request, lines: list[bytes], what: str, how: list[int]) -> None:
    at = how[0] % len(lines)
    if what == "drop":
        del lines[at]
    elif what == "repeat":
        lines.insert(at, lines[at])
    else:
        other = how[1] % len(lines)
        lines[at], lines[other] = lines[other], lines[at]
    request.body = b"\n".join(lines)


def _pack(body: bytes, how: str, at: int) -> bytes:
    good = gzip.compress(body, mtime=0)
    place = at % len(good)
    return {
        "good": good,
        "cut": good[:place],
        "flip": good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :],
        "tail": good + b"tail",
        "twice": good + good,
        "none": body,
    }[how]


def _spoil_head(request: Request, what: str, how: list[Any]) -> None:
    if what == "head seq":
        request.seq = max(0, request.seq + how[0])
    elif what == "head hash":
        at = how[0]
        request.hash = request.hash[:at] + bytes([request.hash[at] ^ 1]) + request.hash[at + 1 :]
    elif what == "head key":
        request.key = STRANGER
    elif what == "head bytes":
        note = request.paper.head(0)
        request.note = note[: how[0] % len(note)] + how[1] + b"x"
    elif what == "header":
        request.headers[how[0]] = how[1]
