"""The guest's first job: the real panel on the simulated chip."""

import logging

from bench.vm.inside import clocks, faults, lights, presses
from bench.vm.inside.finger import Finger
from bench.vm.inside.stand import stand
from bench.vm.inside.told import part, row

MOST_IDLE = 0.01  # of a core, emulated


def main() -> None:
    logging.basicConfig(level=logging.ERROR)
    finger, other = Finger(), Finger()
    idle = {}
    with stand("gpiod", finger) as at:
        row("pins that open_pins() finds here", "GpiodFactory", type(at.panel._factory).__name__)
        for work in (lights.lights, lights.invited, lights.alive, presses.rounds):
            part(work, at)
        idle["gpiod"] = presses.idle_cpu(at)
        for work in (clocks.steps, faults.listener_fails, faults.stuck):
            part(work, at)
        part(faults.noisy, at, other)
    part(faults.taken, finger)
    with stand("lgpio", finger) as at:
        part(presses.rounds, at)
        idle["lgpio"] = presses.idle_cpu(at)
    row("gpiod: a core while nobody presses", "under 1 %", f"{idle['gpiod']:.2%}",
        fine=idle["gpiod"] < MOST_IDLE)  # fmt: skip
    row("lgpio: a core while nobody presses", "more", f"{idle['lgpio']:.2%}",
        fine=idle["lgpio"] > idle["gpiod"])  # fmt: skip


if __name__ == "__main__":
    main()
