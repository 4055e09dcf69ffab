"""The sealed export of a period and some units, made of one moment of the tables."""

from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from django.conf import settings

from protocol.checkpoint import read_checkpoint
from protocol.keys import b64
from protocol.tiles import WIDTH, Tile, tile_path, tiles_of
from server.database import one_moment
from server.folder import SetupError
from server.ledger.cosigning import NOTHING_SIGNED
from server.ledger.keys import Log, all_rotations, read_log
from server.ledger.models import SignedCheckpoint
from server.ledger.signing import cosigned_checkpoint, newest_checkpoint
from server.ledger.tree import fetch_tile
from server.sealing import attributions
from server.sealing.archive import Archive
from server.sealing.tallies import Period, count_cells, write_cells
from server.sealing.territory import Entries

KIND = "hailong sealed export"
ABSENT = {
    "rulings.csv": "rulings stand in the log itself, as `ruling` records",
    "complaints.csv": "complaints received elsewhere are imported, and stand in no line of the log",
    "reports": "this version of the server makes no reports yet",
}


class Sealed(NamedTuple):
    """What an export holds: entries, of how many in the log, and votes in its tallies."""

    entries: int
    size: int
    votes: int


def write_export(file: IO[bytes], *, units: Collection[str], period: Period, now_ms: int) -> Sealed:
    """Write it. SetupError if nothing is signed yet; LostEntry."""
    with one_moment(), Archive(file) as archive:
        log = read_log(now_ms=now_ms)
        newest = newest_checkpoint(log.origin)
        if newest is None:
            raise SetupError(NOTHING_SIGNED)
        entries = _add_log(archive, log, newest, units)
        cells = count_cells(units, newest.size, period)
        what = "the server's tallies: final ratings by unit, kiosk, official and local date"
        archive.add("tallies.csv", write_cells(cells), what)
        if why := attributions.why_not(units, newest.size, period):
            archive.leave_out("attributions.csv", why)
        else:
            what = "the server's figures by counter, official and basis, as its pages show them"
            rows = attributions.write_attributions(units, period)
            archive.add("attributions.csv", rows, what)
        for name, why in ABSENT.items():
            archive.leave_out(name, why)
        archive.finish(_manifest(log, newest, units, period, now_ms))
    return Sealed(entries, newest.size, sum(map(sum, cells.values())))


def _add_log(archive: Archive, log: Log, newest: SignedCheckpoint, units: Collection[str]) -> int:
    entries = Entries(units, newest.size)
    archive.add("log/entries.txt", entries, "entries of the log, each behind its index")
    for tile in _tiles(entries, newest.size):
        archive.add(f"log/{tile_path(tile)}", [fetch_tile(tile)], "hashes", packed=False)
    archive.add("log/checkpoint", [bytes(newest.note)], "what the log's key has signed")
    cosigned = cosigned_checkpoint(log.origin)
    if cosigned is not None and cosigned.size <= newest.size:
        archive.add("log/cosigned", [bytes(cosigned.note)], "what other bodies have cosigned")
    else:
        archive.leave_out("log/cosigned", "no other body has cosigned the log yet")
    if rotations := all_rotations():
        notes = b"".join(note + b"\n" for note in rotations)
        archive.add("log/rotations", [notes], "how the log's key was changed")
    else:
        archive.leave_out("log/rotations", "the log's key was never changed")
    return entries.count


def _tiles(entries: Entries, size: int) -> Iterator[Tile]:
    """All above the leaves, those of the leaves that entries stand in, and the right edge."""
    for tile in tiles_of(size):
        if tile.level > 0 or tile.width < WIDTH or tile.number in entries.tiles:
            yield tile


def _manifest(
    log: Log, newest: SignedCheckpoint, units: Collection[str], period: Period, now_ms: int
) -> dict[str, object]:
    return {
        "v": 1,
        "kind": KIND,
        "server": settings.DATA.server_name,
        "log_key": log.key.vkey,
        "made_ms": now_ms,
        "from": period.first,
        "to": period.last,
        "timezone": period.zone.key,
        "units": sorted(units),
        "size": newest.size,
        "root": b64(read_checkpoint(bytes(newest.note)).root),
    }
