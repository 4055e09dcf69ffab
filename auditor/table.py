"""What lines say, each distinct saying once, for the whole log."""

from auditor.lines import read_tail
from protocol.records import Record


class Table:
    """Numbers for tails, and what they mean."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._tails: list[bytes] = []
        self._records: dict[int, Record | None] = {}

    def add(self, tails: list[bytes]) -> list[int]:
        """The number of each tail of a chunk."""
        found = []
        for tail in tails:
            number = self._numbers.setdefault(tail, len(self._tails))
            if number == len(self._tails):
                self._tails.append(tail)
            found.append(number)
        return found

    def record(self, number: int) -> Record | None:
        """The record; None if it is not understood."""
        if number not in self._records:
            self._records[number] = read_tail(self._tails[number])[1]
        return self._records[number]

    def describe(self, number: int) -> tuple[str, str]:
        """Type, and why it is not understood."""
        kind, _, why = read_tail(self._tails[number])
        return kind, why
