"""How presses come out: clean, chattering, short, too short, many at once; what they cost."""

import time
from collections.abc import Sequence

from bench.vm.inside.finger import Step, press
from bench.vm.inside.stand import Stand
from bench.vm.inside.told import row
from hardware.debounce import STABLE_NS

ROUNDS = 10
GLITCH_NS = 6_000_000  # a longer one might count: the rule says from 10 ms
IDLE_S = 10.0


def rounds(at: Stand) -> None:
    """Ten of each kind, on all buttons in turn."""
    _clean(at)
    each = list(at.wiring.buttons) * (ROUNDS // len(at.wiring.buttons))
    chattering = [(b, press(at.gpio(b), 0.2, chatter=True)) for b in each]
    _counted(at, f"{ROUNDS} presses that chatter at both ends", chattering)
    short = [(b, press(at.gpio(b), 0.04)) for b in each]
    _counted(at, f"{ROUNDS} presses of 40 ms", short)
    both = [(b, press(at.gpio(b), 0.04, chatter=True)) for b in each]
    _counted(at, f"{ROUNDS} presses of 40 ms that chatter", both)
    _glitches(at, each)
    _mash(at)


def _clean(at: Stand) -> None:
    """Also how long it takes until somebody is told."""
    heard, delays_ms = [], []
    for button in list(at.wiring.buttons) * (ROUNDS // len(at.wiring.buttons)):
        one, times = at.pressed_by(press(at.gpio(button), 0.2))
        heard += [b for b in one if b == button]
        if one:
            delays_ms.append((at.heard.presses[-1][1] - times[0]) / 1e6)
    row(f"{at.driver}: {ROUNDS} clean presses", str(ROUNDS), len(heard))
    middle, worst = sorted(delays_ms)[len(delays_ms) // 2], max(delays_ms)
    told = f"{middle:.0f} ms, at worst {worst:.0f} ms"
    row(f"{at.driver}: from contact to being told", "10 ms, and what an emulated processor adds",
        told, fine=middle >= STABLE_NS / 1e6)  # fmt: skip


def _counted(at: Stand, what: str, plans: Sequence[tuple[int, list[Step]]]) -> None:
    results = [(button, at.sound_press(plan)) for button, plan in plans]
    spoiled = sum(heard is None for _, heard in results)
    presses = sum(len(heard) for _, heard in results if heard is not None)
    right = all(heard == [button] for button, heard in results)
    said = f"{presses}" if not spoiled else f"{presses}; the busy host spoiled {spoiled}"
    row(f"{at.driver}: {what}", str(len(plans)), said, fine=right)


def _glitches(at: Stand, each: Sequence[int]) -> None:
    told = []
    for button in each:
        plan = press(at.gpio(button), 0.001)

        def sound(times: Sequence[int]) -> bool:
            return times[1] - times[0] < GLITCH_NS

        before = len(at.heard.presses)
        for _ in range(20):
            times = at.finger.act(plan)
            time.sleep(0.1)
            if sound(times):
                break
            del at.heard.presses[before:]
        told += at.heard.buttons()[before:]
    row(f"{at.driver}: {len(each)} glitches of 1 ms", "0", len(told))


def _mash(at: Stand) -> None:
    """All buttons under one arm: each is told once, and all but the first say so."""
    buttons = list(at.wiring.buttons)
    plan = [(at.gpio(b), True, 0.02) for b in buttons]
    plan += [(at.gpio(b), False, 0.02) for b in buttons]
    before = len(at.heard.presses)
    heard, _ = at.pressed_by(plan, count=len(buttons))
    others = [p.others_down for p, _ in at.heard.presses[before:]]
    fine = sorted(heard) == sorted(buttons) and others == [False] + [True] * (len(buttons) - 1)
    told = f"{len(heard)} presses, {sum(others)} of them beside others"
    row(f"{at.driver}: all five at once", "5 presses, 4 of them beside others", told, fine=fine)


def idle_cpu(at: Stand) -> float:
    """Share of a core that the panel's process uses while nobody presses."""
    time.sleep(1)
    began, used = time.monotonic(), time.process_time()
    time.sleep(IDLE_S)
    return (time.process_time() - used) / (time.monotonic() - began)
