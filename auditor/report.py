"""What an audit says: contradictions, what was proved, lists, what was not and cannot be seen."""

from typing import Literal

import msgspec

from auditor.words import Value

Verdict = Literal["proved", "contradicted", "unchecked"]


class Finding(msgspec.Struct, frozen=True):
    """One fact: a code of words.py and what stands in its sentence, the exact place among it
    (index of an entry, journal, seq, tile, part). Keys that end in _ms are unix ms."""

    code: str
    values: dict[str, Value] = {}


class Report(msgspec.Struct, kw_only=True):
    """The bounded statement about a log. `notes`: signed notes that contradict one another, which
    convince anybody who has the log's key."""

    log: str
    size: int
    root: str
    timezone: str
    statement: list[Finding] = []
    contradictions: list[Finding] = []
    proved: list[Finding] = []
    unchecked: list[Finding] = []
    lists: dict[str, list[Finding]] = {}
    counts: dict[str, int] = {}
    limits: list[Finding] = []
    notes: list[str] = []

    @property
    def verdict(self) -> Verdict:
        """contradicted before unchecked before proved."""
        if self.contradictions:
            return "contradicted"
        return "unchecked" if self.unchecked else "proved"

    def against(self, code: str, **values: Value) -> None:
        """A contradiction. Of one kind the first thousand are kept, all are counted."""
        self.counts[f"contradictions.{code}"] = self.counts.get(f"contradictions.{code}", 0) + 1
        if self.counts[f"contradictions.{code}"] <= MOST:
            self.contradictions.append(Finding(code, values))

    def prove(self, code: str, **values: Value) -> None:
        """Something that holds."""
        self.proved.append(Finding(code, values))

    def leave(self, code: str, **values: Value) -> None:
        """Something that should have been checked and could not be."""
        self.unchecked.append(Finding(code, values))

    def enlist(self, section: str, code: str, **values: Value) -> None:
        """Something that a person should look at: no contradiction."""
        self.lists.setdefault(section, []).append(Finding(code, values))


MOST = 1_000
