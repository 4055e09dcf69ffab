"""A small real server that speaks the protocol, and real kiosk processes against it."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from protocol.configuration import sign_config
from protocol.inclusion import MAX_LINES
from protocol.journal import check_lines, genesis_hash, open_head
from protocol.keys import b64, check_public_key, new_key, public_bytes, unb64
from protocol.note import vkey
from protocol.problems import Receipt, encode_receipt, problem
from protocol.request import (
    CONFIG_HEADER,
    HEAD_HEADER,
    HEADER,
    LOG_HEADER,
    parse_signature,
    verify_request,
)
from protocol.verifiers import pin_verifier
from tests.kiosk.small_log import SmallLog

NAME = "may-chu.thu"
KIOSK = "kiosk-1"
CODE = "ABCD-EFGH-JK"
DEADLINE_S = 60.0
T = TypeVar("T")
S = TypeVar("S", bound=ThreadingHTTPServer)


def eventually(check: Callable[[], T], what: str = "") -> T:
    """What `check` returns as soon as it is true, within a deadline."""
    end = time.monotonic() + DEADLINE_S
    while not (found := check()):
        assert time.monotonic() < end, f"never happened: {what or check}"
        time.sleep(0.02)
    return found


class FakeServer(ThreadingHTTPServer):
    """Keeps one journal at a time by the rules. `answers` holds scripted answers: a tuple
    (status, content type, body, headers), "lose" (keep the lines, lose the reply), "reset", or
    "ahead" (a receipt of now for more lines than there are)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        self.log_key, self.config_key = new_key(), new_key()
        self.given_code, self.journal = CODE, ""
        self.public_key = b""
        self.lines: list[Any] = []
        self.answers: deque[Any] = deque()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.config: dict[str, Any] | None = None
        self.version = 0
        self.media: dict[str, Any] = {}  # path's last part -> bytes, or an answer's scripted tuple
        self.skew_ms = 0
        self.max_lines = 1000
        self.takes_gzip = True
        self.head_note = b""
        self.told: list[tuple[str, bytes]] = []  # "status" or "diagnostics", and its body
        self.asked_to_tell = 0
        self.refusals: dict[str, Any] = {}  # of these doors: what `problem` returns, or "reset"
        self.keys: dict[str, bytes] = {}  # of every journal that was ever enrolled
        self.shut = ""  # the word that keeps out the journal of now: closed, revoked, forked
        self.apart: dict[str, set[bytes]] = {}  # lines in quarantine, by journal
        self.most_apart = 100_000
        self.apart_takes_s = 0.0
        self.log: SmallLog | None = None  # none: an older server
        self.show: Callable[[bytes | None], dict[str, Any]] | None = None  # instead of the log's
        self.inclusion: Any = None  # an answer's scripted tuple, instead of the log's

    def handle_error(self, *_: Any) -> None:
        """A client that is killed is no error."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.skew_ms

    def set_config(self, **changes: Any) -> None:
        self.version += 1
        self.config = {
            "v": 1,
            "kiosk": {"id": KIOSK, "name": "Máy 1"},
            "unit": {"code": "99001", "name": "Xã Mẫu"},
            "counter": {"code": "99001-1", "number": 1, "name": "Quầy số 1"},
            "timezone": "Asia/Ho_Chi_Minh",
            "scale": "vn5",
            "locales": ["vi", "en"],
            "question": {"vi": "Hài lòng không?", "en": "Satisfied?"},
            "officials": [
                {"code": code, "name": f"Cán bộ {code[-4:]}", "title": "Cán bộ",
                 "pin": pin_verifier(kiosk=KIOSK, official=code, pin=code[-4:])}
                for code in ("CB-0101", "CB-0102")
            ],
            "undo_s": 10,
            "heartbeat_every_s": 60,
        } | changes  # fmt: skip

    def give_code(self, code: str) -> None:
        """The administrator makes a code for the same kiosk: its journal may be a new one."""
        with self.lock:
            self.given_code, self.journal, self.lines = code, "", []

    def seqs(self) -> list[int]:
        with self.lock:
            return [line.seq for line in self.lines]

    # The doors

    def enrol(self, body: dict[str, Any], headers: Any, raw: bytes) -> Any:
        key = check_public_key(unb64(body["public_key"]))
        sig = parse_signature(headers[HEADER])
        target = "/api/v1/enrolments"
        if sig.kiosk != "-" or not verify_request(
            sig, server="", method="POST", target=target, body=raw, public_key=key
        ):
            return problem("key")
        if sig.skew_ms(self.now_ms()) > 300_000:
            return problem("clock", server_ms=self.now_ms())
        if body["code"] != self.given_code:
            return problem("code")
        if self.journal and (self.journal, self.public_key) != (
            body["journal"], public_bytes(key),
        ):  # fmt: skip
            return problem("code", detail="This code was used by another device.")
        self.journal, self.public_key = body["journal"], public_bytes(key)
        self.keys[self.journal] = self.public_key
        answer = {
            "kiosk": KIOSK, "name": "Quầy số 1", "server": NAME,
            "log_key": vkey(f"{NAME}/log", public_bytes(self.log_key)),
            "config_key": vkey(f"{NAME}/config", public_bytes(self.config_key)),
            "server_ms": self.now_ms(),
        }  # fmt: skip
        return 201, msgspec.json.encode(answer)

    def refuse(self, method: str, target: str, headers: Any, raw: bytes) -> Any:
        key = check_public_key(self.public_key)
        sig = parse_signature(headers[HEADER])
        if sig.kiosk != KIOSK or not verify_request(
            sig, server=NAME, method=method, target=target, body=raw, public_key=key
        ):
            return problem("key")
        if sig.skew_ms(self.now_ms()) > 300_000:
            return problem("clock", server_ms=self.now_ms())
        return None

    def take_lines(self, target: str, headers: Any, raw: bytes) -> Any:
        packed = headers.get("Content-Encoding") == "gzip"
        if packed and not self.takes_gzip:
            return problem("media")
        body = gzip.decompress(raw) if packed else raw
        if len(body.split(b"\n")) > self.max_lines:
            return problem("size")
        key = check_public_key(self.public_key)
        note = unb64(headers[HEAD_HEADER])
        head = open_head(note, kiosk=KIOSK, journal=self.journal, public_key=key)
        if refused := self.refuse("POST", target, headers, raw):
            return refused
        if self.shut in ("closed", "revoked"):
            return problem(self.shut)
        sent = check_lines(body, journal=self.journal)
        have = len(self.lines)
        first = sent[0].seq if sent else head.seq
        if first > have + 1 or (not sent and first > have):
            return problem("gap", expected=have + 1)
        for line in sent:
            before = self.lines[line.seq - 2].hash if line.seq > 1 else self.genesis()
            if line.seq <= len(self.lines):
                if self.lines[line.seq - 1].line != line.line:
                    return self.fork(line.seq)
            elif line.prev != before:
                return self.fork(line.seq - 1)
            else:
                self.lines.append(line)
        if sent:
            self.head_note = note
        if self.log is None:
            return 200, self.receipt()
        self.log.take(self.lines)
        held = headers.get(LOG_HEADER)
        return 200, self.receipt(**(self.show or self.log.show)(unb64(held) if held else None))

    def prove(self, target: str) -> Any:
        """The inclusion door."""
        if self.log is None:
            return problem("absent")
        found = parse_qs(urlsplit(target).query)
        first, last = int(found["from"][0]), int(found["to"][0])
        if last - first >= MAX_LINES:
            return problem("body")
        return 200, self.log.prove(self.lines[first - 1 : last])

    def take_apart(self, target: str, headers: Any, raw: bytes) -> Any:
        """The quarantine door."""
        journal = target.split("/")[4]
        if journal not in self.keys:
            return problem("key")
        key = check_public_key(self.keys[journal])
        open_head(unb64(headers[HEAD_HEADER]), kiosk=KIOSK, journal=journal, public_key=key)
        sig = parse_signature(headers[HEADER])
        if not verify_request(
            sig, server=NAME, method="POST", target=target, body=raw, public_key=key
        ):
            return problem("key")
        if sig.skew_ms(self.now_ms()) > 300_000:
            return problem("clock", server_ms=self.now_ms())
        sent = check_lines(gzip.decompress(raw), journal=journal)
        if journal == self.journal and not self.shut:
            return problem("open")
        kept = self.apart.setdefault(journal, set())
        if len(kept) >= self.most_apart:
            return problem("rate")
        kept.update(line.line for line in sent)
        return 202, b'{"kept":%d}' % len(sent)

    def genesis(self) -> bytes:
        return genesis_hash(self.journal, self.public_key)

    def receipt(self, **changes: Any) -> bytes:
        fields: dict[str, Any] = {
            "acked": len(self.lines), "server_ms": self.now_ms(),
            "config": str(self.version) if self.config else None, "checkpoint": None,
        }  # fmt: skip
        return encode_receipt(Receipt(**(fields | changes)))

    def fork(self, seq: int) -> Any:
        return problem("fork", seq=seq, head=b64(self.head_note))


class _Handler(BaseHTTPRequestHandler):
    server: FakeServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        if self.path.endswith("/quarantine"):
            time.sleep(server.apart_takes_s)
        with server.lock:
            server.requests.append(("POST", self.path, dict(self.headers), raw))
            scripted = server.answers.popleft() if server.answers else None
            if scripted == "ahead":
                scripted = (200, "application/json", server.receipt(acked=999), {})
            if isinstance(scripted, tuple):
                self._send(*scripted)
                return
            if scripted == "reset":
                self._hang_up()
                return
            if self.path == "/api/v1/enrolments":
                status, body = server.enrol(json.loads(raw), self.headers, raw)
            elif self.path.endswith("/quarantine"):
                status, body = server.take_apart(self.path, self.headers, raw)
            else:
                status, body = server.take_lines(self.path, self.headers, raw)
            if scripted == "lose":
                self._hang_up()
                return
            self._send(status, _type(status), body)

    def do_GET(self) -> None:
        server = self.server
        with server.lock:
            server.requests.append(("GET", self.path, dict(self.headers), b""))
            refused = server.refuse("GET", self.path, self.headers, b"")
            if refused:
                self._send(refused[0], _type(refused[0]), refused[1])
                return
            if "/inclusion?" in self.path:
                self._send(*(server.inclusion or _answer(*server.prove(self.path))))
                return
            if self.path.startswith("/api/v1/media/"):
                self._media(server.media.get(self.path.removeprefix("/api/v1/media/")))
                return
            if server.config is None:
                status, body = problem("absent")
                self._send(status, _type(status), body)
                return
            body = msgspec.json.encode(server.config)
            note = sign_config(
                server=NAME, kiosk=KIOSK, version=server.version, body=body, key=server.config_key
            )
            self._send(200, "application/json", body, {CONFIG_HEADER: b64(note)})

    def do_PUT(self) -> None:
        """The status and diagnostics doors."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        with server.lock:
            server.asked_to_tell += 1
            refused = server.refuse("PUT", self.path, self.headers, raw)
            if refused is None:
                refused = server.refusals.get(self.path.rpartition("/")[2])
            if refused == "reset":
                self._hang_up()
                return
            if refused:
                self._send(refused[0], _type(refused[0]), refused[1])
                return
            server.told.append((self.path.rpartition("/")[2], raw))
            self.send_response(204)
            self.end_headers()

    def _media(self, found: Any) -> None:
        """Bytes as they are; a tuple is sent as it says; "cut" stops in the middle."""
        if found is None:
            self._send(404, _type(404), problem("absent")[1])
        elif isinstance(found, tuple):
            self._send(*found)
        elif found == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b"x" * 1000)
            self._hang_up()
        else:
            self._send(200, "image/png", found)

    def _send(
        self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _answer(status: int, body: bytes) -> tuple[int, str, bytes]:
    return status, _type(status), body


def _type(status: int) -> str:
    return "application/json" if status in (200, 201, 202) else "application/problem+json"


@contextmanager
def running_server(kind: type[S]) -> Iterator[S]:
    with kind() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running_server(FakeServer) as running:
        yield running


@pytest.fixture
def enrolled(server: FakeServer, tmp_path: Path) -> Path:
    """The folder of a kiosk that `server` has enrolled."""
    from kiosk.enrolling import enrol

    folder = tmp_path / "kiosk"
    enrol(folder, url=server.url, code=CODE)
    server.requests.clear()
    return folder


class KioskProcess:
    """A real `hailong-kiosk run --headless --panel stdin`."""

    def __init__(
        self, folder: Path, *arguments: str, panel: str = "stdin", screen: bool = False
    ) -> None:
        front = [] if screen else ["--headless"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", *front, "--panel", panel, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"HAILONG_DATA": str(folder)}, text=True,
        )  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_events(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _read_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.errors.append(line)

    def say(self, *commands: str) -> None:
        assert self.process.stdin
        self.process.stdin.write("".join(f"{command}\n" for command in commands))
        self.process.stdin.flush()

    def of(self, event: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        def enough() -> list[dict[str, Any]]:
            found = self.of(event)
            alive = self.process.poll() is None
            assert alive or len(found) >= count, "".join(self.errors)
            return found if len(found) >= count else []

        return eventually(enough, f"{count} x {event} in {self.events}\n{''.join(self.errors)}")

    def end(self) -> int:
        """The exit code, with all that was printed taken in."""
        code = self.process.wait(DEADLINE_S)
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            stream.close()
        return code


@pytest.fixture
def start() -> Iterator[Callable[..., KioskProcess]]:
    """Starts kiosk processes; ends what a failed test left behind."""
    started: list[KioskProcess] = []

    def go(folder: Path, *arguments: str, **how: Any) -> KioskProcess:
        kiosk = KioskProcess(folder, *arguments, **how)
        started.append(kiosk)
        return kiosk

    yield go
    for kiosk in started:
        if kiosk.process.poll() is None:
            kiosk.process.kill()
        if kiosk.process.stdout and not kiosk.process.stdout.closed:
            kiosk.end()
