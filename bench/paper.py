"""Journals and signed requests, built before the clock starts."""

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.journal import build_line, genesis_hash, line_hash, sign_head
from protocol.keys import b64, new_key, public_bytes
from protocol.records import Vote
from protocol.request import sign_request

VOTE = Vote(
    rating=5,
    scale="vn5",
    via="button",
    locale="vi",
    duty=1,
    counter=None,
    not_official=False,
    dossier=None,
    invited=False,
)


@dataclass
class Batch:
    """Consecutive lines and the HTTP request that carries them."""

    first: int
    lines: list[bytes]
    request: bytes


@dataclass
class Journal:
    """One kiosk's journal, cut into requests."""

    journal: str
    kiosk: str
    public_key: bytes
    genesis: bytes
    batches: list[Batch] = field(default_factory=list)


def build_journals(*, kiosks: int, requests: int, size: int, server: str) -> list[Journal]:
    """`kiosks` journals of `requests` requests with `size` votes each, signed for `server`."""
    return [_build(f"bench-{number}", requests, size, server) for number in range(kiosks)]


def _build(kiosk: str, requests: int, size: int, server: str) -> Journal:
    key = new_key()
    made = Journal(str(uuid.uuid4()), kiosk, public_bytes(key), b"")
    made.genesis = prev = genesis_hash(made.journal, made.public_key)
    boot, seq = str(uuid.uuid4()), 0
    for _ in range(requests):
        lines = []
        for _ in range(size):
            seq += 1
            line = build_line(
                journal=made.journal, seq=seq, prev=prev, boot=boot, mono_ms=seq * 1000,
                wall_ms=1_763_800_000_000 + seq * 1000, sync=True, type="vote", data=VOTE,
            )  # fmt: skip
            prev = line_hash(line)
            lines.append(line)
        head = sign_head(kiosk=kiosk, journal=made.journal, seq=seq, hash=prev, key=key)
        request = _request(kiosk, made.journal, lines, head, key, server)
        made.batches.append(Batch(seq - size + 1, lines, request))
    return made


def _request(
    kiosk: str,
    journal: str,
    lines: Iterable[bytes],
    head: bytes,
    key: Ed25519PrivateKey,
    server: str,
) -> bytes:
    body = b"\n".join(lines)
    target = f"/api/v1/journals/{journal}/lines"
    signature = sign_request(
        kiosk=kiosk, server=server, method="POST", target=target,
        ms=time.time_ns() // 1_000_000, body=body, key=key,
    )  # fmt: skip
    return (
        f"POST {target} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-ndjson\r\n"
        f"Hailong-Head: {b64(head)}\r\nHailong-Signature: {signature}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
