"""The laptop's side of the card test: notes what a unit acknowledges, compares after each cut."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterator
from typing import NamedTuple

RECEIVED_BYTES = 65_536
LOOK_EVERY_S = 1.0  # a Ctrl-C that comes just before a wait begins would not end it


class Cut(NamedTuple):
    """One power cut: the highest number acknowledged before it, and how many were found after."""

    acknowledged: int
    found: int

    @property
    def lost(self) -> int:
        """Records that were acknowledged and are not there."""
        return max(0, self.acknowledged - self.found)


class _Unit:
    """One connection. A unit that lost its power never says goodbye: the next one replaces it."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.over = False
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """Whole lines that have come by now."""
        while not self.over:
            try:
                data = self.connection.recv(RECEIVED_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self.over = not data
            *lines, self._rest = (self._rest + data).split(b"\n")
            yield from lines


class _Ledger:
    """What was acknowledged since the last look at the card."""

    def __init__(self, on_cut: Callable[[int, Cut], None]) -> None:
        self.cuts: list[Cut] = []
        self._on_cut = on_cut
        self._told, self._wrote = 0, False
        self._writer: _Unit | None = None

    def hear(self, unit: _Unit, line: bytes) -> None:
        """`found N` when a unit begins, then one number for each durable record."""
        word, _, number = line.rpartition(b" ")
        if not number.isdigit():
            return  # no unit of ours
        if word == b"found":
            self._writer = unit
            self._answer(unit)
            self._compare(int(number))
        elif unit is self._writer and not word:
            self._told, self._wrote = int(number), True

    def _answer(self, unit: _Unit) -> None:
        try:
            unit.connection.sendall(b"told %d\n" % self._told)
        except OSError:
            return  # gone already: it will greet again

    def _compare(self, found: int) -> None:
        if self._wrote:
            self.cuts.append(Cut(self._told, found))
            self._on_cut(len(self.cuts), self.cuts[-1])
        # Lost numbers are used again: what counts from here on is what is there.
        self._told, self._wrote = found, False


def listen(
    server: socket.socket, *, cuts: int | None, on_cut: Callable[[int, Cut], None]
) -> list[Cut]:
    """Listens until `cuts` power cuts were seen, or for ever until Ctrl-C; those seen."""
    ledger = _Ledger(on_cut)
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        try:
            while cuts is None or len(ledger.cuts) < cuts:
                ready = selector.select(LOOK_EVERY_S)
                _hear_units(selector, ledger)  # what the last one said comes before who comes now
                if any(key.fileobj is server for key, _ in ready):
                    connection, _ = server.accept()
                    selector.register(connection, selectors.EVENT_READ, _Unit(connection))
        except KeyboardInterrupt:
            pass  # the technician has seen enough; what was seen counts
        for unit in _units(selector):
            unit.connection.close()
    return ledger.cuts


def _hear_units(selector: selectors.BaseSelector, ledger: _Ledger) -> None:
    """In the order in which they came."""
    for unit in _units(selector):
        for line in unit.lines():
            ledger.hear(unit, line)
        if unit.over:
            selector.unregister(unit.connection)
            unit.connection.close()


def _units(selector: selectors.BaseSelector) -> list[_Unit]:
    return [key.data for key in selector.get_map().values() if key.data is not None]
