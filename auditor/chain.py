"""A journal's chain, open for what comes next in a stretch: its lines, and what receives them.

The usual line and the usual `received` are compared with what came before foretells and not read
field by field. Whatever is not as usual is not taken, and goes through the full readers.
"""

import hashlib
import re
from array import array
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import Final

from auditor.chunk import Head, Run
from auditor.lines import Kind, kind_of
from auditor.received import read_received
from protocol.envelope import Envelope, has_clean_bytes

_INT: Final = r"(0|[1-9][0-9]{0,14})"
# What follows `"mono_ms":` of a line of version 1 whose fields before are as foretold.
_REST: Final = re.compile(
    rf'{_INT},"wall_ms":{_INT},"sync":(true|false),"salt":"[0-9a-f]{{32}}","type":"'.encode()
)
_TAIL: Final = re.compile(rb'[a-z][a-z0-9_.]{0,31}","data":\{.*\}\}', re.DOTALL)
_RECEIVED: Final = re.compile(
    rf'\{{"v":1,"journal":"server","wall_ms":(?:0|[1-9][0-9]{{0,14}}),"salt":"[0-9a-f]{{32}}",'
    rf'"type":"received","data":\{{"journal":"(.{{36}})","from":{_INT},"to":{_INT},'
    rf'"head":"([^"]+)","ms":{_INT}\}}\}}'.encode()
)

Tails = dict[bytes, tuple[int, bool]]  # what a line says -> its number, whether no plain vote


class Chain:
    """Where a journal stands, and the run that it is in."""

    def __init__(
        self, index: int, line: Envelope, entry: bytes, tails: Tails, every: bool, kiosk: str
    ) -> None:
        """Begins with a line that was read in full. every: keep all heads, not the newest only."""
        self.journal, self.name, self.boot = line.journal, line.journal.encode(), line.boot
        self.start = f'{{"v":1,"journal":"{line.journal}","seq":'
        self.boot_part = f'","boot":"{line.boot}","mono_ms":'
        self.kiosk, self.every = kiosk, every
        self.head_start = f"{kiosk}/journal/{line.journal}\n".encode()
        self._renew(index, line.seq, bytes.fromhex(line.prev))
        tail = b'%b","data":%b}' % (line.type.encode(), line.data)
        number, odd = _intern(tail if line.v == 1 else b"v%d %b" % (line.v, tail), tails)
        if odd:
            self.odd.append(0)
        self.rows.append(
            (b"%d" % line.mono_ms, b"%d" % line.wall_ms, b"true" if line.sync else b"false")
        )
        self.tails.append(number)
        self.next, self.last = line.seq + 1, hashlib.sha256(entry)
        self.end = index + 1

    def _renew(self, index: int, seq: int, prev: bytes) -> None:
        self.index, self.seq, self.prev = index, seq, prev
        self.rows: list[tuple[bytes, ...]] = []  # mono_ms, wall_ms, sync as they stand
        self.tails: list[int] = []
        self.odd: list[int] = []
        self.received: list[int] = []
        self.heads: list[Head] = []
        self.receipts = 0

    def extend(self, entries: list[bytes], at: int, end: int, index: int, tails: Tails) -> int:
        """Take in entries from `at`, which is `index` in the log, on while each is the very next
        line; where that ends. No line that waits for its receipt may be left behind."""
        rows, numbers = self.rows, self.tails
        if index != self.end and len(self.received) < len(rows):
            return at
        start, boot_part, seq, last = self.start, self.boot_part, self.next, self.last
        sha256, rest, known, begun = hashlib.sha256, _REST.match, tails.get, at
        while at < end:
            entry = entries[at]
            foretold = f'{start}{seq},"prev":"{last.hexdigest()}{boot_part}'.encode()
            if not entry.startswith(foretold):
                break
            found = rest(entry, len(foretold))
            if found is None:
                break
            tail = entry[found.end() :]
            number = known(tail)
            if number is None:
                if not has_clean_bytes(tail) or not _TAIL.fullmatch(tail):
                    break
                number = _intern(tail, tails)
            if number[1]:
                self.odd.append(len(rows))
            rows.append(found.groups())
            numbers.append(number[0])
            last = sha256(entry)
            seq += 1
            at += 1
        if at > begun:
            if len(rows) == at - begun:
                self.index = index
            self.next, self.last, self.end = seq, last, index + at - begun
        return at

    def receive(self, index: int, entry: bytes) -> bool:
        """Whether the entry is the usual `received` of all lines that wait for it."""
        covered, seq = len(self.received), self.next - 1
        waiting = len(self.rows) - covered
        if index != self.end or not waiting:
            return False
        found = _RECEIVED.fullmatch(entry)
        if found is None:
            return False
        journal, first, last, head, ms = found.groups()
        if journal != self.name or int(first) != self.seq + covered or int(last) != seq:
            return False
        if not self.kiosk and not self._learn_kiosk(index, entry):
            return False
        try:
            note = a2b_base64(head, strict_mode=True)
        except NotBase64:
            return False
        digest = b2a_base64(self.last.digest(), newline=False)
        foretold = b"%b%d\n%b\n\n" % (self.head_start, seq, digest)
        if not note.startswith(foretold) or not (
            len(foretold) < note.find(b"\n", len(foretold)) == len(note) - 1
        ):
            return False
        if waiting == 1:
            self.received.append(int(ms))
        else:
            self.received += [int(ms)] * waiting
        if not self.every:
            self.heads.clear()
        self.heads.append(Head(index, seq, note))
        self.receipts += 1
        return True

    def _learn_kiosk(self, index: int, entry: bytes) -> bool:
        """Whose journal it is, as the first head says; whether that can be right, the join says."""
        read = read_received(index, entry)
        if read is None:
            return False
        self.kiosk = read.kiosk
        self.head_start = f"{read.kiosk}/journal/{self.journal}\n".encode()
        return True

    def close(self) -> Run | None:
        """The run as it stands, if it holds a line; the next one goes on from there."""
        if not self.rows:
            return None
        mono, wall, sync = zip(*self.rows, strict=True)
        run = Run(
            self.index, self.end, self.journal, self.seq, self.prev, self.boot, self.last.digest(),
            array("q", map(int, mono)), array("q", map(int, wall)),
            bytes([one == b"true" for one in sync]), array("I", self.tails), self.odd,
            array("q", self.received), self.receipts, self.heads, self.kiosk,
        )  # fmt: skip
        self._renew(self.end, self.next, run.last)
        return run


def _intern(tail: bytes, tails: Tails) -> tuple[int, bool]:
    """The number of what a line says, and whether it is anything but a plain vote."""
    known = tails.get(tail)
    if known is None:
        known = tails[tail] = (len(tails), kind_of(tail) is not Kind.VOTE)
    return known
