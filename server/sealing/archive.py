"""A zip written part by part, each with its hash, and a manifest that names them all."""

import hashlib
import zipfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import IO, Any

import msgspec

MANIFEST = "manifest.json"
THE_TIME = (1980, 1, 1, 0, 0, 0)  # the same parts make the same bytes


class Archive(AbstractContextManager["Archive"]):
    """An export under way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w")
        self.parts: list[dict[str, Any]] = []

    def add(self, name: str, blocks: Iterable[bytes], what: str, *, packed: bool = True) -> None:
        """A part, block by block; packed: False for hashes, which no compression makes smaller."""
        info = zipfile.ZipInfo(name, THE_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        hashed, length = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                hashed.update(block)
                length += len(block)
        self.parts.append(
            {"name": name, "bytes": length, "sha256": hashed.hexdigest(), "what": what}
        )

    def leave_out(self, name: str, why: str) -> None:
        """A part that an inspector would look for, and why it is not there."""
        self.parts.append({"name": name, "absent": why})

    def finish(self, manifest: dict[str, Any]) -> None:
        """The manifest, last: it has the hash of everything else."""
        content = msgspec.json.format(msgspec.json.encode({**manifest, "parts": self.parts}))
        self._zip.writestr(zipfile.ZipInfo(MANIFEST, THE_TIME), content + b"\n")

    def __exit__(self, *_: object) -> None:
        self._zip.close()
