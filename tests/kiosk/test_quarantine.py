"""Lines that a journal's state keeps out are handed over apart, each of them, whatever happens."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk import pace, quarantine
from kiosk.clock import Clock
from kiosk.desk import read_status
from kiosk.enrolling import enrol
from kiosk.evidence import QUARANTINE_FILE, set_aside
from kiosk.journal_file import FILE
from kiosk.locale import load_words
from kiosk.mending import mend
from kiosk.outcast import Outcast
from kiosk.quarantine import (
    NEVER,
    HandedOver,
    Quarantine,
    count_handed_over,
    keep_progress,
    read_progress,
)
from kiosk.sync_loop import SyncLoop
from kiosk.technician import Running, gather_facts
from protocol.problems import problem
from tests.kiosk.conftest import NAME, eventually
from tests.kiosk.test_run import setting
from tests.kiosk.test_sync import PROBLEM, Unit, foreign_head, say_fork

Start = Callable[..., Any]
OTHER_CODE = "WWWW-WWWW-WW"


class Kept(Unit):
    """A unit with its quarantine."""

    def __init__(self, folder: Path, server: Any) -> None:
        super().__init__(folder)
        self.opened: list[bool] = []
        self.quarantine = Quarantine(
            folder, self.journal, url=server.url, clock=self.clock,
            on_open=lambda: self.opened.append(True),
        )  # fmt: skip

    def hand_over(self, steps: int = 100) -> None:
        """Until there is nothing left to do, or it has to wait."""
        self.quarantine.look()
        while self.quarantine.due_at <= time.monotonic() and (steps := steps - 1) >= 0:
            self.quarantine.step()

    def lines(self) -> list[bytes]:
        return list(self.journal.all_lines())

    def close(self) -> None:
        self.quarantine.close()
        super().close()


def apart(server: Any, journal: str | None = None) -> set[bytes]:
    found: set[bytes] = server.apart.get(journal or server.journal, set())
    return found


def refuse(server: Any, unit: Unit, word: str) -> None:
    """The server keeps the journal out from now on, and says so."""
    server.shut = word
    if word == "forked":
        say_fork(server, foreign_head(unit, unit.journal.head().seq))
    assert not unit.round()
    assert unit.state == word


def requests(server: Any) -> list[tuple[str, str, dict[str, str], bytes]]:
    return [request for request in server.requests if request[1].endswith("/quarantine")]


@pytest.mark.parametrize("word", ["forked", "closed", "revoked"])
def test_lines_that_are_kept_out_are_handed_over_and_those_that_follow(
    server: Any, enrolled: Path, word: str
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    assert unit.round()
    stored = len(server.lines)
    unit.vote(5)
    refuse(server, unit, word)
    unit.hand_over()
    kept_out = unit.lines()[stored:]
    assert set(kept_out) <= apart(server)
    assert unit.quarantine.due_at == NEVER
    unit.vote(2)
    assert count_handed_over(enrolled, word).waiting == 2
    unit.hand_over()
    assert set(unit.lines()[stored:]) <= apart(server)
    assert count_handed_over(enrolled, word).waiting == 0
    unit.close()


def test_where_the_branches_part_below_what_was_acknowledged_all_from_there_is_handed_over(
    server: Any, enrolled: Path
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(6)
    assert unit.round()
    unit.vote(1)
    server.shut = "forked"
    _, body = problem("fork", seq=4, head=foreign_head(unit, 4))
    server.answers.append((409, PROBLEM, body, {}))
    assert not unit.round()
    unit.hand_over()
    assert apart(server) == set(unit.lines()[3:])
    unit.close()


def test_a_heartbeat_cannot_tell_where_they_part_so_all_is_handed_over(
    server: Any, enrolled: Path
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    assert unit.round()
    refuse(server, unit, "forked")
    unit.hand_over()
    assert apart(server) == set(unit.lines())
    unit.close()


def test_an_open_journal_goes_back_to_the_usual_door(server: Any, enrolled: Path) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    refuse(server, unit, "closed")
    server.shut = ""
    unit.hand_over()
    assert unit.opened == [True]
    assert unit.round()
    assert unit.state == "open"
    assert len(server.lines) == unit.journal.head().seq
    assert not apart(server)
    unit.close()


def test_it_goes_on_where_it_was_after_a_new_start(
    server: Any, enrolled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MAX_LINES", 10)
    unit = Kept(enrolled, server)
    unit.vote(35)
    refuse(server, unit, "revoked")
    unit.hand_over(steps=2)
    assert len(apart(server)) == 20
    unit.close()
    server.requests.clear()
    unit = Kept(enrolled, server)
    unit.hand_over()
    assert apart(server) == set(unit.lines())
    assert len(requests(server)) == 2
    unit.close()


def test_a_lost_answer_costs_a_repeat(server: Any, enrolled: Path) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    refuse(server, unit, "closed")
    server.answers.append("reset")
    unit.hand_over()
    assert time.monotonic() < unit.quarantine.due_at < NEVER
    unit.quarantine._retry_at.clear()
    unit.hand_over()
    assert apart(server) == set(unit.lines())
    unit.close()


def test_a_full_quarantine_is_left_alone_as_long_as_it_says(server: Any, enrolled: Path) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    refuse(server, unit, "closed")
    _, body = problem("rate")
    server.answers.append((429, PROBLEM, body, {"Retry-After": "3600"}))
    unit.hand_over()
    assert unit.quarantine.due_at >= time.monotonic() + 3590
    assert count_handed_over(enrolled, "closed").waiting == 3
    unit.close()


def test_a_portal_in_between_changes_nothing(server: Any, enrolled: Path) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    refuse(server, unit, "closed")
    for answer in ((202, "text/html", b"<html>", {}), (200, "application/json", b"{}", {})):
        server.answers.append(answer)
        unit.quarantine._retry_at.clear()
        unit.hand_over()
        assert read_progress(enrolled).kept == 0
    unit.close()


def test_a_line_that_is_refused_does_not_hold_up_the_others(server: Any, enrolled: Path) -> None:
    unit = Kept(enrolled, server)
    unit.vote(4)
    refuse(server, unit, "closed")
    status, body = problem("line", detail="Odd.", line=2, seq=2)
    server.answers.append((status, PROBLEM, body, {}))  # then the first goes alone
    unit.hand_over(steps=2)
    status, body = problem("line", detail="Odd.", line=1, seq=2)
    server.answers.append((status, PROBLEM, body, {}))
    unit.hand_over()
    lines = unit.lines()
    assert apart(server) == {lines[0], *lines[2:]}
    unit.close()


# Journals set aside -----------------------------------------------------------------------


def press(start: Start, folder: Path, count: int, until: Callable[[], Any]) -> Any:
    """Votes of a real kiosk, which ends when `until` has come true."""
    kiosk = start(folder)
    kiosk.wait_for("ready")
    kiosk.say(*["press 2"] * count)
    kiosk.wait_for("thanks", count)
    eventually(until)
    kiosk.say("quit")
    assert kiosk.end() == 0
    return kiosk


@pytest.fixture
def used(server: Any, enrolled: Path) -> Path:
    """A kiosk with three lines at the server and four more that are not."""
    setting(enrolled, "undo_s = 0")
    unit = Unit(enrolled)
    unit.vote(2)
    unit.round()
    unit.vote(4)
    unit.close()
    assert mend(enrolled) == ""  # as every start does: now it is written down who this is
    return enrolled


def lines_of(folder: Path) -> list[bytes]:
    with sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True) as con:
        found = [row[0] for row in con.execute("select body from line order by seq")]
    con.close()
    return found


def anew(server: Any, folder: Path) -> str:
    """The kiosk has to begin a new journal, and is enrolled again; the old journal's name."""
    old: str = server.journal
    set_aside(folder)
    mend(folder)
    server.give_code(OTHER_CODE)
    enrol(folder, url=server.url, code=OTHER_CODE)
    return old


def test_what_an_earlier_journal_had_not_sent_is_handed_over_by_the_next(
    server: Any, used: Path, start: Start
) -> None:
    old = anew(server, used)
    evidence = used / "evidence-1"
    before = lines_of(evidence)
    assert read_status(used).waiting_apart == 4
    kiosk = press(start, used, 2, lambda: read_progress(evidence).done)
    assert apart(server, old) == set(before[3:])
    status = read_status(used)
    assert (status.kept_apart, status.waiting_apart) == (4, 0)
    assert "4 lines handed over for review, 0 waiting" in status.as_text()
    assert lines_of(evidence) == before
    assert not kiosk.of("refused")
    server.requests.clear()
    press(start, used, 1, lambda: len(server.lines) >= 6)
    assert not requests(server)  # it remembers that it is done


def test_kill_9_in_the_middle_of_it_loses_nothing(server: Any, used: Path, start: Start) -> None:
    old = anew(server, used)
    server.answers.extend(["reset"] * 2)
    killed = start(used)
    killed.wait_for("ready")
    time.sleep(0.4)
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.end()
    press(start, used, 1, lambda: read_progress(used / "evidence-1").done)
    assert apart(server, old) == set(lines_of(used / "evidence-1")[3:])


def test_a_replaced_journal_goes_the_same_way_with_the_progress_it_had(
    server: Any, used: Path
) -> None:
    unit = Kept(used, server)
    refuse(server, unit, "revoked")
    unit.hand_over()
    unit.vote(2)
    old, total = server.journal, len(unit.lines())
    unit.close()
    server.shut = ""
    server.give_code(OTHER_CODE)
    enrol(used, url=server.url, code=OTHER_CODE)
    place = used / f"journal-{old}"
    assert (place / QUARANTINE_FILE).exists() and not (used / QUARANTINE_FILE).exists()
    unit = Kept(used, server)
    server.requests.clear()
    unit.hand_over()
    assert len(apart(server, old)) == total - 3
    assert len(requests(server)) == 1 and read_progress(place).done
    unit.close()


def test_of_a_damaged_journal_all_that_can_be_read_is_handed_over(server: Any, used: Path) -> None:
    with sqlite3.connect(used / FILE) as con:
        con.execute("update line set body = x'00' where seq = 5")
    con.close()  # the last to close writes the WAL back
    old = anew(server, used)
    content = (used / "evidence-1" / FILE).read_bytes()
    unit = Kept(used, server)
    unit.hand_over()
    whole = lines_of(used / "evidence-1")
    assert apart(server, old) == {line for line in whole[3:] if line != b"\0"}
    assert read_progress(used / "evidence-1").done
    assert (used / "evidence-1" / FILE).read_bytes() == content
    unit.close()


@pytest.mark.parametrize("wreck", [
    pytest.param(lambda f: (f / FILE).write_bytes(b"nothing"), id="no database"),
    pytest.param(lambda f: (f / "key").unlink(), id="no key"),
    pytest.param(lambda f: (f / "key").write_bytes(b"\1" * 32), id="another key"),
    pytest.param(lambda f: (f / FILE).unlink(), id="no journal"),
])  # fmt: skip
def test_what_cannot_be_read_or_signed_is_kept_and_not_tried_for_ever(
    server: Any, used: Path, wreck: Callable[[Path], None]
) -> None:
    anew(server, used)
    place = used / "evidence-1"
    for beside in place.glob(f"{FILE}-*"):
        beside.unlink()
    wreck(place)
    unit = Kept(used, server)
    unit.hand_over()
    assert (read_progress(place).done, read_progress(place).why) == (True, "unreadable")
    assert unit.quarantine.due_at == NEVER
    unit.close()


def name_server(place: Path, name: str) -> None:
    with sqlite3.connect(place / FILE) as con:
        con.execute("update journal set server = ?", (name,))
    con.close()


def test_a_journal_of_another_server_waits_until_the_kiosk_is_back_there(
    server: Any, used: Path
) -> None:
    name_server(used, "elsewhere.example")
    old = anew(server, used)
    place = used / "evidence-1"
    unit = Kept(used, server)
    server.requests.clear()
    unit.hand_over()
    assert not requests(server) and not read_progress(place).done
    assert count_handed_over(used, "open").waiting == 4
    unit.close()
    given_up = b'{"next":0,"kept":0,"done":true,"why":"elsewhere"}'  # as older versions did
    (place / QUARANTINE_FILE).write_bytes(given_up)
    name_server(place, NAME)
    unit = Kept(used, server)
    unit.hand_over()
    assert apart(server, old) == set(lines_of(place)[3:])
    assert read_progress(place).done
    unit.close()


# A server that was restored from a backup -------------------------------------------------


def enrol_over(server: Any, folder: Path, unit: Kept) -> tuple[Kept, Path]:
    """The kiosk is enrolled with a new code; its unit from then on, the place of the old one."""
    old = server.journal
    unit.close()
    server.shut = ""
    server.give_code(OTHER_CODE)
    enrol(folder, url=server.url, code=OTHER_CODE)
    return Kept(folder, server), folder / f"journal-{old}"


def test_what_the_server_lost_is_handed_over_as_far_as_the_card_was_not_pruned(
    server: Any, enrolled: Path
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(9)
    assert unit.round()
    assert unit.writer.prune(4).result() == 4
    del server.lines[2:]  # from before what is pruned: this journal cannot go on there
    unit.vote(2)
    assert not unit.round()
    assert (unit.state, unit.acked) == ("pruned", 4)
    left = unit.lines()
    unit, place = enrol_over(server, enrolled, unit)
    assert count_handed_over(enrolled, "open").waiting == len(left)
    unit.hand_over()
    assert apart(server, place.name.removeprefix("journal-")) == set(left)
    assert read_progress(place).done
    unit.close()


def test_a_journal_that_the_server_forgot_waits_whole_until_it_is_known_again(
    server: Any, enrolled: Path, caplog: pytest.LogCaptureFixture
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(4)
    assert unit.round()
    status, body = problem("key")
    server.answers.append((status, PROBLEM, body, {}))
    assert not unit.round()
    assert (unit.state, unit.acked) == ("key", 5)
    lines, old = unit.lines(), server.journal
    unit, place = enrol_over(server, enrolled, unit)
    key = server.keys.pop(old)
    unit.hand_over()
    assert (read_progress(place).done, read_progress(place).why) == (False, "unknown")
    assert count_handed_over(enrolled, "open").waiting == len(lines)
    assert time.monotonic() + 3600 < unit.quarantine.due_at < NEVER
    assert f"{place.name}, which a newer backup of it may" in caplog.text
    advice = read_status(enrolled).advice
    assert "bản sao lưu mới hơn" in advice["vi"] and "a newer backup" in advice["en"]
    unit.close()
    server.keys[old] = key  # the operator has restored the newer one
    unit = Kept(enrolled, server)
    unit.hand_over()
    assert apart(server, old) == set(lines)
    assert (read_progress(place).done, read_progress(place).why) == (True, "")
    assert not read_status(enrolled).advice
    unit.close()


def test_journals_set_aside_go_whole_again_to_a_server_that_was_restored(
    server: Any, used: Path
) -> None:
    """The backup may be older than lines that were acknowledged, and than the quarantine."""
    server.set_config()
    old = anew(server, used)
    unit = Kept(used, server)
    unit.round()
    unit.hand_over()
    assert apart(server, old) == set(lines_of(used / "evidence-1")[3:])
    server.requests.clear()
    server.set_config()
    unit.round()
    unit.hand_over()
    assert not requests(server)  # the next version is no sign
    server.apart.clear()
    server.version = server.now_ms()  # as `hailong-server restore` counts on
    server.set_config()
    unit.round()
    unit.hand_over()
    assert apart(server, old) == set(lines_of(used / "evidence-1"))
    assert count_handed_over(used, "open").waiting == 0
    server.requests.clear()
    unit.hand_over()
    assert not requests(server)  # once
    unit.close()


def test_a_journal_replaced_before_it_heard_of_the_restored_server_goes_whole(
    server: Any, enrolled: Path
) -> None:
    server.set_config()
    unit = Kept(enrolled, server)
    unit.vote(4)
    assert unit.round()
    lines = unit.lines()
    server.version = server.now_ms()
    server.set_config()
    unit, place = enrol_over(server, enrolled, unit)
    unit.hand_over()
    assert apart(server, place.name.removeprefix("journal-")) >= set(lines)
    unit.close()


def test_what_a_journal_that_is_kept_out_handed_over_goes_again_each_week(
    server: Any, enrolled: Path
) -> None:
    unit = Kept(enrolled, server)
    unit.vote(3)
    assert unit.round()
    unit.vote(5)
    refuse(server, unit, "revoked")
    unit.hand_over()
    before = apart(server).copy()
    server.apart.clear()  # restored from a backup without them, and a revoked kiosk is told nothing
    unit.hand_over()
    assert not apart(server)
    began = read_progress(enrolled)
    keep_progress(enrolled, replace(began, at_ms=began.at_ms - 8 * 86_400_000))
    unit.hand_over()
    assert apart(server) == before
    assert count_handed_over(enrolled, "revoked") == HandedOver(kept=5, waiting=0)
    assert unit.quarantine.due_at == NEVER
    unit.close()


def test_nothing_is_handed_over_while_the_new_journal_is_not_enrolled(
    server: Any, used: Path
) -> None:
    set_aside(used)
    mend(used)
    unit = Kept(used, server)
    unit.hand_over()
    assert not requests(server)
    assert read_status(used).waiting_apart == 4
    unit.close()


def test_an_earlier_journal_holds_up_the_live_one_for_one_short_wait_at_most(
    server: Any, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server leaves what is handed over without an answer."""
    monkeypatch.setattr(quarantine, "WITHIN_S", 0.5)
    anew(server, used)
    server.apart_takes_s = 5.0
    unit = Kept(used, server)
    loop = SyncLoop(unit.sender, asides=(unit.quarantine,))
    loop.start()
    eventually(lambda: unit.journal.row().acked > 0)
    for _ in range(4):
        began = time.monotonic()
        unit.vote()
        loop.wake()
        newest = unit.journal.head().seq
        eventually(lambda newest=newest: len(server.lines) >= newest)
        assert time.monotonic() - began < 4.5
    assert not apart(server)
    assert loop.stop(within_s=10)
    unit.close()


# What the technician is told --------------------------------------------------------------


@pytest.mark.parametrize("state", ["forked", "closed", "revoked", "key", "old-copy", "enrolling"])
def test_every_state_says_what_happened_and_what_to_do_in_each_language(
    used: Path, state: str
) -> None:
    unit = Unit(used)
    unit.journal.mark(state=state)
    running = Running(at=Clock().read(), zone=UTC, version="1")
    for locale, word in (("vi", "đăng ký"), ("en", "enrol")):
        facts = dict(gather_facts(used, unit.journal, running, load_words(locale)))
        assert word in facts["advice"]
        assert read_status(used).advice[locale] == facts["advice"]
        assert facts["advice"] in read_status(used).as_text()
    unit.journal.mark(state="open")
    assert "advice" not in dict(gather_facts(used, unit.journal, running, load_words("vi")))
    assert not read_status(used).advice
    unit.close()


def test_a_copied_folder_is_read_without_its_wal_being_moved(server: Any, used: Path) -> None:
    """Evidence may have its newest lines in the WAL alone."""
    unit = Unit(used)
    unit.vote(3)
    image = shutil.copytree(used, used.parent / "image")
    expected = list(unit.journal.all_lines())
    unit.close()
    assert (image / f"{FILE}-wal").exists()
    outcast = Outcast(image)
    assert outcast.lines_from(1, batch=pace.Batch())[0] == expected
    outcast.close()
    assert (image / f"{FILE}-wal").stat().st_size > 0
