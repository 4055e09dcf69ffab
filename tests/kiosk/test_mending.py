"""A damaged card is repaired, or kept as evidence while a new journal takes the votes."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk import journal_file
from kiosk.__main__ import main
from kiosk.config import load_config
from kiosk.desk import read_status
from kiosk.enrolling import enrol
from kiosk.errors import KioskError
from kiosk.evidence import set_aside
from kiosk.identity import IDENTITY_FILE, recall
from kiosk.journal_file import FILE, SUSPECT_FILE, Journal, is_damage
from kiosk.journal_store import Writer
from kiosk.mending import GIVE_UP_AFTER, UNREADABLE_FILE, mend
from protocol.journal import split_export
from tests.kiosk.conftest import CODE, FakeServer, KioskProcess, eventually, running_server
from tests.kiosk.test_run import of, setting

Start = Callable[..., Any]
OTHER_CODE = "WWWW-WWWW-WW"


@pytest.fixture(scope="module")
def used_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kiosk with a configuration and a day of votes behind it; its server is gone."""
    folder = tmp_path_factory.mktemp("used") / "kiosk"
    with running_server(FakeServer) as server:
        enrol(folder, url=server.url, code=CODE)
        setting(folder, "undo_s = 0")
        server.set_config()
        kiosk = KioskProcess(folder)
        kiosk.wait_for("ready")
        eventually(lambda: (folder / "config.json").exists())
        kiosk.say(*["press 4", "press 5"] * 20, "quit")
        assert kiosk.end() == 0
    assert mend(folder) == ""
    return folder


@pytest.fixture
def used(used_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(used_once, tmp_path / "kiosk")


def row(folder: Path) -> Any:
    journal = Journal(folder)
    try:
        return journal.row()
    finally:
        journal.close()


def damage(folder: Path, at: float, count: int = 2000) -> None:
    """Overwrites some bytes of the journal's file, `at` that part of its length."""
    with (folder / FILE).open("r+b") as file:
        file.seek(int(at * os.path.getsize(folder / FILE)))
        file.write(os.urandom(count))


def press(start: Start, folder: Path) -> Any:
    kiosk = start(folder)
    kiosk.say("press 2", "quit")
    kiosk.end()
    return kiosk


def test_a_sound_journal_is_left_as_it_is(used: Path) -> None:
    before = (used / FILE).read_bytes()
    assert mend(used) == ""
    assert (used / FILE).read_bytes() == before
    assert not list(used.glob("evidence-*"))


@pytest.mark.parametrize("wreck", [
    pytest.param(lambda f: damage(f, 0.0), id="no database any more"),
    pytest.param(lambda f: (f / FILE).write_bytes(b""), id="empty"),
    pytest.param(lambda f: os.truncate(f / FILE, os.path.getsize(f / FILE) // 2), id="cut in half"),
    pytest.param(lambda f: damage(f, 0.5, 20_000), id="the middle overwritten"),
    pytest.param(lambda f: (f / "key").write_bytes(b"\0" * 7), id="its key unreadable"),
    pytest.param(lambda f: (f / "key").unlink(), id="its key gone"),
])  # fmt: skip
def test_a_half_written_card_still_takes_votes_and_keeps_the_evidence(
    used: Path, start: Start, wreck: Callable[[Path], None]
) -> None:
    old, evidence = row(used), (used / FILE).read_bytes()
    wreck(used)
    wrecked = (used / FILE).read_bytes()
    (used / SUSPECT_FILE).touch()
    kiosk = press(start, used)
    assert len(kiosk.of("thanks")) == 1, "".join(kiosk.errors)
    new = row(used)
    assert new.uuid != old.uuid and new.public_key != old.public_key
    assert (new.kiosk, new.name, new.state) == (old.kiosk, old.name, "enrolling")
    assert [vote["rating"] for vote in of(used, "vote")] == [2]
    assert of(used, "fault")[0]["part"] == "journal"
    kept = (used / "evidence-1" / FILE).read_bytes()
    assert kept in (wrecked, evidence)
    assert any("kept as evidence" in line for line in kiosk.errors)
    assert read_status(used).evidence == ("evidence-1",)


def test_the_configuration_outlives_the_journal_that_vouched_for_it(used: Path) -> None:
    damage(used, 0.0)
    assert mend(used) == "damaged"
    journal = Journal(used)
    assert load_config(used, journal) is not None
    journal.close()


def test_votes_of_the_new_journal_are_sent_once_it_is_enrolled(
    server: Any, used: Path, start: Start
) -> None:
    damage(used, 0.0)
    press(start, used)
    asked = len(server.requests)
    kiosk = start(used)
    kiosk.wait_for("ready")
    kiosk.say("wait 500", "quit")
    kiosk.end()
    assert len(server.requests) == asked  # nothing that the server could not understand
    server.give_code(OTHER_CODE)
    enrol(used, url=server.url, code=OTHER_CODE)
    assert row(used).state == "open"
    after = start(used)
    after.say("quit")
    after.end()
    assert row(used).acked == len([*lines(used)])


def lines(folder: Path) -> list[bytes]:
    journal = Journal(folder)
    try:
        return [*journal.all_lines()]
    finally:
        journal.close()


@pytest.mark.parametrize("cut_before", [
    None, "enrolling._drop_config", "journal_file.Journal.drop_notes", "journal_file.Journal.mark",
    "enrolling._first_contact",
])  # fmt: skip
def test_a_new_journal_enrolled_as_somebody_else_takes_the_configuration_that_comes(
    server: Any, used: Path, monkeypatch: pytest.MonkeyPatch, cut_before: str | None
) -> None:
    """An old copy with another server's notes refused: configuration 1 is not the one held."""

    class PowerCut(Exception):
        pass

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    damage(used, 0.0)
    assert mend(used) == "damaged"
    server.set_config()
    server.give_code(OTHER_CODE)
    if cut_before is not None:
        with monkeypatch.context() as patched, pytest.raises(PowerCut):
            patched.setattr(f"kiosk.{cut_before}", cut)
            enrol(used, url=server.url, code=OTHER_CODE)
        assert mend(used) == ""
        read_status(used)  # whoever it is now, its configuration is its own or none
    enrol(used, url=server.url, code=OTHER_CODE)
    assert (read_status(used).config, row(used).state) == (1, "open")


def test_a_broken_index_is_built_anew_and_the_journal_goes_on(used: Path) -> None:
    before = row(used).uuid
    with sqlite3.connect(used / FILE) as con:
        con.execute("pragma writable_schema = on")
        con.execute(
            "update sqlite_master set sql = replace(sql, 'clock', 'vote') where name = 'line_rare'"
        )
    con.close()
    (used / SUSPECT_FILE).touch()
    with pytest.raises(KioskError):
        check_thoroughly(used)
    assert mend(used) == "repaired"
    assert row(used).uuid == before
    assert not (used / SUSPECT_FILE).exists()
    check_thoroughly(used)


def check_thoroughly(folder: Path) -> None:
    journal = Journal(folder)
    try:
        journal.check(thorough=True)
    finally:
        journal.close()


def test_a_cut_while_the_evidence_moves_is_finished_by_the_next_start(
    used: Path, used_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(used, 0.0)
    moves = 0
    rename = Path.rename

    class PowerCut(Exception):
        pass

    for cut_at in range(1, 4):
        folder = used.with_name(f"cut-{cut_at}")
        shutil.copytree(used, folder)
        moves = 0

        def cut(self: Path, target: Path, cut_at: int = cut_at) -> Path:
            nonlocal moves
            moves += 1
            if moves == cut_at:
                raise PowerCut
            return rename(self, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", cut)
            with pytest.raises(PowerCut):
                mend(folder)
        assert mend(folder) == "damaged"
        assert row(folder).kiosk == row(used_once).kiosk is not None
        assert {p.name for p in (folder / "evidence-1").iterdir()} >= {FILE, "key"}
        assert not (folder / "evidence-2").exists()


def test_a_cut_after_the_new_journal_was_begun_leaves_no_journal_of_nobody(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(used, 0.0)
    with monkeypatch.context() as patched:
        patched.setattr("kiosk.mending._give_name", lambda *_: None)
        mend(used)
    assert row(used).kiosk is None
    assert mend(used) == ""
    known = recall(used)
    assert known is not None and row(used).kiosk == known.kiosk


def test_an_old_copy_of_a_card_begins_a_journal_of_its_own(used: Path, start: Start) -> None:
    journal = Journal(used)
    journal.mark(state="old-copy")
    journal.close()
    kiosk = press(start, used)
    assert len(kiosk.of("thanks")) == 1
    assert row(used).state == "enrolling"
    assert of(used, "fault")[0]["kind"] == "old-copy"


def test_a_device_that_was_never_enrolled_stays_one(tmp_path: Path) -> None:
    assert mend(tmp_path) == ""
    (tmp_path / FILE).write_bytes(b"half an enrolment")
    assert mend(tmp_path) == ""
    assert not (tmp_path / FILE).exists()


def test_a_journal_out_of_reach_is_not_given_up(used: Path, monkeypatch: Any) -> None:
    def busy(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr("kiosk.journal_file.connect", busy)
    with pytest.raises(KioskError, match="cannot be read just now"):
        mend(used)
    assert not list(used.glob("evidence-*"))


def test_a_journal_found_malformed_in_use_starts_the_program_anew(used: Path, start: Start) -> None:
    old = row(used).uuid
    kiosk = start(used)
    kiosk.wait_for("ready")
    damage(used, 0.0, 4096 * 12)
    for _ in range(30):  # what SQLite still remembers of the file hides the damage for a while
        kiosk.say(*["press 3"] * 20)
        if kiosk_started_anew(used):
            break
    kiosk.wait_for("ready", 2)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    assert row(used).uuid != old
    assert of(used, "vote")[-1]["rating"] == 4


def kiosk_started_anew(folder: Path) -> bool:
    with contextlib.suppress(AssertionError):
        return bool(eventually((folder / "evidence-1" / FILE).exists))
    return False


def test_only_what_sqlite_finds_broken_is_damage() -> None:
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect("/nowhere/at/all").execute("select 1")
    assert not is_damage(caught.value)
    assert not is_damage(None)
    assert not is_damage(OSError("disk"))


def test_an_identity_that_cannot_be_read_is_none(used: Path) -> None:
    (used / IDENTITY_FILE).write_bytes(b"{")
    assert recall(used) is None
    damage(used, 0.0)
    assert mend(used) == ""  # nothing is invented: the device asks for its enrolment
    assert not (used / FILE).exists()


def test_a_repaired_unit_is_written_to_as_before(used: Path) -> None:
    Writer(used).close()
    assert mend(used) == ""


def test_an_enrolment_after_a_cut_leaves_the_evidence_and_its_own_journal_whole(
    server: Any, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = lines(used)
    (used / "key").write_bytes(b"")
    rename, moves = Path.rename, 0

    class PowerCut(Exception):
        pass

    def cut(self: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == 3:
            raise PowerCut
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", cut)
        with pytest.raises(PowerCut):
            mend(used)
    new = enrol(used, url=server.url, code=CODE)
    assert mend(used) == ""
    assert row(used).uuid == new.uuid
    assert lines(used / "evidence-1") == old
    assert not (used / "evidence-2").exists()


def test_a_card_that_fails_to_read_the_journal_start_after_start_is_given_up(
    used: Path, monkeypatch: Any
) -> None:
    real = journal_file.connect
    failing = [True]

    def connect(path: Path) -> sqlite3.Connection:
        if failing[0]:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
            raise error
        return real(path)

    monkeypatch.setattr("kiosk.journal_file.connect", connect)
    for _ in range(GIVE_UP_AFTER - 1):
        with pytest.raises(KioskError, match="cannot be read just now"):
            mend(used)

    def moved(folder: Path) -> None:
        failing[0] = False  # the new file lies elsewhere on the card
        set_aside(folder)

    monkeypatch.setattr("kiosk.mending.set_aside", moved)
    assert mend(used) == "damaged"
    assert (used / "evidence-1" / FILE).exists()
    assert row(used).state == "enrolling"
    assert not (used / UNREADABLE_FILE).exists()


def test_an_identity_that_cannot_be_written_keeps_no_kiosk_dark(
    used: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    (used / IDENTITY_FILE).unlink()
    monkeypatch.setattr("kiosk.identity.write_file", fail)
    assert mend(used) == ""
    assert "could not be written down" in caplog.text


def test_of_damaged_evidence_the_lines_before_the_damage_can_be_read(
    used: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    whole = lines(used)
    con = sqlite3.connect(used / FILE)
    con.execute("update line set body = x'00' where seq = ?", (len(whole) - 3,))
    con.commit()
    con.close()
    assert mend(used) == "damaged"
    assert main(["export", "--data", str(used / "evidence-1")]) == 1
    printed = capfdbinary.readouterr()
    body, note = split_export(printed.out)
    assert body.splitlines() == whole[: len(whole) - 4]
    assert note.split(b"\n")[1] == b"%d" % (len(whole) - 4)
    assert b"before the damage" in printed.err


def test_a_folder_without_room_for_the_new_journal_is_told_in_a_sentence(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    damage(used, 0.0)
    monkeypatch.setattr("kiosk.mending.write_key", full)
    with pytest.raises(KioskError, match="No space left"):
        mend(used)
    monkeypatch.undo()
    assert mend(used) in ("damaged", "missing")
    assert row(used).state == "enrolling"
