"""The log as C2SP tlog-tiles under /log/: plain WSGI, taken before Django."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from protocol.tiles import ENTRIES, WIDTH, BadTile, Tile, pack_entries, parse_tile_path, width_at
from server.clock import now_ms
from server.ledger.keys import all_rotations, read_log
from server.ledger.signing import cosigned_checkpoint, newest_checkpoint
from server.ledger.tokens import may_view
from server.ledger.tree import fetch_tile, read_entries, tree_size

log = logging.getLogger(__name__)
PREFIX = "/log/"
TEXT = "text/plain; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"  # a tile of one width never changes
BRIEFLY = "public, max-age=5"
PRIVATE = "private, no-store"
KEPT_S = 2.0  # anyone may ask as often as they like; kiosks' lines shall not wait for it

Answer = tuple[str, list[tuple[str, str]], bytes]


class _Signed(NamedTuple):
    """What was signed, as it stood at one time (monotonic s); None where there is none."""

    read_s: float
    checkpoint: bytes | None
    cosigned: bytes | None
    rotations: bytes


_one_reads = threading.Lock()
_signed: _Signed | None = None


def forget_signed() -> None:
    """Let the next request see what was signed a moment ago."""
    global _signed
    _signed = None


def _newest_signed() -> _Signed:
    """At most KEPT_S old; one thread reads it for all."""
    global _signed
    with _one_reads:
        found = _signed
        if found is None or time.monotonic() - found.read_s > KEPT_S:
            found = _signed = _read_signed()
        return found


def _read_signed() -> _Signed:
    read_s = time.monotonic()
    origin = read_log(now_ms=now_ms()).origin
    # In this order: cosigned is never above the newest.
    cosigned, newest = cosigned_checkpoint(origin), newest_checkpoint(origin)
    return _Signed(
        read_s,
        None if newest is None else bytes(newest.note),
        None if cosigned is None else bytes(cosigned.note),
        b"".join(note + b"\n" for note in all_rotations()),
    )


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request under /log/."""
    try:
        status, headers, body = _dispatch(environ)
    except Exception:
        log.exception("%s %s failed", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))
        status, headers, body = _plain("503 Service Unavailable", "Ask again later.")
        headers.append(("Retry-After", "5"))
    finally:
        from django.db import close_old_connections

        close_old_connections()
    headers.append(("Content-Length", str(len(body))))
    headers.append(("X-Content-Type-Options", "nosniff"))
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _dispatch(environ: dict[str, Any]) -> Answer:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        status, headers, body = _plain("405 Method Not Allowed", "The log is only read.")
        return status, [*headers, ("Allow", "GET, HEAD")], body
    path = environ.get("PATH_INFO", "").removeprefix(PREFIX)
    if path in ("checkpoint", "cosigned"):
        signed = _newest_signed()
        return _note(signed.cosigned if path == "cosigned" else signed.checkpoint)
    if path == "rotations":
        return _note(_newest_signed().rotations)
    try:
        tile = parse_tile_path(path)
    except BadTile as error:
        return _plain("404 Not Found", str(error))
    if tile.level == ENTRIES:
        return _entries(environ, tile)
    if tile.width > width_at(tile.level, tile.number, tree_size()):
        return _plain("404 Not Found", "The tree has not grown so far.")
    return _bytes(fetch_tile(tile), FOR_EVER)


def _note(note: bytes | None) -> Answer:
    if note is None:
        return _plain("404 Not Found", "There is none yet.")
    return "200 OK", [("Content-Type", TEXT), ("Cache-Control", BRIEFLY)], note


def _entries(environ: dict[str, Any], tile: Tile) -> Answer:
    """To an auditor with a token alone: a line shows rating and time."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not may_view(token.strip(), now_ms=now_ms()):
        status, headers, body = _plain(
            "401 Unauthorized", "Entries take an auditor's token; the server's operator makes one."
        )
        return status, [*headers, ("WWW-Authenticate", 'Bearer realm="log"')], body
    low = tile.number * WIDTH
    if low + tile.width > tree_size():
        return _plain("404 Not Found", "The tree has not grown so far.")
    return _bytes(pack_entries(read_entries(low, low + tile.width)), PRIVATE)


def _bytes(body: bytes, caching: str) -> Answer:
    headers = [("Content-Type", "application/octet-stream"), ("Cache-Control", caching)]
    return "200 OK", headers, body


def _plain(status: str, sentence: str) -> Answer:
    headers = [("Content-Type", TEXT), ("Cache-Control", "no-store")]
    return status, headers, f"{sentence}\n".encode()
