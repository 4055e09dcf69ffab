"""Stretches of a log as its files hold them: bundles of a whole log, lines of a sealed export."""

import re
from collections.abc import Iterator

from auditor.chunk import Chunk
from auditor.place import Missing, Place
from auditor.scan import Bundle, Scanner
from protocol.envelope import MAX_LINE_BYTES
from protocol.tiles import BadTile, Tile, tile_path, width_at


def scan_bundles(place: Place, size: int, low: int, high: int) -> Chunk:
    """Read bundles low..high-1 of a whole log."""
    scanner = Scanner(place, size)
    return scanner.scan(_bundles(place, size, low, high, scanner))


def _bundles(place: Place, size: int, low: int, high: int, scanner: Scanner) -> Iterator[Bundle]:
    for number in range(low, high):
        try:
            entries = place.bundle(number, size)
        except BadTile as error:
            path = tile_path(Tile(-1, number, width_at(0, number, size)))
            code = "tile_missing" if isinstance(error, Missing) else "tile_broken"
            scanner.breach(code, tile=path, first=number * 256)
            continue
        yield number, list(range(number * 256, number * 256 + len(entries))), entries


def scan_list(place: Place, size: int, low: int, high: int) -> Chunk:
    """Read bytes low..high-1 of a sealed export's entries, whole lines."""
    scanner = Scanner(place, size)
    return scanner.scan(_listed(place, size, low, high, scanner))


def _listed(place: Place, size: int, low: int, high: int, scanner: Scanner) -> Iterator[Bundle]:
    with place.listed.open("rb") as file:
        file.seek(low)
        number, indices, entries = -1, list[int](), list[bytes]()
        last = -1
        while file.tell() < high:
            text = file.readline(MAX_LINE_BYTES + 64)
            index, entry = _listed_line(text)
            if index is None or index >= size:
                scanner.breach("list_broken", part="log/entries.txt", byte=file.tell() - len(text))
                break
            if index <= last:
                scanner.breach("order", index=index)
            last = index
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
