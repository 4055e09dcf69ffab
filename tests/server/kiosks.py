"""A kiosk without a kiosk: a journal written with protocol alone, for tests of the server."""

import secrets
import uuid
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.journal import build_line, genesis_hash, line_hash, sign_head
from protocol.keys import new_key, public_bytes

T0 = 1_763_800_000_000  # 2025-11-22T08:26:40Z


@dataclass
class PaperKiosk:
    """A journal in memory: add records, then send any part of it."""

    kiosk: str
    key: Ed25519PrivateKey = field(default_factory=new_key)
    journal: str = field(default_factory=lambda: str(uuid.uuid4()))
    boot: str = field(default_factory=lambda: str(uuid.uuid4()))
    lines: list[bytes] = field(default_factory=list)
    now_ms: int = T0
    mono_ms: int = 1_000
    sync: bool = True

    def add(self, type: str, data: dict[str, object], *, after_ms: int = 1_000) -> int:
        """Append a record `after_ms` later; its seq."""
        self.now_ms += after_ms
        self.mono_ms += after_ms
        line = build_line(
            journal=self.journal,
            seq=len(self.lines) + 1,
            prev=self.hash_at(len(self.lines)),
            boot=self.boot,
            mono_ms=self.mono_ms,
            wall_ms=self.now_ms,
            sync=self.sync,
            type=type,
            data=data,
            salt=secrets.token_bytes(16),
        )
        self.lines.append(line)
        return len(self.lines)

    def vote(self, rating: int = 5, *, duty: int | None = None, after_ms: int | None = None) -> int:
        """Without after_ms at a citizens' pace, which no rule of flags doubts."""
        if after_ms is None:
            after_ms = 83_000 + len(self.lines) ** 2 * 7_919 % 23_000
        return self.add(
            "vote",
            {
                "rating": rating,
                "scale": "vn5",
                "via": "button",
                "locale": "vi",
                "duty": duty,
                "counter": None,
                "not_official": False,
                "dossier": None,
                "invited": False,
            },
            after_ms=after_ms,
        )

    def duty(self, official: str) -> int:
        return self.add("duty.started", {"official": official, "by": "pin"})

    def clock(self, *, ahead_ms: int = 0) -> int:
        """A clock record: the server's time is ours plus `ahead_ms`."""
        return self.add(
            "clock",
            {
                "server_ms": self.now_ms + 1_000 + ahead_ms,
                "rtt_ms": 0,
                "wall_ms": self.now_ms + 1_000,
                "mono_ms": self.mono_ms + 1_000,
            },
        )

    def hash_at(self, seq: int) -> bytes:
        if seq == 0:
            return genesis_hash(self.journal, public_bytes(self.key))
        return line_hash(self.lines[seq - 1])

    def head(self, seq: int | None = None) -> bytes:
        seq = len(self.lines) if seq is None else seq
        return sign_head(
            kiosk=self.kiosk, journal=self.journal, seq=seq, hash=self.hash_at(seq), key=self.key
        )

    def body(self, first: int = 1, last: int | None = None) -> bytes:
        last = len(self.lines) if last is None else last
        return b"\n".join(self.lines[first - 1 : last])

    def branch(self, seq: int) -> "PaperKiosk":
        """A copy of the card as it was at `seq`, which goes its own way from there."""
        return PaperKiosk(
            self.kiosk, self.key, self.journal, self.boot, self.lines[:seq], self.now_ms,
            self.mono_ms, self.sync,
        )  # fmt: skip
