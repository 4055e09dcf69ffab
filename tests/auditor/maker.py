"""A log as a server would write it, made with protocol alone; and whatever a forger may change."""

import csv
import hashlib
import json
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, LogKey, sign_checkpoint
from protocol.journal import build_line, genesis_hash, line_hash, sign_head
from protocol.keys import b64, public_bytes
from protocol.merkle import leaf_hash
from protocol.server_record import build_received, build_server_record
from protocol.tiles import WIDTH, Edge, Tile, bundles_of, pack_entries, tile_path

ORIGIN = "hailong.example/log"
LOG = Ed25519PrivateKey.from_private_bytes(b"\x11" * 32)
OTHER_LOG = Ed25519PrivateKey.from_private_bytes(b"\x12" * 32)
KEY = LogKey(ORIGIN, LOG.public_key())
T0 = 1_795_312_800_000  # 2026-11-22 09:20 in Hà Nội
HOUR = 3_600_000
BOOT = "c0ffee00-aaaa-4bbb-8ccc-dddddddddddd"


def vote(rating: int = 4, *, duty: int | None = None, **more: object) -> tuple[str, dict]:
    return "vote", {
        "rating": rating, "scale": "vn5", "via": "button", "locale": "vi", "duty": duty,
        "counter": None, "not_official": False, "dossier": None, "invited": False,
    } | more  # fmt: skip


@dataclass
class Kiosk:
    """A kiosk's journal: its lines as they stand on its card, and what was sent."""

    id: str
    journal: str
    key: Ed25519PrivateKey
    unit: str = "99001"
    boot: str = BOOT
    boot_ms: int = T0
    lines: list[bytes] = field(default_factory=list)
    sent: int = 0

    @property
    def genesis(self) -> bytes:
        return genesis_hash(self.journal, public_bytes(self.key))

    def write(self, type: str, data: Mapping[str, object], at_ms: int, *, sync: bool = True) -> int:
        prev = line_hash(self.lines[-1]) if self.lines else self.genesis
        seq = len(self.lines) + 1
        self.lines.append(build_line(
            journal=self.journal, seq=seq, prev=prev, boot=self.boot, mono_ms=at_ms - self.boot_ms,
            wall_ms=at_ms, sync=sync, type=type, data=data,
        ))  # fmt: skip
        return seq

    def clock(self, at_ms: int) -> int:
        data = {"server_ms": at_ms, "rtt_ms": 0, "wall_ms": at_ms, "mono_ms": at_ms - self.boot_ms}
        return self.write("clock", data, at_ms)

    def head(self, upto: int | None = None, key: Ed25519PrivateKey | None = None) -> bytes:
        seq = len(self.lines) if upto is None else upto
        return sign_head(
            kiosk=self.id, journal=self.journal, seq=seq,
            hash=line_hash(self.lines[seq - 1]) if seq else self.genesis, key=key or self.key,
        )  # fmt: skip


def kiosk(number: int, unit: str = "99001") -> Kiosk:
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return Kiosk(f"k-{number}", f"0b9e3a7e-1111-4222-8333-{number:012d}", key, unit)


class Log:
    """Entries in order, and the keys that sign checkpoints."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.keys = [LOG]
        self.rotations: list[bytes] = []
        self.cosigned: bytes | None = None

    def deed(self, type: str, at_ms: int, **data: object) -> int:
        self.entries.append(build_server_record(type, data, at_ms))
        return len(self.entries) - 1

    def enrol(self, kiosk: Kiosk, at_ms: int = T0) -> None:
        self.deed("enrolled", at_ms, kiosk=kiosk.id, unit=kiosk.unit, journal=kiosk.journal,
                  public_key=b64(public_bytes(kiosk.key)))  # fmt: skip

    def receive(self, kiosk: Kiosk, at_ms: int, *, head: bytes | None = None) -> None:
        """What the kiosk has not sent yet, and its `received`."""
        first = kiosk.sent + 1
        self.entries += kiosk.lines[kiosk.sent :]
        kiosk.sent = len(kiosk.lines)
        self.entries.append(build_received(
            journal=kiosk.journal, first=first, last=kiosk.sent, head=head or kiosk.head(), ms=at_ms
        ))  # fmt: skip

    def root(self, size: int | None = None) -> bytes:
        edge = Edge(0, [])
        edge.append(map(leaf_hash, self.entries[:size]))
        return edge.root()

    def checkpoint(self, size: int | None = None, keys: list[Ed25519PrivateKey] | None = None,
                   ) -> bytes:  # fmt: skip
        size = len(self.entries) if size is None else size
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.root(size)), keys or self.keys)

    def tiles(self) -> dict[str, bytes]:
        edge = Edge(0, [])
        full = edge.append(map(leaf_hash, self.entries))
        return {tile_path(tile): data for tile, data in [*full, *edge.partial()]}

    def write(self, folder: Path, *, entries: bool = True) -> Path:
        """The folder of `log-export`."""
        files = {"checkpoint": self.checkpoint(), "rotations": self._rotations()} | self.tiles()
        if self.cosigned:
            files["cosigned"] = self.cosigned
        for tile in bundles_of(len(self.entries)) if entries else ():
            some = self.entries[tile.number * WIDTH : tile.number * WIDTH + tile.width]
            files[tile_path(tile)] = pack_entries(some)
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    def _rotations(self) -> bytes:
        return b"".join(note + b"\n" for note in self.rotations)


def small_log() -> tuple[Log, list[Kiosk]]:
    """Two kiosks of a unit and one of another, some days: 30 to 40 entries each."""
    log, kiosks = Log(), [kiosk(1), kiosk(2), kiosk(3, "99002")]
    for one in kiosks:
        log.enrol(one)
    for day in range(3):
        for one in kiosks:
            start = T0 + day * 24 * HOUR + int(one.id[2:]) * 60_000
            one.clock(start)
            duty = one.write("duty.started", {"official": f"CB-{one.id}", "by": "pin"}, start + 1)
            for minute in range(6):
                one.write(*vote(1 + minute % 5, duty=duty), start + 60_000 * (minute + 1))
            one.write("duty.ended", {"duty": duty, "by": "official"}, start + HOUR)
            log.receive(one, start + HOUR + 5)
    return log, kiosks


def large_log(lines: int) -> tuple[Log, Kiosk]:
    """One kiosk, so many votes, sent by 50."""
    log, one = Log(), kiosk(1)
    log.enrol(one)
    one.clock(T0 + 1000)
    for at in range(lines):
        one.write(*vote(1 + at % 5), T0 + 2000 + at * 1000)
        if at % 50 == 49:
            log.receive(one, T0 + 3000 + at * 1000)
    return log, one


def tallies(log_rows: Iterable[tuple[str, str, str, str, list[int]]]) -> str:
    rows = ["unit,kiosk,official,date,n1,n2,n3,n4,n5,n"]
    for unit, name, official, date, numbers in log_rows:
        rows.append(",".join(map(str, [unit, name, official, date, *numbers, sum(numbers)])))
    return "\n".join(rows) + "\n"


def sealed(log: Log, folder: Path, units: Iterable[str], table: str) -> Path:
    """The sealed export of some units, unpacked."""
    units = tuple(units)
    journals: set[str] = set()
    chosen: list[tuple[int, bytes]] = []
    for index, entry in enumerate(log.entries):
        record = json.loads(entry)
        data = record["data"]
        if record["type"] == "enrolled" and data["unit"] in units:
            journals.add(data["journal"])
        if record["journal"] in journals or data.get("journal") in journals:
            chosen.append((index, entry))
    numbers = {index // 256 for index, _ in chosen}
    parts = {"log/checkpoint": log.checkpoint(), "tallies.csv": table.encode(),
             "log/entries.txt": b"".join(b"%d %b\n" % pair for pair in chosen)}  # fmt: skip
    for path, data in log.tiles().items():
        if (
            not path.startswith("tile/0/")
            or ".p/" in path
            or any(path == tile_path(Tile(0, number)) for number in numbers)
        ):
            parts[f"log/{path}"] = data
    manifest = {
        "v": 1, "kind": "hailong sealed export", "server": "hailong.example", "log_key": KEY.vkey,
        "made_ms": T0, "from": "2026-11-01", "to": "2026-11-30", "timezone": "Asia/Ho_Chi_Minh",
        "units": units, "size": len(log.entries), "root": b64(log.root()),
        "parts": [
            *({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(),
               "what": ""} for name, data in parts.items()),
            {"name": "rulings.csv", "absent": "there are none yet"},
        ],
    }  # fmt: skip
    for name, data in {"manifest.json": json.dumps(manifest).encode(), **parts}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def zipped(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.write(path, path.relative_to(folder).as_posix())
    return file


class _Doors(SimpleHTTPRequestHandler):
    """The folder as /log/, entries with a token only."""

    token = "secret"
    cut_after = -1  # answers until the connection is cut

    def do_GET(self) -> None:
        if self.path.startswith("/log/tile/entries/"):
            if self.headers["Authorization"] != f"Bearer {self.token}":
                self.send_error(401)
                return
            if type(self).cut_after == 0:
                self.close_connection = True
                return
            type(self).cut_after -= 1
        self.path = self.path.removeprefix("/log")
        super().do_GET()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def served(folder: Path, *, cut_after: int = -1) -> Iterator[str]:
    doors = type("Doors", (_Doors,), {"cut_after": cut_after})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(doors, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))
