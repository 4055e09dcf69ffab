"""Do the tables still hold the log? Every entry against its tile, every tile against the next."""

from collections.abc import Iterator
from pathlib import Path

from protocol.checkpoint import open_checkpoint, read_checkpoint
from protocol.merkle import leaf_hash, root_of
from protocol.note import BadNote
from protocol.tiles import WIDTH, unpack_hashes, width_at
from server.clock import now_ms
from server.database import one_moment
from server.ledger.audit_places import misplaced_rows
from server.ledger.audit_rows import Entry, Row, odd_columns, read_rows
from server.ledger.guard import read_guard
from server.ledger.keys import read_log
from server.ledger.models import SignedCheckpoint, StoredTile
from server.ledger.signing import Refused, check_fits
from server.ledger.tree import HASH_BYTES, open_tree, tree_size

NAMED = 50  # entries that are named; a log that was written anew would name each
PAGE = 500
Tiles = dict[int, bytes]


def find_differences(folder: Path) -> list[str]:
    """One sentence for each place where tables, tree and what was signed contradict each other.

    All of one moment: a server that goes on beside us makes no difference.
    """
    # Before the moment: what the guard says was signed over rows that were committed by then.
    guard = read_guard(folder)
    with one_moment():
        size = tree_size()
        return [
            *_odd_tiles(size),
            *_few(_odd_entries(size)),
            *misplaced_rows(),
            *_odd_checkpoints(size, guard),
        ]


def _few(found: Iterator[str]) -> Iterator[str]:
    more = 0
    for number, sentence in enumerate(found):
        if number < NAMED:
            yield sentence
        else:
            more += 1
    if more:
        yield f"So do {more:,} further entries of the log."


def _odd_tiles(size: int) -> Iterator[str]:
    """Tiles that are not there, too wide, or whose hash is not the one that stands above them."""
    level, wanted = 0, -(-size // WIDTH)
    while wanted:
        yield from _odd_level(level, wanted, size)
        level, wanted = level + 1, -(-(size >> 8 * (level + 1)) // WIDTH)
    beyond = StoredTile.objects.filter(level__gte=level).order_by("level", "number")
    for stray_level, number in beyond.values_list("level", "number")[:NAMED]:
        yield f"Tile {stray_level}/{number} is none of a log of {size:,} entries."


def _odd_level(level: int, wanted: int, size: int) -> Iterator[str]:
    parent = (-1, b"")
    expected = 0
    for number, hashes in _stored(level):
        yield from _missing(level, expected, min(number, wanted))
        expected = number + 1
        width = width_at(level, number, size)
        if len(hashes) != width * HASH_BYTES:
            yield (
                f"Tile {level}/{number} of the log holds {len(hashes) / HASH_BYTES:g} hashes, "
                f"there should be {width}."
            )
        elif width == WIDTH:
            above = number // WIDTH
            if parent[0] != above:
                parent = above, _tiles(level + 1, above, above + 1).get(above, b"")
            at = number % WIDTH * HASH_BYTES
            if parent[1][at : at + HASH_BYTES] != root_of(unpack_hashes(hashes)):
                yield f"Tiles {level}/{number} and {level + 1}/{above} of the log do not fit."
    yield from _missing(level, expected, wanted)


def _missing(level: int, low: int, high: int) -> Iterator[str]:
    if low < high:
        last = f" to {level}/{high - 1}" if high - low > 1 else ""
        yield f"Tile {level}/{low}{last} of the log is missing."


def _stored(level: int) -> Iterator[tuple[int, bytes]]:
    after = -1
    while True:
        rows = StoredTile.objects.filter(level=level, number__gt=after).order_by("number")
        page = list(rows.values_list("number", "hashes")[:PAGE])
        yield from ((number, bytes(hashes)) for number, hashes in page)
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _tiles(level: int, low: int, high: int) -> Tiles:
    rows = StoredTile.objects.filter(level=level, number__gte=low, number__lt=high)
    return {number: bytes(hashes) for number, hashes in rows.values_list("number", "hashes")}


def _odd_entries(size: int) -> Iterator[str]:
    """Entries that are gone, or are not those whose hashes stand in the tree."""
    index = 0
    for page in read_rows():
        tiles = _tiles(0, page[0].span.first_index // WIDTH, -(-_end(page[-1]) // WIDTH))
        for row in page:
            if row.span.first_index != index:
                yield _gap(index, row.span.first_index)
            yield from odd_columns(row)
            yield from _odd_leaves(row, tiles)
            index = _end(row)
    if index != size:
        yield f"The log is {size:,} entries long, but places are given to {index:,}."


def _gap(index: int, first: int) -> str:
    if first > index:
        return f"Nothing in the tables says what entries {index} to {first - 1} of the log are."
    return f"Two records claim the places {first} to {index - 1} of the log."


def _end(row: Row) -> int:
    return row.span.first_index + row.span.size


def _odd_leaves(row: Row, tiles: Tiles) -> Iterator[str]:
    for entry in row.entries():
        number, at = divmod(entry.place, WIDTH)
        held = tiles.get(number, b"")[at * HASH_BYTES : (at + 1) * HASH_BYTES]
        if entry.body is None:
            yield f"Entry {entry.place} of the log, {_name(row, entry)}, is not in the tables."
        elif len(held) == HASH_BYTES and held != leaf_hash(entry.body):
            yield f"Entry {entry.place} of the log, {_name(row, entry)}, is not what was logged."


def _name(row: Row, entry: Entry) -> str:
    if entry.seq:
        return f"line {entry.seq} of journal {row.span.journal}"
    return f"the record `{row.span.type}` {row.span.seq} of {row.span.journal}"


def _odd_checkpoints(size: int, guard: bytes | None) -> Iterator[str]:
    """What was signed that the tree does not begin with; the guard's, and those in the tables."""
    log = read_log(now_ms=now_ms())
    rows = SignedCheckpoint.objects.filter(origin=log.origin).order_by("size")
    notes = [bytes(note) for note in rows.values_list("note", flat=True)]
    if guard is not None and read_checkpoint(guard).origin == log.origin:
        notes.append(guard)
    tree = open_tree(size)
    for note in dict.fromkeys(notes):
        try:
            open_checkpoint(note, log.known)
            check_fits(note, tree, "was signed here")
        except BadNote as error:
            yield f"A checkpoint in the tables, or the guard, is not what the log signed: {error}"
        except Refused as refused:
            yield str(refused)
