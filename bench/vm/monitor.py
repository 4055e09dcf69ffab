"""QEMU's monitor: pictures of the guest's screen."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from PIL import Image

from bench.vm.console import Row, aside
from bench.vm.errors import GuestError
from bench.vm.guest import cache
from bench.vm.inside.told import LOOK

CONNECT_S = 20.0
LEAST_COLORS = 100  # text on a console has two; five faces with smooth edges have thousands
SCREEN = ("-device", "VGA,edid=on,xres=800,yres=480", "-smp", "2")
"""A screen as small as a kiosk's, and a second core to draw on it."""


class Monitor:
    """Talks to the QEMU that was started with arguments()."""

    def __init__(self, path: Path) -> None:
        self.pictures: list[Row] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(CONNECT_S)
        end = time.monotonic() + CONNECT_S
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError as error:
                if time.monotonic() > end:
                    raise GuestError(f"QEMU's monitor does not answer ({error}).") from None
                time.sleep(0.1)
        self._lines = self._socket.makefile("rw")
        self._lines.readline()
        self._ask("qmp_capabilities")

    def heed(self, line: str) -> None:
        """A line of the guest's console: it may ask for a picture."""
        aside(line)
        if line.startswith(LOOK):
            name = line.removeprefix(LOOK)
            path = cache() / f"{name}.png"
            self._ask("screendump", filename=str(path), format="png")
            print(f"picture: {path}", flush=True)
            self.pictures.append(_row(name, path))

    def _ask(self, command: str, **arguments: object) -> None:
        self._lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._lines.flush()
        while True:  # events come in between
            line = self._lines.readline()
            if not line:
                raise GuestError(f"QEMU ended while it was asked for {command}.")
            answer: dict[str, Any] = json.loads(line)
            if "error" in answer:
                raise GuestError(f"QEMU refused {command}: {answer['error'].get('desc')}")
            if "return" in answer:
                return


def _row(name: str, path: Path) -> Row:
    """Whether there is a picture at all; what is in it, a person has to look at."""
    with Image.open(path) as picture:
        colors = len(picture.convert("RGB").getcolors(1 << 24) or ())
    told = "a screen" if colors >= LEAST_COLORS else f"{colors} colors: nothing was drawn"
    what = f"what the picture {name} shows"
    return {"what": what, "expected": "a screen", "seen": told, "fine": told == "a screen"}


def arguments(path: Path) -> list[str]:
    """What starts QEMU with a monitor at this socket."""
    return ["-qmp", f"unix:{path},server=on,wait=off"]
