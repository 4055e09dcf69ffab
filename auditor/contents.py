"""What a journal's lines say: records by type, votes as seen, what is not understood."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from protocol.journal import CheckedLine, Envelope, read_line
from protocol.rating import RATINGS, SCALES
from protocol.records import (
    DutyEnded,
    DutyStarted,
    NotUnderstood,
    Vote,
    VoteComment,
    VoteReasons,
    VoteRevised,
    understand,
)

UNDO_MS = 60_000  # a revision counts in the same boot and this long after its vote


class Unread(msgspec.Struct, frozen=True):
    """A record that is kept but not understood, and why."""

    seq: int
    type: str
    why: str


class Votes(msgspec.Struct, frozen=True, kw_only=True):
    """Votes as this file alone shows them; nothing is excluded or attributed here."""

    count: int
    pressed: dict[int, int]  # by rating as first pressed
    final: dict[int, int]  # by rating after revisions
    revised: int
    revised_too_late: int
    duty_unknown: int  # named no duty that was open: the vote stands without it


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    types: dict[str, int]
    votes: Votes
    not_understood: tuple[Unread, ...]


class _Seen(msgspec.Struct):
    """One vote while its revisions are still to come."""

    vote: Vote
    boot: str
    mono_ms: int
    final: int


class _Reader:
    """Reads in order of seq; references look back only."""

    def __init__(self, first_seq: int) -> None:
        self.first_seq = first_seq
        self.votes: dict[int, _Seen] = {}
        self.duties: set[int] = set()
        self.open_duty: int | None = None
        self.revised: set[int] = set()
        self.too_late = self.duty_unknown = 0

    def read(self, line: Envelope) -> None:
        """Take in one record; NotUnderstood if it is none or names what is not there."""
        record = understand(line.type, line.data, v=line.v)
        match record:
            case Vote():
                self.votes[line.seq] = _Seen(record, line.boot, line.mono_ms, record.rating)
                self._check_open_duty(record)
            case VoteRevised():
                self._revise(record, line)
            case VoteReasons() | VoteComment():
                self._find_vote(record.vote)
            case DutyStarted():
                self.open_duty = line.seq
                self.duties.add(line.seq)
            case DutyEnded():
                self._end_duty(record)
            case _:
                pass

    def _check_open_duty(self, vote: Vote) -> None:
        before_file = vote.duty is not None and 0 < vote.duty < self.first_seq
        if vote.duty is not None and vote.duty != self.open_duty and not before_file:
            self.duty_unknown += 1

    def _end_duty(self, record: DutyEnded) -> None:
        if record.duty >= self.first_seq and record.duty not in self.duties:
            raise NotUnderstood(f"Line {record.duty} started no duty.")
        if record.duty == self.open_duty:
            self.open_duty = None

    def _find_vote(self, seq: int) -> _Seen | None:
        seen = self.votes.get(seq)
        if seen is None and seq >= self.first_seq:
            raise NotUnderstood(f"Line {seq} is no earlier vote.")
        return seen

    def _revise(self, record: VoteRevised, line: Envelope) -> None:
        seen = self._find_vote(record.vote)
        if seen is None:
            return
        if record.rating not in SCALES[seen.vote.scale]:
            raise NotUnderstood(f"Scale {seen.vote.scale} does not offer rating {record.rating}.")
        if line.boot != seen.boot or not 0 <= line.mono_ms - seen.mono_ms <= UNDO_MS:
            self.too_late += 1
            return
        seen.final = record.rating
        self.revised.add(record.vote)


def read_contents(lines: Sequence[CheckedLine]) -> Contents:
    """Understand every line of a chain that holds."""
    types: Counter[str] = Counter()
    unread = []
    reader = _Reader(lines[0].seq if lines else 1)
    for checked in lines:
        line = read_line(checked.line)
        types[line.type] += 1
        try:
            reader.read(line)
        except NotUnderstood as error:
            unread.append(Unread(line.seq, line.type, str(error)))
    seen = reader.votes.values()
    pressed: Counter[int] = Counter(one.vote.rating for one in seen)
    final: Counter[int] = Counter(one.final for one in seen)
    votes = Votes(
        count=len(seen),
        pressed={rating: pressed[rating] for rating in RATINGS},
        final={rating: final[rating] for rating in RATINGS},
        revised=len(reader.revised),
        revised_too_late=reader.too_late,
        duty_unknown=reader.duty_unknown,
    )
    return Contents(types=dict(sorted(types.items())), votes=votes, not_understood=tuple(unread))
