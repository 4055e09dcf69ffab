"""What a journal's lines say, taken in their order (protocol.md 3). Pure: no tables, no clocks."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.envelope import Envelope
from protocol.journal import read_line
from protocol.rating import POSITIVE_REASONS, REASONS, SCALES
from protocol.records import (
    Boot,
    Day,
    DutyEnded,
    DutyStarted,
    Fault,
    FaultCleared,
    NotUnderstood,
    Order,
    Record,
    Suppressed,
    Test,
    Vote,
    VoteComment,
    VoteReasons,
    VoteRevised,
    understand,
)

REVISED_WITHIN_MS = 60_000
KNOWN_REASONS = REASONS.keys() | POSITIVE_REASONS.keys()
DOSSIER_CHARACTERS = 64


class ReadLine(NamedTuple):
    """A line read: its record, or why there is none."""

    seq: int
    envelope: Envelope
    received_ms: int
    record: Record | None
    why: str
    body: bytes


class PastVote(NamedTuple):
    """What a later line must know of a vote."""

    boot: str
    mono_ms: int
    scale: str


class Ending(NamedTuple):
    """The line that ended a duty, and how."""

    seq: int
    by: str


class ToldVote(NamedTuple):
    """A vote as its own line tells it; `duty` only if that duty was in force."""

    line: ReadLine
    record: Vote
    duty: int | None


class ToldRevision(NamedTuple):
    """A revision that counts."""

    line: ReadLine
    vote: int
    rating: int


class ToldReasons(NamedTuple):
    """Why a vote was cast as it was: known codes, each once, in the order told."""

    vote: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Past:
    """What earlier lines contribute: the duty in force, and what may be referred to."""

    open_duty: int | None = None
    duties: Container[int] = frozenset()
    votes: Mapping[int, PastVote] = field(default_factory=dict)


@dataclass
class Story:
    """What some consecutive lines say. `endings` also names duties that began before them."""

    votes: dict[int, ToldVote] = field(default_factory=dict)
    revisions: list[ToldRevision] = field(default_factory=list)
    reasons: list[ToldReasons] = field(default_factory=list)
    duties: dict[int, tuple[ReadLine, DutyStarted]] = field(default_factory=dict)
    endings: dict[int, Ending] = field(default_factory=dict)
    not_understood: dict[int, str] = field(default_factory=dict)
    of_itself: list[ReadLine] = field(default_factory=list)  # what the kiosk tells of itself


def dossier_of(record: Vote) -> str:
    """The dossier's number as the vote names it, without blanks around it; "" if it names none, or
    one that is longer than any."""
    number = (record.dossier or "").strip()
    return number if len(number) <= DOSSIER_CHARACTERS else ""


def read(seq: int, body: bytes, received_ms: int) -> ReadLine:
    """Read a stored line; it is well-formed, or the door would not have taken it."""
    envelope = read_line(body)
    try:
        record = understand(envelope.type, envelope.data, v=envelope.v)
    except NotUnderstood as error:
        return ReadLine(seq, envelope, received_ms, None, str(error), body)
    return ReadLine(seq, envelope, received_ms, record, "", body)


def references(lines: Iterable[ReadLine]) -> tuple[set[int], set[int]]:
    """The seqs of votes and of duties that these lines refer to."""
    votes, duties = set(), set()
    for line in lines:
        if isinstance(line.record, VoteRevised | VoteReasons | VoteComment):
            votes.add(line.record.vote)
        elif isinstance(line.record, DutyEnded):
            duties.add(line.record.duty)
    return votes, duties


def follow(lines: Iterable[ReadLine], past: Past) -> Story:
    """Take consecutive lines in order, after those that `past` sums up."""
    return _Teller(past).tell(lines)


class _Teller:
    def __init__(self, past: Past) -> None:
        self.past = past
        self.in_force = past.open_duty
        self.story = Story()

    def tell(self, lines: Iterable[ReadLine]) -> Story:
        for line in lines:
            try:
                self._take(line)
            except NotUnderstood as error:
                self.story.not_understood[line.seq] = str(error)
        return self.story

    def _take(self, line: ReadLine) -> None:
        record = line.record
        if record is None:
            raise NotUnderstood(line.why)
        if isinstance(record, Vote):
            # An ended or unknown duty takes nothing from the vote: it stands without it.
            named = record.duty is not None and record.duty == self.in_force
            duty = record.duty if named else None
            self.story.votes[line.seq] = ToldVote(line, record, duty)
        elif isinstance(record, VoteRevised):
            self._revise(line, record)
        elif isinstance(record, VoteReasons):
            self._find_vote(record.vote)
            codes = dict.fromkeys(code for code in record.reasons if code in KNOWN_REASONS)
            self.story.reasons.append(ToldReasons(record.vote, tuple(codes)))
        elif isinstance(record, VoteComment):
            self._find_vote(record.vote)
        elif isinstance(record, DutyStarted):
            self._end(Ending(line.seq, "next"))
            self.story.duties[line.seq] = (line, record)
            self.in_force = line.seq
        elif isinstance(record, DutyEnded):
            if record.duty not in self.story.duties and record.duty not in self.past.duties:
                raise NotUnderstood(f"There is no duty.started with seq {record.duty} before it.")
            if record.duty == self.in_force:
                self._end(Ending(line.seq, record.by))
        elif isinstance(record, Boot | Day | Fault | FaultCleared | Suppressed | Test | Order):
            self.story.of_itself.append(line)

    def _end(self, ending: Ending) -> None:
        if self.in_force is not None:
            self.story.endings[self.in_force] = ending
        self.in_force = None

    def _find_vote(self, seq: int) -> PastVote:
        told = self.story.votes.get(seq)
        if told is not None:
            envelope = told.line.envelope
            return PastVote(envelope.boot, envelope.mono_ms, told.record.scale)
        try:
            return self.past.votes[seq]
        except KeyError:
            raise NotUnderstood(f"There is no vote with seq {seq} before it.") from None

    def _revise(self, line: ReadLine, record: VoteRevised) -> None:
        vote = self._find_vote(record.vote)
        if record.rating not in SCALES[vote.scale]:
            raise NotUnderstood(f"Scale {vote.scale} does not offer rating {record.rating}.")
        later_ms = line.envelope.mono_ms - vote.mono_ms
        if line.envelope.boot == vote.boot and 0 <= later_ms <= REVISED_WITHIN_MS:
            self.story.revisions.append(ToldRevision(line, record.vote, record.rating))
