"""What the panel drives, read back from the chip; the invite input; the watchdog's question."""

import time

from bench.vm.inside.finger import press
from bench.vm.inside.stand import Stand
from bench.vm.inside.told import row, wait_until


def lights(at: Stand) -> None:
    wiring, chip = at.wiring, at.chip

    def lit() -> int:
        return sum(chip.is_high(gpio) for gpio in wiring.lamps.values())

    def reads(gpio: int | None, high: bool) -> bool:
        return wait_until(lambda: chip.is_high(gpio or 0) is high)

    at.panel.acknowledge()
    flash = f"{wait_until(lambda: lit() == 5)} {wait_until(lambda: lit() == 0)}"
    row("a vote is acknowledged: all five lamps lit, then dark", "True True", flash)
    at.panel.idle(True)
    row("lamps rest lit", "True", wait_until(lambda: lit() == 5))
    at.panel.acknowledge()
    flash = f"{wait_until(lambda: lit() == 0)} {wait_until(lambda: lit() == 5)}"
    row("acknowledged from lit: all five dark, then lit", "True True", flash)
    at.panel.idle(False)
    at.panel.beep()
    beep = f"{reads(wiring.buzzer, True)} {reads(wiring.buzzer, False)}"
    row("a beep: buzzer on, then off", "True True", beep)
    at.panel.duty(True)
    on = reads(wiring.duty_lamp, True)
    at.panel.duty(False)
    row("duty lamp on, then off", "True True", f"{on} {reads(wiring.duty_lamp, False)}")


def invited(at: Stand) -> None:
    at.finger.act(press(at.wiring.invite or 0, 0.2, chatter=True))
    wait_until(lambda: at.heard.invitations, 10)
    time.sleep(0.2)
    row("the invite contact closes, chattering", "1", len(at.heard.invitations))


def alive(at: Stand) -> None:
    answers: list[bool] = []
    at.panel.check_alive(lambda: answers.append(True))
    row("the reader's thread is asked whether it lives", "True", wait_until(lambda: answers, 20))
