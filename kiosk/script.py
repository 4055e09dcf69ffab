"""`--panel stdin`: commands in, one a line, pressed at the copper; JSON lines out."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TextIO

from hardware.simulated import PinDriver
from kiosk.core import Core

SETTLE_S = 30.0
COMMANDS = (
    "press N, down N, up N, wait MS, signin CODE PIN, badge TEXT,"
    " invite [DOSSIER], signout or quit"
)
_log = logging.getLogger(__name__)


class Answers:
    """JSON lines on standard output, whole lines only, from any thread."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def tell(self, event: dict[str, object]) -> None:
        """Writes one event. Whoever has stopped listening does not stop the kiosk."""
        try:
            with self._lock:
                self._out.write(json.dumps(event, ensure_ascii=False) + "\n")
                self._out.flush()
        except (BrokenPipeError, ValueError):
            _log.warning("nobody reads the answers any more")


class Script:
    """Reads commands until `quit` or the end of the input, then calls `on_end`."""

    def __init__(
        self,
        driver: PinDriver,
        core: Core,
        *,
        tell: Callable[[dict[str, object]], None],
        on_end: Callable[[], None],
        source: int = 0,
    ) -> None:
        self._driver, self._core, self._tell = driver, core, tell
        self._on_end, self._source = on_end, source
        self._thread = threading.Thread(target=self._run, name="script", daemon=True)

    def start(self) -> None:
        """Begins to read, on a thread of its own."""
        self._thread.start()

    def _run(self) -> None:
        try:
            for line in _lines(self._source):
                words = line.split()
                if words == ["quit"]:
                    break
                if words:
                    self._obey(words)
        finally:
            self._on_end()

    def _obey(self, words: list[str]) -> None:
        """One command; an answer says what is wrong with one that cannot be obeyed."""
        try:
            match words:
                case ["press", button]:
                    self._driver.press(int(button))
                case ["down", button]:
                    self._driver.down(int(button))
                case ["up", button]:
                    self._driver.up(int(button))
                case ["wait", ms]:
                    self._driver.wait(max(0, int(ms)))
                case ["signin", code, pin]:
                    self._settle(self._core.sign_in(code, pin))
                case ["badge", text]:
                    self._core.badge(text, "badge")
                case ["invite", *dossier]:
                    self._core.invite(" ".join(dossier) or None)
                case ["signout"]:
                    self._settle(self._core.sign_out())
                case _:
                    self._refuse(f"{words[0]!r} is no such command; say {COMMANDS}.")
        except ValueError as error:
            number = str(error).startswith("invalid literal")
            self._refuse(f"{words[1]!r} is no number." if number else str(error))

    def _settle(self, settled: "Future[str]") -> None:
        """The next command comes after this one has been settled; its answer is told already."""
        try:
            settled.result(SETTLE_S)
        except TimeoutError:
            self._refuse("That took too long.")

    def _refuse(self, sentence: str) -> None:
        self._tell({"event": "refused", "why": sentence})


def _lines(fd: int) -> Iterator[str]:
    """Lines of a descriptor, read without sys.stdin: a thread that waits inside its buffer at the
    program's end would bring the interpreter down."""
    rest = b""
    while block := os.read(fd, 65_536):
        *lines, rest = (rest + block).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")
