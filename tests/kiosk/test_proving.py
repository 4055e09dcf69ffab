"""Own lines are proved to be in the log once a day; one that was dropped on arrival is noticed."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk import proving
from kiosk.ahead import VARIABLE
from kiosk.desk import read_status
from kiosk.journal_file import Journal
from kiosk.proving import DAY_MS, NEVER, SETTLED_MS, SPREAD_MS, Prover
from kiosk.pruning import KEPT_DAYS, prunable_to, prune_some
from kiosk.sync_loop import SyncLoop
from kiosk.witness import HOUR_MS
from protocol.keys import new_key
from protocol.problems import problem
from tests.kiosk.conftest import eventually
from tests.kiosk.small_log import SmallLog
from tests.kiosk.test_ahead import set_ahead
from tests.kiosk.test_pruning import acknowledge, append, prune_all
from tests.kiosk.test_sync import PORTAL
from tests.kiosk.test_witness import ORIGIN, Witnessing

PROBLEM = "application/problem+json"


class Proving(Witnessing):
    """A witness that also asks for proofs, whenever `check` lets it."""

    def __init__(self, server: Any, folder: Path, ahead_ms: int = 0) -> None:
        super().__init__(server, folder, ahead_ms)
        self.woken = 0
        self.prover = Prover(
            self.journal, self.door, self.sender.witness, self.clock, self._wake, spread_ms=0
        )

    def _wake(self) -> None:
        self.woken += 1

    def check(self) -> int:
        """All that is due now, without the pauses; how many requests that took."""
        before = len(self.asked)
        self.prover.look()
        while self.prover.due_at != NEVER and len(self.asked) < before + 50:
            self.prover.step()
        return len(self.asked) - before

    def settle(self) -> None:
        """Contact, ten minutes, contact."""
        assert self.round()
        self.prover.look()
        self.wait(SETTLED_MS)
        assert self.round()

    def in_contact(self, ms: int) -> None:
        """So much time passes, with a heartbeat every half hour."""
        for _ in range(ms // (HOUR_MS // 2)):
            self.wait(HOUR_MS // 2)
            assert self.round()
            self.check()

    @property
    def asked(self) -> list[str]:
        return [p.partition("?")[2] for _, p, *_ in self.server.requests if "/inclusion?" in p]

    @property
    def proved(self) -> int:
        return self.journal.log.row().proved

    @property
    def missing(self) -> int | None:
        return self.journal.log.row().missing


@pytest.fixture
def unit(server: Any, enrolled: Path) -> Iterator[Proving]:
    server.log = SmallLog(ORIGIN, server.log_key)
    opened = Proving(server, enrolled)
    yield opened
    opened.close()


def test_what_was_acknowledged_ten_minutes_ago_is_proved_and_asked_for_no_more(
    unit: Proving,
) -> None:
    unit.vote(3)
    assert unit.round()
    assert unit.check() == 0
    acked = unit.acked
    unit.settle()
    assert unit.check() == 1
    assert unit.asked == [f"from=1&to={acked}"]
    assert unit.proved == acked
    unit.vote(5)
    unit.in_contact(DAY_MS // 2)
    assert len(unit.asked) == 1  # once a day
    unit.in_contact(DAY_MS * 2 // 3)
    assert len(unit.asked) == 2 and unit.proved >= acked + 5
    assert read_status(unit.folder).log.proved == unit.proved
    assert unit.missing is None


def test_after_a_restart_the_day_goes_on_and_proved_stays_proved(unit: Proving) -> None:
    unit.settle()
    assert unit.check() == 1
    proved = unit.proved
    again = Proving(unit.server, unit.folder, unit.ahead_ms)
    again.vote(2)
    again.settle()
    assert again.check() == 0
    again.wait(DAY_MS * 2)
    again.settle()
    assert again.check() == 1
    assert again.asked[-1].startswith(f"from={proved + 1}&")
    again.close()


def test_a_long_journal_is_proved_in_small_steps_that_let_votes_go_first(
    unit: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "PAUSE_S", 0.02)
    monkeypatch.setattr(proving, "SOON_S", 0.02)
    unit.vote(2000)
    unit.settle()
    acked = unit.acked
    loop = SyncLoop(unit.sender, asides=(unit.prover,))
    unit.prover._wake = loop.wake
    loop.start()
    eventually(lambda: unit.asked)
    began = time.monotonic()
    unit.vote()  # while the others are being proved
    loop.wake()
    newest = unit.journal.head().seq
    eventually(lambda: len(unit.server.seqs()) >= newest)
    waited_s = time.monotonic() - began
    with closing(Journal(unit.folder)) as journal:
        assert journal.log.row().proved < acked or len(unit.asked) == 21
        eventually(lambda: journal.log.row().proved >= acked)
    assert loop.stop(within_s=60)
    assert waited_s < 10
    assert all(int(q.split("=")[2]) - int(q.split("=")[1][:-3]) < 100 for q in unit.asked)
    assert len(unit.asked) < 50


def test_sixteen_thousand_kiosks_switched_on_together_do_not_ask_together(unit: Proving) -> None:
    begins = [
        Prover(unit.journal, unit.door, unit.sender.witness, unit.clock)._begin_ms
        for _ in range(200)
    ]
    assert max(begins) - min(begins) > SPREAD_MS // 2
    assert min(begins) >= unit.clock.mono_ms() + SETTLED_MS - 1000


# A line that is dropped ------------------------------------------------------------------------


def test_a_line_dropped_on_arrival_is_missed_after_a_day_of_contact_and_heals(
    unit: Proving,
) -> None:
    unit.server.log.dropped = {3}
    unit.vote(6)
    unit.settle()
    assert unit.check() == 1
    assert unit.proved == 2 and unit.missing is None
    unit.in_contact(DAY_MS * 11 // 12)
    assert unit.missing is None
    unit.in_contact(DAY_MS // 4)
    assert unit.missing == 3 and unit.proved == 2
    assert "missing" in unit.attention()
    status = read_status(unit.folder)
    assert "LINE 3 IS MISSING" in status.as_text() and "inspector" in status.advice["en"]
    assert unit.sender.health.log == ("missing",)
    assert not unit.contradicted
    unit.server.log.dropped = set()
    unit.in_contact(DAY_MS * 5 // 4)
    assert unit.missing is None and unit.proved > 6
    assert "missing" not in unit.attention()


def test_days_without_contact_make_no_line_missing(unit: Proving) -> None:
    unit.server.log.dropped = {3}
    unit.vote(6)
    unit.settle()
    unit.check()
    for _ in range(60):  # an hour each, of which the network is gone in the middle
        unit.server.answers.append("reset")
        unit.wait(HOUR_MS // 2)
        assert not unit.round()
        unit.wait(HOUR_MS // 2)
        assert unit.round()
        unit.check()
    assert unit.missing is None


def shut(unit: Proving) -> Any:
    return _answer(problem("absent"))


def unauthorized(unit: Proving) -> Any:
    return _answer(problem("key"))


def busy(unit: Proving) -> Any:
    return _answer(problem("busy"))


def portal(unit: Proving) -> Any:
    return PORTAL


def garbage(unit: Proving) -> Any:
    return 200, "application/json", b'{"checkpoint":5,"lines":"no"}'


def no_proofs(unit: Proving) -> Any:
    return 200, "application/json", b'{"checkpoint":null,"lines":[]}'


def html_checkpoint(unit: Proving) -> Any:
    return 200, "application/json", b'{"checkpoint":"<html>","lines":[]}'


def huge(unit: Proving) -> Any:
    return 200, "application/json", b'{"checkpoint":"' + b"x" * 4_000_000 + b'","lines":[]}'


def _answer(refusal: tuple[int, bytes]) -> Any:
    return refusal[0], PROBLEM, refusal[1]


@pytest.mark.parametrize(
    "answer",
    [shut, unauthorized, busy, portal, garbage, no_proofs, html_checkpoint, huge],
)
def test_what_proves_nothing_is_tried_again_and_missed_after_a_day_of_contact(
    unit: Proving, answer: Callable[[Proving], Any]
) -> None:
    unit.vote(3)
    unit.settle()
    unit.server.inclusion = answer(unit)
    unit.prover.look()
    unit.prover.step()
    assert unit.proved == 0 and unit.missing is None and not unit.contradicted
    unit.vote()
    assert unit.round()  # sending never minds
    for _ in range(50):
        unit.wait(HOUR_MS // 2)
        assert unit.round()
    unit.prover.look()
    unit.prover.step()
    assert unit.missing == 1
    unit.server.inclusion = None
    unit.wait(2 * DAY_MS)
    assert unit.round()
    unit.prover.look()
    unit.prover.step()
    assert unit.missing is None and unit.proved > 3


def test_a_server_without_a_log_is_never_asked(server: Any, enrolled: Path) -> None:
    unit = Proving(server, enrolled)
    unit.vote(3)
    unit.settle()
    unit.in_contact(DAY_MS)
    assert unit.asked == [] and unit.missing is None
    unit.close()


# Lies ----------------------------------------------------------------------------------------


def test_a_proof_of_another_line_is_noticed_at_once(unit: Proving) -> None:
    unit.vote(6)
    unit.settle()
    truth = unit.server.log.prove(unit.server.lines)
    found = json.loads(truth)
    for key in ("index", "proof"):
        found["lines"][2][key] = found["lines"][4][key]  # an altered line would look like this
    unit.server.inclusion = (200, "application/json", json.dumps(found).encode())
    unit.prover.look()
    unit.prover.step()
    assert (unit.proved, unit.missing) == (2, 3)


def test_truncated_proofs_prove_nothing(unit: Proving) -> None:
    unit.vote(6)
    unit.settle()
    found = json.loads(unit.server.log.prove(unit.server.lines))
    for line in found["lines"]:
        line["proof"].pop()
    unit.server.inclusion = (200, "application/json", json.dumps(found).encode())
    unit.prover.look()
    unit.prover.step()
    assert (unit.proved, unit.missing) == (0, 1)


def test_proofs_under_another_root_of_this_size_are_a_contradiction(unit: Proving) -> None:
    unit.vote(3)
    unit.settle()
    other = unit.server.log.fork(2)
    other.index = unit.server.log.index
    lie = other.prove(unit.server.lines, unit.size)
    unit.server.inclusion = (200, "application/json", lie)
    unit.prover.look()
    unit.prover.step()
    assert unit.contradicted and unit.proved == 0
    assert unit.round()
    (record,) = unit.of("contradiction")
    assert len(record["notes"]) == 2 and record["proof"] == []


def test_proofs_under_a_forged_checkpoint_are_a_contradiction(unit: Proving) -> None:
    unit.vote(3)
    unit.settle()
    unit.server.log.keys = [new_key()]
    unit.prover.look()
    unit.prover.step()
    assert unit.contradicted and unit.proved == 0


@pytest.mark.parametrize("newer", [False, True])
def test_proofs_under_a_checkpoint_that_no_receipt_has_shown_wait_for_the_next_receipt(
    unit: Proving, newer: bool
) -> None:
    unit.vote(3)
    unit.settle()
    if newer:
        unit.server.log.grow(3)
    else:
        older = unit.server.log.prove(unit.server.lines, unit.size - 1)
        unit.server.inclusion = (200, "application/json", older)
    unit.prover.look()
    unit.prover.step()
    assert unit.proved == 0 and not unit.contradicted
    assert unit.woken == 1  # a receipt is wanted
    assert 0 < unit.prover.due_at - time.monotonic() < 10
    unit.server.inclusion = None
    assert unit.round()
    unit.prover.step()
    assert unit.proved >= 3


# The card ------------------------------------------------------------------------------------


def test_what_is_not_proved_is_never_pruned_once_there_is_a_log(
    server: Any, enrolled: Path
) -> None:
    append(enrolled, 10)
    with closing(Journal(enrolled)) as journal:
        newest = journal.head().seq
        acknowledge(enrolled, newest, 0)
        before_any_log = prunable_to(journal, KEPT_DAYS * DAY_MS)
        assert before_any_log == newest
        log = SmallLog(ORIGIN, server.log_key)
        assert journal.log.move_on(None, log.checkpoint())
        assert prune_all(enrolled, KEPT_DAYS * DAY_MS) == 0
        with closing(sqlite3.connect(journal.path)) as con:
            assert prune_some(con, newest) == 0  # whoever asks for it
        journal.log.prove(4)
        assert prune_all(enrolled, KEPT_DAYS * DAY_MS) == 4
        journal.log.prove(newest)
        assert prune_all(enrolled, KEPT_DAYS * DAY_MS) == newest - 1


def test_lines_that_went_before_there_was_a_log_are_not_asked_for(unit: Proving) -> None:
    unit.server.log, log = None, unit.server.log
    unit.vote(5)
    assert unit.round()
    acknowledge(unit.folder, unit.acked, 0)
    unit.writer.prune(4).result()
    unit.server.log = log
    unit.settle()
    unit.check()
    assert unit.asked == [f"from=5&to={unit.proved}"]


def test_a_running_kiosk_proves_its_lines_by_itself(
    server: Any, enrolled: Path, start: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    server.log = SmallLog(ORIGIN, server.log_key)
    file = tmp_path / "ahead.json"
    set_ahead(file, 0)
    monkeypatch.setenv(VARIABLE, str(file))
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    kiosk.say("press 5")
    kiosk.wait_for("thanks")
    eventually(lambda: len(server.seqs()) >= 3)
    with closing(Journal(enrolled)) as journal:
        for hours in range(1, 6):
            if journal.log.row().proved >= 3:
                break
            server.skew_ms = hours * HOUR_MS
            set_ahead(file, hours * HOUR_MS)
            time.sleep(0.2)
            before = len(server.seqs())
            kiosk.say("press 1")
            eventually(lambda: len(server.seqs()) > before)  # noqa: B023
            time.sleep(0.5)
        eventually(lambda: journal.log.row().proved >= 3)
        assert not journal.log.row().words()
    kiosk.say("quit")
    assert kiosk.end() == 0
