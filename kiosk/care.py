"""Care from far away: status, diagnostics, orders and the chores, as parts of one running unit."""

import logging
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from hardware.panel import Panel
from kiosk.chores import LOOK_EVERY_S, Chores
from kiosk.clock import Clock
from kiosk.config import HeldConfig, Settings
from kiosk.core import Core
from kiosk.diagnostics import RecentLog, encode_diagnostics, write_text
from kiosk.door import Door, NoAnswer
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from kiosk.orders import Findings, Orders, Outcome
from kiosk.self_check import Ask, SelfCheck
from kiosk.status import Doing, StatusDoor, gather_status
from kiosk.sync import Sender
from kiosk.technician import Running
from protocol.configuration import ConfigOrder
from protocol.problems import JSON
from protocol.status import Status

if TYPE_CHECKING:
    from kiosk.jobs import Jobs

JUMPS_SEEN_S = 1.0  # with a test clock


class Care:
    """`follow` is for the sending thread, the chores are a job."""

    def __init__(
        self, folder: Path, settings: Settings, *, core: Core, writer: Writer, panel: Panel,
        journal: Journal, door: Door, clock: Clock, sender: Sender, ask_screen: Ask | None,
        start_anew: Callable[[], None], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._folder, self._settings, self._core = folder, settings, core
        self._journal, self._door, self._clock, self._sender = journal, door, clock, sender
        self._path = f"/api/v1/journals/{journal.row().uuid}/diagnostics"
        self._started_ms, self._damaged = clock.mono_ms(), False
        self._log = RecentLog()
        logging.getLogger().addHandler(self._log)
        self._chores = Chores(
            folder, writer, clock, counter=lambda: core.counter, is_free=lambda: core.is_free,
            on_lines=wake,
        )  # fmt: skip
        self._status = StatusDoor(journal, door, clock, self._gather)
        check = SelfCheck(
            folder, panel=panel, core=core, writer=writer, clock=clock,
            reserve_bytes=settings.reserve_bytes, ask_screen=ask_screen,
        )  # fmt: skip
        self._orders = Orders(
            journal, writer, clock,
            deeds={"selftest": lambda _: check.run(), "diagnostics": self._diagnose},
            restart=lambda: core.between_citizens(start_anew),
        )  # fmt: skip

    def start(self, jobs: "Jobs") -> None:
        """Before the sending thread begins."""
        self._orders.begin()
        every_s = JUMPS_SEEN_S if self._clock.may_jump else LOOK_EVERY_S
        jobs.every(every_s, "chores", self._chores.look)

    def leave(self) -> None:
        """The run is about to end."""
        self._chores.leave()

    def stop(self) -> None:
        """Once the jobs have ended."""
        self._chores.stop()

    def close(self) -> None:
        """May be called unstarted."""
        logging.getLogger().removeHandler(self._log)

    def follow(self, held: HeldConfig | None, *, damaged: bool) -> None:
        """After a round that the server has answered. `damaged`: the configuration kept here."""
        self._damaged = damaged
        self._status.follow()
        if held is not None:
            self._orders.obey(held.config.orders)

    def _gather(self) -> Status:
        core = self._core
        doing = Doing(
            health=self._sender.health, faults=core.known_faults(), config=core.counter.version,
            refused=self._sender.refused_config, damaged_config=self._damaged, broken=core.broken,
        )  # fmt: skip
        return gather_status(
            self._folder, self._journal, self._clock, doing, started_ms=self._started_ms
        )

    def _diagnose(self, order: ConfigOrder) -> tuple[Outcome, Findings]:
        running = Running(
            at=self._clock.read(), zone=self._core.counter.zone, version=version("hailong"),
            server=self._settings.server, contact_ms=self._sender.contact_ms,
            config=self._core.counter.version, faults=self._core.faults(),
            reserve_bytes=self._settings.reserve_bytes,
        )  # fmt: skip
        text = write_text(self._folder, self._journal, running, self._gather(), self._log.lines())
        body = encode_diagnostics(order.id, text)
        reply = self._door.ask("PUT", self._path, body, {"Content-Type": JSON})
        if reply.status == 204:
            return "done", {}
        problem = reply.problem()
        if problem is None or problem.status in (429, 503) or problem.status >= 500:
            raise NoAnswer(f"status {reply.status}")
        return "failed", {"server": problem.word}
