"""What a process did to its folder and said on its standard output, as strace saw it.

Every call that can change the folder is either understood or refused with UnknownCallError: a
trace with a hole would prove nothing. The calls of all threads stand in one order. A write or a
word counts from its beginning, a sync only from its end: each the harder case for the kiosk.
Writes to a file that has no name any more are left out, as nobody finds them after a power cut.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

CALLS: Final = (
    "openat", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "rmdir", "link", "linkat", "symlink", "symlinkat", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "truncate", "ftruncate", "fallocate", "copy_file_range", "sendfile", "mmap",
    "fsync", "fdatasync", "sync_file_range", "sync", "syncfs", "connect",
)  # fmt: skip
SHARED_INDEX: Final = "-shm"  # SQLite makes it anew after every start


class UnknownCallError(Exception):
    """The folder was changed in a way that is not modelled."""


@dataclass(frozen=True, slots=True)
class Create:
    """A name for a new, empty file, or an old file emptied."""

    path: str
    emptied: bool


@dataclass(frozen=True, slots=True)
class MakeFolder:
    path: str


@dataclass(frozen=True, slots=True)
class Move:
    """The new name is that of the old file; whatever had it is gone."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Remove:
    path: str


@dataclass(frozen=True, slots=True)
class Resize:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Write:
    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sync:
    """fsync of a file or folder; `data_only` for fdatasync."""

    path: str
    data_only: bool


@dataclass(frozen=True, slots=True)
class Said:
    """An event on standard output: whoever reads it has been told."""

    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Called:
    """A connection was begun: from now on the server may have been asked and have said yes."""


Change = Create | MakeFolder | Move | Remove | Resize | Write
Step = Change | Sync | Said | Called

_BEGUN = re.compile(r"(\d+)\s+(\w+)\((.*?) ?<unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+)\s+<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\w+)")
_WHOLE = re.compile(r"(\d+)\s+(\w+)\((.*)\)\s+= (-?\w+)")
_QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_ON = re.compile(r"(\w+)<((?:\\x[0-9a-f]{2})*)>")


@dataclass(slots=True)
class _Call:
    name: str
    arguments: str
    result: str = "?"  # of a call that was not over when the process was killed

    @property
    def failed(self) -> bool:
        return self.result == "-1"


def read_steps(log: Path, folder: Path) -> list[Step]:
    """The steps that concern `folder`, from a log of `strace -f -y -xx`."""
    reader = _Reader(str(folder))
    return [step for call in _calls(log) for step in reader.steps(call)]


def _calls(log: Path) -> list[_Call]:
    """Each call once: at its end if it is a sync, else at its beginning."""
    calls: list[_Call] = []
    open_calls: dict[str, _Call] = {}
    for line in log.read_text("ascii").splitlines():
        if begun := _BEGUN.match(line):
            call = open_calls[begun[1]] = _Call(begun[2], begun[3])
            if not _is_sync(call):
                calls.append(call)
        elif resumed := _RESUMED.match(line):
            call = open_calls.pop(resumed[1])
            call.arguments += resumed[3]
            call.result = resumed[4]
            if _is_sync(call):
                calls.append(call)
        elif whole := _WHOLE.match(line):
            calls.append(_Call(whole[2], whole[3], whole[4]))
    return calls


def _is_sync(call: _Call) -> bool:
    return "sync" in call.name


class _Reader:
    """Turns calls into steps; knows how far each file was written in sequence."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._written: dict[str, int] = {}

    def steps(self, call: _Call) -> Iterator[Step]:
        """What the call did, if it did anything to the folder."""
        if call.name == "connect":  # one that is still under way counts, too
            if "AF_INET" in call.arguments:  # and not a name service beside us
                yield Called()
        elif any(map(self._concerns, self._paths(call))):
            if not call.failed:
                yield from self._changes(call)
        elif call.name == "write" and call.arguments.startswith("1<"):
            yield from self._said(call)

    def _concerns(self, path: str) -> bool:
        inside = path == self._folder or path.startswith(self._folder + "/")
        return inside and not path.endswith((SHARED_INDEX, " (deleted)"))

    def _paths(self, call: _Call) -> list[str]:
        """What the call names: its descriptors' files, or names in a folder that it has open."""
        on = [_text(found[2]) for found in _ON.finditer(call.arguments)]
        if call.name in ("write", "writev", "pwrite64", "pwritev", "pwritev2"):
            return on  # what stands in quotes is content
        names = [_text(found[1]) for found in _QUOTED.finditer(call.arguments)]
        at = on if len(on) == len(names) else [self._folder] * len(names)
        return [str(PurePath(a) / name) for a, name in zip(at, names, strict=True)] or on

    def _said(self, call: _Call) -> Iterator[Step]:
        if call.result == "?":
            return
        for line in _content(call).splitlines():
            try:
                yield Said(json.loads(line))
            except ValueError:
                continue  # a child of the process that talks to it

    def _changes(self, call: _Call) -> Iterator[Step]:
        path, *more = self._paths(call)
        last = call.arguments.rpartition(", ")[2]
        match call.name:
            case "openat":
                yield from self._opened(path, call.arguments)
            case "mkdir" | "mkdirat":
                yield MakeFolder(path)
            case "rename" | "renameat":
                yield Move(path, more[0])
            case "unlink" | "unlinkat" | "rmdir":
                yield Remove(path)
            case "ftruncate":
                yield Resize(path, int(last))
            case "pwrite64":
                yield Write(path, int(last), _content(call))
            case "write":
                data = _content(call)
                yield Write(path, self._written[path], data)
                self._written[path] += len(data)
            case "fsync" | "fdatasync":
                yield Sync(path, call.name == "fdatasync")
            case "mmap" if "MAP_SHARED" not in call.arguments or "WRITE" not in call.arguments:
                pass
            case _:
                raise UnknownCallError(f"{call.name} of {path} is not modelled")

    def _opened(self, path: str, arguments: str) -> Iterator[Step]:
        if "O_RDONLY" in arguments:
            return
        self._written[path] = 0
        if "O_APPEND" in arguments:
            raise UnknownCallError(f"{path} was opened to append, which is not modelled")
        if "O_CREAT" in arguments or "O_TRUNC" in arguments:
            yield Create(path, "O_TRUNC" in arguments)


def _content(call: _Call) -> bytes:
    found = _QUOTED.search(call.arguments)
    if found is None or found[2]:
        raise UnknownCallError(f"strace cut the content of a {call.name} short")
    return bytes.fromhex(found[1].replace("\\x", ""))


def _text(escaped: str) -> str:
    return bytes.fromhex(escaped.replace("\\x", "")).decode()
