"""A panel pressed with the keyboard: key 4 presses button 4, key i invites, on mock pins."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from typing import Protocol, TextIO

from .crowd import Presser

INVITE_KEY = "i"


class Inviter(Presser, Protocol):
    """What keys need of simulated.PinDriver."""

    def invite(self) -> None: ...


class Keys:
    """Presses `driver` for each digit key and for `i`, from a thread of its own.

    Keys come from `terminal` if that is one (read without Enter; Ctrl-C still works), and from
    key(), which a window may call.
    """

    def __init__(self, driver: Inviter, terminal: TextIO | None = sys.stdin):
        self._driver = driver
        self._keys: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._fd = terminal.fileno() if terminal is not None and terminal.isatty() else None
        self._threads = [threading.Thread(target=self._press_all, name="keys", daemon=True)]
        if self._fd is not None:
            reader = threading.Thread(target=self._read, args=(self._fd,), daemon=True)
            self._threads.append(reader)
        self._wake_r, self._wake_w = os.pipe()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def key(self, key: str) -> None:
        """A key went down; keys without a button are ignored. Returns at once."""
        self._keys.put(key)

    def stop(self) -> None:
        """Finish the press in hand and give the terminal back as it was."""
        self._keys.put(None)
        os.close(self._wake_w)
        for thread in self._threads:
            thread.join()
        os.close(self._wake_r)

    def _press_all(self) -> None:
        buttons = {str(b): b for b in self._driver.buttons}
        while (key := self._keys.get()) is not None:
            if key in buttons:
                self._driver.press(buttons[key])
            elif key == INVITE_KEY:
                self._driver.invite()

    def _read(self, fd: int) -> None:
        # OSError: the terminal has gone, and its settings with it.
        with contextlib.suppress(OSError, termios.error), _unbuffered(fd):
            while self._wake_r not in select.select([fd, self._wake_r], [], [])[0]:
                text = os.read(fd, 64).decode("ascii", "ignore")
                if not text:  # hung up: it would be readable, and empty, for ever
                    return
                for key in text:
                    self.key(key)


@contextlib.contextmanager
def _unbuffered(fd: int) -> Iterator[None]:
    before = termios.tcgetattr(fd)
    tty.setcbreak(fd)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
