"""Files that are ours alone: no file of another package is ever overwritten."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from deploy.pi.card.durable import replace_file

from .machine import Machine


@dataclass(frozen=True, slots=True)
class File:
    """A file with exactly this content. `mode` None where the file system has no rights (FAT)."""

    name: str
    content: bytes = field(repr=False)
    mode: int | None = 0o644

    def needed(self, machine: Machine) -> str | None:
        path = machine.path(self.name)
        if path.is_file() and path.read_bytes() == self.content and self._mode_is(path):
            return None
        return f"write {self.name}"

    def _mode_is(self, path: Path) -> bool:
        return self.mode is None or path.stat().st_mode & 0o777 == self.mode

    def take(self, machine: Machine) -> None:
        path = machine.path(self.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, self.content, mode=self.mode)


@dataclass(frozen=True, slots=True)
class Absent:
    """A file or folder that is not there, nor the empty folder of a unit's changes."""

    name: str

    def needed(self, machine: Machine) -> str | None:
        path = machine.path(self.name)
        return f"remove {self.name}" if path.exists() or path.is_symlink() else None

    def take(self, machine: Machine) -> None:
        path = machine.path(self.name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        if path.parent.name.endswith(".service.d") and not any(path.parent.iterdir()):
            path.parent.rmdir()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of root's, for others to enter."""

    name: str

    def needed(self, machine: Machine) -> str | None:
        return None if machine.path(self.name).is_dir() else f"make the folder {self.name}"

    def take(self, machine: Machine) -> None:
        machine.path(self.name).mkdir(mode=0o755, parents=True)


@dataclass(frozen=True, slots=True)
class Link:
    """A plain file that becomes a link, so that its content is written into memory."""

    name: str
    to: str
    before: str  # where the plain file is kept

    def needed(self, machine: Machine) -> str | None:
        return None if machine.path(self.name).is_symlink() else f"link {self.name} to {self.to}"

    def take(self, machine: Machine) -> None:
        path = machine.path(self.name)
        if path.exists():
            replace_file(machine.path(self.before), path.read_bytes(), mode=0o644)
        beside = path.with_name(f".{path.name}.new")
        beside.unlink(missing_ok=True)
        os.symlink(self.to, beside)
        beside.replace(path)


@dataclass(frozen=True, slots=True)
class NoLink:
    """Takes a Link back, with the plain file that was there before it."""

    name: str
    to: str
    before: str

    def needed(self, machine: Machine) -> str | None:
        path = machine.path(self.name)
        ours = path.is_symlink() and os.readlink(path) == self.to
        return f"make {self.name} a plain file again" if ours else None

    def take(self, machine: Machine) -> None:
        before = machine.path(self.before)
        content = before.read_bytes() if before.exists() else b""
        machine.path(self.name).unlink()
        replace_file(machine.path(self.name), content, mode=0o644)
        before.unlink(missing_ok=True)
