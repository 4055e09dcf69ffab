"""Kiosks and a server over bad lines, pressed, killed, asked and enrolled anew at random."""

import itertools
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.journeys import reckoning, recount
from tests.journeys.bad_line import DECK, BadLine
from tests.journeys.river import Sample, Server, until
from tests.journeys.victims import VARIABLE, TestClock, Victim

COUNTERS = [f"{unit}-{number}" for number in (1, 2, 3) for unit in ("99001", "99002")]
SETTLED_S = 120.0


class Chaos:
    """One run: `live` lets it happen, `settle` brings it to rest, `faults` says what is wrong."""

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        *,
        seed: int,
        kiosks: int,
        days: bool = True,
        sample: Sample | None = None,
    ) -> None:
        self.seed, self.days = seed, days
        self.clock = TestClock(folder / "clock.json")
        if days:
            environment = {**environment, VARIABLE: str(self.clock.path)}
        self.environment = {VARIABLE: str(self.clock.path)} if days else {}
        self.server = Server(folder / "server", environment, sample)
        self.server.start()
        self.chance = random.Random(f"{seed} server")
        self.happened: Counter[str] = Counter()
        self.errors: list[BaseException] = []
        self.over = threading.Event()
        self.accidents = [self._kill_server, self._set, self._kill_child, self._order]
        if days:
            self.accidents.append(self._let_a_day_pass)
        self.kiosks = [self._make(folder, number) for number in range(kiosks)]

    def _make(self, folder: Path, number: int) -> Victim:
        line = BadLine(self.server.port, seed=f"{self.seed} line {number}")
        counter = COUNTERS[number % len(COUNTERS)]
        kiosk = Victim(folder / f"kiosk-{number}", self.server, counter, line)
        kiosk.settings(undo_s=2 if number % 4 == 3 else 0)
        kiosk.start(environment=self.environment)
        return kiosk

    # What happens ---------------------------------------------------------------------------

    def live(self, seconds: float) -> None:
        """Let it happen for so long, on a busy machine up to three times as long, until each
        thing has happened once; raises what went wrong in it."""
        works = [(self._citizens, (n, kiosk)) for n, kiosk in enumerate(self.kiosks)]
        threads = [
            threading.Thread(target=self._guarded, args=work, daemon=True)
            for work in [*works, (self._accidents, ())]
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 3 * seconds
        self.over.wait(seconds)
        while not self.over.wait(0.2) and self.missing() and time.monotonic() < end:
            pass
        self.over.set()
        for thread in threads:
            thread.join(SETTLED_S)
        if self.errors:
            raise self.errors[0]

    def missing(self) -> set[str]:
        """What has not happened yet."""
        wanted = {deed.__name__.strip("_") for deed in [*self.accidents, self._kill]} | {*DECK}
        return wanted - self.happened.keys() - {f for k in self.kiosks for f in k.line.met}

    def _guarded(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            work(*arguments)
        except BaseException as error:  # noqa: BLE001 - raised where the run is awaited
            self.errors.append(error)
            self.over.set()

    def _citizens(self, number: int, kiosk: Victim) -> None:
        chance = random.Random(f"{self.seed} kiosk {number}")
        deeds = {
            self._press: 60,
            self._sign_in: 8,
            self._hurry: 8,
            self._kill: 6,
            self._restart: 3,
            self._enrol_anew: 1,
        }
        while not self.over.is_set():
            (deed,) = chance.choices(list(deeds), list(deeds.values()))
            deed(kiosk, chance)
            self.happened[deed.__name__.strip("_")] += 1
            self.over.wait(chance.uniform(0.05, 0.8))

    def _press(self, kiosk: Victim, chance: random.Random) -> None:
        kiosk.say(f"press {chance.randrange(1, 6)}")

    def _hurry(self, kiosk: Victim, chance: random.Random) -> None:
        """A child at the buttons: some of it is no vote."""
        for _ in range(chance.randrange(2, 8)):
            kiosk.say(f"press {chance.randrange(1, 6)}")
            time.sleep(chance.uniform(0, 0.1))

    def _sign_in(self, kiosk: Victim, chance: random.Random) -> None:
        unit = kiosk.counter.split("-")[0][-1]
        official = f"0{unit}0{chance.randrange(1, 5)}"
        kiosk.say("signout" if chance.random() < 0.3 else f"signin CB-{official} {official}")

    def _kill(self, kiosk: Victim, chance: random.Random) -> None:
        """At any instant around a press, or just when the kiosk has said thanks for it."""
        thanked, patience_s = len(kiosk.thanked), chance.uniform(0, 0.2)
        if said := chance.random() < 0.5:
            patience_s = 1.0
        kiosk.say(f"press {chance.randrange(1, 6)}")
        end = time.monotonic() + patience_s
        while time.monotonic() < end and not (said and len(kiosk.thanked) > thanked):
            time.sleep(0.002)
        kiosk.kill()
        kiosk.start(environment=self.environment)

    def _restart(self, kiosk: Victim, chance: random.Random) -> None:
        kiosk.quit()
        kiosk.start(environment=self.environment)

    def _enrol_anew(self, kiosk: Victim, chance: random.Random) -> None:
        """A new key and journal; the old one's lines stay what they are."""
        if not kiosk.knows_the_time():
            return
        kiosk.quit()
        tries = itertools.count()
        code = ""

        def enrolled() -> bool:
            nonlocal code
            if next(tries) % 5 == 0:  # a lost reply is asked for again; a day may have passed
                code = self.server.run("kiosk-code", "--kiosk", kiosk.id).stdout.split()[-1]
            kiosk.run("flush", check=False)
            words = ("--server", kiosk.line.url, "--code", code)
            return kiosk.run("enrol", *words, check=False).returncode == 0

        until(f"kiosk {kiosk.id} is enrolled anew", enrolled, SETTLED_S)
        kiosk.start(environment=self.environment)

    def _accidents(self) -> None:
        while not self.over.is_set():
            for accident in self.chance.sample(self.accidents, len(self.accidents)):
                if self.over.wait(self.chance.uniform(1, 4)):
                    return
                accident()
                self.happened[accident.__name__.strip("_")] += 1

    def _kill_server(self) -> None:
        self.server.kill()
        time.sleep(self.chance.uniform(0, 3))
        self.server.start()

    def _kill_child(self) -> None:
        """One of its processes: a worker, or the pipeline."""
        assert self.server.process
        pid = self.server.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(self.chance.choice(children)), signal.SIGKILL)

    def _set(self) -> None:
        unit = self.chance.choice(["99001", "99002"])
        file = self.server.folder / "chosen.toml"
        words = f"Hài lòng không? ({self.chance.randrange(1000)})"
        file.write_text(
            f'heartbeat_every_s = {self.chance.randrange(1, 5)}\nlocales = ["vi"]\n'
            f'[question]\nvi = "{words}"\n'
        )
        self.server.run("settings", "set", unit, str(file))

    def _order(self) -> None:
        kiosk = self.chance.choice(self.kiosks)
        what = self.chance.choice(["diagnostics", "selftest", "restart"])
        done = self.server.run("order", kiosk.id, what, check=False)
        assert done.returncode == 0 or "was asked for this" in done.stderr, done.stderr

    def _let_a_day_pass(self) -> None:
        self.clock.jump(1)

    # Rest -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Good lines, everybody up, until every journal is on the server and counted."""
        for kiosk in self.kiosks:
            kiosk.line.quiet = True
            kiosk.line.release()
        for kiosk in self.kiosks:
            kiosk.quit()
            kiosk.start(environment=self.environment)  # what it waited for, it tries at once
        for kiosk in self.kiosks:
            until(f"kiosk {kiosk.id} has sent all", kiosk.is_settled, SETTLED_S)
        for kiosk in self.kiosks:
            kiosk.quit()
            if kiosk.unsent():
                kiosk.run("flush")
        self.server.run("work", "--once")

    def faults(self) -> list[str]:
        """A sentence for everything that is not as it should be; begins with the seed."""
        journals = [
            journal
            for kiosk in self.kiosks
            for journal in reckoning.on_the_card(
                kiosk.folder, kiosk=kiosk.id, counter=kiosk.counter
            )
        ]
        held = reckoning.on_the_server(self.server)
        found = reckoning.compare(journals, held)
        for kiosk in self.kiosks:
            found += reckoning.thanked_faults(kiosk.thanked, journals)
        for journal in journals:
            found += recount.day_faults(journal.lines)
        alone = len(self.kiosks) <= len(COUNTERS)
        mine = reckoning.counted(journals, held, officials=alone)
        theirs = reckoning.tallied(self.server, officials=alone)
        found += reckoning.tally_faults(mine, theirs)
        check = self.server.run("check", check=False)
        if check.returncode:
            found.append(f"check: {check.stdout.strip()} {check.stderr.strip()}")
        self.votes = sum(sum(n) for days in mine.values() for n in days.values())
        self.unsure = sum(
            sum(n) for days in theirs.values() for when, n in days.items() if "/" in when
        )
        return [f"seed {self.seed}: {sentence}" for sentence in found]

    def report(self) -> str:
        """What happened, in one paragraph."""
        met: Counter[str] = Counter()
        said: Counter[str] = Counter()
        for kiosk in self.kiosks:
            met += kiosk.line.met
            said += kiosk.said
        return (
            f"seed {self.seed}: {self.votes} votes of {len(self.kiosks)} kiosks, "
            f"{self.unsure} between two dates; "
            f"lines {dict(met)}; kiosks said {dict(said)}; happened {dict(self.happened)}"
        )

    def end(self) -> None:
        """Leave nothing running."""
        self.over.set()
        for kiosk in self.kiosks:
            if kiosk.process and kiosk.process.poll() is None:
                kiosk.kill()
            kiosk.close()
            kiosk.line.close()
        self.server.stop()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
