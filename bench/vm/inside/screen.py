"""The guest's third job: the real kiosk on the kernel's own screen, touched by a virtual panel."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.vm.inside.chip import Chip
from bench.vm.inside.finger import Finger, press
from bench.vm.inside.told import look, row, wait_until
from bench.vm.inside.touchpanel import TouchPanel
from bench.vm.inside.unit import exported, ratings
from hardware.wiring import load_wiring

FACES = {n: (16 + round((n - 0.5) * 768 / 5), 280) for n in range(1, 6)}
START_S = 240.0
BACK_S = 90.0  # until the next citizen is asked, with an emulated processor drawing
NOTIFY = "/run/notify"


class Unit:
    """The kiosk's process, what it tells, and what it tells the service manager."""

    def __init__(self, chip: str) -> None:
        self.heard: list[dict[str, Any]] = []
        self._news: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.manager: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(NOTIFY)
        environment = {
            **os.environ, "HAILONG_GPIOCHIP": chip, "NOTIFY_SOCKET": NOTIFY,
            "SDL_VIDEODRIVER": "kmsdrm", "SDL_AUDIODRIVER": "dummy",
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.vm.inside.shown", "run"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._manage, daemon=True).start()

    def wait_for(self, event: str, limit_s: float, **fields: Any) -> dict[str, Any] | None:
        """The next such event; None if it does not come within the limit."""
        end = time.monotonic() + limit_s
        while (left := end - time.monotonic()) > 0:
            try:
                news = self._news.get(timeout=left)
            except queue.Empty:
                return None
            if {"event": event, **fields}.items() <= news.items():
                return news
        return None

    def touches(self) -> Counter[str]:
        """How often each way of input told of a touch."""
        return Counter(e["way"] for e in self.heard if e["event"] == "touch")

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("{"):
                self.heard.append(json.loads(line))
                self._news.put(self.heard[-1])

    def _manage(self) -> None:
        while True:
            self.manager += self._socket.recv(4096).decode().splitlines()


def main() -> None:
    chip, panel = Chip(), TouchPanel()
    subprocess.run(["udevadm", "settle"], check=True)
    unit = Unit(chip.path)
    window = unit.wait_for("window", START_S) or {}
    row("SDL opens the screen without a desktop, whole", "[800, 480]", window.get("size"))
    row("the question is drawn", "True", bool(unit.wait_for("drawn", START_S, state="asking")))
    # The first frame takes seconds: its shaders are compiled by an emulated processor.
    ready = wait_until(lambda: "READY=1" in unit.manager, START_S)
    row("the service manager hears that it is ready", "True", ready)
    look("kms-asking")
    votes = touched(unit, panel)
    votes += two_fingers(unit, panel)
    votes += button(unit, chip)
    row("the service manager's watchdog is fed", "True", "WATCHDOG=1" in unit.manager)
    row("it ends when it is told to", "0", unit.end())
    lines = exported()
    row("hailong-kiosk export: votes as they were touched", str(votes), ratings(lines))
    doubled = Counter(line.type for line in lines if line.type in ("suppressed", "revised"))
    row("lines that speak of a second contact: that of the two fingers", "{'suppressed': 1}",
        dict(doubled))  # fmt: skip


def touched(unit: Unit, panel: TouchPanel) -> list[int]:
    """One tap on each face."""
    asked = 0
    for rating, place in FACES.items():
        panel.tap(place)
        if unit.wait_for("drawn", BACK_S, state="follow_up") and rating == 1:
            look("kms-why")
        asked += bool(unit.wait_for("drawn", BACK_S, state="asking"))
    row("five taps: thanked, and asked again", "5", asked)
    ways = unit.touches()
    row("touches that reached the window", "5, all by one way of input",
        ", ".join(f"{count} by {way}" for way, count in ways.items()),
        fine=list(ways.values()) == [5])  # fmt: skip
    return list(FACES)


def two_fingers(unit: Unit, panel: TouchPanel) -> list[int]:
    panel.tap(FACES[5], FACES[1])
    thanked = bool(unit.wait_for("drawn", BACK_S, state="follow_up"))
    asked = bool(unit.wait_for("drawn", BACK_S, state="asking"))
    row("two fingers on two faces at once: one gesture, the first", "True True",
        f"{thanked} {asked}")  # fmt: skip
    return [5]


def button(unit: Unit, chip: Chip) -> list[int]:
    """The buttons' way beside the screen."""
    finger = Finger()
    finger.act(press(load_wiring().buttons[4], 0.1, chatter=True))
    thanked = bool(unit.wait_for("drawn", BACK_S, state="follow_up"))
    row(f"a button on {Path(chip.path).name} is thanked on the screen", "True", thanked)
    look("kms-button")
    unit.wait_for("drawn", BACK_S, state="asking")
    return [4]


if __name__ == "__main__":
    main()
