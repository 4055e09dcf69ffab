"""One stretch of the log, read once: leaf hashes against tiles, chains of lines, deeds.

This is where a million lines cost their time. What one process finds is a Chunk; join.py puts the
chunks together in order.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from auditor.chain import Chain, Tails
from auditor.chunk import Chunk, Deed
from auditor.place import Place
from auditor.received import read_received
from auditor.report import Finding
from protocol.envelope import MAX_LINE_BYTES, MalformedLine, read_line
from protocol.merkle import HASH_BYTES
from protocol.tiles import BadTile, Tile, tile_path, width_at

EVERY: Final = 20_000  # in a log of so many entries each head is kept, else a journal's newest
SERVER: Final = b'{"v":1,"journal":"server",'
_JOURNAL: Final = slice(18, 54)  # of an entry that is a line of version 1

Bundle = tuple[int, list[int], list[bytes]]  # number, indices, entries


class Scanner:
    """Takes entries in the order of the log."""

    def __init__(self, place: Place, size: int) -> None:
        self.place, self.size = place, size
        self.tails: Tails = {}
        self.found = Chunk([], [], [], [], 0, 0, -1, 0)
        self.chains: dict[bytes, Chain] = {}
        self.current: Chain | None = None  # the one that took the entry before

    def breach(self, code: str, **values: int | str) -> None:
        """Something that contradicts the log, and where."""
        self.found.breaches.append(Finding(code, values))

    def scan(self, bundles: Iterable[Bundle]) -> Chunk:
        """Everything, then what was found."""
        for number, indices, entries in bundles:
            self.check_leaves(number, indices, entries)
            self.read(indices, entries)
        return self.close()

    def close(self) -> Chunk:
        """What was found."""
        self._flush()
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
            for index, entry, leaf in zip(indices, entries, leaves, strict=True):
                at = index % 256 * HASH_BYTES
                if held[at : at + HASH_BYTES] != leaf:
                    journal, seq = _whose(entry)
                    self.breach("leaf", index=index, tile=tile_path(tile), journal=journal, seq=seq)
        if tile.width == 256:
            self.found.roots.append((number, _root(held)))

    def read(self, indices: list[int], entries: list[bytes]) -> None:
        """Follow the chains of lines, take in what the server did."""
        at, count, chain_of = 0, len(entries), self.chains.get
        self._count(indices, entries)
        whole = indices[-1] - indices[0] == count - 1
        fits = max(map(len, entries)) <= MAX_LINE_BYTES
        current = self.current
        while at < count:
            index, entry = indices[at], entries[at]
            if fits:
                chain = chain_of(entry[_JOURNAL])
                if chain is not None:
                    taken = chain.extend(entries, at, count if whole else at + 1, index, self.tails)
                    if taken > at:
                        current, at = chain, taken
                        continue
                elif current is not None and current.receive(index, entry):
                    at += 1
                    continue
            if entry.startswith(SERVER):
                self._take_deed(index, entry)
            else:
                current = self._begin(index, entry)
            at += 1
        self.current = current

    def _count(self, indices: list[int], entries: list[bytes]) -> None:
        found = self.found
        found.entries += len(entries)
        found.bytes += sum(map(len, entries))
        if found.first < 0:
            found.first = indices[0]
        found.end = indices[-1] + 1

    def _take_deed(self, index: int, entry: bytes) -> None:
        """What may change a journal comes after its lines so far."""
        self._flush()
        self.found.events.append(read_received(index, entry) or Deed(index, entry))

    def _begin(self, index: int, entry: bytes) -> Chain | None:
        """A line that does not simply go on: another journal, another boot, or a breach."""
        try:
            line = read_line(entry)
        except MalformedLine as error:
            self.breach("malformed", index=index, why=str(error))
            return None
        name, kiosk = line.journal.encode(), ""
        before = self.chains.get(name)
        if before is not None:
            kiosk = before.kiosk
            self._flush_one(before)
        chain = Chain(index, line, entry, self.tails, self.size <= EVERY, kiosk)
        self.chains[name] = chain
        return chain

    def _flush(self) -> None:
        for chain in self.chains.values():
            self._flush_one(chain)

    def _flush_one(self, chain: Chain) -> None:
        run = chain.close()
        if run is not None:
            self.found.events.append(run)


def _whose(entry: bytes) -> tuple[str, int | str]:
    """Journal and seq of a line, as far as it is one."""
    try:
        line = read_line(entry)
    except MalformedLine as error:
        return "server" if entry.startswith(SERVER) else "?", error.seq or "?"
    return line.journal, line.seq


def _root(tile: bytes) -> bytes:
    """The root over a whole tile of 256 hashes."""
    sha256 = hashlib.sha256
    while len(tile) > HASH_BYTES:
        tile = b"".join(
            [sha256(b"\x01" + tile[at : at + 64]).digest() for at in range(0, len(tile), 64)]
        )
    return tile
