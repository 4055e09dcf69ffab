"""A panel that is not there: the kiosk asks by touch alone."""

from __future__ import annotations

from .debounce import Debounce
from .lampless import LamplessPanel
from .panel import Fault, boottime_ns
from .telling import Teller


class AbsentPanel(LamplessPanel):
    """No buttons. With `why` (a sentence) there should be some: a fault of "panel" is told."""

    def __init__(self, why: str | None = None):
        super().__init__((), Teller())
        self.why = why
        missing = [] if why is None else [Fault("panel", "missing", boottime_ns())]
        self._teller.start(Debounce(()), faults=missing)
