"""The guest's second job: the real kiosk without a screen takes presses from a chip's edges."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

from bench.vm.inside.chip import Chip
from bench.vm.inside.clocks import set_clock
from bench.vm.inside.finger import Finger, press
from bench.vm.inside.told import row, wait_until
from hardware.wiring import load_wiring
from protocol.journal import Envelope, check_lines, read_line, split_export

PRESSES = 20
STEPS = {5: 2031, 10: 1970, 15: 2026}  # after so many presses the wall clock is set
UNDO_S = 0.3
START_S = 120.0
Kiosk = subprocess.Popen[bytes]


class Unit:
    """A kiosk process, the buttons in front of it, and what its lamps say to a citizen."""

    def __init__(self) -> None:
        self.chip, self.wiring = Chip(), load_wiring()
        environment = {**os.environ, "HAILONG_GPIOCHIP": self.chip.path}
        command = [sys.executable, "-m", "kiosk", "run", "--headless"]
        self._process = subprocess.Popen(command, env=environment)

    def lit(self) -> bool:
        """Lamps rest lit while the kiosk asks, and are dark for a moment when it thanks."""
        return all(self.chip.is_high(gpio) for gpio in self.wiring.lamps.values())

    def dark(self) -> bool:
        return not any(self.chip.is_high(gpio) for gpio in self.wiring.lamps.values())

    def asks(self, limit_s: float = 30.0) -> bool:
        return wait_until(self.lit, limit_s)

    def thanked(self) -> bool:
        """All lamps went out, and then on again."""
        return wait_until(self.dark, 20) and self.asks()

    def end(self) -> int:
        """The exit code after SIGTERM."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(120)


def main() -> None:
    unit, finger = Unit(), Finger()
    row("hailong-kiosk run --headless: its lamps ask", "True", unit.asks(START_S))
    chosen = [random.Random(n).choice(list(unit.wiring.buttons)) for n in range(PRESSES)]
    thanked = []
    for n, button in enumerate(chosen):
        if n in STEPS:
            set_clock(STEPS[n])
        finger.act(press(unit.wiring.buttons[button], 0.1, chatter=True))
        if unit.thanked():
            thanked.append(button)
        time.sleep(2 * UNDO_S)
    row(f"{PRESSES} presses, and the clock set to 2031 and 1970: thanked", str(PRESSES),
        len(thanked))  # fmt: skip
    row("it ends when it is told to", "0", unit.end())
    lines = exported()
    row("hailong-kiosk export: votes as they were pressed", str(chosen), ratings(lines))
    times = [line.mono_ms for line in lines]
    row("its lines' time since boot only grows", "True", times == sorted(times))


def exported(*program: str) -> list[Envelope]:
    """The lines of the journal, by this command or ours; their chain is checked."""
    command = [*(program or (sys.executable, "-m", "kiosk")), "export"]
    text = subprocess.run(command, check=True, capture_output=True).stdout
    body, head = split_export(text)
    uuid = head.split(b"/journal/")[1].split(b"\n")[0].decode()
    return [read_line(line.line) for line in check_lines(body, journal=uuid)]


def ratings(lines: Sequence[Envelope]) -> list[int]:
    """What was voted, in order."""
    return [msgspec.json.decode(line.data)["rating"] for line in lines if line.type == "vote"]


if __name__ == "__main__":
    main()
