"""`pull`: a log's files copied from its server, only what is new, whole or not at all."""

import contextlib
import fcntl
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from auditor.durable import write_durably
from auditor.errors import CannotCheck, Contradicted, Unable
from auditor.place import Missing, Place
from auditor.trust import follow, split_rotations
from protocol.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    Checkpoint,
    LogKey,
    open_checkpoint,
    read_checkpoint,
)
from protocol.merkle import HASH_BYTES, leaf_hash, root_of
from protocol.note import BadNote
from protocol.tiles import (
    ENTRIES,
    WIDTH,
    BadTile,
    Tile,
    TiledTree,
    bundles_of,
    pack_entries,
    tile_path,
    tiles_of,
    unpack_entries,
    unpack_hashes,
)

TIMEOUT_S: Final = 30
TRIES: Final = 4
THREADS: Final = 8
MAX_SIZE: Final = 1 << 32  # entries
MAX_NOTES: Final = 4_000_000
ORIGIN_OF: Final = re.compile(
    rb'^\{"v":1,"journal":"([0-9a-f-]{36}|server)",(?:"seq":([0-9]{1,16}))?'
)


class Pulled(NamedTuple):
    """Sizes before and after, and how many files came. entries: whether they came too."""

    before: int
    after: int
    files: int
    entries: bool


class Rewritten(CannotCheck):
    """The server's log does not extend the copy: both notes, which prove it to anybody."""

    def __init__(self, sentence: str, notes: list[bytes]) -> None:
        super().__init__(sentence)
        self.notes = notes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A token goes to the server named and to no other."""

    def redirect_request(self, *args: object, **named: object) -> None:
        """None: the redirect is an error."""


class Server:
    """GET of the files below BASE/log/."""

    def __init__(self, url: str, token: str | None) -> None:
        base = url.rstrip("/")
        self.base = base if base.endswith("/log") else f"{base}/log"
        self.token = token
        self.opener = urllib.request.build_opener(_NoRedirects)

    def get(self, path: str, limit: int, *, token: bool = False) -> bytes:
        """The bytes; Missing for 404 or 401, Unable where nothing usable comes, after tries."""
        why = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(0.2 * 2**attempt)
            try:
                return self._get(path, limit, token)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code in (401, 403, 404, 410):
                    raise Missing(f"{path}: {error.code}") from None
                why = f"{error.code} {error.reason}"
                if error.code < 500 and error.code != 429:
                    break
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = str(error) or type(error).__name__
        raise Unable("no_answer", url=f"{self.base}/{path}", why=why)

    def _get(self, path: str, limit: int, token: bool) -> bytes:
        request = urllib.request.Request(f"{self.base}/{path}")  # noqa: S310 - opened() saw http
        if token and self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        with self.opener.open(request, timeout=TIMEOUT_S) as answer:
            found: bytes = answer.read(limit + 1)
            length = answer.headers.get("Content-Length")
        if len(found) > limit or (length is not None and int(length) != len(found)):
            raise ValueError("an answer of another length than announced")
        return found


def pull(
    url: str, folder: Path, token: str | None, progress: Callable[[int, int], None] | None = None,
    *, key: LogKey | None = None, as_is: bool = False,
) -> Pulled:  # fmt: skip
    """Bring the copy in `folder` up to the server's log. Rewritten, Contradicted, Unable.

    key: the log's, under which (or under its heirs') the checkpoint must be signed. as_is: what
    does not fit comes too, for the audit that follows to name it; no copy is kept of that.

    The checkpoint changes last, after all that it vouches for is on disk and fits: cut anywhere,
    the copy is the old one, and the next pull goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not ((folder / "checkpoint").is_file() or _begun(folder)):
        raise Unable("not_empty", where=str(folder))
    with _alone(folder):
        return _pull(Server(url, token), folder, progress, key, as_is)


def _begun(folder: Path) -> bool:
    return (folder / ".pulling").exists()


def _pull(
    server: Server, folder: Path, progress: Callable[[int, int], None] | None, key: LogKey | None,
    as_is: bool,
) -> Pulled:  # fmt: skip
    note, checkpoint = _checkpoint(server)
    if key is not None:
        _check_signature(server, note, checkpoint, key)
    place = Place(folder, None)
    before, old = _before(place)
    if old and old.origin != checkpoint.origin:
        raise Unable("other_log", origin=checkpoint.origin, key=old.origin)
    if old and before and (checkpoint.size < old.size or _other_root(old, checkpoint)):
        raise _rewritten(folder, before, note, old, checkpoint)
    _check_size(server, folder, checkpoint.size)
    tiles = [tile for tile in tiles_of(checkpoint.size) if not _has(folder, tile)]
    _fetch_all(tiles, lambda tile: _fetch_tile(server, folder, tile), None)
    tree = TiledTree(checkpoint.size, place.tile)
    if not as_is and not _is_tree(tree, checkpoint):
        # A file that came wrong must not stand there for ever as if it had come.
        for tile in tiles:
            (folder / tile_path(tile)).unlink(missing_ok=True)
        raise Unable("no_answer", url=server.base, why="its tiles do not have the root it signed")
    if old and before and old.size and tree.root(old.size) != old.root:
        raise _rewritten(folder, before, note, old, checkpoint)
    came = _fetch_entries(server, folder, checkpoint.size, progress, as_is)
    for name in ("cosigned", "rotations"):
        with contextlib.suppress(Missing):
            _write(folder / name, server.get(name, MAX_NOTES))
    os.sync()  # thousands of small files: all are on disk before the checkpoint vouches for them
    write_durably(folder / "checkpoint", note)
    _drop_narrower(folder, checkpoint.size)
    files = len(tiles) + max(came, 0)
    return Pulled(old.size if old else 0, checkpoint.size, files, came >= 0)


def _checkpoint(server: Server) -> tuple[bytes, Checkpoint]:
    try:
        note = server.get("checkpoint", MAX_CHECKPOINT_BYTES)
        return note, read_checkpoint(note)
    except (Missing, BadNote) as error:
        raise Unable("no_answer", url=f"{server.base}/checkpoint", why=str(error)) from None


def _check_size(server: Server, folder: Path, size: int) -> None:
    """A size that somebody made up is refused before its tiles are even listed. Unable."""
    if size > MAX_SIZE:
        raise Unable(
            "no_answer", url=server.base, why=f"{size} entries are more than can be copied"
        )
    last = Tile(0, max(0, size - 1) // WIDTH, (size - 1) % WIDTH + 1)
    if size and not _has(folder, last):
        try:
            _wide(server, last, WIDTH * HASH_BYTES)
        except Missing as error:
            raise Unable("no_answer", url=server.base, why=str(error)) from None


def _check_signature(server: Server, note: bytes, checkpoint: Checkpoint, key: LogKey) -> None:
    rotations = b""
    with contextlib.suppress(Missing):
        rotations = server.get("rotations", MAX_NOTES)
    if checkpoint.origin != key.origin:
        raise Unable("other_log", origin=checkpoint.origin, key=key.origin)
    try:
        open_checkpoint(note, follow(key, split_rotations(rotations)))
    except BadNote:
        raise Contradicted("pull_unsigned", url=server.base, size=checkpoint.size) from None


def _before(place: Place) -> tuple[bytes | None, Checkpoint | None]:
    note = place.note("checkpoint")
    return note, read_checkpoint(note) if note else None


def _other_root(old: Checkpoint, new: Checkpoint) -> bool:
    return old.size == new.size and old.root != new.root


def _rewritten(
    folder: Path, before: bytes, note: bytes, old: Checkpoint, new: Checkpoint
) -> Rewritten:
    kept = folder / f"contradiction-{old.size}-{new.size}.notes"
    write_durably(kept, before + b"\n" + note)
    return Rewritten(
        f"The server's log of {new.size} entries does not extend the {old.size} that were copied "
        f"before. Both signed notes are kept in {kept}; the copy is as it was.",
        [before, note],
    )


def _is_tree(tree: TiledTree, checkpoint: Checkpoint) -> bool:
    """Whether the tiles have the root, and each whole tile the hash that stands above it."""
    try:
        if tree.root() != checkpoint.root:
            return False
        for tile in tiles_of(checkpoint.size):
            if tile.width == WIDTH:
                first, level = tile.number * WIDTH, 8 * tile.level
                below = root_of([tree.node(level, first + at) for at in range(WIDTH)])
                if below != tree.node(level + 8, tile.number):
                    return False
    except (BadTile, ValueError):
        return False
    return True


def _has(folder: Path, tile: Tile) -> bool:
    try:
        length = (folder / tile_path(tile)).stat().st_size
    except OSError:
        return False
    return length > 0 if tile.level == ENTRIES else length == tile.width * HASH_BYTES


def _fetch_all(
    tiles: list[Tile], fetch: Callable[[Tile], None],
    progress: Callable[[int, int], None] | None,
) -> None:  # fmt: skip
    with ThreadPoolExecutor(THREADS) as pool:
        for done, _ in enumerate(pool.map(fetch, tiles), 1):
            if progress is not None:
                progress(done, len(tiles))


def _fetch_tile(server: Server, folder: Path, tile: Tile) -> None:
    limit = WIDTH * HASH_BYTES
    found = _wide(server, tile, limit)[: tile.width * HASH_BYTES]
    if len(found) != tile.width * HASH_BYTES:
        raise Unable("no_answer", url=f"{server.base}/{tile_path(tile)}", why="another length")
    _write(folder / tile_path(tile), found)


def _wide(server: Server, tile: Tile, limit: int, *, token: bool = False) -> bytes:
    """A tile as wide as asked for, or whole, if the log has grown past it meanwhile."""
    try:
        return server.get(tile_path(tile), limit, token=token)
    except Missing:
        if tile.width == WIDTH:
            raise
        return server.get(tile_path(tile._replace(width=WIDTH)), limit, token=token)


def _fetch_entries(
    server: Server, folder: Path, size: int, progress: Callable[[int, int], None] | None,
    as_is: bool,
) -> int:  # fmt: skip
    """How many bundles came; -1 if the server gives none to this token (or to nobody)."""
    bundles = [bundle for bundle in bundles_of(size) if not _has(folder, bundle)]
    place = Place(folder, None)

    def fetch(bundle: Tile) -> None:
        data = _wide(server, bundle, WIDTH * (2 + 4096), token=True)
        entries = _first(data, bundle.width)
        if as_is:
            _write(folder / tile_path(bundle), pack_entries(entries) if entries else data)
            return
        signed = unpack_hashes(place.tile(Tile(0, bundle.number, bundle.width)))
        if [leaf_hash(entry) for entry in entries] != signed:
            # Once more: a line that was cut, or a proxy, is no forgery.
            entries = _first(_wide(server, bundle, WIDTH * (2 + 4096), token=True), bundle.width)
            _check_entries(server, bundle, entries, signed)
        _write(folder / tile_path(bundle), pack_entries(entries))

    try:
        if bundles:
            fetch(bundles[0])
    except Missing:
        return -1
    try:
        _fetch_all(bundles[1:], fetch, progress)
    except Missing as error:
        raise Unable("no_answer", url=server.base, why=str(error)) from None
    return len(bundles)


def _check_entries(server: Server, bundle: Tile, entries: list[bytes], signed: list[bytes]) -> None:
    """Contradicted names the first entry that is another one than was signed."""
    if len(entries) != len(signed):
        url = f"{server.base}/{tile_path(bundle)}"
        raise Unable("no_answer", url=url, why="other entries than its tiles say")
    for at, (entry, leaf) in enumerate(zip(entries, signed, strict=True)):
        if leaf_hash(entry) != leaf:
            line = ORIGIN_OF.search(entry)
            raise Contradicted(
                "pull_other_entry", url=server.base, index=bundle.number * WIDTH + at,
                journal=line[1].decode() if line else "?", seq=int((line and line[2]) or 0),
            )  # fmt: skip


def _first(data: bytes, width: int) -> list[bytes]:
    """The first `width` entries of a bundle that may be wider."""
    for there in range(width, WIDTH + 1):
        with contextlib.suppress(BadTile):
            return unpack_entries(data, there)[:width]
    return []


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def _drop_narrower(folder: Path, size: int) -> None:
    """Partial tiles of earlier sizes: what they held stands in the wider ones."""
    wanted = {tile_path(tile) for tile in [*tiles_of(size), *bundles_of(size)] if tile.width < 256}
    for path in (folder / "tile").rglob("*.p/*"):
        if path.relative_to(folder).as_posix() not in wanted:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One pull at a time; the mark also says that a folder without checkpoint was begun by us."""
    with (folder / ".pulling").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unable("busy", where=str(folder)) from None
        yield
