"""The log's tree as the database keeps it: tiles, and which entry stands where."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from protocol.tiles import Edge, Tile, TiledTree, edge_widths
from server.database import as_rows
from server.folder import SetupError
from server.ledger.models import Pending, ServerRecord, Span, StoredTile, Tree

HASH_BYTES = 32
THE_TREE = 1
UPSERT_TILE = (
    "INSERT INTO ledger_storedtile (level, number, hashes) VALUES (%s, %s, %s) "
    "ON CONFLICT (level, number) DO UPDATE SET hashes = EXCLUDED.hashes"
)
SELECT_LINES = (
    "SELECT w.column1, l.seq, l.body FROM (VALUES {rows}) AS w JOIN ledger_line l "
    "ON l.unit = w.column2 AND l.journal = w.column3 "
    "AND l.seq BETWEEN w.column4 AND w.column5"
)
SELECT_RECORDS = (
    "SELECT w.column1, r.from_seq, r.body FROM (VALUES {rows}) AS w JOIN ledger_serverrecord r "
    "ON r.unit = w.column2 AND r.journal = w.column3 AND r.type = w.column4 AND r.seq = w.column5"
)
AT_ONCE = 200  # spans in one statement: SQLite takes 32,766 parameters
RECEIVED = "received"


class LostEntry(SetupError):
    """The tables do not hold what the log has a place for; str() names it."""


class Placed(NamedTuple):
    """A record in the log, as its span says."""

    first_index: int
    size: int
    unit: str
    journal: str
    type: str
    seq: int


def tree_size() -> int:
    """How many entries have a place in the log."""
    return Tree.objects.values_list("size", flat=True).filter(id=THE_TREE).first() or 0


def waiting_records() -> int:
    """How many records have no place in the log yet."""
    return Pending.objects.count()


def hold_tree() -> int:
    """Its size, held until the transaction ends: nobody else adds entries or signs meanwhile."""
    Tree.objects.get_or_create(id=THE_TREE, defaults={"size": 0})
    return Tree.objects.select_for_update().get(id=THE_TREE).size


def open_tree(size: int | None = None) -> TiledTree:
    """The tree of the first `size` entries, of all without it."""
    return TiledTree(tree_size() if size is None else size, fetch_tile)


def fetch_tile(tile: Tile) -> bytes:
    """A tile's hashes, as wide as asked for; LostEntry if it is not there."""
    rows = StoredTile.objects.filter(level=tile.level, number=tile.number)
    found = rows.values_list("hashes", flat=True).first()
    held = b"" if found is None else bytes(found)[: tile.width * HASH_BYTES]
    if len(held) != tile.width * HASH_BYTES:
        raise LostEntry(f"Tile {tile.level}/{tile.number} of the log is not there, or cut short.")
    return held


def read_edge(size: int) -> Edge:
    """Where the tree of `size` entries goes on."""
    tiles = []
    for level, width in enumerate(edge_widths(size)):
        tiles.append(fetch_tile(Tile(level, size >> 8 * (level + 1), width)) if width else b"")
    return Edge(size, tiles)


def write_tiles(tiles: Iterable[tuple[Tile, bytes]]) -> None:
    """Keep these tiles, in the place of narrower ones."""
    with connection.cursor() as cursor:
        cursor.executemany(UPSERT_TILE, [(tile.level, tile.number, held) for tile, held in tiles])


def spans_between(low: int, high: int) -> list[Placed]:
    """The spans that hold the entries [low, high), by index."""
    before = Span.objects.filter(first_index__lte=low).order_by("-first_index")
    first = before.values_list("first_index", flat=True).first() or 0
    found = Span.objects.filter(first_index__gte=first, first_index__lt=high)
    columns = ("first_index", "size", "unit", "journal", "type", "seq")
    return [Placed(*row) for row in found.order_by("first_index").values_list(*columns)]


def read_entries(low: int, high: int) -> list[bytes]:
    """The bytes of entries low … high - 1, which have a place; LostEntry if one is gone."""
    spans = spans_between(low, high)
    entries: list[bytes] = []
    for at in range(0, len(spans), AT_ONCE):
        for span, held in read_spans(spans[at : at + AT_ONCE], low=low, high=high):
            begin = max(span.first_index, low)
            end = min(span.first_index + span.size, high)
            if len(held) != end - begin:
                raise LostEntry(f"An entry of {_name(span)} is not in the tables any more.")
            entries += held
    return entries


def read_spans(
    spans: Sequence[Placed], *, low: int = 0, high: int = 2**62
) -> list[tuple[Placed, list[bytes]]]:
    """Each span with its entries that stand in [low, high), as the tables hold them now."""
    held: dict[int, list[bytes]] = {span.first_index: [] for span in spans}
    wanted = [row for span in spans if (row := _lines_wanted(span, low, high))]
    with connection.cursor() as cursor:
        if wanted:
            cursor.execute(
                SELECT_LINES.format(rows=as_rows(wanted)), [v for row in wanted for v in row]
            )
            # Sorted here: they come in order as good as always, and a database would first copy
            # all of them aside.
            for first_index, _, body in sorted(cursor.fetchall(), key=itemgetter(0, 1)):
                held[first_index].append(bytes(body))
        records = [(s.first_index, s.unit, s.journal, s.type, s.seq) for s in spans]
        cursor.execute(
            SELECT_RECORDS.format(rows=as_rows(records)), [v for row in records for v in row]
        )
        bodies = {first_index: bytes(body) for first_index, _, body in cursor.fetchall()}
    for span in spans:
        if low <= span.first_index + span.size - 1 < high and span.first_index in bodies:
            held[span.first_index].append(bodies[span.first_index])
    return [(span, held[span.first_index]) for span in spans]


def _lines_wanted(span: Placed, low: int, high: int) -> tuple[int, str, str, int, int] | None:
    """Which lines of a span stand in [low, high): its record is its last entry."""
    first_seq = span.seq - span.size + 2
    begin = max(span.first_index, low)
    end = min(span.first_index + span.size - 1, high)
    if span.type != RECEIVED or begin >= end:
        return None
    shift = first_seq - span.first_index
    return span.first_index, span.unit, span.journal, begin + shift, end - 1 + shift


def _name(span: Placed) -> str:
    if span.type == RECEIVED:
        return f"journal {span.journal}, received up to line {span.seq},"
    return f"the record `{span.type}` of {span.journal}"


def find_index(*, unit: str, journal: str, seq: int) -> int | None:
    """The log index of a line; None while it has none. A long journal takes no longer."""
    records = ServerRecord.objects.filter(unit=unit, journal=journal, type=RECEIVED, seq__gte=seq)
    covering = records.order_by("seq").values_list("seq", "from_seq").first()
    if covering is None or covering[1] > seq:
        return None
    last, first = covering
    spans = Span.objects.filter(unit=unit, journal=journal, type=RECEIVED, seq=last)
    first_index = spans.values_list("first_index", flat=True).first()
    return None if first_index is None else first_index + seq - first


def find_indices(*, unit: str, journal: str, first: int, last: int) -> dict[int, int]:
    """seq -> log index of the lines first … last of a journal that have a place in the log."""
    records = ServerRecord.objects.filter(unit=unit, journal=journal, type=RECEIVED, seq__gte=first)
    # Each covers a line at least: what a long journal received later is not read.
    rows = records.order_by("seq").values_list("seq", "from_seq")[: last - first + 1]
    received = {seq: from_seq for seq, from_seq in rows if from_seq <= last}
    spans = Span.objects.filter(unit=unit, journal=journal, type=RECEIVED, seq__in=list(received))
    found = {}
    for to_seq, first_index in spans.values_list("seq", "first_index"):
        from_seq = received[to_seq]
        for seq in range(max(first, from_seq), min(last, to_seq) + 1):
            found[seq] = first_index + seq - from_seq
    return found
