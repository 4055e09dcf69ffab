"""Lines are kept or they are not; whoever was told that one was kept finds it again."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import journal_file
from kiosk.clock import Reading
from kiosk.errors import KioskError
from kiosk.journal_file import FILE, Journal, create_store
from kiosk.journal_store import Writer
from protocol.journal import check_lines, genesis_hash
from protocol.keys import new_key, public_bytes
from protocol.records import DutyStarted, Record, Test, VoteRevised

UUID = "00000000-0000-4000-8000-000000000001"
BOOT = "00000000-0000-4000-8000-00000000000b"
KEY = public_bytes(new_key())
AT = Reading(BOOT, 5, 6, True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_store(tmp_path, uuid=UUID, public_key=KEY, code_hash="")
    return tmp_path


@pytest.fixture
def writer(folder: Path) -> Iterator[Writer]:
    opened = Writer(folder)
    yield opened
    opened.close()


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    opened = Journal(folder)
    yield opened
    opened.close()


def lines(journal: Journal) -> list[bytes]:
    return list(journal.all_lines())


def test_a_kept_line_is_chained_and_carries_the_moment_of_the_press(
    writer: Writer, journal: Journal
) -> None:
    first = writer.append(Test(rating=4), AT).result()
    second = writer.append(Test(rating=5), Reading(BOOT, 1, 2, False)).result()
    checked = check_lines(b"\n".join(lines(journal)), journal=UUID)
    assert [line.line for line in checked] == [first.line, second.line]
    assert checked[0].prev == genesis_hash(UUID, KEY)
    assert b'"mono_ms":1,"wall_ms":2,"sync":false' in second.line


def test_every_connection_is_wal_with_synchronous_full(folder: Path) -> None:
    con = journal_file.connect(folder / FILE)
    assert con.execute("pragma journal_mode").fetchone() == ("wal",)
    assert con.execute("pragma synchronous").fetchone() == (2,)
    con.close()


def test_a_file_from_before_its_tables_had_a_number_gets_what_it_lacks(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as old:
        for table in ("config_note", "acked_mark", "run", "log", "log_key"):
            old.execute(f"drop table {table}")
        old.execute("delete from _sqlite_migrations")
        old.execute("drop table journal")
        old.execute("drop table line")
        old.execute("pragma user_version = 0")
    old.close()
    with pytest.raises(KioskError, match="holds no journal"):  # the tables are there, and empty
        Journal(folder)
    with sqlite3.connect(folder / FILE) as now:
        assert now.execute("pragma user_version").fetchone() == (journal_file.TABLES,)
    now.close()


def test_waiting_lines_share_a_commit_and_keep_their_order(
    writer: Writer, journal: Journal
) -> None:
    kept = [writer.append(Test(rating=3), AT) for _ in range(500)]
    assert [k.result().seq for k in kept] == list(range(1, 501))
    assert len(check_lines(b"\n".join(lines(journal)), journal=UUID)) == 500


def test_a_line_may_refer_to_one_that_is_still_on_its_way(writer: Writer) -> None:
    duty = writer.append(DutyStarted(official="CB-0101", by="pin"), AT)
    revised = writer.append(lambda: VoteRevised(vote=duty.known_seq(), rating=2), AT)
    assert b'"data":{"vote":1,"rating":2}' in revised.result().line


def test_a_record_that_the_server_would_not_understand_is_never_written(
    writer: Writer, journal: Journal
) -> None:
    wrong: list[Record] = [Test(rating=9), DutyStarted(official="\0", by="pin")]  # type: ignore[arg-type]
    futures = [writer.append(record, AT) for record in wrong]
    good = writer.append(Test(rating=1), AT)
    assert all(future.exception() for future in futures)
    assert good.result().seq == 1
    assert len(lines(journal)) == 1


def test_a_commit_that_fails_is_acknowledged_to_nobody(
    monkeypatch: pytest.MonkeyPatch, folder: Path, journal: Journal
) -> None:
    monkeypatch.setattr(journal_file, "BUSY_S", 0.02)
    writer = Writer(folder)
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("begin immediate")
    failed = writer.append(Test(rating=4), AT)
    assert isinstance(failed.exception(), KioskError)
    assert failed.seq is None
    with pytest.raises(KioskError):
        failed.known_seq()
    other.execute("rollback")
    other.close()
    assert writer.append(Test(rating=4), AT).result().seq == 1
    assert len(lines(journal)) == 1
    writer.close()


def test_an_old_copy_appends_nothing_more(writer: Writer, journal: Journal) -> None:
    writer.refuse("This card is an old copy.")
    assert str(writer.append(Test(rating=4), AT).exception()) == "This card is an old copy."
    assert lines(journal) == []


def test_the_next_run_knows_whether_the_last_ended_cleanly(folder: Path) -> None:
    first = Writer(folder)
    assert first.begin_run()
    first.close(clean=False)
    second = Writer(folder)
    assert not second.begin_run()
    second.close(clean=True)
    third = Writer(folder)
    assert third.begin_run()
    third.close()


@pytest.mark.parametrize(
    "damage",
    [
        "update line set body = cast(replace(cast(body as text), '\"rating\":4', '\"rating\":5')"
        " as blob) where seq = 2",
        "update line set hash = zeroblob(32) where seq = 2",
        "delete from line where seq = 2",
        "delete from line where seq = 1",
    ],
)
def test_a_damaged_tail_is_noticed_at_opening(folder: Path, damage: str) -> None:
    writer = Writer(folder)
    for _ in range(3):
        writer.append(Test(rating=4), AT).result()
    writer.close()
    con = sqlite3.connect(folder / FILE)
    con.execute(damage)
    con.commit()
    con.close()
    with pytest.raises(KioskError, match="damaged"):
        Writer(folder)


def test_only_the_tail_of_a_long_journal_is_read_at_opening(folder: Path) -> None:
    writer = Writer(folder)
    last = [writer.append(Test(rating=4), AT) for _ in range(450)][-1]
    last.result()
    writer.close()
    again = Writer(folder)
    assert again.append(Test(rating=4), AT).result().seq == 451
    again.close()


def test_a_file_that_is_no_journal_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nonsense" * 200)
    with pytest.raises(KioskError):
        Journal(tmp_path)


def test_batches_respect_both_limits(writer: Writer, journal: Journal) -> None:
    last = [writer.append(Test(rating=4), AT) for _ in range(10)][-1]
    size = len(last.result().line)
    assert len(journal.lines_after(2, max_lines=5, max_bytes=10**6)) == 5
    assert len(journal.lines_after(0, max_lines=50, max_bytes=3 * size + 10)) == 3
    assert len(journal.lines_after(0, max_lines=50, max_bytes=1)) == 1
    assert journal.lines_after(10, max_lines=5, max_bytes=10) == []


WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from kiosk.clock import Clock
from kiosk.journal_store import Writer
from protocol.records import Test
writer, clock = Writer(Path(sys.argv[1])), Clock()
def kept(done):
    sys.stdout.write(f"{done.result().seq}\\n"); sys.stdout.flush()
while True:
    some = [writer.append(Test(rating=4), clock.read()) for _ in range(3)]
    for one in some:
        one.add_done_callback(kept)
    some[-1].result()
"""


def test_kill_9_of_the_writer_at_any_instant_loses_no_line_that_was_acknowledged(
    folder: Path,
) -> None:
    rng = random.Random(20261122)
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITE_UNTIL_KILLED, str(folder)], stdout=subprocess.PIPE
        )
        assert child.stdout
        acknowledged = 0
        for _ in range(rng.randrange(1, 300)):
            acknowledged = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split(b"\n")[:-1]
        acknowledged = max([acknowledged, *map(int, rest)])
        child.wait()
        child.stdout.close()
        journal = Journal(folder)
        kept = lines(journal)
        journal.close()
        assert len(kept) >= acknowledged
        assert all(b'"seq":%d,' % n in line for n, line in enumerate(kept, 1))
        Writer(folder).close()  # which checks the tail's chain


def test_a_press_gets_its_answer_even_if_the_card_went_read_only_after_damage(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def malformed(*_: object) -> None:
        raise journal_file.DamagedJournal("The journal is damaged.")

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(writer, "_insert", malformed)
    monkeypatch.setattr(Path, "touch", read_only)
    monkeypatch.setattr("kiosk.journal_store._WRONG_RECORD", ())
    with pytest.raises(KioskError, match="could not be written"):
        writer.append(Test(rating=4), AT).result(timeout=60)
    monkeypatch.undo()
    assert writer.append(Test(rating=5), AT).result(timeout=60).seq == 1
