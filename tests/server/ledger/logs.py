"""A log as seen from outside: through its doors, with protocol alone."""

from typing import Any

from protocol.checkpoint import Checkpoint, LogKey, open_checkpoint
from protocol.tiles import TiledTree, bundles_of, tile_path, tiles_of, unpack_entries
from tests.server.doors import Reply, knock

START_MS = 1_763_900_000_000


def integrate_and_sign(now_ms: int = START_MS) -> bytes | None:
    from server.ledger.integrator import integrate_all
    from server.ledger.signing import sign_if_due

    integrate_all()
    return sign_if_due(now_ms=now_ms, since_ms=now_ms)


def get(path: str, **headers: str) -> Reply:
    return knock("GET", f"/log/{path}", **headers)


def log_key() -> LogKey:
    from server.ledger.keys import read_log

    return read_log(now_ms=START_MS).key


def checkpoint() -> Checkpoint:
    return open_checkpoint(get("checkpoint").body, [log_key()])


def token() -> dict[str, str]:
    """The header of an auditor."""
    from server.ledger.tokens import make_token

    made = make_token(name="thanh-tra", by="admin", now_ms=START_MS)
    return {"HTTP_AUTHORIZATION": f"Bearer {made}"}


def read_log_from_outside(auditor: dict[str, str], size: int) -> tuple[TiledTree, list[bytes]]:
    """The tree from its tiles, and all entries."""
    tiles: dict[Any, bytes] = {}
    for tile in tiles_of(size):
        reply = get(tile_path(tile))
        assert (reply.status, len(reply.body)) == (200, 32 * tile.width)
        tiles[tile] = reply.body
    entries: list[bytes] = []
    for bundle in bundles_of(size):
        reply = get(tile_path(bundle), **auditor)
        assert reply.status == 200
        entries += unpack_entries(reply.body, bundle.width)
    return TiledTree(size, tiles.__getitem__), entries
