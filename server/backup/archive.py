"""The backup's file: a zip with one member a table, and a manifest that says what they are."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Annotated

import msgspec
from msgspec import Meta

from server.folder import SetupError

FORMAT = "hailong-backup"
VERSION = 1
MANIFEST = "manifest.json"
BLOCK_BYTES = 1 << 20
# Damage shows as any of these, wherever in the file it is.
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, RuntimeError)


Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}\\Z")]  # as it goes into SQL


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One table: its columns as (name, kind of server.backup.rows), and what was written of it."""

    table: Name
    columns: tuple[tuple[Name, str], ...]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name in the zip."""
        return f"tables/{self.table}.copy"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. log_key: the server's, in vkey form; migrations: `app.name` of each."""

    format: str
    v: int
    server: str
    log_key: str
    database: str
    made_ms: Annotated[int, Meta(ge=0, lt=253_402_300_800_000)]  # before the year 10000
    migrations: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(part.rows for part in self.parts)


class Writing(AbstractContextManager["Writing"]):
    """A backup under way: parts one after the other, then the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.parts: list[Part] = []

    def add(
        self, table: str, columns: tuple[tuple[str, str], ...], blocks: Iterable[bytes]
    ) -> None:
        """All rows of a table; blocks: any cut of them, newlines included."""
        part = Part(table=table, columns=columns, rows=0, sha256="")
        hashed, rows = hashlib.sha256(), 0
        with self._zip.open(part.member, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                hashed.update(block)
                rows += block.count(b"\n")
        self.parts.append(Part(table=table, columns=columns, rows=rows, sha256=hashed.hexdigest()))

    def finish(self, manifest: Manifest) -> None:
        """The manifest, without which it is no backup."""
        self._zip.writestr(MANIFEST, msgspec.json.encode(manifest))

    def __exit__(self, *_: object) -> None:
        self._zip.close()


class Backup(AbstractContextManager["Backup"]):
    """A backup to read from; SetupError if it is damaged or something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)
        except FileNotFoundError as error:
            raise SetupError(f"There is no file {path}.") from error
        except (*BROKEN, msgspec.MsgspecError) as error:
            raise SetupError(
                f"{path} is no backup of `hailong-server backup`, or is damaged; take another one."
            ) from error
        if (self.manifest.format, self.manifest.v) != (FORMAT, VERSION):
            raise SetupError(
                f"{path} is a backup of format {self.manifest.v}, which this version cannot read; "
                "restore it with the version of hailong that made it, or a newer one."
            )

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def verify(self) -> None:
        """SetupError unless every byte of every part is the one that was written."""
        for part in self.manifest.parts:
            hashed, rows = hashlib.sha256(), 0
            for block in self.blocks(part):
                hashed.update(block)
                rows += block.count(b"\n")
            if (hashed.hexdigest(), rows) != (part.sha256, part.rows):
                raise self._damaged(part)

    def blocks(self, part: Part) -> Iterator[bytes]:
        """The rows of a part, cut anywhere."""
        try:
            with self._zip.open(part.member) as member:
                while block := member.read(BLOCK_BYTES):
                    yield block
        except BROKEN as error:
            raise self._damaged(part) from error

    def lines(self, part: Part) -> Iterator[bytes]:
        """The rows of a part, one by one, without their newlines."""
        rest = b""
        for block in self.blocks(part):
            *lines, rest = (rest + block).split(b"\n")
            yield from lines

    def _damaged(self, part: Part) -> SetupError:
        return SetupError(f"{self.path} is damaged in {part.member}; take another backup.")
