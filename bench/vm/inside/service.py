"""The guest's fourth job: a service beside the installed kiosk, on a system that systemd started.

The first run sees the unit enrol itself, ask and thank; its power is then cut. The second finds
every thanked vote again, and sees the watchdog end a kiosk that hangs.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.vm.inside.chip import Chip
from bench.vm.inside.finger import Finger, press
from bench.vm.inside.told import cut, look, part, row, wait_until
from bench.vm.inside.touchpanel import TouchPanel
from bench.vm.inside.unit import exported, ratings
from hardware.wiring import load_wiring
from kiosk.notify import tell_manager

KIOSK = "hailong-kiosk.service"
PROGRAM = "hailong-kiosk"
CARD = Path("/boot/firmware/hailong.toml")
START_S = 600.0
UNDO_S = 15.0  # longer than the 10 s in which a second press would mend the first
FACE_5 = (707, 280)
LISTENS = "0A"  # state of a socket in /proc/net/tcp


def show(what: str, unit: str = "") -> str:
    """One property of a unit, or of systemd itself."""
    command = ["systemctl", "show", "--value", "-p", what, *([unit] if unit else [])]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Counter:
    """What stands in front of a citizen: the panel of the screen, buttons and lamps."""

    def __init__(self) -> None:
        self.panel, self.chip, self.finger = TouchPanel(), Chip(), Finger()
        self.wiring = load_wiring("5-buttons")
        tell_manager("READY=1")  # the kiosk starts after this: it looks for panels only once

    def asks(self, limit_s: float = START_S) -> bool:
        return wait_until(lambda: self._lit() == len(self.wiring.lamps), limit_s)

    def thanked(self) -> bool:
        return wait_until(lambda: self._lit() == 0, 60) and self.asks(60)

    def press(self, button: int) -> bool:
        """Whether it was thanked."""
        self.finger.act(press(self.wiring.buttons[button], 0.1, chatter=True))
        return self.thanked()

    def _lit(self) -> int:
        return sum(self.chip.is_high(gpio) for gpio in self.wiring.lamps.values())


def first(at: Counter) -> None:
    """Power on for the first time."""
    row("the unit enrols itself: its code is erased from the card", "True",
        wait_until(lambda: "code" not in _card() or "*" in _card(), START_S))  # fmt: skip
    row(f"{KIOSK} is ready, and its lamps ask", "True True", f"{_ready()} {at.asks()}")
    look("pi-asking")
    at.panel.tap(FACE_5)
    touched = at.thanked()
    time.sleep(UNDO_S)
    row("a touch and a press are thanked", "True True", f"{touched} {at.press(2)}")
    _system()
    cut()


def second(at: Counter) -> None:
    """Power on after a cut."""
    row("after the cut it is ready, and its lamps ask", "True True", f"{_ready()} {at.asks()}")
    row("its votes are there", "[5, 2]", ratings(exported(PROGRAM)))
    row("one more press is thanked", "True", at.press(4))
    main, restarts = int(show("MainPID", KIOSK)), show("NRestarts", KIOSK)
    os.kill(main, signal.SIGSTOP)
    ended = wait_until(lambda: show("NRestarts", KIOSK) != restarts, 120)
    row("a kiosk that hangs is started anew by the watchdog", "True True True",
        f"{ended} {_ready()} {at.asks()}")  # fmt: skip
    lines = exported(PROGRAM)
    row("its votes are there", "[5, 2, 4]", ratings(lines))
    boots = [line for line in lines if line.type == "boot"]
    row("the journal says that it was the watchdog", "True", b"watchdog" in boots[-1].data)


def _system() -> None:
    """What systemd says of all."""
    row("the kiosk's watchdog, in s", "20", int(show("WatchdogUSec", KIOSK).rstrip("s")))
    row("the board's watchdog, in s", "14", show("RuntimeWatchdogUSec").rstrip("s"))
    listed = ["systemctl", "list-units", "--failed", "--plain", "--no-legend"]
    failed = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    row("units that failed", "[]", [line.split()[0] for line in failed.splitlines()])
    sockets = [
        line.split() for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]  # fmt: skip
    row("doors open to the network", "[]", [s[1] for s in sockets if s[3] == LISTENS])
    user = Path(f"/proc/{show('MainPID', KIOSK)}").owner()
    row("who runs the kiosk", "hailong", user)


def _card() -> str:
    return CARD.read_text("utf-8")


def _ready() -> bool:
    """Whether the kiosk has told systemd that a face can be pressed."""
    return wait_until(lambda: show("ActiveState", KIOSK) == "active", START_S)


def main() -> None:
    part(first if sys.argv[1] == "first" else second, Counter())
    print("\nGUEST-DONE", flush=True)
    subprocess.run(["systemctl", "poweroff"], check=True)


if __name__ == "__main__":
    main()
