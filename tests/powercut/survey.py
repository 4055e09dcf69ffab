"""Opens what a power cut left, by the kiosk's own means, and demands what was promised."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.clock import Reading
from kiosk.config import CONFIG_FILE, KEY_FILE, load_config, load_key, load_settings
from kiosk.enrolling import SIDE, enrol, finish_move
from kiosk.evidence import EVIDENCE
from kiosk.journal_file import FILE, Journal
from kiosk.journal_store import Writer
from kiosk.mending import mend
from protocol.journal import check_lines, read_line
from protocol.keys import KEY_BYTES
from protocol.records import Test
from tests.powercut.day import WORN, Known, Office
from tests.powercut.trace import Called, Move, Said, Step, Sync

AT = Reading("11111111-1111-4111-8111-111111111111", 1000, 1_795_312_801_000, False)


@dataclass(slots=True)
class Promise:
    """What the kiosk had said and done by some instant of its day."""

    votes: dict[str, dict[int, int]] = field(default_factory=dict)  # journal: seq: rating thanked
    journal: str = ""  # of the run that says thanks
    configs: int = 0  # so many versions are in place for good
    _moved: int = 0  # so many have got their name
    known: Known | None = None  # by the server, during an enrolment
    damaged: bool = False  # the journal, so that it has to be kept as evidence

    def forget(self) -> None:
        """The journal in use is damaged: what it held is promised no more, that it is kept is."""
        self.votes.clear()
        self.configs = self._moved = 0
        self.damaged = True

    def hear(self, step: Step, folder: Path, after: Known | None) -> None:
        """The next step of the day; `after` is what the server knows once it was asked."""
        match step:
            case Said({"event": "ready", "journal": journal}):
                self.journal = journal
            case Said({"event": "thanks", "seq": seq, "rating": rating}):
                self.votes.setdefault(self.journal, {})[seq] = rating
            case Called() if after is not None:
                self.known = after
            case Move(_, new) if new == str(folder / CONFIG_FILE):
                self._moved += 1
            case Move(old) if old == str(folder / CONFIG_FILE):  # set aside with its journal
                self._moved = self.configs = 0
            case Sync(path) if path == str(folder):
                self.configs = self._moved
            case _:
                pass


def find_lost(folder: Path, promise: Promise, server: Office, *, starts_first: bool = True) -> int:
    """How many thanked presses are gone. Anything else that is not as promised raises: what cannot
    be opened, a broken chain, half a file, a kiosk that takes no further vote.

    An enrolment that was cut short is done again, at once or after the kiosk has started."""
    if promise.known is None or starts_first:
        _start(folder, damaged=promise.damaged)
    if promise.known is not None:
        server.recall(promise.known)
        row = enrol(folder, url=server.url, code=server.code)
        assert row.uuid == server.journal, "the server knows another journal"
        assert not (folder / SIDE / FILE).exists()
    _open_and_append(folder, promise, server)
    return sum(_missing(_place(folder, journal), votes) for journal, votes in promise.votes.items())


def _start(folder: Path, *, damaged: bool) -> None:
    """As a run begins. A power cut damages nothing: nothing may be repaired, or begun anew. What
    a worn card has damaged is there once, with its key."""
    finish_move(folder)
    found = mend(folder)
    kept = list(folder.glob(f"{EVIDENCE}*"))
    if damaged:
        (evidence,) = kept
        assert (evidence / FILE).read_bytes().startswith(WORN)
        assert (evidence / KEY_FILE).stat().st_size == KEY_BYTES
    else:
        assert (found, kept) == ("", [])


def _open_and_append(folder: Path, promise: Promise, server: Office) -> None:
    """As a run goes on: settings, key, configuration, journal; then one more line."""
    settings, journal = load_settings(folder), Journal(folder)
    assert (settings.server, settings.undo_s) == (server.url, 0)
    load_key(folder, journal.row())
    held = load_config(folder, journal)
    assert promise.known or promise.configs <= (held.version if held else 0) <= server.version
    newest = journal.head().seq
    writer = Writer(folder)
    writer.begin_run()
    assert writer.append(Test(rating=4), AT).result(60).seq == newest + 1
    writer.close()
    journal.close()


def _place(folder: Path, journal: str) -> Path:
    """Where the journal is: in use, or kept as evidence after another enrolment."""
    aside = folder / f"journal-{journal}"
    return aside if aside.exists() else folder


def _missing(folder: Path, thanked: dict[int, int]) -> int:
    """Of the presses thanked, those that are no votes in this journal, whose chain is whole."""
    assert (folder / FILE).exists(), "a journal is gone"
    journal = Journal(folder)
    row = journal.row()
    load_key(folder, row)
    lines = check_lines(b"\n".join(journal.all_lines()), journal=row.uuid)
    journal.close()
    votes = {}
    for seq, line in enumerate(lines, 1):
        assert line.seq == seq
        envelope = read_line(line.line)
        if envelope.type == "vote":
            votes[seq] = json.loads(envelope.data)["rating"]
    return sum(votes.get(seq) != rating for seq, rating in thanked.items())
