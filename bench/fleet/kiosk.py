"""A simulated kiosk: a real key, a real chain, real signatures; its journal in memory."""

import time
from collections import Counter
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.journal import build_line, genesis_hash, line_hash, sign_head
from protocol.keys import b64, public_bytes
from protocol.records import Boot, Clock, DutyStarted, Vote
from protocol.request import sign_request

MAX_LINES = 500  # as kiosk/sync.py
DUTY = 2  # the line in which the official signs in


class Identity(NamedTuple):
    """Who a kiosk is, as the province was made. code: empty if it is enrolled already."""

    kiosk: str
    counter: str
    official: str
    journal: str
    key: str  # 32 bytes in hex
    code: str


class Kiosk:
    """Lines as they are kept and sent, and what the server has acknowledged of them."""

    def __init__(self, identity: Identity, server: str) -> None:
        self.kiosk, self.counter, official, self.journal, key, self.code = identity
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
        self._server = server
        self.public_key = public_bytes(self._key)
        self._prev = [genesis_hash(self.journal, self.public_key)]
        self.lines: list[bytes] = []
        self.ratings: Counter[int] = Counter()
        self.acked = 0
        self.clocked = self.configured = False
        self.failures = 0
        self._boot = self.journal  # any UUID: one start of the system
        self._began_ms = now_ms() - 60_000
        self._path = f"/api/v1/journals/{self.journal}"
        self._add("boot", Boot(software="0", os="", hardware="", cause="start"), now_ms())
        self._add("duty.started", DutyStarted(official=official, by="pin"), now_ms())

    def vote(self, rating: int, at_ms: int) -> None:
        """Keep one citizen's answer; at_ms: unix ms, never before the newest line."""
        self.ratings[rating] += 1
        data = Vote(
            rating=rating, scale="vn5", via="button", locale="vi", duty=DUTY, counter=None,
            not_official=False, dossier=None, invited=False,
        )  # fmt: skip
        self._add("vote", data, at_ms)

    def keep_clock(self, server_ms: int, rtt_ms: int, sent_ms: int) -> None:
        """What the first answer of a start says about the time."""
        self.clocked = True
        mono_ms = sent_ms - self._began_ms
        data = Clock(server_ms=server_ms, rtt_ms=rtt_ms, wall_ms=sent_ms, mono_ms=mono_ms)
        self._add("clock", data, now_ms())

    def unsent(self) -> int:
        return len(self.lines) - self.acked

    def lines_request(self) -> tuple[bytes, int]:
        """The next batch, or a heartbeat that ends its connection; and how many lines it has."""
        lines = self.lines[self.acked : self.acked + MAX_LINES]
        seq = self.acked + len(lines)
        head = sign_head(
            kiosk=self.kiosk, journal=self.journal, seq=seq, hash=self._prev[seq], key=self._key
        )
        extra = f"Content-Type: application/x-ndjson\r\nHailong-Head: {b64(head)}\r\n"
        if not lines:
            extra += "Connection: close\r\n"
        return self.request("POST", "/lines", b"\n".join(lines), extra), len(lines)

    def request(self, method: str, door: str, body: bytes = b"", extra: str = "") -> bytes:
        """A signed request to one of the journal's doors, as bytes of HTTP."""
        target = self._path + door
        signature = sign_request(
            kiosk=self.kiosk, server=self._server, method=method, target=target,
            ms=now_ms(), body=body, key=self._key,
        )  # fmt: skip
        return _http(method, target, body, f"Hailong-Signature: {signature}\r\n{extra}")

    def enrolment(self) -> bytes:
        """The request that turns the code into this journal."""
        body = (
            f'{{"code":"{self.code}","public_key":"{b64(self.public_key)}",'
            f'"journal":"{self.journal}","hardware":{{}}}}'
        ).encode()
        target = "/api/v1/enrolments"
        signature = sign_request(
            kiosk="-", server="", method="POST", target=target, ms=now_ms(), body=body,
            key=self._key,
        )  # fmt: skip
        extra = f"Content-Type: application/json\r\nHailong-Signature: {signature}\r\n"
        return _http("POST", target, body, extra)

    def status(self) -> dict[str, Any]:
        """What it says of itself (protocol.status.Status)."""
        at_ms = now_ms()
        mono_ms = at_ms - self._began_ms
        return {
            "v": 1, "software": "0", "boot": self._boot, "wall_ms": at_ms, "mono_ms": mono_ms,
            "sync": True, "uptime_s": mono_ms // 1000, "config": 1, "refused": None,
            "unsent": self.unsent(), "disk": {"free": 10**9, "total": 10**10, "low": False},
            "temperature_mc": 51_000, "faults": [], "attention": [], "head": "",
            "checkpoint": None,
        }  # fmt: skip

    def _add(self, type: str, data: Any, at_ms: int) -> None:
        seq = len(self.lines) + 1
        line = build_line(
            journal=self.journal, seq=seq, prev=self._prev[-1], boot=self._boot,
            mono_ms=at_ms - self._began_ms, wall_ms=at_ms, sync=True, type=type, data=data,
        )  # fmt: skip
        self.lines.append(line)
        self._prev.append(line_hash(line))


def _http(method: str, target: str, body: bytes, extra: str) -> bytes:
    head = f"{method} {target} HTTP/1.1\r\nHost: fleet\r\n{extra}Content-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def now_ms() -> int:
    return time.time_ns() // 1_000_000
