"""What the HTTP server calls: a body is awaited without a thread, then WSGI answers in one.

A kiosk on a bad line may need a minute for its lines; sixteen of them must not hold the sixteen
threads that answer everybody else.
"""

import asyncio
import io
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # a re-export

from protocol.journal import MAX_BODY_BYTES
from server.wsgi import application as wsgi_application

log = logging.getLogger(__name__)
BODY_S = 60.0  # a megabyte over a slow modem; whoever is slower sends smaller batches
DISCARDED_BYTES = 8 << 20  # of a body that is too long: who is still sending would not hear the 413
BUFFERED_BYTES = 256 << 20  # of all bodies under way; beyond it newcomers are asked to wait
THREADS = int(os.environ.get("HAILONG_SERVER_THREADS", "4"))

Answer = tuple[int, list[tuple[str, str]], bytes]

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="answer")
_under_way = 0


async def application(scope: Any, protocol: Any) -> None:
    """Answer one request (granian's RSGI)."""
    if scope.proto != "http":
        return
    try:
        body = await _read(scope, protocol)
    except ProtocolClosed:  # a modem that died: nobody is there to be answered
        return
    except TimeoutError:
        protocol.response_bytes(408, [("connection", "close")], b"")
        return
    except _TooMuch:
        protocol.response_bytes(503, [("retry-after", "5"), ("connection", "close")], b"")
        return
    loop = asyncio.get_running_loop()
    try:
        status, headers, content = await loop.run_in_executor(_pool, _answer, _environ(scope, body))
    except Exception:
        log.exception("%s failed before it had an answer", scope.method)
        status, headers, content = 500, [], b""
    protocol.response_bytes(status, headers, b"" if scope.method == "HEAD" else content)


class _TooMuch(Exception):
    """Too many bodies are under way at once."""


async def _read(scope: Any, protocol: Any) -> bytes:
    """The body, or what the doors need to refuse it: nothing if its length alone is too much."""
    stated = scope.headers.get("content-length")
    if stated is None:
        chunked = scope.headers.get("transfer-encoding") is not None
        return await _read_chunked(protocol) if chunked else b""
    if not stated.isdigit() or not 0 < int(stated) <= MAX_BODY_BYTES:
        # Whoever asks first (Expect) has sent nothing yet and is not asked to.
        if scope.headers.get("expect") is None:
            await _read_parts(protocol, 0)
        return b""
    with _room(int(stated)):
        async with asyncio.timeout(BODY_S):
            body: bytes = await protocol()
            return body


async def _read_chunked(protocol: Any) -> bytes:
    """At most MAX_BODY_BYTES + 1 bytes: one more than the doors take."""
    with _room(MAX_BODY_BYTES):
        return await _read_parts(protocol, MAX_BODY_BYTES + 1)


async def _read_parts(protocol: Any, most: int) -> bytes:
    """The body's first `most` bytes; what follows is heard for a while and dropped."""
    parts, left = bytearray(), most + DISCARDED_BYTES
    async with asyncio.timeout(BODY_S):
        async for part in protocol:
            parts += part[: most - len(parts)]
            left -= len(part)
            if left < 0:
                break
    return bytes(parts)


@contextmanager
def _room(size: int) -> Iterator[None]:
    """Room for a body that is under way; _TooMuch if all of it is taken."""
    global _under_way
    if _under_way + size > BUFFERED_BYTES:
        raise _TooMuch
    _under_way += size
    try:
        yield
    finally:
        _under_way -= size


def _environ(scope: Any, body: bytes) -> dict[str, Any]:
    """The request as WSGI (PEP 3333) names its parts."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # it would pass for the header with a hyphen, a proxy's for one
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    environ.setdefault("CONTENT_LENGTH", str(len(body)))
    if scope.authority and "HTTP_HOST" not in environ:  # HTTP/2 has no Host header
        environ["HTTP_HOST"] = scope.authority
    return environ


def _answer(environ: dict[str, Any]) -> Answer:
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        told.append((status, headers))

    parts = wsgi_application(environ, start_response)
    try:
        content = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    status, headers = told[-1]
    return int(status.split()[0]), headers, content
