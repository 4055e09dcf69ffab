"""What somebody far away asks of a kiosk is done once, in order, and written down."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Clock
from kiosk.door import NoAnswer
from kiosk.journal_file import Journal, create_store
from kiosk.journal_store import Writer
from kiosk.orders import EXPIRES_MS, Findings, Orders, Outcome
from kiosk.self_check import who_answers
from protocol.configuration import ConfigOrder
from protocol.journal import read_line
from protocol.keys import new_key, public_bytes
from protocol.problems import problem
from protocol.records import Test
from protocol.status import read_diagnostics, read_status
from tests.kiosk.conftest import eventually

UUID = "00000000-0000-4000-8000-000000000001"
ENROLLED_MS = 1_700_000_000_000
Start = Callable[..., Any]


class Unit:
    """Orders on a real journal; the deeds are the test's."""

    def __init__(self, folder: Path) -> None:
        create_store(folder, uuid=UUID, public_key=public_bytes(new_key()), code_hash="x")
        self.journal, self.writer, self.clock = Journal(folder), Writer(folder), Clock()
        self.journal.mark(kiosk="k", state="open", enrolled_ms=ENROLLED_MS)
        self.clock.offset_ms = ENROLLED_MS + 10_000 - self.clock.mono_ms()
        self.done: list[str] = []
        self.outcome: Outcome = "done"
        self.busy = False
        self.start()

    def start(self) -> None:
        self.orders = Orders(
            self.journal, self.writer, self.clock,
            deeds={"selftest": self._deed, "diagnostics": self._deed},
            restart=lambda: self.done.append("restart"),
        )  # fmt: skip
        self.orders.begin()

    def _deed(self, order: ConfigOrder) -> tuple[Outcome, Findings]:
        if self.busy:
            raise NoAnswer("somebody is there")
        self.done.append(f"{order.what} {order.id}")
        return self.outcome, {"disk": "ok"}

    def obey(self, *orders: tuple[int, str] | ConfigOrder) -> None:
        self.orders.obey(
            tuple(
                o
                if isinstance(o, ConfigOrder)
                else ConfigOrder(id=o[0], what=o[1], at_ms=ENROLLED_MS + 5_000)
                for o in orders
            )
        )

    def lines(self) -> list[tuple[int, str, str]]:
        found = [json.loads(line.data) for line in self.journal.rare("order")]
        return [(data["order"], data["what"], data["outcome"]) for data in found]


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    made = Unit(tmp_path)
    yield made
    made.writer.close()
    made.journal.close()


def test_each_order_once_and_in_order(unit: Unit) -> None:
    unit.obey((7, "selftest"), (3, "diagnostics"))
    unit.obey((3, "diagnostics"), (7, "selftest"), (8, "selftest"))
    unit.start()
    unit.obey((3, "diagnostics"), (7, "selftest"), (8, "selftest"))
    assert unit.done == ["diagnostics 3", "selftest 7", "selftest 8"]
    assert unit.lines() == [
        (3, "diagnostics", "done"), (7, "selftest", "done"), (8, "selftest", "done"),
    ]  # fmt: skip


def test_the_highest_order_outlives_its_line(unit: Unit) -> None:
    """400 days later the line is pruned; the configuration may name the order still."""
    unit.obey((3, "selftest"))
    seq = unit.journal.head().seq
    unit.writer.append(Test(rating=4), unit.clock.read()).result()  # the newest line stays
    unit.journal.mark(acked=seq)
    assert unit.writer.prune(seq).result() == seq
    unit.start()
    unit.obey((3, "selftest"))
    assert unit.done == ["selftest 3"]


def test_a_crash_between_the_line_and_its_mark_repeats_nothing(unit: Unit) -> None:
    unit.obey((3, "selftest"))
    unit.journal.mark(ordered=0)
    unit.start()
    unit.obey((3, "selftest"))
    assert len(unit.lines()) == 1


def test_a_restart_is_taken_before_it_and_done_after_it(unit: Unit) -> None:
    unit.obey((1, "restart"), (2, "selftest"))
    unit.obey((1, "restart"), (2, "selftest"))  # it may take a while until nobody is there
    assert unit.done == ["restart"]
    assert unit.lines() == [(1, "restart", "taken")]
    unit.start()
    unit.start()
    unit.obey((1, "restart"), (2, "selftest"))
    assert unit.lines()[1:] == [(1, "restart", "done"), (2, "selftest", "done")]
    assert unit.done == ["restart", "selftest 2"]


def test_an_old_order_expires_by_the_servers_time(unit: Unit) -> None:
    assert unit.clock.offset_ms is not None
    unit.clock.offset_ms += EXPIRES_MS
    unit.obey((1, "restart"))
    assert (unit.done, unit.lines()) == ([], [(1, "restart", "expired")])


def test_without_the_servers_time_nothing_is_done(unit: Unit) -> None:
    unit.clock.offset_ms = None
    unit.obey((1, "restart"))
    assert (unit.done, unit.lines()) == ([], [])


def test_a_word_from_the_future_is_answered_as_unknown(unit: Unit) -> None:
    unit.obey((1, "dance"), (2, "selftest"))
    assert unit.lines() == [(1, "dance", "unknown"), (2, "selftest", "done")]


def test_a_new_journal_ignores_orders_from_before_its_enrolment(unit: Unit) -> None:
    unit.obey(ConfigOrder(id=1, what="restart", at_ms=ENROLLED_MS - 1), (2, "selftest"))
    assert unit.lines() == [(2, "selftest", "done")]


def test_an_order_that_has_to_wait_is_done_later_and_holds_back_the_next(unit: Unit) -> None:
    unit.busy = True
    unit.obey((1, "selftest"), (2, "restart"))
    assert unit.lines() == []
    unit.busy = False
    unit.obey((1, "selftest"), (2, "restart"))
    assert unit.lines() == [(1, "selftest", "done"), (2, "restart", "taken")]


def test_a_part_that_does_not_answer_is_silent() -> None:
    before = time.monotonic()
    found = who_answers({"panel": lambda answer: answer(), "core": lambda _: None}, within_s=0.2)
    assert found == {"panel": "ok", "core": "silent"}
    assert time.monotonic() - before < 20


# A real kiosk ------------------------------------------------------------------------------


def of(folder: Path, kind: str) -> list[dict[str, Any]]:
    with closing(Journal(folder)) as journal:
        lines = [read_line(line) for line in journal.all_lines()]
    return [json.loads(line.data) for line in lines if line.type == kind]


def statuses(server: Any) -> list[Any]:
    return [read_status(body) for kind, body in list(server.told) if kind == "status"]


def test_a_kiosk_tells_how_it_does_and_obeys(server: Any, enrolled: Path, start: Start) -> None:
    now = server.now_ms()
    server.set_config(
        heartbeat_every_s=1,
        undo_s=1,
        orders=[
            {"id": 1, "what": "selftest", "at_ms": now},
            {"id": 2, "what": "diagnostics", "at_ms": now},
            {"id": 3, "what": "restart", "at_ms": now},
        ],
    )
    kiosk = start(enrolled)
    kiosk.wait_for("ready", 2)  # it has started anew, by itself
    eventually(lambda: len(statuses(server)) == 2)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    selftest, diagnostics, taken, done = of(enrolled, "order")
    assert (selftest["outcome"], diagnostics["outcome"]) == ("done", "done"), selftest
    assert (taken["outcome"], done["outcome"], done["order"]) == ("taken", "done", 3)
    found = selftest["findings"]
    assert {part: found[part] for part in ("panel", "core", "journal", "server", "screen")} == {
        "panel": "ok", "core": "ok", "journal": "ok", "server": "ok", "screen": "none",
    }  # fmt: skip
    assert [found[f"button-{n}"] for n in range(1, 6)] == ["ok"] * 5
    assert len(kiosk.of("thanks")) == 1
    assert [boot["cause"] for boot in of(enrolled, "boot")] == ["start", "start"]
    told = statuses(server)
    assert len(told) == 2  # the first contact of each run, and nothing has changed since
    assert (told[0].refused, told[0].faults, told[0].attention) == (None, (), ())
    assert told[1].config == 1
    (text,) = [read_diagnostics(b).text for kind, b in server.told if kind == "diagnostics"]
    for section in ("== status", "== facts", "== machine", "== files", "== log"):
        assert section in text
    key = (enrolled / "key").read_bytes()
    for secret in ("scrypt", "Cán bộ", "Quầy số 1", key.hex(), repr(key)[2:-1]):
        assert secret not in text


def test_a_change_is_told_a_minute_later_at_the_soonest(
    server: Any, enrolled: Path, start: Start
) -> None:
    """The doors may refuse, too: it harms nothing and is not repeated at every heartbeat."""
    server.refusals["status"] = problem("busy")
    server.set_config(heartbeat_every_s=1)
    kiosk = start(enrolled)
    kiosk.say("press 5")
    kiosk.wait_for("thanks")
    asked = lambda: [r for r in list(server.requests) if r[1].endswith("/lines")]  # noqa: E731
    eventually(lambda: len(asked()) >= 2)
    server.set_config(heartbeat_every_s=1, scale="vn9")  # cannot be used: a fault
    eventually(lambda: of(enrolled, "fault"))
    count = len(asked())
    eventually(lambda: len(asked()) >= count + 2)
    kiosk.say("quit")
    assert kiosk.end() == 0
    assert server.told == []
    assert server.asked_to_tell == 1


def test_a_window_answers_the_self_test_and_opens_again_after_a_restart(
    server: Any, enrolled: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    now = server.now_ms()
    server.set_config(
        heartbeat_every_s=1,
        orders=[
            {"id": 1, "what": "selftest", "at_ms": now},
            {"id": 2, "what": "restart", "at_ms": now},
        ],
    )
    kiosk = start(enrolled, "--size", "320x240", screen=True)
    kiosk.wait_for("ready", 2)
    eventually(lambda: len(of(enrolled, "order")) == 3)
    kiosk.say("press 5", "quit")
    assert kiosk.end() == 0
    selftest, _, done = of(enrolled, "order")
    assert (selftest["outcome"], selftest["findings"]["screen"]) == ("done", "ok")
    assert done["outcome"] == "done"
    assert len(kiosk.of("thanks")) == 1
