"""What a panel has to live with: stuck and noisy lines, lines that others hold, bad listeners."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.vm.inside.chip import Chip
from bench.vm.inside.finger import Finger, press
from bench.vm.inside.stand import WIRING, Stand, stand
from bench.vm.inside.told import row, wait_until
from hardware.debounce import STUCK_NS
from hardware.panel import HardwareError

LONG_S = 60.0
NOISE_GAP_S = 0.006  # shorter than any press
INTRUDER = """
import gpiod, sys
path, *lines = sys.argv[1:]
request = gpiod.request_lines(path, consumer="intruder", config={tuple(map(int, lines)): None})
print("taken", flush=True)
sys.stdin.read()
"""


def listener_fails(at: Stand) -> None:
    at.heard.fails = True
    heard = [b for n in (2, 4, 1) for b in at.pressed_by(press(at.gpio(n), 0.1))[0]]
    row("whoever is told of a press raises; then two more", "[2, 4, 1]", heard)


def stuck(at: Stand) -> None:
    """A button held for ever is masked, the others live, and it comes back."""
    at.chip.pull(at.gpio(3), up=False)
    found = wait_until(lambda: _faults(at, "stuck"), STUCK_NS / 1e9 + LONG_S)
    row(f"button 3 held {STUCK_NS / 1e9:.0f} s", "['button-3 stuck']", _faults(at, "stuck"))
    before = len(at.heard.presses)
    heard, _ = at.pressed_by(press(at.gpio(5), 0.1))
    beside = any(p.others_down for p, _ in at.heard.presses[before:])
    row("button 5 meanwhile: alone, as if nothing were stuck", "[5] False", f"{heard} {beside}")
    at.chip.pull(at.gpio(3), up=True)
    gone = found and wait_until(lambda: "button-3 stuck cleared" in _faults(at, "stuck"), LONG_S)
    heard, _ = at.pressed_by(press(at.gpio(3), 0.1))
    row("button 3 let go, and pressed again", "True [3]", f"{gone} {heard}")


def noisy(at: Stand, other: Finger) -> None:
    """A loose wire on button 2, without an end, while somebody presses button 4."""
    wire = [(at.gpio(2), n % 2 == 0, NOISE_GAP_S) for n in range(1000)]
    tries = 0
    while tries < 6 and not _faults(at, "noisy"):
        other.act(wire)
        tries += 1
    found = list(_faults(at, "noisy"))
    row("a line that never rests", "['button-2 noisy']", found)
    other.begin(wire)
    heard = [b for _ in range(3) for b in at.pressed_by(press(at.gpio(4), 0.1))[0] if b != 2]
    other.end()
    row("button 4 meanwhile, three times", "[4, 4, 4]", heard)
    gone = bool(found) and wait_until(lambda: len(_faults(at, "noisy")) > len(found), LONG_S)
    heard, _ = at.pressed_by(press(at.gpio(2), 0.1))
    row("the wire rests, and button 2 is pressed", "True [2]", f"{gone} {heard}")


def taken(finger: Finger) -> None:
    """Other programs hold lines before the panel opens."""
    chip = Chip()
    with _held_by_another(chip, [WIRING.buttons[3]]):
        with stand("gpiod", finger) as at:
            wait_until(lambda: _faults(at, "missing"), LONG_S)
            heard = [b for n in (3, 2) for b in at.pressed_by(press(at.gpio(n), 0.1))[0]]
            told = f"{_faults(at, 'missing')} {heard}"
        row("button 3's line is another program's", "['button-3 missing'] [2]", told)
    with _held_by_another(chip, [WIRING.lamps[1]]):
        with stand("gpiod", finger) as at:
            wait_until(lambda: _faults(at, "missing"), LONG_S)
            told = f"{_faults(at, 'missing')} {at.pressed_by(press(at.gpio(1), 0.1))[0]}"
        row("lamp 1's line is another program's", "['lamp-1 missing'] [1]", told)
    with _held_by_another(chip, list(WIRING.buttons.values())):
        try:
            with stand("gpiod", finger):
                told = "a panel without buttons"
        except HardwareError as error:
            told = str(error)
        row("all buttons' lines are another program's", "a sentence that names it", told,
            fine="intruder" in told)  # fmt: skip


@contextmanager
def _held_by_another(chip: Chip, gpios: list[int]) -> Iterator[None]:
    command = [sys.executable, "-c", INTRUDER, chip.path, *map(str, gpios)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout
    other.stdout.readline()
    try:
        yield
    finally:
        other.kill()
        other.wait()
        time.sleep(0.1)


def _faults(at: Stand, kind: str) -> list[str]:
    told = [f for f in at.heard.faults if f.kind == kind]
    return [f"{f.part} {f.kind}{' cleared' * f.cleared}" for f in told]
