"""Every journal of the log in the order of its entries: enrolment, chain, receipts, state."""

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditor.received import Received
from auditor.report import Report
from auditor.scan import Run
from auditor.words import Value
from protocol.journal import genesis_hash, open_head
from protocol.keys import BadKey, check_public_key, public_bytes, unb64
from protocol.names import BadName, check_journal, check_kiosk_id
from protocol.note import BadNote

EVERY_HEAD = 1_000  # up to so many heads each signature is checked, else the newest of a journal


class Segment(msgspec.Struct):
    """A run with its receipt time (None: no receipt covers it) and what its tails mean."""

    run: Run
    tails: list[int]  # number of a tail in the chunk -> number in the audit
    received_ms: int | None = None


class Journal(msgspec.Struct):
    """One journal as the log tells it."""

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
    waiting: list[Segment] = []  # not yet covered by a receipt
    contacts: list[int] = []  # receipt times
    newest: Received | None = None


class Journals:
    """Takes runs and deeds by index; what contradicts goes to the report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.all: dict[str, Journal] = {}
        self.heads: list[Received] = []
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

    def add(self, segment: Segment) -> None:
        """Lines: of an enrolled, open journal, the next ones of its chain."""
        run = segment.run
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
        if journal.waiting and not self._adjoins(journal.waiting[-1].run, run):
            self._uncovered(journal)
        if run.seq != journal.next_seq:
            code = "gap" if run.seq > journal.next_seq else "seq_again"
            self.report.against(code, expected=journal.next_seq, **where)
        elif run.prev != journal.head:
            code = "genesis" if run.seq == 1 else "chain"
            self.report.against(code, before=run.seq - 1, **where)
        journal.next_seq, journal.head = run.seq + len(run), run.last
        journal.segments.append(segment)
        journal.waiting.append(segment)

    @staticmethod
    def _adjoins(before: Run, run: Run) -> bool:
        return before.index + len(before) == run.index

    def _uncovered(self, journal: Journal) -> None:
        run = journal.waiting[0].run
        self.report.against(
            "uncovered", index=run.index, journal=journal.name, seq=run.seq,
            last=journal.next_seq - 1, kiosk=journal.kiosk,
        )  # fmt: skip
        journal.waiting = []

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
        waiting = journal.waiting
        covers = (
            waiting
            and waiting[0].run.seq == received.first
            and journal.next_seq - 1 == received.last
            and waiting[-1].run.index + len(waiting[-1].run) == received.index
        )
        if not covers:
            self.report.against("received_wrong", last=received.last, **where)
        head = (received.head_journal, received.kiosk, received.head_seq, received.head_hash)
        if head != (journal.name, journal.kiosk, received.last, journal.head):
            self.report.against("head_other", last=received.last, **where)
        for segment in waiting:
            segment.received_ms = received.ms
        journal.waiting = []
        journal.contacts.append(received.ms)
        journal.newest = received
        if len(self.heads) <= EVERY_HEAD:
            self.heads.append(received)

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

        every: all heads, where there were few enough to keep. Returns how many were checked.
        """
        newest = [journal.newest for journal in self.all.values() if journal.newest]
        heads = self.heads if every and len(self.heads) <= EVERY_HEAD else newest
        for received in heads:
            journal = self.all[received.journal]
            if journal.public is not None and not _verifies(received, journal):
                self.report.against(
                    "head_forged", index=received.index, journal=journal.name,
                    seq=received.last, kiosk=journal.kiosk,
                )  # fmt: skip
        for journal in self.all.values():
            if journal.waiting and self._adjoins_end(journal):
                self.report.leave(
                    "unsigned_end", journal=journal.name, kiosk=journal.kiosk,
                    index=journal.waiting[0].run.index, seq=journal.waiting[0].run.seq,
                    last=journal.next_seq - 1,
                )  # fmt: skip
            elif journal.waiting:
                self._uncovered(journal)
        return len(heads)

    def _adjoins_end(self, journal: Journal) -> bool:
        last = journal.waiting[-1].run
        return last.index + len(last) == self.next_index


def _verifies(received: Received, journal: Journal) -> bool:
    assert journal.public is not None  # noqa: S101 - asked by the caller
    try:
        open_head(
            received.note, kiosk=journal.kiosk, journal=journal.name, public_key=journal.public
        )
    except (BadNote, InvalidSignature):
        return False
    return True
