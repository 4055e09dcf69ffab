"""A kiosk's stays at counters, and what becomes of them when another is said. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Stay(NamedTuple):
    """A kiosk at a counter, "" at none, in [from_ms, to_ms); None: from then on."""

    counter: str
    from_ms: int
    to_ms: int | None

    def meets(self, other: "Stay") -> bool:
        """Whether the two share an instant."""
        return (other.to_ms is None or self.from_ms < other.to_ms) and (
            self.to_ms is None or other.from_ms < self.to_ms
        )


def replaced(stays: Iterable[Stay], new: Stay) -> list[Stay]:
    """The stays by time, with `new` in place of whatever there was in its instants."""
    found = [new] if new.counter else []
    for stay in stays:
        if not stay.meets(new):
            found.append(stay)
            continue
        if stay.from_ms < new.from_ms:
            found.append(stay._replace(to_ms=new.from_ms))
        if new.to_ms is not None and (stay.to_ms is None or new.to_ms < stay.to_ms):
            found.append(stay._replace(from_ms=new.to_ms))
    return sorted(found, key=lambda stay: stay.from_ms)


def joined(stays: Sequence[Stay]) -> list[Stay]:
    """The same instants in as few stays as can be."""
    found: list[Stay] = []
    for stay in stays:
        if found and (found[-1].counter, found[-1].to_ms) == (stay.counter, stay.from_ms):
            found[-1] = found[-1]._replace(to_ms=stay.to_ms)
        else:
            found.append(stay)
    return found
