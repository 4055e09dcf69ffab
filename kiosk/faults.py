"""Which parts of this unit are known to be broken now, by what the hardware reported."""

from protocol.records import Fault, FaultCleared


class Faults:
    """Every report becomes a line; what is broken meanwhile is for the technician to see."""

    def __init__(self) -> None:
        self._known: dict[str, Fault] = {}

    def take(self, part: str, kind: str, since_ms: int, *, cleared: bool) -> Fault | FaultCleared:
        """The record of a report."""
        if cleared:
            self._known.pop(part, None)
            return FaultCleared(part=part, kind=kind, since_ms=since_ms)
        self._known[part] = Fault(part=part, kind=kind, since_ms=since_ms)
        return self._known[part]

    def known(self) -> tuple[tuple[str, str], ...]:
        """(part, kind), such as ("button-3", "stuck"), in the order of the parts."""
        return tuple((fault.part, fault.kind) for fault in self.all())

    def all(self) -> tuple[Fault, ...]:
        """The same with since when, by the kiosk's own clock."""
        return tuple(sorted(self._known.values(), key=lambda fault: fault.part))
