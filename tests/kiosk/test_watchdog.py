"""The service manager hears of a unit that is alive, not of one that only looks so."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Reading
from kiosk.jobs import Jobs
from kiosk.journal_file import create_store
from kiosk.journal_store import Writer
from kiosk.notify import tell_manager
from kiosk.watchdog import LATE_S, Watchdog
from protocol.keys import new_key, public_bytes
from protocol.records import Test
from tests.kiosk.conftest import eventually
from tests.kiosk.stand import Stand, counter
from tests.kiosk.test_run import of

Start = Callable[..., Any]
UUID = "00000000-0000-4000-8000-000000000001"


class Told:
    """A watchdog on a clock that the test moves."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = 100.0
        self.dog = Watchdog(self.said.append, lambda: self.now)

    def feed_after(self, seconds: float) -> int:
        """How often the manager was told by one feeding, so many seconds later."""
        before = len(self.said)
        self.now += seconds
        self.dog.feed()
        return len(self.said) - before


def test_it_is_fed_while_every_part_answers() -> None:
    told = Told()
    told.dog.watch("core", lambda answer: answer())
    told.dog.watch("journal", lambda answer: answer())
    assert [told.feed_after(4) for _ in range(20)] == [1] * 20


def test_one_part_that_falls_silent_starves_it(caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    answers: list[Callable[[], None]] = []
    told.dog.watch("core", lambda answer: answer())
    told.dog.watch("the journal", answers.append)
    assert told.feed_after(0) == 1
    assert told.feed_after(LATE_S) == 1  # slow is not dead
    assert told.feed_after(1) == 0
    assert "no answer from the journal" in caplog.text
    answers[0]()
    assert told.feed_after(1) == 1


def test_a_part_is_not_asked_again_before_it_has_answered() -> None:
    told = Told()
    answers: list[Callable[[], None]] = []
    told.dog.watch("the journal", answers.append)
    for _ in range(4):
        told.feed_after(4)
    assert len(answers) == 1


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    create_store(tmp_path, uuid=UUID, public_key=public_bytes(new_key()), code_hash="")
    opened = Writer(tmp_path)
    yield opened
    opened.close()


def test_the_journal_answers_after_what_was_queued_before(writer: Writer) -> None:
    order: list[str] = []
    at = Reading("00000000-0000-4000-8000-00000000000b", 5, 6, True)
    writer.append(Test(rating=4), at, lambda _: order.append("line"))
    writer.check_alive(lambda: order.append("answer"))
    writer.append(Test(rating=5), at, lambda _: order.append("line")).result()
    eventually(lambda: "answer" in order)
    assert order.index("answer") >= 1


def test_the_core_answers_and_a_core_that_has_ended_does_not(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter()).start()
    answered: list[int] = []
    stand.core.check_alive(lambda: answered.append(1))
    eventually(lambda: answered)
    stand.core.stop()
    stand.core.check_alive(lambda: answered.append(2))
    time.sleep(0.2)
    assert answered == [1]
    stand.close()


def test_the_jobs_answer_while_they_look_what_is_due() -> None:
    jobs = Jobs()
    answered: list[int] = []
    jobs.every(1000, "heartbeat", lambda: None)

    def has_answered() -> bool:
        jobs.check_alive(lambda: answered.append(1))
        return bool(answered)

    eventually(has_answered)
    jobs.stop()
    time.sleep(0.1)
    answered.clear()
    assert not has_answered()


def test_jobs_that_stalled_for_a_while_answer_when_they_go_on() -> None:
    told, jobs = Told(), Jobs()
    asked: list[Callable[[], None]] = []
    told.dog.watch("the jobs", asked.append)
    told.feed_after(0)
    assert told.feed_after(LATE_S + 1) == 0
    jobs.check_alive(asked[0])
    jobs.every(1000, "heartbeat", lambda: None)  # wakes it
    eventually(lambda: told.feed_after(1))
    jobs.stop()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A service manager's socket; processes started meanwhile find it in their environment."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = str(tmp_path / "notify")
        listening.bind(address)
        listening.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listening


def test_without_a_service_manager_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not tell_manager("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    assert not tell_manager("READY=1")


def test_a_manager_in_the_abstract_name_space_hears_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"hailong-test-{os.getpid()}"
        listening.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        assert tell_manager("READY=1")
        assert listening.recv(100) == b"READY=1"


def test_a_real_kiosk_says_that_it_is_ready_alive_and_stopping(
    server: Any, enrolled: Path, start: Start, manager: socket.socket
) -> None:
    kiosk = start(enrolled)
    assert manager.recv(200).startswith(b"READY=1\nSTATUS=")
    assert [manager.recv(200) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    kiosk.say("quit")
    assert kiosk.end() == 0
    said = manager.recv(200)
    while said == b"WATCHDOG=1":
        said = manager.recv(200)
    assert said == b"STOPPING=1"


def test_a_run_after_the_watchdog_says_so_in_the_journal(
    server: Any, enrolled: Path, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    kiosk.process.kill()
    kiosk.end()
    (tmp_path / "result").write_text("watchdog\n")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    again = start(enrolled)
    again.say("quit")
    again.end()
    assert [boot["cause"] for boot in of(enrolled, "boot")] == ["start", "watchdog"]


def test_a_program_that_takes_its_own_place_does_not_say_that_it_stops(
    server: Any, enrolled: Path, start: Start, manager: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """systemd would end it a while after that word, ready again or not."""
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    kiosk = start(enrolled)
    server.answers.extend(["ahead"] * 4)  # this card is an old copy; said once it is not believed
    kiosk.say("press 4")
    manager.settimeout(60)
    said = [manager.recv(200)]
    while sum(word.startswith(b"READY=1") for word in said) < 2:
        said.append(manager.recv(200))
    kiosk.say("quit")
    assert kiosk.end() == 0
    assert b"STOPPING=1" not in said
    assert b"WATCHDOG=1\nWATCHDOG_USEC=120000000" in said  # the start may take its time
    assert said[-1].endswith(b"\nWATCHDOG_USEC=30000000")
