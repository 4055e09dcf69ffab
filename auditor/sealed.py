"""A sealed export: its manifest against its files, and zips that mean no harm."""

import datetime as dt
import hashlib
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from auditor.errors import Unable
from auditor.place import MANIFEST, open_file, read
from auditor.report import Report
from protocol.strict_json import parse_object
from protocol.tiles import BadTile

MAX_FILES: Final = 2_000_000
MAX_BYTES: Final = 64 << 30
MAX_RATIO: Final = 200  # of a part over 10 MB: text packs 20 times, bombs a thousand times
MAX_MANIFEST: Final = 256 << 20
KIND: Final = "hailong sealed export"
DESK_PARTS: Final = {"about.json", "figures.csv", "checkpoint"}


class Part(msgspec.Struct, frozen=True):
    """A file of the export, or why one is absent."""

    name: str
    bytes: int | None = None
    sha256: str | None = None
    what: str = ""
    absent: str | None = None


class Manifest(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """What the export says that it is. Nothing signs it: the log does the proving."""

    v: int
    kind: str
    server: str
    log_key: str
    made_ms: int
    first: dt.date
    last: dt.date
    timezone: str
    units: tuple[str, ...]
    size: int
    root: str
    parts: tuple[Part, ...]


def read_manifest(folder: Path) -> Manifest:
    """Unable for a manifest that cannot be read or is of another kind or version."""
    try:
        found = msgspec.convert(parse_object(read(folder / MANIFEST, MAX_MANIFEST)), Manifest)
    except (BadTile, ValueError, msgspec.ValidationError) as error:
        raise Unable("manifest", why=str(error)) from None
    if (found.v, found.kind) != (1, KIND):
        raise Unable("manifest", why=f"{found.kind} {found.v}")
    return found


def check_parts(folder: Path, manifest: Manifest, report: Report) -> None:
    """Every part is there, of its length and hash; nothing is there beside them."""
    named = {MANIFEST}
    for part in manifest.parts:
        named.add(part.name)
        if part.absent is not None:
            report.enlist("absent", "absent", part=part.name, why=part.absent)
            continue
        if not is_inside(part.name):
            report.against("part_name", part=part.name)
            continue
        try:
            with open_file(folder / part.name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                length = file.tell()
        except OSError:
            report.against("part_missing", part=part.name)
            continue
        if (digest, length) != (part.sha256, part.bytes):
            report.against("part_changed", part=part.name)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in named:
            report.against("part_unnamed", part=name)


def is_inside(name: str) -> bool:
    """Whether a name stays inside the folder that it is unpacked to, on any system."""
    path = PurePosixPath(name)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and ".." not in path.parts
        and not any(character in name for character in '\\:\0"<>|?*')
        and all(ord(character) >= 0x20 for character in name)
        and str(path) == name.removesuffix("/")
    )


def unpack(zip: Path, folder: Path) -> None:
    """Unpack an export; Unable for what is no zip, or one that could do harm: names that lead out,
    links, one name twice, and files that grow out of all measure."""
    try:
        with zipfile.ZipFile(zip) as file:
            infos = file.infolist()
            _check_members(infos)
            _refuse_desk({info.filename for info in infos}, zip)
            for info in infos:
                _unpack_one(file, info, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError,
            OSError, ValueError, zlib.error) as error:  # fmt: skip
        raise Unable("bad_zip", file=str(zip), why=str(error)[:200]) from None


def _refuse_desk(names: set[str], zip: Path) -> None:
    """An export of a page of the desk has no log in it: only its hash tells what it is."""
    if "about.json" in names and names <= DESK_PARTS:
        with zip.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        raise Unable("desk_export", file=str(zip), sha256=sha256)


def _check_members(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename for info in infos}
    if len(names) != len(infos) or len(infos) > MAX_FILES:
        raise ValueError("a name stands there twice, or there are too many")
    for info in infos:
        if not is_inside(info.filename) or stat.S_ISLNK(info.external_attr >> 16):
            raise ValueError(f"{info.filename[:80]!r} leads out of the folder")
        packed = max(1, info.compress_size)
        if info.file_size > 10_000_000 and info.file_size / packed > MAX_RATIO:
            raise ValueError(f"{info.filename[:80]!r} grows {info.file_size // packed} times")
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise ValueError("it would take more than 64 GiB")


def _unpack_one(file: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / info.filename
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    with file.open(info) as source, target.open("xb") as out:
        while block := source.read(min(1 << 20, left + 1)):
            left -= len(block)
            if left < 0:
                raise ValueError(f"{info.filename[:80]!r} is longer than it says")
            out.write(block)
