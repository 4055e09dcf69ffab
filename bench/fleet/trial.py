"""One trial: a fleet against a server for a while, an outage of an hour, and the comparison."""

import json
import resource
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from bench.fleet import compare, report
from bench.fleet.site import NAME, Site, site
from bench.fleet.used import Used, pipeline_of, pss_mb
from bench.process import Process, process
from bench.serving import disk

HOURS = 1.0  # of the outage
DOWN_S = 20.0  # that it lasts; back-off and backlog are as after HOURS
DRAINS_WITHIN_S = 900.0
TALLIED_WITHIN_S = 3600.0
SPARE_FILES = 4_000


class Wishes(NamedTuple):
    """What to try."""

    database: str
    kiosks: int
    seconds: int
    idle: int
    processes: int
    outage: bool


def trial(wishes: Wishes) -> bool:
    """Print the table; False if what is stored differs from what was sent."""
    idle = min(wishes.idle, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FILES)
    if idle < wishes.idle:
        print(f"the limit of open files leaves room for {idle} idle connections")
    with (
        tempfile.TemporaryDirectory(prefix="hailong-fleet-", dir=disk()) as name,
        site(Path(name), wishes.database) as server,
    ):
        return _Trial(server, wishes, idle).run()


class _Trial:
    def __init__(self, server: Site, wishes: Wishes, idle: int) -> None:
        self.site, self.wishes, self.idle = server, wishes, idle
        self.herds: list[Process] = []
        self.held: Process | None = None
        self.memory: dict[str, float] = {}

    def run(self) -> bool:
        began = time.monotonic()
        file = self.site.folder / "kiosks.json"
        self.site.run("bench.fleet.province", str(self.wishes.kiosks), str(file))
        print(
            f"{self.wishes.kiosks:,} kiosks on {self.wishes.database}, made in "
            f"{time.monotonic() - began:.0f} s", flush=True,
        )  # fmt: skip
        self.site.start()
        with ExitStack() as stack:
            if self.idle:
                arguments = (str(self.site.port), str(self.idle))
                self.held = stack.enter_context(process("bench.fleet.held", *arguments, env={}))
                self.held.wait_for("held")
            for share in range(self.wishes.processes):
                arguments = (str(self.site.port), NAME, str(file), str(share))
                herd = process("bench.fleet.herd", *arguments, str(self.wishes.processes), env={})
                self.herds.append(stack.enter_context(herd))
            self._ask("started", within_s=300)
            while not all(each["settled"] for each in self._ask("figures", "figures")):
                self._sleep(10)
            self._sleep(66)  # a heartbeat of each
            self._steady()
            if self.wishes.outage:
                self._outage()
            return self._compare()

    def _steady(self) -> None:
        self._ask("measuring", "measure")
        used = Used(self._groups())
        self._sleep(self.wishes.seconds)
        percent = used.percent()
        figures = self._ask("figures", "figures")
        report.steady(figures, percent, self.wishes.seconds)
        report.memory(self.memory)
        report.held(self.held)

    def _outage(self) -> None:
        self.site.kill()
        lines = sum(event["lines"] for event in self._ask("waiting", f"down {HOURS}", within_s=300))
        time.sleep(DOWN_S)
        since = [len(herd.events) for herd in self.herds]
        started_s = self.site.start()
        for herd in self.herds:
            herd.say("up")
        self._ask("measuring", "measure")
        used = Used(self._groups())
        events = [
            herd.wait_for("drained", since=n, within_s=DRAINS_WITHIN_S)
            for herd, n in zip(self.herds, since, strict=True)
        ]
        report.outage(lines, started_s, events, used.percent(), self._ask("figures", "figures"))

    def _compare(self) -> bool:
        files = [self.site.folder / f"sent-{n}.json" for n in range(len(self.herds))]
        for herd, file in zip(self.herds, files, strict=True):
            herd.say(f"finish {file}")
        for herd in self.herds:
            herd.wait_for("finished", within_s=DRAINS_WITHIN_S)
        sent = [journal for file in files for journal in json.loads(file.read_text())]
        tallied_s = compare.wait_for_tallies(self.site, sent, TALLIED_WITHIN_S)
        differing = compare.differing_journals(self.site, sent)
        stopped_s = self.site.stop()
        return report.comparison(sent, differing, tallied_s, stopped_s)

    def _groups(self) -> dict[str, list[int]]:
        postgres = self.site.postmaster()
        generators = [*self.herds, *([self.held] if self.held else [])]
        return {
            "doors": [self.site.pid],
            "pipeline": pipeline_of(self.site.pid),
            "PostgreSQL": [postgres] if postgres else [],
            "load generator": [each.pid for each in generators],
        }

    def _sleep(self, seconds: float) -> None:
        """Sleep, and keep the most memory that each process of the server was seen to use."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(5.0, left))
            for name, mb in pss_mb(self.site.pid).items():
                self.memory[name] = max(mb, self.memory.get(name, 0.0))

    def _ask(self, event: str, say: str = "", within_s: float = 60.0) -> list[dict[str, Any]]:
        """Tell every herd the same, and wait until each has answered."""
        since = [len(herd.events) if say else 0 for herd in self.herds]
        for herd in self.herds:
            if say:
                herd.say(say)
        return [
            herd.wait_for(event, since=n, within_s=within_s)
            for herd, n in zip(self.herds, since, strict=True)
        ]
