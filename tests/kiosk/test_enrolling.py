"""Enrolment can be cut off anywhere and repeated; nothing of an old journal is ever lost."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from kiosk.config import load_config, load_settings
from kiosk.enrolling import enrol
from kiosk.errors import KioskError
from kiosk.folder import held
from kiosk.journal_file import Journal, JournalRow
from kiosk.journal_store import Writer
from protocol.problems import problem
from protocol.records import Test

CODE = "ABCD-EFGH-JK"
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
    with pytest.raises(KioskError, match="try again with the same code"):
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
        enrol(enrolled, url=server.url, code=CODE)


def test_hand_written_settings_survive_enrolment(server: Any, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('undo_s = 0\nserver = "http://old.example"\n')
    enrol(tmp_path, url=server.url, code=CODE)
    settings = load_settings(tmp_path)
    assert (settings.server, settings.undo_s) == (server.url, 0)
