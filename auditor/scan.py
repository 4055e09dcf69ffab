"""One stretch of the log, read once: leaf hashes against tiles, chains of lines, deeds.

This is where a million lines cost their time. What one process finds is a Chunk; ledger.py joins
the chunks in order. The usual line is compared with what the line before foretells and not read
field by field; whatever is not as usual goes through protocol.envelope.
"""

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from auditor.columns import Column
from auditor.lines import Kind, kind_of
from auditor.place import Missing, Place
from auditor.received import Received, read_received
from auditor.report import Finding
from protocol.envelope import MAX_LINE_BYTES, MalformedLine, has_clean_bytes, read_line
from protocol.merkle import HASH_BYTES
from protocol.tiles import BadTile, Tile, tile_path, width_at

_JOURNAL: Final = slice(18, 54)  # of an entry that is a line of version 1
SERVER: Final = b'{"v":1,"journal":"server",'
# What follows `"mono_ms":` of a line of version 1 whose fields before are as foretold.
_REST: Final = re.compile(
    rb'(0|[1-9][0-9]{0,14}),"wall_ms":(0|[1-9][0-9]{0,14}),"sync":(true|false),'
    rb'"salt":"[0-9a-f]{32}","type":"'
)
_TAIL: Final = re.compile(rb'[a-z][a-z0-9_.]{0,31}","data":\{.*\}\}', re.DOTALL)


class Run(msgspec.Struct, tag=True):
    """Lines of one journal that follow one another in the log and in their chain, of one boot.

    mono, wall: unix ms or ms since boot, one a line; tails: index into the chunk's `tails`;
    odd: places (from 0) of lines that are no plain votes; sync: a byte a line.
    """

    index: int
    journal: str
    seq: int
    prev: bytes
    boot: str
    last: bytes  # hash of the last line
    mono: Column
    wall: Column
    sync: bytes
    tails: Column
    odd: list[int]

    def __len__(self) -> int:
        return len(self.mono)


class Deed(msgspec.Struct, frozen=True, tag=True):
    """A server record other than `received`, its bytes."""

    index: int
    entry: bytes


class Chunk(msgspec.Struct):
    """What a stretch of the log holds. `roots`: number and hash of each tile that was rebuilt."""

    events: list[Run | Received | Deed]
    tails: list[bytes]
    roots: list[tuple[int, bytes]]
    breaches: list[Finding]
    entries: int
    bytes: int


def pack(chunk: Chunk) -> bytes:
    """A chunk on its way to another process: pickling would take longer than scanning."""
    return _ENCODER.encode(chunk)


def unpack(packed: bytes) -> Chunk:
    """What pack packed."""
    return _DECODER.decode(packed)


def _column_out(column: object) -> bytes:
    assert isinstance(column, array)  # noqa: S101 - nothing else in a chunk is no plain type
    return column.typecode.encode() + column.tobytes()


def _column_in(_: type, packed: bytes) -> Column:
    column: Column = array(chr(packed[0]))
    column.frombytes(packed[1:])
    return column


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_column_out)
_DECODER: Final = msgspec.msgpack.Decoder(Chunk, dec_hook=_column_in)


def scan_bundles(place: Place, size: int, low: int, high: int) -> Chunk:
    """Read bundles low..high-1 of a whole log."""

    def bundles() -> Iterator[tuple[int, list[int], list[bytes]]]:
        for number in range(low, high):
            try:
                entries = place.bundle(number, size)
            except BadTile as error:
                path = tile_path(Tile(-1, number, width_at(0, number, size)))
                code = "tile_missing" if isinstance(error, Missing) else "tile_broken"
                scanner.breach(code, tile=path, first=number * 256)
                continue
            yield number, list(range(number * 256, number * 256 + len(entries))), entries

    scanner = Scanner(place, size)
    return scanner.scan(bundles())


def scan_list(place: Place, size: int, low: int, high: int) -> Chunk:
    """Read bytes low..high-1 of a sealed export's entries, whole lines."""
    scanner = Scanner(place, size)
    return scanner.scan(_listed(place, size, low, high, scanner))


def _listed(
    place: Place, size: int, low: int, high: int, scanner: "Scanner"
) -> Iterator[tuple[int, list[int], list[bytes]]]:
    with place.listed.open("rb") as file:
        file.seek(low)
        number, indices, entries = -1, list[int](), list[bytes]()
        while file.tell() < high:
            text = file.readline(MAX_LINE_BYTES + 64)
            index, entry = _listed_line(text)
            if index is None or index >= size:
                scanner.breach("list_broken", part="log/entries.txt", byte=file.tell() - len(text))
                break
            if index // 256 != number and entries:
                yield number, indices, entries
                indices, entries = [], []
            number = index // 256
            indices.append(index)
            entries.append(entry)
        if entries:
            yield number, indices, entries


def _listed_line(text: bytes) -> tuple[int | None, bytes]:
    digits, _, entry = text.partition(b" ")
    if not entry.endswith(b"\n") or not re.fullmatch(rb"0|[1-9][0-9]{0,15}", digits):
        return None, b""
    return int(digits), entry[:-1]


Tails = dict[bytes, tuple[int, bool]]  # what a line says -> its number, whether no plain vote


class Scanner:
    """Takes entries in the order of the log."""

    def __init__(self, place: Place, size: int) -> None:
        self.place, self.size = place, size
        self.tails: Tails = {}
        self.found = Chunk([], [], [], [], 0, 0)
        self.run: _Open | None = None
        self.last_index = -1
        self.ended: dict[bytes, _Open] = {}  # the last run of each journal

    def breach(self, code: str, **values: int | str) -> None:
        """Something that contradicts the log, and where."""
        self.found.breaches.append(Finding(code, values))

    def scan(self, bundles: Iterable[tuple[int, list[int], list[bytes]]]) -> Chunk:
        """Everything, then what was found."""
        for number, indices, entries in bundles:
            self.check_leaves(number, indices, entries)
            self.read(indices, entries)
            self.found.entries += len(entries)
            self.found.bytes += sum(map(len, entries))
        self._close()
        self.found.tails = list(self.tails)
        return self.found

    def check_leaves(self, number: int, indices: list[int], entries: list[bytes]) -> None:
        """Each entry's leaf hash stands in its tile; the tile's root is kept for the tree."""
        sha256 = hashlib.sha256
        leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
        tile = Tile(0, number, width_at(0, number, self.size))
        try:
            held = self.place.tile(tile)
        except BadTile:
            self.breach("tile_missing", tile=tile_path(tile), first=number * 256)
            held = b"".join(leaves)
        if len(held) != tile.width * HASH_BYTES:
            self.breach("tile_broken", tile=tile_path(tile), first=number * 256)
        elif held != b"".join(leaves):
            for index, leaf in zip(indices, leaves, strict=True):
                at = index % 256 * HASH_BYTES
                if held[at : at + HASH_BYTES] != leaf:
                    self.breach("leaf", index=index, tile=tile_path(tile))
        if tile.width == 256:
            self.found.roots.append((number, _root(held)))

    def read(self, indices: list[int], entries: list[bytes]) -> None:
        """Follow the chains of lines, take in what the server did."""
        at, count = 0, len(entries)
        whole = indices[-1] - indices[0] == count - 1
        fits = max(map(len, entries)) <= MAX_LINE_BYTES
        while at < count:
            index = indices[at]
            if fits and self.run is not None and index == self.last_index + 1:
                taken = self.run.extend(entries, at, count if whole else at + 1, self.tails)
                if taken > at:
                    self.last_index = indices[taken - 1]
                    at = taken
                    continue
            if entries[at].startswith(SERVER):
                self._close()
                self._take_deed(index, entries[at])
            elif not (fits and self._resume(index, entries, at)):
                self._begin(index, entries[at])
            self.last_index = index
            at += 1

    def _resume(self, index: int, entries: list[bytes], at: int) -> bool:
        """Whether the line goes on where its journal's last run here ended: the next request."""
        before = self.ended.get(entries[at][_JOURNAL])
        if before is None:
            return False
        run = before.next_run(index)
        if run.extend(entries, at, at + 1, self.tails) == at:
            return False
        self._close()
        self.run = run
        return True

    def _take_deed(self, index: int, entry: bytes) -> None:
        received = read_received(index, entry)
        if received is None:
            self.found.events.append(Deed(index, entry))
            return
        self.found.events.append(received)

    def _begin(self, index: int, entry: bytes) -> None:
        """A line that does not simply go on: another journal, another boot, or a breach."""
        self._close()
        try:
            line = read_line(entry)
        except MalformedLine as error:
            self.breach("malformed", index=index, why=str(error))
            return
        run = _Open(index, line.journal, line.seq, bytes.fromhex(line.prev), line.boot)
        tail = b'%b","data":%b}' % (line.type.encode(), line.data)
        number, odd = _intern(tail if line.v == 1 else b"v%d %b" % (line.v, tail), self.tails)
        if odd:
            run.odd.append(0)
        run.rows.append(
            (b"%d" % line.mono_ms, b"%d" % line.wall_ms, b"true" if line.sync else b"false")
        )
        run.tails.append(number)
        run.last = hashlib.sha256(entry)
        self.run = run

    def _close(self) -> None:
        if self.run is not None:
            self.found.events.append(self.run.close())
            self.ended[self.run.journal.encode()] = self.run
            self.run = None


class _Open:
    """A run that may go on."""

    def __init__(self, index: int, journal: str, seq: int, prev: bytes, boot: str) -> None:
        self.index, self.journal, self.seq, self.prev, self.boot = index, journal, seq, prev, boot
        self.start = f'{{"v":1,"journal":"{journal}","seq":'
        self.boot_part = f'","boot":"{boot}","mono_ms":'
        self.next = seq + 1
        self.last = hashlib.sha256()
        self.rows: list[tuple[bytes, ...]] = []  # mono_ms, wall_ms, sync as they stand
        self.tails: list[int] = []
        self.odd: list[int] = []

    def next_run(self, index: int) -> "_Open":
        """An empty run that goes on where this one ended."""
        run = _Open(index, self.journal, self.next, self.last.digest(), self.boot)
        run.next, run.last = self.next, self.last
        return run

    def extend(self, entries: list[bytes], at: int, end: int, tails: Tails) -> int:
        """Take in entries from `at` on while each is the very next line; where that ends."""
        start, boot_part, seq, last = self.start, self.boot_part, self.next, self.last
        rows, numbers = self.rows, self.tails
        sha256, rest, known = hashlib.sha256, _REST.match, tails.get
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
        self.next, self.last = seq, last
        return at

    def close(self) -> Run:
        """The run as it stands."""
        mono, wall, sync = zip(*self.rows, strict=True)
        return Run(
            self.index, self.journal, self.seq, self.prev, self.boot, self.last.digest(),
            array("q", map(int, mono)), array("q", map(int, wall)),
            bytes([one == b"true" for one in sync]), array("I", self.tails), self.odd,
        )  # fmt: skip


def _intern(tail: bytes, tails: Tails) -> tuple[int, bool]:
    """The number of what a line says, and whether it is anything but a plain vote."""
    known = tails.get(tail)
    if known is None:
        known = tails[tail] = (len(tails), kind_of(tail) is not Kind.VOTE)
    return known


def _root(tile: bytes) -> bytes:
    """The root over a whole tile of 256 hashes."""
    sha256 = hashlib.sha256
    while len(tile) > HASH_BYTES:
        tile = b"".join(
            [sha256(b"\x01" + tile[at : at + 64]).digest() for at in range(0, len(tile), 64)]
        )
    return tile
