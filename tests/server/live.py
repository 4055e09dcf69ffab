"""Knocking at a real `hailong-server run`: bytes on a socket in, an answer out."""

import http.client
import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from protocol.keys import b64
from tests.server.doors import Reply, signature
from tests.server.kiosks import PaperKiosk

QUIET_S = 10.0


@dataclass(frozen=True)
class Live:
    """A server that runs on the test's own database."""

    port: int
    log: Path

    def talk(self, raw: bytes, *, method: str = "POST") -> list[Reply]:
        """Every answer to these bytes until the server hangs up or nothing more comes."""
        heard = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=QUIET_S) as line:
            try:
                line.sendall(raw)
                while more := line.recv(65_536):
                    heard += more
            except (BrokenPipeError, ConnectionResetError, TimeoutError):
                pass
        return read_answers(heard, method)

    def ask(
        self, method: str, target: str, body: bytes = b"", **headers: str | bytes | None
    ) -> Reply:
        """One request on a connection of its own; a header that is None is left out."""
        given: dict[str, str | bytes | None] = {
            "Host": "localhost", "Connection": "close", "Content-Length": str(len(body)),
        }  # fmt: skip
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        answers = self.talk(head_of(method, target, given) + body, method=method)
        assert len(answers) == 1, f"{len(answers)} answers to {method} {target}"
        check_described(method, target, answers[0])
        return answers[0]

    def send(
        self,
        paper: PaperKiosk,
        body: bytes | None = None,
        *,
        head: bytes | None = None,
        door: str = "lines",
        ms: int | None = None,
        **headers: str | bytes | None,
    ) -> Reply:
        """The line door: the whole journal, or `body`, signed by the kiosk's key."""
        sent = paper.body() if body is None else body
        target = f"/api/v1/journals/{paper.journal}/{door}"
        given: dict[str, str | bytes | None] = {
            "Content_Type": "application/x-ndjson",
            "Hailong_Head": b64(paper.head() if head is None else head),
            "Hailong_Signature": signature(paper.kiosk, paper.key, "POST", target, sent, ms=ms),
        }
        return self.ask("POST", target, sent, **{**given, **headers})


@cache
def description() -> Any:
    from server.ingest.openapi import describe

    return describe()


def check_described(method: str, target: str, reply: Reply) -> None:
    """What a door answers stands in its description: the status, the type, the problem's word."""
    for path, methods in description()["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]*", re.escape(path))
        told = methods.get(method.lower())
        if told is None or not re.fullmatch(pattern + r"(\?.*)?", target):
            continue
        answer = told["responses"][str(reply.status)]
        media = reply.headers.get("content-type")
        assert media is None or media in answer["content"], f"{reply.status} {media}"
        if media == "application/problem+json":
            named = {"weak" if reply.status == 422 and reply.word == "key" else reply.word}
            assert named <= set(re.findall(r"problem-(\w+)", str(answer))), (target, reply.word)


def head_of(method: str, target: str, headers: Mapping[str, str | bytes | None]) -> bytes:
    """The bytes of a request's head, nothing checked."""
    lines = [f"{method} {target} HTTP/1.1".encode()]
    for name, value in headers.items():
        if value is not None:
            raw = value if isinstance(value, bytes) else value.encode()
            lines.append(name.encode() + b": " + raw)
    return b"\r\n".join(lines) + b"\r\n\r\n"


class _Heard:
    """Bytes as http.client wants a socket, so that several answers can follow each other."""

    def __init__(self, raw: bytes) -> None:
        self.file = io.BufferedReader(io.BytesIO(raw))  # type: ignore[arg-type]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Kept(self.file))  # type: ignore[arg-type]


class _Kept(io.RawIOBase):
    """Reads byte by byte from a shared file, so that nothing of the next answer is taken."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        found = self.file.read(1)
        buffer[: len(found)] = found
        return len(found)


def read_answers(raw: bytes, method: str) -> list[Reply]:
    """The HTTP/1.1 answers that these bytes are, without any `100 Continue`."""
    heard, out = _Heard(raw), []
    while heard.file.peek(1):
        answer = http.client.HTTPResponse(heard, method=method)  # type: ignore[arg-type]
        answer.begin()
        body = answer.read()
        out.append(Reply(answer.status, dict(answer.getheaders()), body))
    return out


@contextmanager
def serving(folder: Path) -> Iterator[Live]:
    """`hailong-server run` on the database of this test run (HAILONG_DATA is set)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "serving.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "run", "--no-work", "--port", str(port)],
            env=dict(os.environ),
            stdout=out,
            stderr=out,
        )
    try:
        _wait_for(port, process, log)
        yield Live(port, log)
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())
