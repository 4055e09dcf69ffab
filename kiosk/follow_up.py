"""The question after the vote: which reasons were chosen, and when it is over.

Pure: time is handed in as milliseconds since boot.
"""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["answered", "skipped", "timeout"]


@dataclass(frozen=True, slots=True)
class EndFollowUp:
    """The follow-up of that vote is over: append its reasons."""

    token: int
    reasons: tuple[str, ...]
    outcome: Outcome


@dataclass(slots=True)
class FollowUp:
    """Open beneath the thanks of one vote. `offered` may be empty: then nothing is recorded."""

    token: int
    offered: tuple[str, ...]
    closes_ms: int
    paused: bool = False  # the citizen chooses the face again
    chosen: set[str] = field(default_factory=set)

    def choose(self, code: str, wanted: bool) -> None:
        """Marks a reason, or takes the mark away; a code that is not offered changes nothing."""
        if wanted and code in self.offered:
            self.chosen.add(code)
        elif not wanted:
            self.chosen.discard(code)

    def stay(self, until_ms: int) -> None:
        """Somebody is there: not over before `until_ms`."""
        self.closes_ms = max(self.closes_ms, until_ms)

    def end(self, outcome: Outcome) -> list[EndFollowUp]:
        """What is to be recorded. Who skips takes back what was chosen, who just leaves not."""
        if not self.offered:
            return []
        if outcome == "answered" and not self.chosen:
            outcome = "skipped"
        kept = self.chosen if outcome != "skipped" else ()
        chosen = tuple(code for code in self.offered if code in kept)
        return [EndFollowUp(self.token, chosen, outcome)]
