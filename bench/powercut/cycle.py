"""From power-on to power cut: one life of the guest, and what it told on its console."""

import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.powercut.card import Card
from bench.vm.console import Console
from bench.vm.errors import GuestError
from bench.vm.guest import Guest

LIMIT_S: Final = 300.0
THANKS: Final = (20, 90)  # the plug is pulled after so many; a checkpoint comes every 40 or so
REQUESTS: Final = (0, 15)  # and so many more requests to the card: a vote takes three or four
STARTS: Final = 3  # the emulated hardware is late under load, and a kernel may give up

SAID: Final = 5

Votes = dict[tuple[str, int], int]
"""(journal, seq) -> rating."""


@dataclass(slots=True)
class Life:
    """What was heard. `kept` are the votes found at power-on, None if nothing could be read."""

    came_up: bool = False
    kept: Votes | None = None
    thanked: Votes = field(default_factory=dict)
    journal: str = ""  # in service in this life
    said: deque[str] = field(default_factory=lambda: deque(maxlen=SAID))  # the newest lines

    def hear(self, line: str) -> None:
        """One line of the console; one that the cut has torn says nothing."""
        self.said.append(line)
        self.came_up |= line.startswith("GUEST-UP")
        try:
            if line.startswith("KEPT "):
                kept = json.loads(line.removeprefix("KEPT "))
                self.kept = {(kept["journal"], int(n)): r for n, r in kept["votes"].items()}
            elif line.startswith("{"):
                self._hear_event(json.loads(line))
        except ValueError:
            return

    def _hear_event(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "ready":
            self.journal = event["journal"]
        elif event["event"] == "thanks":
            self.thanked[self.journal, event["seq"]] = event["rating"]


def live(
    guest: Guest, job: Mapping[str, bytes | str], card: Card, address: Path, chance: random.Random
) -> Life:
    """Powers the guest on and, when presses have been thanked, off. GuestError if it never comes
    up, or hangs."""
    for _ in range(STARTS):
        life = _live_once(guest, job, card, address, chance)
        if life.came_up:
            return life
    raise GuestError("The virtual machine does not start; look for what else keeps this PC busy.")


def _live_once(
    guest: Guest, job: Mapping[str, bytes | str], card: Card, address: Path, chance: random.Random
) -> Life:
    life, wanted = Life(), chance.randint(*THANKS)
    drive = f"file.driver=nbd,file.server.type=unix,file.server.path={address}"
    with card.powered(address), guest.boot(job, drives=[drive]) as machine:
        try:
            for line in Console(machine, name="the power cut", limit_s=LIMIT_S).read():
                life.hear(line)
                if len(life.thanked) == wanted:  # what it says until it is off is still read
                    card.cut_power(chance.randint(*REQUESTS), machine.kill)
        finally:
            machine.kill()
    return life
