"""What a disk may hold after the power was cut: the model, and what it assumes.

Sure is what was synced: an fsync makes the content of that file durable, and of the names and
sizes all changes in their order up to the newest one of that file or folder. (ext4 does more: it
commits every earlier change. The weaker promise is the one to build on.) fdatasync does the same
but for renames.

Anything may have become of the rest:
- content that was not synced survives or not sector by sector (512 bytes), in any order; a sector
  may be torn in its middle; a gap that was never written reads as zeros;
- names and sizes survive up to some change and not beyond it, as a journal of the file system has
  them, whether the content is there or not: a renamed file may be empty;
- SQLite's shared index (-shm) is not content: it is rebuilt.

Not covered: a disk that lies about flushing (`bench/powercut --lie`, `hailong-hardware cardtest`),
a card that damages neighbouring sectors it was not told to write, errors of a sync itself.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from tests.powercut.trace import Change, Create, MakeFolder, Move, Remove, Resize, Sync, Write

SECTOR: Final = 512
TORN: Final = 0.02  # of the sectors that survive, this share only with its first half
SURVIVING: Final = (0.0, 0.0, 0.5, 0.9, 1.0)  # of unsynced sectors: nothing, half, all but a few


@dataclass(slots=True)
class _Tree:
    """Names, and what they lead to: a file's content, or None for a folder."""

    names: dict[str, int] = field(default_factory=dict)
    content: dict[int, bytes | None] = field(default_factory=dict)

    def copy(self) -> "_Tree":
        return _Tree(dict(self.names), dict(self.content))

    def move(self, old: str, new: str) -> None:
        """A folder takes what is in it along."""
        for name in [n for n in self.names if n == old or n.startswith(old + "/")]:
            self.names[new + name[len(old) :]] = self.names.pop(name)

    def write(self, node: int, offset: int, data: bytes) -> None:
        old = self.content.get(node) or b""
        self.content[node] = old[:offset].ljust(offset, b"\0") + data + old[offset + len(data) :]

    def resize(self, node: int, size: int) -> None:
        self.content[node] = (self.content.get(node) or b"")[:size].ljust(size, b"\0")


@dataclass(slots=True)
class _Pending:
    """A change that is not sure yet, and which file or folder it is about."""

    change: Change
    node: int
    about: frozenset[int]  # a sync of one of these makes a change of names or sizes sure

    @property
    def is_content(self) -> bool:
        return isinstance(self.change, Write)


class Disk:
    """A folder's disk, followed through the steps of a trace. Paths are absolute."""

    def __init__(self, folder: Path) -> None:
        self._root = str(folder.parent)
        self._sure = _Tree()
        self._nodes = 0
        for path in [folder.parent, folder, *sorted(folder.rglob("*"))]:
            if path.exists():
                self._sure.names[str(path)] = self._new(path)
        self._now = self._sure.copy()
        self._pending: list[_Pending] = []

    def _new(self, path: Path) -> int:
        self._nodes += 1
        self._sure.content[self._nodes] = path.read_bytes() if path.is_file() else None
        return self._nodes

    def take(self, step: Change | Sync) -> None:
        """The next step of the trace."""
        if isinstance(step, Sync):
            self._sync(self._now.names[step.path], data_only=step.data_only)
            return
        for pending in self._understand(step):
            self._pending.append(pending)
            _apply(self._now, pending)

    def after_cut(self, chance: random.Random) -> dict[str, bytes | None]:
        """One of the states that a power cut now may leave: content by path below the folder's
        parent, None for a folder."""
        tree, share = self._sure.copy(), chance.choice(SURVIVING)
        names = sum(not p.is_content for p in self._pending)
        left = chance.randint(0, names)  # so many changes of names and sizes survive
        shrunk: dict[int, int] = {}  # files whose shrinking did not survive, and to what size
        for pending in self._pending:
            if isinstance(pending.change, Write):
                known = shrunk.get(pending.node)
                for piece in _surviving(pending.change, share, chance):
                    if known is None or piece.offset + len(piece.data) <= known:
                        tree.write(pending.node, piece.offset, piece.data)
            elif left > 0:
                left -= 1
                _apply(tree, pending)
            elif (size := _new_size(pending.change)) is not None:
                shrunk[pending.node] = min(size, shrunk.get(pending.node, size))
        start = len(self._root) + 1
        return {n[start:]: tree.content[i] for n, i in tree.names.items() if n != self._root}

    def _understand(self, step: Change) -> Iterator[_Pending]:
        """The change, with what it is about as the names are now."""
        names = self._now.names
        if isinstance(step, Create | MakeFolder) and step.path not in names:
            self._nodes += 1
            node, parent = self._nodes, names[_parent(step.path)]
            yield _Pending(step, node, frozenset((node, parent)))
        elif isinstance(step, Move):
            parents = (names[_parent(step.old)], names[_parent(step.new)])
            node = names[step.old]
            yield _Pending(step, node, frozenset((node, *parents)))
        elif not isinstance(step, MakeFolder) and _changes(step, names):
            node, parent = names[step.path], names[_parent(step.path)]
            about = (node, parent) if isinstance(step, Remove) else (node,)
            yield _Pending(step, node, frozenset(about))

    def _sync(self, node: int, *, data_only: bool) -> None:
        """Makes sure what this promises; what is not promised stays pending in its order."""
        last = max(
            (i for i, p in enumerate(self._pending) if _is_made_sure(p, node, data_only)),
            default=-1,
        )
        still: list[_Pending] = []
        for index, pending in enumerate(self._pending):
            if pending.node == node if pending.is_content else index <= last:
                _apply(self._sure, pending)
                still = [_clipped(p, pending) for p in still]
            else:
                still.append(pending)
        self._pending = still


def _changes(step: Change, names: Mapping[str, int]) -> bool:
    """A file is opened again and again; only the first time makes it, only emptying changes it."""
    return not isinstance(step, Create) or (step.emptied and step.path in names)


def _is_made_sure(pending: _Pending, node: int, data_only: bool) -> bool:
    if pending.is_content or node not in pending.about:
        return False
    return not (data_only and isinstance(pending.change, Move) and pending.node == node)


def _apply(tree: _Tree, pending: _Pending) -> None:
    node = pending.node
    match pending.change:
        case Create(path, _):
            tree.names[path] = node
            tree.content[node] = b""
        case MakeFolder(path):
            tree.names[path] = node
            tree.content[node] = None
        case Move(old, new):
            tree.move(old, new)
        case Remove(path):
            tree.names.pop(path, None)
        case Resize(_, size):
            tree.resize(node, size)
        case Write(_, offset, data):
            tree.write(node, offset, data)


def _new_size(change: Change) -> int | None:
    if isinstance(change, Create):
        return 0
    return change.size if isinstance(change, Resize) else None


def _clipped(earlier: _Pending, applied: _Pending) -> _Pending:
    """What a file was cut down from cannot come back after the cutting."""
    size = _new_size(applied.change)
    change = earlier.change
    if size is None or earlier.node != applied.node or not isinstance(change, Write):
        return earlier
    kept = change.data[: max(0, size - change.offset)]
    return _Pending(Write(change.path, change.offset, kept), earlier.node, earlier.about)


def _surviving(write: Write, share: float, chance: random.Random) -> Iterator[Write]:
    """The sectors of an unsynced write that reached the disk."""
    start, end = write.offset, write.offset + len(write.data)
    while start < end:
        stop = min(end, start - start % SECTOR + SECTOR)
        if chance.random() < share:
            torn = chance.random() < TORN
            middle = (start + stop) // 2 if torn else stop
            piece = write.data[start - write.offset : middle - write.offset]
            yield Write(write.path, start, piece)
        start = stop


def _parent(path: str) -> str:
    return str(PurePath(path).parent)
