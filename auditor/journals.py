"""Every journal of the log in the order of its entries: enrolment, chain, receipts, state."""

from array import array

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditor.chunk import Head, Run
from auditor.columns import Column
from auditor.received import Received
from auditor.report import Report
from auditor.words import Value
from protocol.journal import genesis_hash, open_head
from protocol.keys import BadKey, check_public_key, public_bytes, unb64
from protocol.names import BadName, check_journal, check_kiosk_id
from protocol.note import BadNote


class Segment(msgspec.Struct):
    """Lines of one boot that follow one another in their chain, from `seq` on; columns as in Run.

    tails: numbers in the table; received: receipt times of the first so many lines, as a rule of
    all: the others are covered by no receipt.
    """

    seq: int
    boot: str
    mono: Column
    wall: Column
    sync: bytearray
    tails: Column
    odd: list[int]
    received: Column

    def __len__(self) -> int:
        return len(self.mono)

    def is_covered(self) -> bool:
        """Whether each line has its receipt."""
        return len(self.received) == len(self.mono)

    def extend(self, run: Run, numbers: list[int]) -> None:
        """Take in the lines that come next. numbers: of a tail in its chunk -> in the table."""
        count = len(self.mono)
        self.odd += [count + place for place in run.odd]
        self.mono.extend(run.mono)
        self.wall.extend(run.wall)
        self.sync += run.sync
        self.tails.extend(array("I", [numbers[tail] for tail in run.tails]))
        self.received.extend(run.received)


class Journal(msgspec.Struct):
    """One journal as the log tells it. waiting: first seq that no receipt covers yet, 0 if none,
    its entry and its segment; end: the index after the newest line."""

    name: str
    kiosk: str
    unit: str
    public: Ed25519PublicKey | None
    enrolled_ms: int
    enrolled_index: int
    next_seq: int = 1
    head: bytes = b""
    state: str = "open"
    state_index: int = -1
    segments: list[Segment] = []
    waiting: int = 0
    waiting_index: int = 0
    waiting_segment: int = 0
    end: int = 0
    last_ms: int = 0  # newest receipt
    newest: Head | None = None


class Journals:
    """Takes runs and deeds by index; what contradicts goes to the report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.all: dict[str, Journal] = {}
        self.heads: list[tuple[Journal, Head]] = []  # all that the scan kept
        self.receipts = 0
        self.next_index = 0

    def enrol(self, index: int, ms: int, data: dict[str, object]) -> None:
        """`enrolled`: from here on the journal has a key."""
        match data:
            case {"kiosk": str(kiosk), "unit": str(unit), "journal": str(name),
                  "public_key": str(key)}:  # fmt: skip
                try:
                    check_kiosk_id(kiosk)
                    check_journal(name)
                    public = check_public_key(unb64(key))
                except (BadKey, BadName, ValueError) as error:
                    self.report.against("bad_deed", index=index, type="enrolled", why=str(error))
                    return
            case _:
                self.report.against("bad_deed", index=index, type="enrolled", why="keys")
                return
        if name in self.all:
            self.report.against("enrolled_twice", index=index, journal=name)
            return
        head = genesis_hash(name, public_bytes(public))
        self.all[name] = Journal(name, kiosk, unit, public, ms, index, head=head)

    def add(self, run: Run, numbers: list[int]) -> None:
        """Lines: of an enrolled, open journal, the next ones of its chain. numbers: Segment."""
        journal = self.all.get(run.journal)
        last = run.seq + len(run) - 1
        if journal is None:
            self.report.against(
                "not_enrolled", index=run.index, journal=run.journal, seq=run.seq, last=last
            )
            journal = self.all[run.journal] = Journal(run.journal, "", "", None, 0, run.index,
                                                      run.seq, run.prev)  # fmt: skip
        where: dict[str, Value] = {
            "index": run.index,
            "journal": run.journal,
            "seq": run.seq,
            "kiosk": journal.kiosk,
        }
        if journal.state != "open":
            self.report.against("after_end", state=journal.state, last=last, **where)
        follows = (run.seq, run.index) == (journal.next_seq, journal.end)
        if journal.waiting and (run.received or not follows):
            self._uncovered(journal)
        if run.seq != journal.next_seq:
            code = "gap" if run.seq > journal.next_seq else "seq_again"
            self.report.against(code, expected=journal.next_seq, **where)
        elif run.prev != journal.head:
            code = "genesis" if run.seq == 1 else "chain"
            self.report.against(code, before=run.seq - 1, **where)
        _append(journal, run, numbers)
        if run.receipts:
            self._take_heads(journal, run)

    def _take_heads(self, journal: Journal, run: Run) -> None:
        """The receipts that the scan found to be as they must, but for whose heads they hold."""
        newest = run.heads[-1]
        if run.kiosk != journal.kiosk:
            self.report.against("head_other", index=newest.index, journal=journal.name,
                                seq=run.seq, last=newest.seq)  # fmt: skip
        self.receipts += run.receipts
        self.heads += [(journal, head) for head in run.heads]
        journal.newest, journal.last_ms = newest, max(journal.last_ms, *run.received)

    def _uncovered(self, journal: Journal) -> None:
        self.report.against(
            "uncovered", index=journal.waiting_index, journal=journal.name, seq=journal.waiting,
            last=journal.next_seq - 1, kiosk=journal.kiosk,
        )  # fmt: skip
        journal.waiting = 0

    def receive(self, received: Received) -> None:
        """`received`: covers exactly the lines directly before it, under their signed head."""
        journal = self.all.get(received.journal)
        where: dict[str, Value] = {
            "index": received.index,
            "journal": received.journal,
            "seq": received.first,
        }
        if journal is None:
            self.report.against("received_unknown", **where)
            return
        covers = (journal.waiting, journal.next_seq - 1, journal.end)
        if covers != (received.first, received.last, received.index):
            self.report.against("received_wrong", last=received.last, **where)
        head = (received.head_journal, received.kiosk, received.head_seq, received.head_hash)
        if head != (journal.name, journal.kiosk, received.last, journal.head):
            self.report.against("head_other", last=received.last, **where)
        _cover(journal, received.ms)
        journal.last_ms = max(journal.last_ms, received.ms)
        journal.newest = Head(received.index, received.last, received.note)
        self.receipts += 1
        self.heads.append((journal, journal.newest))

    def end(self, index: int, type: str, data: dict[str, object]) -> None:
        """`closed`, `revoked`, `forked`: no line follows."""
        name = data.get("journal")
        journal = self.all.get(name) if isinstance(name, str) else None
        if journal is None:
            self.report.against("bad_deed", index=index, type=type, why="journal")
            return
        if type == "closed" and data.get("seq") != journal.next_seq - 1:
            self.report.against("closed_elsewhere", index=index, journal=journal.name,
                                seq=str(data.get("seq")), last=journal.next_seq - 1)  # fmt: skip
        if type == "forked":
            self._check_fork(index, journal, data)
        journal.state, journal.state_index = type, index

    def _check_fork(self, index: int, journal: Journal, data: dict[str, object]) -> None:
        """Both heads are the kiosk's own, or the server shut it out without a reason."""
        for key in ("head_a", "head_b"):
            if not self._signed(journal, data.get(key)):
                self.report.against("fork_unsigned", index=index, journal=journal.name, head=key)
        if data.get("head_a") == data.get("head_b"):
            self.report.against("fork_none", index=index, journal=journal.name)

    def quarantine(self, index: int, data: dict[str, object]) -> None:
        """`quarantined`: under a head of the kiosk's own."""
        name = data.get("journal")
        journal = self.all.get(name) if isinstance(name, str) else None
        if journal is None or not self._signed(journal, data.get("head")):
            self.report.against("quarantine_unsigned", index=index, journal=str(name))

    @staticmethod
    def _signed(journal: Journal, head: object) -> bool:
        if journal.public is None or not isinstance(head, str):
            return False
        try:
            note = unb64(head)
            open_head(note, kiosk=journal.kiosk, journal=journal.name, public_key=journal.public)
        except (BadNote, ValueError):
            return False
        return True

    def finish(self, every: bool) -> int:
        """Signatures of the heads, and lines at the very end that no receipt covers yet.

        every: all heads that the scan kept, else the newest of each journal, which vouches for all
        lines before it. Returns how many were checked.
        """
        newest = [(journal, journal.newest) for journal in self.all.values() if journal.newest]
        heads = self.heads if every else newest
        for journal, head in heads:
            if journal.public is not None and not _verifies(head.note, journal):
                self.report.against(
                    "head_forged", index=head.index, journal=journal.name, seq=head.seq,
                    kiosk=journal.kiosk,
                )  # fmt: skip
        for journal in self.all.values():
            if journal.waiting and journal.end == self.next_index:
                self.report.leave(
                    "unsigned_end", journal=journal.name, kiosk=journal.kiosk,
                    index=journal.waiting_index, seq=journal.waiting, last=journal.next_seq - 1,
                )  # fmt: skip
            elif journal.waiting:
                self._uncovered(journal)
        return len(heads)


def _append(journal: Journal, run: Run, numbers: list[int]) -> None:
    """The run's lines into the last segment, where they go on from it."""
    last = journal.segments[-1] if journal.segments else None
    if (
        last is None
        or (last.boot, last.seq + len(last)) != (run.boot, run.seq)
        or not (last.is_covered() or (journal.waiting and not run.received))
    ):
        last = Segment(run.seq, run.boot, array("q"), array("q"), bytearray(), array("I"), [],
                       array("q"))  # fmt: skip
        journal.segments.append(last)
    last.extend(run, numbers)
    uncovered = len(run) - len(run.received)
    if uncovered and not journal.waiting:
        journal.waiting = run.seq + len(run.received)
        journal.waiting_index = run.end - uncovered
        journal.waiting_segment = len(journal.segments) - 1
    journal.next_seq, journal.head, journal.end = run.seq + len(run), run.last, run.end


def _cover(journal: Journal, ms: int) -> None:
    """All lines that wait were received then."""
    for segment in journal.segments[journal.waiting_segment :] if journal.waiting else []:
        segment.received.extend([ms] * (len(segment) - len(segment.received)))
    journal.waiting = 0


def _verifies(note: bytes, journal: Journal) -> bool:
    assert journal.public is not None  # noqa: S101 - asked by the caller
    try:
        open_head(note, kiosk=journal.kiosk, journal=journal.name, public_key=journal.public)
    except (BadNote, InvalidSignature):
        return False
    return True
