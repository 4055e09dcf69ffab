"""Acknowledged lines leave the card after 400 days; whatever happens, the chain goes on."""

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from auditor.journal import Key, audit_journal
from kiosk.ahead import VARIABLE
from kiosk.clock import Clock, Reading
from kiosk.config import write_key, write_setting
from kiosk.desk import export, read_status
from kiosk.errors import KioskError
from kiosk.journal_file import FILE, Journal, create_store
from kiosk.journal_store import Writer
from kiosk.mending import mend
from kiosk.pruning import (
    CHUNK_LINES,
    DAY_MS,
    KEPT_DAYS,
    Marks,
    keep_mark,
    prunable_to,
    prune,
    trusted_ms,
)
from kiosk.technician import signed_head
from protocol.journal import check_lines, genesis_hash, line_hash, split_export
from protocol.keys import b64, new_key, public_bytes
from protocol.note import parse_vkey
from protocol.problems import problem
from protocol.records import Test
from tests.kiosk.conftest import eventually
from tests.kiosk.test_ahead import set_ahead

UUID = "00000000-0000-4000-8000-000000000001"
BOOT = "00000000-0000-4000-8000-00000000000b"
AT = Reading(BOOT, 5, 6, True)
KEPT_MS = KEPT_DAYS * DAY_MS


def make_unit(folder: Path) -> Path:
    """An enrolled kiosk's folder, without a server."""
    folder.mkdir(exist_ok=True)
    key = new_key()
    write_key(folder, key)
    create_store(folder, uuid=UUID, public_key=public_bytes(key), code_hash="x")
    write_setting(folder, "server", "http://127.0.0.1:1")
    with closing(Journal(folder)) as journal:
        journal.mark(kiosk="kiosk-1", name="Quầy 1", server="thu.vn", state="open", enrolled_ms=1)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_unit(tmp_path / "unit")


def append(folder: Path, count: int) -> list[bytes]:
    writer = Writer(folder)
    kept = [writer.append(Test(rating=1 + n % 5), AT) for n in range(count)]  # type: ignore[arg-type]
    lines = [k.result().line for k in kept]
    writer.close()
    return lines


def acknowledge(folder: Path, seq: int, at_ms: int) -> None:
    with closing(Journal(folder)) as journal:
        journal.mark(acked=seq)
    keep_mark(folder / FILE, at_ms)


def prune_all(folder: Path, now_ms: int) -> int:
    writer = Writer(folder)
    with closing(Journal(folder)) as journal:
        upto, pruned = prunable_to(journal, now_ms), journal.row().pruned
        assert prune(lambda seq: writer.prune(seq).result(), upto, pruned, lambda: True)
        writer.close()
        return journal.row().pruned


class CardForYears(RuleBasedStateMachine):
    """Random lives of a card against a list of lines and a few numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp(prefix="prune"))
        self.folder = make_unit(self.top / "unit")
        self.lines: list[bytes] = []
        self.acked = self.pruned = 0
        self.now_ms = 1_700_000_000_000
        self.first_acked_ms: dict[int, int] = {}  # since when the server has had each line

    @initialize()
    def begin(self) -> None:
        self.journal, self.writer = Journal(self.folder), Writer(self.folder)

    def teardown(self) -> None:
        self.writer.close()
        self.journal.close()
        shutil.rmtree(self.top)

    @rule(count=st.integers(1, 250))
    def press(self, count: int) -> None:
        kept = [self.writer.append(Test(rating=4), AT) for _ in range(count)]
        self.lines += [k.result().line for k in kept]

    @precondition(lambda self: self.acked < len(self.lines))
    @rule(data=st.data())
    def receipt(self, data: Any) -> None:
        self.acked = data.draw(st.integers(self.acked + 1, len(self.lines)))
        self.journal.mark_acked(self.acked)
        for seq in range(1, self.acked + 1):
            self.first_acked_ms.setdefault(seq, self.now_ms)

    @precondition(lambda self: self.acked > self.pruned)
    @rule(data=st.data())
    def restored_server(self, data: Any) -> None:
        """It asks for lines again; those that are pruned it must have."""
        self.acked = data.draw(st.integers(self.pruned, self.acked))
        self.journal.mark(acked=self.acked)

    @rule()
    def mark(self) -> None:
        keep_mark(self.folder / FILE, self.now_ms)

    @rule(days=st.sampled_from([1, 30, 399, 400, 401]))
    def time_passes(self, days: int) -> None:
        self.now_ms += days * DAY_MS

    @rule(upto=st.none() | st.integers(0, 2000))
    def prune(self, upto: int | None) -> None:
        """By age; or further, which only `acked` bounds."""
        if upto is None:
            upto = prunable_to(self.journal, self.now_ms)
            for seq in range(self.pruned + 1, min(upto, self.acked) + 1):
                assert self.now_ms - self.first_acked_ms[seq] >= KEPT_MS, "too young to go"
        reached = self.writer.prune(upto).result()
        assert reached == max(
            self.pruned, min(upto, self.acked, self.pruned + CHUNK_LINES, len(self.lines) - 1)
        )
        self.pruned = reached

    @rule()
    def power_cut_and_start(self) -> None:
        """A copy taken while all is open is what a card holds after a cut."""
        cut = self.top / "cut"
        shutil.copytree(self.folder, cut)
        self.writer.close()
        self.journal.close()
        shutil.rmtree(self.folder)
        cut.rename(self.folder)
        assert mend(self.folder) == ""
        self.begin()

    @invariant()
    def the_card_is_what_the_model_says(self) -> None:
        if not hasattr(self, "journal"):
            return
        row = self.journal.row()
        assert (row.acked, row.pruned) == (self.acked, self.pruned)
        here = self.lines[self.pruned :]
        assert list(self.journal.all_lines()) == here
        assert list(self.journal.whole_lines()) == here
        self.journal.check(thorough=False)
        head, seq = self.journal.head(), len(self.lines)
        assert (head.seq, head.hash) == (seq, self.hash_of(seq))
        for known in {0, self.pruned, min(self.pruned + 1, seq), seq}:
            assert self.journal.hash_at(known) == self.hash_of(known)
        if self.pruned > 1:
            assert self.journal.hash_at(self.pruned - 1) is None

    @invariant()
    def an_export_is_proved_as_far_as_it_goes(self) -> None:
        exported, is_all = export(self.folder)
        assert is_all
        key = Key(*parse_vkey(read_status(self.folder).verifier))
        report = audit_journal(exported, key)
        assert not report.contradictions
        assert report.head_seq == len(self.lines)
        here = len(self.lines) > self.pruned
        if here and self.pruned:
            assert report.verdict == "unchecked"
            assert report.unchecked[0].startswith(f"The file begins at line {self.pruned + 1}.")
        elif not self.pruned:
            assert report.verdict == "proved"

    def hash_of(self, seq: int) -> bytes:
        if seq:
            return line_hash(self.lines[seq - 1])
        row = self.journal.row()
        return genesis_hash(row.uuid, row.public_key)


CardForYears.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
test_any_life_of_a_card = CardForYears.TestCase


def test_lines_stay_400_days_after_their_receipt(folder: Path) -> None:
    append(folder, 10)
    acknowledge(folder, 4, 1000 * DAY_MS)
    acknowledge(folder, 8, 1100 * DAY_MS)
    assert prune_all(folder, 1400 * DAY_MS - 1) == 0
    assert prune_all(folder, 1400 * DAY_MS) == 4
    assert prune_all(folder, 1499 * DAY_MS) == 4
    assert prune_all(folder, 9999 * DAY_MS) == 8  # the rest was never acknowledged


def test_a_card_whose_every_line_is_old_keeps_the_newest_and_goes_on(folder: Path) -> None:
    lines = append(folder, 10)
    acknowledge(folder, 10, 0)
    assert prune_all(folder, KEPT_MS) == 9
    exported, is_all = export(folder)
    assert is_all and split_export(exported)[0] == lines[-1]
    (line,) = append(folder, 1)
    assert check_lines(line, journal=UUID)[0].prev == line_hash(lines[-1])
    assert "on the card from line 10" in read_status(folder).as_text()


def test_a_press_waits_for_one_small_chunk_at_most(folder: Path) -> None:
    append(folder, 20 * CHUNK_LINES)
    append(folder, 1)
    acknowledge(folder, 20 * CHUNK_LINES, 0)
    writer = Writer(folder)
    pruning = threading.Thread(
        target=prune,
        args=(lambda seq: writer.prune(seq).result(), 20 * CHUNK_LINES, 0, lambda: True),
    )
    waited = []
    pruning.start()
    while pruning.is_alive():
        before = time.monotonic()
        writer.append(Test(rating=4), AT).result()
        waited.append(time.monotonic() - before)
    writer.close()
    assert len(waited) >= 3
    assert sorted(waited)[len(waited) // 2] < 1
    with closing(Journal(folder)) as journal:
        assert journal.row().pruned == 20 * CHUNK_LINES
        assert len(list(journal.whole_lines())) == len(waited) + 1


def test_pruning_stops_when_a_citizen_comes_and_goes_on_later(folder: Path) -> None:
    append(folder, 3 * CHUNK_LINES)
    acknowledge(folder, 3 * CHUNK_LINES, 0)
    writer = Writer(folder)
    nobody = iter([True, False])
    assert not prune(lambda s: writer.prune(s).result(), 9999, 0, lambda: next(nobody))
    with closing(Journal(folder)) as journal:
        assert journal.row().pruned == CHUNK_LINES
    assert prune(lambda s: writer.prune(s).result(), 9999, CHUNK_LINES, lambda: True)
    writer.close()


def test_kill_9_while_lines_are_pruned_leaves_a_chain(folder: Path) -> None:
    lines = append(folder, 4 * CHUNK_LINES)
    acknowledge(folder, 4 * CHUNK_LINES, 0)
    code = (
        "import sys; from pathlib import Path; from kiosk.journal_store import Writer\n"
        "writer = Writer(Path(sys.argv[1])); print(flush=True)\n"
        "for seq in range(1, 10_000): writer.prune(seq).result()"
    )
    for _ in range(3):
        pruning = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE
        )
        assert pruning.stdout
        pruning.stdout.readline()
        time.sleep(random.uniform(0.005, 0.05))
        pruning.kill()
        pruning.wait()
        pruning.stdout.close()
        assert mend(folder) == ""
        with closing(Journal(folder)) as journal:
            assert list(journal.whole_lines()) == lines[journal.row().pruned :]
    with closing(Journal(folder)) as journal:
        assert journal.row().pruned > 0


def test_freed_space_is_used_again_and_the_file_does_not_grow(folder: Path) -> None:
    """A card in its second year: as many lines come as go."""
    append(folder, 2000)
    size = (folder / FILE).stat().st_size
    for year in range(1, 4):
        acknowledge(folder, 2000 * year, year * KEPT_MS)
        assert prune_all(folder, (year + 1) * KEPT_MS) == 2000 * year - 1
        append(folder, 2000)
    assert (folder / FILE).stat().st_size < 1.1 * size


def make_old(folder: Path) -> None:
    """The file as the version before pruning wrote it."""
    with closing(sqlite3.connect(folder / FILE)) as old:
        for column in ("pruned", "pruned_hash", "ordered", "days_seq"):
            old.execute(f"alter table journal drop column {column}")
        for thing in ("index line_day", "table acked_mark", "table run"):
            old.execute(f"drop {thing}")
        old.execute("delete from _sqlite_migrations where name = 'care_for_years'")
        old.execute("pragma user_version = 1")
        old.commit()


def test_a_journal_of_the_first_format_is_brought_up_to_date(folder: Path) -> None:
    lines = append(folder, 5)
    make_old(folder)
    with closing(Journal(folder)) as journal:
        assert journal.row().pruned == 0
        assert list(journal.whole_lines()) == lines
    acknowledge(folder, 5, 0)
    assert prune_all(folder, KEPT_MS) == 4


def test_two_programs_may_meet_at_an_old_journal(folder: Path) -> None:
    """`status` beside a start after an update."""
    make_old(folder)
    failed: list[Exception] = []

    def look() -> None:
        try:
            Journal(folder).close()
        except KioskError as error:
            failed.append(error)

    both = [threading.Thread(target=look) for _ in range(6)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert not failed


@pytest.mark.parametrize(
    ("server_ms", "wall_ms", "sync", "trusted"),
    [
        (None, 10**12, True, None),  # no server in this boot: nothing is old
        (5 * 10**12, 10**12, False, 5 * 10**12),  # the wall clock is nobody's word
        (5 * 10**12, 10**12, True, 10**12),  # a server that lies ahead makes no line old
        (10**12, 5 * 10**12, True, 10**12),  # nor does a wall clock
    ],
)
def test_now_is_the_earliest_that_it_can_be(
    monkeypatch: pytest.MonkeyPatch,
    server_ms: int | None,
    wall_ms: int,
    sync: bool,
    trusted: int | None,
) -> None:
    clock = Clock()
    clock.offset_ms = None if server_ms is None else server_ms - 7
    monkeypatch.setattr(clock, "read", lambda: Reading(BOOT, 7, wall_ms, sync))
    assert trusted_ms(clock) == trusted


def test_marks_are_kept_about_once_a_day(folder: Path) -> None:
    append(folder, 9)
    ahead = [0]
    clock = Clock(ahead_ms=lambda: ahead[0])
    marks = Marks(folder, clock)

    def kept() -> list[int]:
        with closing(sqlite3.connect(folder / FILE)) as con:
            return [seq for (seq,) in con.execute("select seq from acked_mark order by seq")]

    with closing(Journal(folder)) as journal:
        journal.mark(acked=3)
        marks.keep()
        assert kept() == []  # no server's time yet
        clock.offset_ms = 1_700_000_000_000
        marks.keep()
        journal.mark(acked=5)
        marks.keep()
        Marks(folder, clock).keep()  # a new start on the same day
        assert kept() == [3]
        ahead[0] += DAY_MS + 1
        marks.keep()
        assert kept() == [3, 5]


# The server's side of a journal that begins later -------------------------------------------


def test_a_restored_server_that_lacks_pruned_lines_means_enrol_anew(
    server: Any, enrolled: Path, start: Any
) -> None:
    kiosk = start(enrolled)
    kiosk.say("press 4", "wait 300", "press 5", "quit")
    assert kiosk.end() == 0
    with closing(Journal(enrolled)) as journal:
        acked = journal.row().acked
    assert acked >= 2
    keep_mark(enrolled / FILE, 0)
    assert prune_all(enrolled, KEPT_MS) == acked - 1
    kept = list(server.lines)
    server.lines.clear()  # destroyed, and restored from long ago
    kiosk = start(enrolled)
    kiosk.say("press 3", "quit")
    assert kiosk.end() == 0
    assert len(kiosk.of("thanks")) == 1  # votes are kept meanwhile
    assert read_status(enrolled).state == "pruned"
    assert "needs enrolment" in read_status(enrolled).as_text()
    server.lines.extend(kept)  # the operator finds the right backup
    kiosk = start(enrolled)
    kiosk.say("press 2", "quit")
    assert kiosk.end() == 0
    status = read_status(enrolled)
    assert (status.state, status.unsent) == ("open", 0)
    assert server.seqs() == list(range(1, status.lines + 1))


def test_a_kiosk_in_its_second_year_prunes_between_citizens_and_goes_on(
    server: Any, enrolled: Path, start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process whose clock, and the server's, go 401 days ahead."""
    file = tmp_path / "ahead.json"
    set_ahead(file, 0)
    monkeypatch.setenv(VARIABLE, str(file))
    server.set_config(heartbeat_every_s=1, undo_s=1)
    kiosk = start(enrolled)
    kiosk.say("press 5")
    kiosk.wait_for("thanks")

    def marked() -> int:
        with closing(Journal(enrolled)) as journal:
            return journal.marked_before(2**53)

    acked = eventually(marked)
    server.skew_ms = 401 * DAY_MS
    set_ahead(file, 401 * DAY_MS)
    eventually(lambda: read_status(enrolled).pruned >= acked - 1)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    status = read_status(enrolled)
    assert (status.state, status.unsent) == ("open", 0)
    assert server.seqs() == list(range(1, status.lines + 1))  # the server has all of them
    exported, is_all = export(enrolled)
    assert is_all
    report = audit_journal(exported, Key(*parse_vkey(status.verifier)))
    assert (report.verdict, report.first_seq) == ("unchecked", status.pruned + 1)
    assert not report.contradictions


def test_an_old_head_of_a_pruned_line_is_no_proof_of_a_fork(
    server: Any, enrolled: Path, start: Any
) -> None:
    """A server that is confused, or lies, has many notes under this very key."""
    kiosk = start(enrolled)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    with closing(Journal(enrolled)) as journal:
        old = signed_head(enrolled, journal, 1)
        acked = journal.row().acked
    keep_mark(enrolled / FILE, 0)
    assert prune_all(enrolled, KEPT_MS) == acked - 1 >= 1
    status, body = problem("fork", seq=1, head=b64(old))
    server.answers.append((status, "application/problem+json", body))
    kiosk = start(enrolled)
    kiosk.say("press 5", "quit")
    assert kiosk.end() == 0
    assert not server.answers
    assert read_status(enrolled).state == "open"
