"""Deeds that the signed configuration asks for: each once, in order, written down in the journal.

Only `taken` and the outcome are lines; which order was the last is in the journal's file, too, as
lines are pruned and a configuration is not.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Literal

from kiosk.clock import Clock
from kiosk.days import understood
from kiosk.door import NoAnswer
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from protocol.configuration import ConfigOrder
from protocol.records import Order

EXPIRES_MS = 86_400_000
Outcome = Literal["taken", "done", "failed", "expired", "unknown"]
Findings = dict[str, str]
Deed = Callable[[ConfigOrder], tuple[Outcome, Findings]]
"""NoAnswer if it has to be tried again later."""

_log = logging.getLogger(__name__)


class Orders:
    """`obey` is for the sending thread, after a round that the server has answered."""

    def __init__(
        self,
        journal: Journal,
        writer: Writer,
        clock: Clock,
        *,
        deeds: Mapping[str, Deed],
        restart: Callable[[], None],
    ) -> None:
        """`deeds` by word; `restart` asks for one between two citizens, and returns at once."""
        self._journal, self._writer, self._clock = journal, writer, clock
        self._deeds, self._restart = deeds, restart
        self._restarting = self._begun = False

    def begin(self) -> None:
        """A restart that was taken before this start is done by it. What cannot be written down
        now is so later: it must not keep a kiosk from asking."""
        try:
            self._finish_restart()
        except (KioskError, sqlite3.Error) as error:
            _log.error("whether a restart was ordered cannot be told: %s", error)

    def _finish_restart(self) -> None:
        newest = self._newest()
        if newest is not None and newest.outcome == "taken":
            self._write(newest.order, newest.what, "done", {})
        self._begun = True

    def obey(self, orders: tuple[ConfigOrder, ...]) -> None:
        """Does what is new among the orders of the configuration in force."""
        now_ms = None if self._clock.offset_ms is None else self._clock.mono_ms()
        if now_ms is None or self._restarting or not orders:
            return  # whether an order is too old is told by the server's time alone
        try:
            if not self._begun:
                self._finish_restart()
            enrolled_ms, highest = self._journal.row().enrolled_ms, self._highest()
            for order in sorted(orders, key=lambda order: order.id):
                if self._restarting or enrolled_ms is None:
                    return
                if order.id > highest and order.at_ms >= enrolled_ms:
                    self._do(order, now_ms + (self._clock.offset_ms or 0))
        except NoAnswer as error:
            _log.info("an order has to wait: %s", error)
        except (KioskError, sqlite3.Error, OSError) as error:
            _log.error("an order could not be obeyed: %s", error)

    def _do(self, order: ConfigOrder, now_ms: int) -> None:
        outcome: Outcome
        findings: Findings = {}
        if now_ms - order.at_ms > EXPIRES_MS:
            outcome = "expired"
        elif order.what == "restart":
            outcome, self._restarting = "taken", True
        elif order.what in self._deeds:
            # A crash in here: the next run does it again, and writes it down once.
            outcome, findings = self._deeds[order.what](order)
        else:
            outcome = "unknown"
        _log.info("order %d, %s: %s %s", order.id, order.what, outcome, findings)
        try:
            self._write(order.id, order.what, outcome, findings)
        except KioskError:
            self._restarting = False
            raise
        if outcome == "taken":
            self._restart()

    def _write(self, order: int, what: str, outcome: Outcome, findings: Findings) -> None:
        """KioskError if it was not kept; then it is as if the order had not been seen."""
        record = Order(order=order, what=what, outcome=outcome, findings=findings)
        self._writer.append(record, self._clock.read()).result()
        # A crash here: the line says it.
        self._journal.mark(ordered=order)

    def _highest(self) -> int:
        newest = self._newest()
        return max(self._journal.row().ordered, newest.order if newest else 0)

    def _newest(self) -> Order | None:
        line = self._journal.newest("order")
        record = understood(line) if line is not None else None
        return record if isinstance(record, Order) else None
