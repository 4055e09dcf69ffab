"""What a guest says on its serial console: its rows, its last words, an end to waiting."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.vm.errors import GuestError
from bench.vm.inside.told import CUT, MARK

TAIL = 15
"""Lines that are shown of a guest that went wrong."""

Row = dict[str, Any]


class Console:
    """Lines of a guest's console until it is off. It is killed when `limit_s` has passed."""

    def __init__(self, process: subprocess.Popen[bytes], *, name: str, limit_s: float) -> None:
        self.lines: list[str] = []
        self._process, self._name = process, name
        self._end = time.monotonic() + limit_s
        self._heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for(self, wanted: str) -> str:
        """The next line that has this in it. GuestError if the guest ends or hangs before."""
        for line in self.read():
            if wanted in line:
                return line
        raise GuestError(self._sentence(f"ended before it said {wanted!r}"))

    def read(self) -> Iterator[str]:
        """Line by line until the guest is off."""
        while True:
            try:
                line = self._heard.get(timeout=max(0.0, self._end - time.monotonic()))
            except queue.Empty:
                self._process.kill()
                raise GuestError(self._sentence("hung and was killed")) from None
            if line is None:
                return
            self.lines.append(line)
            yield line

    def rows(self, heed: Callable[[str], object]) -> list[Row]:
        """All rows that the job told; `heed` gets every line. GuestError unless the job came to
        its end, or told us to cut the power."""
        found, done = [], False
        for line in self.read():
            heed(line)
            if line.startswith(MARK):
                found.append(self._row(line))
            if line == CUT:
                self._process.kill()
            done |= line == CUT or line.startswith("GUEST-DONE")
        if not done:
            raise GuestError(self._sentence("ended before its job was done"))
        return found

    def _row(self, line: str) -> Row:
        """A row; the kernel may have written behind it in the same line."""
        try:
            row: Row = json.JSONDecoder().raw_decode(line.removeprefix(MARK))[0]
        except ValueError:
            raise GuestError(self._sentence("told a row that cannot be read")) from None
        return row

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._heard.put(line.decode(errors="replace").rstrip())
        self._heard.put(None)

    def _sentence(self, what: str) -> str:
        tail = "\n  ".join(line for line in self.lines[-TAIL:] if line)
        return f"The virtual machine for {self._name} {what}; it said last:\n  {tail}"


def print_table(rows: Sequence[Row]) -> bool:
    """what / expected / seen; True if everything was seen as expected."""
    head = {"what": "what", "expected": "expected", "seen": "seen", "fine": True}
    table = [head, *rows]
    wide = {key: max(len(r[key]) for r in table) for key in ("what", "expected")}
    for r in table:
        cells = f"{r['what']:{wide['what']}}  {r['expected']:{wide['expected']}}  {r['seen']}"
        print(cells + ("" if r["fine"] else "   <-- DIFFERS"), flush=True)
    return bool(rows) and all(r["fine"] for r in rows)


def aside(line: str) -> None:
    """What a job says besides its rows, for whoever watches."""
    if line and not line.startswith(MARK):
        print(f"  {line}", file=sys.stderr)


def inside() -> dict[str, bytes]:
    """The code that runs in the guest, as files of a job."""
    here = Path(__file__).parent
    files = {f"bench/vm/inside/{f.name}": f.read_bytes() for f in here.glob("inside/*.py")}
    return {"bench/__init__.py": b"", "bench/vm/__init__.py": b"", **files}
