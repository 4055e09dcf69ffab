"""Font files: where they are, and which letters they have (OpenType 1.9, table "cmap")."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).parent.parent / "assets" / "fonts"
BUILT_IN = ASSETS / "NotoSans-Regular.ttf"
_LARGEST = 32_000_000
_LAST = 0x10FFFF
_TABLES = (b"\0\1\0\0", b"OTTO", b"true")
"""First bytes of a file that holds one font."""


def find_font(name: str, *, beside: Path) -> str:
    """The font file of that name in the folder `beside`, or among the kiosk's own; "" if there is
    none that can be used."""
    for folder in (beside, ASSETS):
        if letters(str(folder / name)):
            return str(folder / name)
    return ""


def bold_of(font: str) -> str:
    """The bold font that belongs to a regular one: its name with Bold for Regular; "" if none."""
    path = Path(font)
    bold = path.with_name(path.name.replace("Regular", "Bold"))
    return str(bold) if bold != path and letters(str(bold)) else ""


def missing_letters(text: str, font: str) -> set[str]:
    """The letters of a text that a font cannot show. If the built-in font itself is gone, another
    with the same letters takes its place, so it is taken to have whatever is asked."""
    known = letters(font)
    if not known and font == str(BUILT_IN):
        return set()
    return {c for c in text if ord(c) not in known and c.isprintable() and not c.isspace()}


@cache
def letters(font: str) -> frozenset[int]:
    """Code points that a font file has; none if it is missing, broken or no font."""
    try:
        if Path(font).stat().st_size > _LARGEST:
            return frozenset()
        return frozenset(_read_letters(Path(font).read_bytes()))
    except (OSError, ValueError, struct.error):
        return frozenset()


def _read_letters(font: bytes) -> Iterator[int]:
    tables = _read_tables(font)
    cmap = tables.get(b"cmap", b"")
    for at in range(struct.unpack_from(">H", cmap, 2)[0]):
        part = cmap[struct.unpack_from(">L", cmap, 8 + 8 * at)[0] :]
        for low, high in _ranges(part):
            yield from range(low, high + 1)


def _read_tables(font: bytes) -> dict[bytes, bytes]:
    """Tag to table; ValueError if a table reaches over the end, as in a file cut short."""
    if font[:4] not in _TABLES:
        raise ValueError("not a font")
    tables = {}
    for at in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _sum, start, size = struct.unpack_from(">4sLLL", font, 12 + 16 * at)
        if start + size > len(font):
            raise ValueError("cut short")
        tables[tag] = font[start : start + size]
    return tables


def _ranges(part: bytes) -> list[tuple[int, int]]:
    """(first, last) of each run of letters, of the formats for Unicode: 4 and 12."""
    kind = struct.unpack_from(">H", part)[0]
    if kind == 4:
        count = struct.unpack_from(">H", part, 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", part, 14)
        starts = struct.unpack_from(f">{count}H", part, 16 + 2 * count)
        runs = [run for run in zip(starts, ends, strict=True) if run[1] != 0xFFFF]
    elif kind == 12:
        count = struct.unpack_from(">L", part, 12)[0]
        groups = struct.unpack_from(f">{3 * count}L", part, 16)
        runs = list(zip(groups[::3], groups[1::3], strict=True))
    else:
        runs = []
    last = -1
    for low, high in runs:  # in order, or a broken file would keep us busy for long
        if not last < low <= high <= _LAST:
            raise ValueError("letters out of order")
        last = high
    return runs
