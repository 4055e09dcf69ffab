"""Enrolment can be cut off anywhere and repeated; nothing of an old journal is ever lost."""

import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from kiosk.config import load_config, load_key, load_settings
from kiosk.desk import read_status
from kiosk.enrolling import SIDE, enrol
from kiosk.errors import KioskError
from kiosk.folder import held
from kiosk.journal_file import Journal, JournalRow
from kiosk.journal_store import Writer
from protocol.problems import problem
from protocol.records import Test

CODE = "ABCD-EFGH-JK"
OTHER = "ABCD-EFGH-JM"
PROBLEM = "application/problem+json"


def row_of(folder: Path) -> JournalRow:
    journal = Journal(folder)
    row = journal.row()
    journal.close()
    return row


def vote(folder: Path) -> None:
    writer = Writer(folder)
    writer.append(Test(rating=4), Clock().read()).result()
    writer.close()


def keys_sent(server: Any) -> list[tuple[str, str]]:
    sent = [json.loads(raw) for _, path, _, raw in server.requests if path.endswith("enrolments")]
    return [(body["public_key"], body["journal"]) for body in sent]


def test_enrolment_makes_a_key_a_journal_and_the_settings(server: Any, tmp_path: Path) -> None:
    server.set_config()
    row = enrol(tmp_path / "new", url=server.url + "/", code="abcd-efgh-jk".upper())
    assert (row.kiosk, row.state) == ("kiosk-1", "open")
    assert load_settings(tmp_path / "new").server == server.url
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
    journal = Journal(tmp_path / "new")
    assert load_config(tmp_path / "new", journal) is not None
    journal.close()


def test_a_lost_reply_is_repeated_exactly(server: Any, tmp_path: Path) -> None:
    server.answers.append("lose")
    with pytest.raises(KioskError, match=r"connection lost; .* the same code may be used again"):
        enrol(tmp_path, url=server.url, code=CODE)
    assert row_of(tmp_path).state == "enrolling"
    enrol(tmp_path, url=server.url, code=CODE)
    first, second = keys_sent(server)
    assert first == second


def test_the_same_code_again_changes_nothing(server: Any, enrolled: Path) -> None:
    before = row_of(enrolled)
    vote(enrolled)
    assert enrol(enrolled, url=server.url, code=CODE) == before


def test_a_mistyped_code_keeps_the_key_for_the_right_one(server: Any, tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="unknown, expired or used"):
        enrol(tmp_path, url=server.url, code="ABCD-EFGH-JJ")
    enrol(tmp_path, url=server.url, code=CODE)
    first, second = keys_sent(server)
    assert first == second


@pytest.mark.parametrize("code", ["ABCD", "ABCD-EFGH-JU", ""])
def test_what_is_no_code_never_leaves_the_kiosk(server: Any, tmp_path: Path, code: str) -> None:
    with pytest.raises(KioskError, match="10 letters"):
        enrol(tmp_path, url=server.url, code=code)
    assert server.requests == []


def test_a_wrong_clock_does_not_hinder_enrolment(server: Any, tmp_path: Path) -> None:
    server.skew_ms = -(10**10)
    assert enrol(tmp_path, url=server.url, code=CODE).state == "open"


def test_a_portal_is_no_server(server: Any, tmp_path: Path) -> None:
    server.answers.append((200, "text/html", b"<html>", {}))
    with pytest.raises(KioskError, match="no Hài Lòng server"):
        enrol(tmp_path, url=server.url, code=CODE)


def test_unsent_lines_are_not_left_behind_unasked(server: Any, enrolled: Path) -> None:
    vote(enrolled)
    with pytest.raises(KioskError, match="--again"):
        enrol(enrolled, url=server.url, code="ABCD-EFGH-JM")


def test_an_old_journal_is_set_aside_whole(server: Any, enrolled: Path) -> None:
    vote(enrolled)
    old = row_of(enrolled)
    server.journal = ""
    new = enrol(enrolled, url=server.url, code=CODE, again=True)
    assert new.uuid != old.uuid
    aside = enrolled / f"journal-{old.uuid}"
    assert {"journal.sqlite3", "key"} <= {path.name for path in aside.iterdir()}
    journal = Journal(aside)
    assert journal.head().seq == 1
    journal.close()


def test_a_key_that_is_enrolled_already_says_what_to_do(server: Any, tmp_path: Path) -> None:
    server.answers.append((409, PROBLEM, problem("enrolled")[1], {}))
    with pytest.raises(KioskError, match="--again"):
        enrol(tmp_path, url=server.url, code=CODE)


def test_no_enrolment_under_a_running_kiosk(server: Any, enrolled: Path) -> None:
    with held(enrolled), pytest.raises(KioskError, match="running"):
        enrol(enrolled, url=server.url, code="WWWW-WWWW-WW")


def test_the_code_that_enrolled_it_is_done_also_beside_a_running_kiosk(
    server: Any, enrolled: Path
) -> None:
    with held(enrolled):
        row = enrol(enrolled, url=server.url, code=CODE.lower())
    assert row.state == "open" and not server.requests


def test_hand_written_settings_survive_enrolment(server: Any, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('undo_s = 0\nserver = "http://old.example"\n')
    enrol(tmp_path, url=server.url, code=CODE)
    settings = load_settings(tmp_path)
    assert (settings.server, settings.undo_s) == (server.url, 0)


@pytest.fixture
def working(server: Any, enrolled: Path) -> Path:
    """An enrolled kiosk whose counter gets another code from the server; CODE is that one."""
    journal = Journal(enrolled)
    journal.mark(code_hash="that of the code before")
    journal.close()
    server.journal = ""
    return enrolled


def files(folder: Path) -> dict[str, bytes]:
    """What the kiosk of this folder is made of, and nothing beside it."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def assert_in_service(folder: Path, row: JournalRow) -> None:
    """The folder's journal, key and settings belong together and are those of an enrolled kiosk."""
    assert row_of(folder) == row
    load_key(folder, row)
    status = read_status(folder)
    assert (status.state, status.journal) == ("open", row.uuid)


def free_url() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_wrong_code_leaves_a_working_kiosk_as_it_was(
    server: Any, working: Path, start: Callable[..., Any]
) -> None:
    row, before = row_of(working), files(working)
    with pytest.raises(KioskError, match="unknown, expired or used"):
        enrol(working, url=server.url, code=OTHER)
    assert files(working) == before
    assert_in_service(working, row)
    kiosk = start(working)
    kiosk.wait_for("ready")
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    assert read_status(working).votes == 1


def test_an_unreachable_server_leaves_a_working_kiosk_as_it_was(working: Path) -> None:
    row, before, url = row_of(working), files(working), free_url()
    with pytest.raises(KioskError) as refused:
        enrol(working, url=url, code=CODE)
    assert str(refused.value) == (
        f"No answer from {url}: connection refused; check the address and the network; the same"
        " code may be used again."
    )
    assert files(working) == before
    assert_in_service(working, row)


def test_a_name_that_nobody_has_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match=r"hailong\.invalid: name not found; check the address"):
        enrol(tmp_path, url="http://hailong.invalid", code=CODE)


def test_a_lost_reply_is_repeated_exactly_beside_a_working_journal(
    server: Any, working: Path
) -> None:
    old = row_of(working)
    server.answers.append("lose")
    with pytest.raises(KioskError, match="the same code may be used again"):
        enrol(working, url=server.url, code=CODE)
    assert_in_service(working, old)
    new = enrol(working, url=server.url, code=CODE)
    first, second = keys_sent(server)
    assert first == second
    assert new.uuid == second[1] != old.uuid
    assert_in_service(working, new)


def test_another_code_begins_with_another_key(server: Any, working: Path) -> None:
    with pytest.raises(KioskError, match="unknown, expired or used"):
        enrol(working, url=server.url, code=OTHER)
    new = enrol(working, url=server.url, code=CODE)
    first, second = keys_sent(server)
    assert first[0] != second[0]
    assert_in_service(working, new)


def test_a_working_kiosk_becomes_another_and_keeps_the_evidence(server: Any, working: Path) -> None:
    old, key = row_of(working), (working / "key").read_bytes()
    with (working / "kiosk.toml").open("a") as file:
        file.write("undo_s = 3\n")
    server.set_config()
    new = enrol(working, url=server.url, code=CODE)
    assert_in_service(working, new)
    assert (load_settings(working).undo_s, read_status(working).config) == (3, 1)
    aside = working / f"journal-{old.uuid}"
    assert (row_of(aside), (aside / "key").read_bytes()) == (old, key)
    assert {p.name for p in working.iterdir() if p.is_dir()} == {aside.name}


class PowerCutError(Exception):
    """The kiosk is off from here on."""


# Six files move: three aside, three in.
@pytest.mark.parametrize("steps", range(6))
@pytest.mark.parametrize("code", [CODE, OTHER])
def test_a_move_cut_short_anywhere_is_finished_by_the_next_enrolment(
    server: Any, working: Path, monkeypatch: pytest.MonkeyPatch, steps: int, code: str
) -> None:
    old, left, rename = row_of(working), iter(range(steps)), Path.rename

    def cut(source: Path, target: Path) -> Path:
        if source.is_file() and next(left, None) is None:
            raise PowerCutError
        return rename(source, target)

    (working / "config.json").write_bytes(b"the old one")
    with monkeypatch.context() as patched, pytest.raises(PowerCutError):
        patched.setattr(Path, "rename", cut)
        enrol(working, url=server.url, code=CODE)
    server.requests.clear()
    if code == CODE:
        new = enrol(working, url=server.url, code=code)
        assert keys_sent(server) == []
    else:
        with pytest.raises(KioskError, match="unknown, expired or used"):
            enrol(working, url=server.url, code=code)
        new = row_of(working)
    assert new.uuid == server.journal != old.uuid
    assert_in_service(working, new)
    assert row_of(working / f"journal-{old.uuid}") == old


def test_a_side_folder_half_made_is_made_anew(server: Any, working: Path) -> None:
    (working / ".enrolling").mkdir()
    (working / ".enrolling" / "key").write_bytes(b"half")
    (working / SIDE).mkdir()
    assert_in_service(working, enrol(working, url=server.url, code=CODE))


def test_votes_cast_after_a_lost_reply_are_not_left_behind_unasked(
    server: Any, working: Path
) -> None:
    server.answers.append("lose")
    with pytest.raises(KioskError, match="No answer"):
        enrol(working, url=server.url, code=CODE)
    vote(working)
    with pytest.raises(KioskError, match="--again"):
        enrol(working, url=server.url, code=CODE)
    new = enrol(working, url=server.url, code=CODE, again=True)
    first, second = keys_sent(server)
    assert first == second
    assert_in_service(working, new)
