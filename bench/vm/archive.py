"""Writes the archive that the kernel unpacks as its first root (cpio, format "newc")."""

from pathlib import Path, PurePosixPath
from stat import S_IFDIR, S_IFLNK, S_IFREG
from typing import BinaryIO

ALIGN = 4  # bytes; the kernel reads several archives in a row, each aligned so


class Archive:
    """Appends to `out`. Parents appear by themselves; everything belongs to root."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._folders = {PurePosixPath("/")}

    def folder(self, path: str) -> None:
        """A folder and all above it."""
        for each in (*reversed(PurePosixPath(path).parents), PurePosixPath(path)):
            if each not in self._folders:
                self._folders.add(each)
                self._entry(str(each), S_IFDIR | 0o755, b"", 0)

    def file(self, path: str, content: bytes, *, mode: int = 0o644, mtime_s: int = 0) -> None:
        self.folder(str(PurePosixPath(path).parent))
        self._entry(path, S_IFREG | mode, content, mtime_s)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self.folder(str(PurePosixPath(path).parent))
        self._entry(path, S_IFLNK | 0o777, target.encode(), 0)

    def copy(self, path: str, source: Path) -> None:
        """A file of the host with its permissions and time: compiled Python stays valid."""
        status = source.stat()
        mode, mtime_s = status.st_mode & 0o777, int(status.st_mtime)
        self.file(path, source.read_bytes(), mode=mode, mtime_s=mtime_s)

    def end(self) -> None:
        self._entry("/TRAILER!!!", 0, b"", 0)

    def _entry(self, path: str, mode: int, content: bytes, mtime_s: int) -> None:
        name = path.removeprefix("/").encode() + b"\0"
        # inode, mode, user, group, links, time, size, four device numbers, name's length, sum
        fields = (0, mode, 0, 0, 1, mtime_s, len(content), 0, 0, 0, 0, len(name), 0)
        self._aligned(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        self._aligned(content)

    def _aligned(self, part: bytes) -> None:
        self._out.write(part + bytes(-len(part) % ALIGN))
