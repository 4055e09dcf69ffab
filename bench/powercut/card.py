"""A memory card for QEMU that forgets: writes stay in its memory until they are flushed.

It speaks NBD (Network Block Device, fixed newstyle) on a Unix socket, to one client at a time. A
client that vanishes without a goodbye had its power cut: of the sectors that were not flushed some
reach the image and the others are lost. A card that lies says "flushed" and does nothing.
"""

import os
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SECTOR: Final = 512
SURVIVING: Final = (0.0, 0.5, 0.9)  # of unflushed sectors, one of these shares at each cut
MAGIC, OPTION_MAGIC, REPLY_MAGIC = b"NBDMAGIC", b"IHAVEOPT", 0x3E889045565A9
FIXED_NEWSTYLE: Final = 1
GO, INFO, ABORT = 7, 6, 2  # options; all others are refused, which clients expect
ACK, EXPORT_INFO, UNSUPPORTED = 1, 3, 1 << 31 | 1
FLAGS: Final = 1 | 1 << 2 | 1 << 3  # there are flags; flush and FUA are understood
READ, WRITE, GOODBYE, FLUSH = 0, 1, 2, 3
FUA: Final = 1
REQUEST: Final = struct.Struct(">IHHQQI")
ANSWER: Final = struct.Struct(">IIQ")
ANSWER_MAGIC: Final = 0x67446698


@dataclass(slots=True)
class PowerCut:
    """What was in the card's memory when the power went."""

    unflushed: int = 0
    survived: int = 0


@dataclass(slots=True)
class _Plug:
    """Pulled after some more requests."""

    requests: int
    kill: Callable[[], None]

    def is_pulled(self) -> bool:
        self.requests -= 1
        if self.requests < 0:
            self.kill()
        return self.requests < 0


class Card:
    """The image of a card, and what it has taken but not stored. Sectors of 512 bytes."""

    def __init__(self, image: Path, *, lies: bool, chance: random.Random) -> None:
        self._image, self._lies, self._chance = image, lies, chance
        self._memory: dict[int, bytes] = {}
        self._plug: _Plug | None = None
        self.cut = PowerCut()

    def cut_power(self, requests: int, kill: Callable[[], None]) -> None:
        """Calls `kill` when so many more requests have come, instead of obeying the next one: so
        cuts come between a write and its flush as often as they can. From any thread."""
        self._plug = _Plug(requests, kill)

    @contextmanager
    def powered(self, address: Path) -> Iterator[None]:
        """Serves one client at this Unix socket; over when the client has gone."""
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(address))
            server.listen(1)
            thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
            thread.start()
            yield
            server.shutdown(socket.SHUT_RDWR)  # nobody came
            thread.join()

    def _serve(self, server: socket.socket) -> None:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client, self._image.open("r+b", buffering=0) as image:
            self._fd, self._plug = image.fileno(), None
            try:
                negotiate(client, os.fstat(self._fd).st_size)
                while self._obey(client):
                    pass
                self._store(self._memory)
            except ConnectionError:
                self._lose_power()
            os.fsync(self._fd)

    def _obey(self, client: socket.socket) -> bool:
        """One request; False for a goodbye."""
        _, flags, command, handle, offset, size = REQUEST.unpack(receive(client, REQUEST.size))
        if self._plug is not None and self._plug.is_pulled():
            raise ConnectionError
        found = b""
        if command == GOODBYE:
            return False
        if command == READ:
            found = self._read(offset, size)
        elif command == WRITE:
            self._write(offset, receive(client, size), at_once=bool(flags & FUA))
        elif command == FLUSH and not self._lies:
            self._store(self._memory)
        client.sendall(ANSWER.pack(ANSWER_MAGIC, 0, handle) + found)
        return True

    def _read(self, offset: int, size: int) -> bytes:
        found = bytearray(os.pread(self._fd, size, offset))
        for sector in range(offset // SECTOR, (offset + size) // SECTOR):
            if (newer := self._memory.get(sector)) is not None:
                start = sector * SECTOR - offset
                found[start : start + SECTOR] = newer
        return bytes(found)

    def _write(self, offset: int, data: bytes, *, at_once: bool) -> None:
        first = offset // SECTOR
        sectors = {
            first + n: data[n * SECTOR : (n + 1) * SECTOR] for n in range(len(data) // SECTOR)
        }
        self._memory |= sectors
        if at_once and not self._lies:
            self._store(sectors)

    def _store(self, sectors: dict[int, bytes]) -> None:
        for sector, content in sectors.items():
            os.pwrite(self._fd, content, sector * SECTOR)
        self._memory = {n: c for n, c in self._memory.items() if n not in sectors}

    def _lose_power(self) -> None:
        share = self._chance.choice(SURVIVING)
        survivors = {n: c for n, c in self._memory.items() if self._chance.random() < share}
        self.cut = PowerCut(len(self._memory), len(survivors))
        self._store(survivors)
        self._memory.clear()


def negotiate(client: socket.socket, size: int) -> None:
    """Agrees on this one export of `size` bytes. ConnectionError if the client goes away."""
    client.sendall(MAGIC + OPTION_MAGIC + struct.pack(">H", FIXED_NEWSTYLE))
    receive(client, 4)
    while True:
        _, option, length = struct.unpack(">8sII", receive(client, 16))
        receive(client, length)
        if option in (GO, INFO):
            _reply(client, option, EXPORT_INFO, struct.pack(">HQH", 0, size, FLAGS))
            _reply(client, option, ACK)
            if option == GO:
                return
        else:
            _reply(client, option, ACK if option == ABORT else UNSUPPORTED)


def _reply(client: socket.socket, option: int, kind: int, data: bytes = b"") -> None:
    client.sendall(struct.pack(">QIII", REPLY_MAGIC, option, kind, len(data)) + data)


def receive(client: socket.socket, size: int) -> bytes:
    """Exactly so many bytes. ConnectionError if they do not come."""
    found = bytearray()
    while len(found) < size:
        part = client.recv(size - len(found))
        if not part:
            raise ConnectionError
        found += part
    return bytes(found)
