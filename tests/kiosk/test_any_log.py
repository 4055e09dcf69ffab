"""Any life of a log before a kiosk: it grows, lies, drops lines, changes its key; the kiosk starts
anew in between. What the kiosk holds is always true, and every lie that it can see is recorded."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.enrolling import enrol
from protocol.checkpoint import read_checkpoint, sign_rotation
from protocol.keys import new_key
from protocol.merkle import root_of
from protocol.note import parse_vkey
from tests.kiosk.conftest import CODE, FakeServer, running_server
from tests.kiosk.small_log import SmallLog
from tests.kiosk.test_proving import DAY_MS, SETTLED_MS, Proving
from tests.kiosk.test_witness import HOUR_MS, ORIGIN


class AnyLog(RuleBasedStateMachine):
    """Over real sockets, against a list of leaves and what was lied about."""

    def __init__(self) -> None:
        super().__init__()
        self.cleanup = ExitStack()
        self.top = Path(tempfile.mkdtemp(prefix="any-log"))
        self.cleanup.callback(shutil.rmtree, self.top)
        self.server: Any = self.cleanup.enter_context(running_server(FakeServer))
        enrol(self.top / "kiosk", url=self.server.url, code=CODE)
        self.lied, self.size = False, 0

    @initialize(entries=st.integers(1, 20))
    def begin(self, entries: int) -> None:
        self.log = self.server.log = SmallLog(ORIGIN, self.server.log_key, entries)
        self.unit = Proving(self.server, self.top / "kiosk")
        assert self.unit.round()

    def teardown(self) -> None:
        if hasattr(self, "unit"):
            self.unit.close()
        self.cleanup.close()

    @rule(count=st.integers(0, 300))
    def grow(self, count: int) -> None:
        self.log.grow(count)

    @rule(count=st.integers(0, 5))
    def send(self, count: int) -> None:
        if count:
            self.unit.vote(count)
        assert self.unit.round()
        assert self.unit.size == len(self.log.leaves)

    @rule()
    def lose_a_receipt(self) -> None:
        self.server.answers.append("lose")
        self.unit.round()

    @rule(ms=st.sampled_from([60_000, HOUR_MS, DAY_MS]))
    def wait(self, ms: int) -> None:
        self.unit.wait(ms)

    @rule()
    def check(self) -> None:
        self.unit.wait(SETTLED_MS)
        assert self.unit.round()
        self.unit.wait(2 * DAY_MS)
        self.unit.check()

    @rule(data=st.data())
    def show_an_older_one(self, data: Any) -> None:
        older = self.log.checkpoint(data.draw(st.integers(0, len(self.log.leaves)))).decode()
        if read_checkpoint(older.encode()).size < self.unit.size:
            self._shown({"checkpoint": older})

    @rule(data=st.data(), more=st.integers(0, 40))
    def lie(self, data: Any, more: int) -> None:
        """Another history, from before what the kiosk has seen, at least as long."""
        size = self.unit.size
        other = self.log.fork(data.draw(st.integers(0, size - 1)))
        other.leaves = other.leaves[:size]
        other.grow(more, "forged")
        self._shown(other.show(self.unit.held))
        self.lied = True
        assert self.unit.contradicted

    def _shown(self, what: dict[str, Any]) -> None:
        held = self.unit.held
        self.server.show = lambda _: what
        self.unit.vote()
        assert self.unit.round()
        self.server.show = None
        assert self.unit.held == held

    @rule()
    def new_key(self) -> None:
        """With its overlap: a receipt comes before the old key is gone."""
        old, new = self.log.keys[-1], new_key()
        self.log.keys = [old, new]
        self.log.rotations.append(sign_rotation(ORIGIN, old=old, new=new).decode())
        assert self.unit.round()

    @precondition(lambda self: len(self.log.keys) > 1)
    @rule()
    def old_key_is_gone(self) -> None:
        del self.log.keys[0]

    @rule()
    def drop_the_next_line(self) -> None:
        self.log.dropped.add(self.unit.journal.head().seq + 1)

    @rule()
    def put_back_what_was_dropped(self) -> None:
        self.log.dropped.clear()

    @rule()
    def start_anew(self) -> None:
        self.unit.close()
        self.unit = Proving(self.server, self.unit.folder, self.unit.ahead_ms)

    @invariant()
    def what_is_held_is_true(self) -> None:
        if not hasattr(self, "unit"):
            return
        held, row = self.unit.held, self.unit.journal.log.row()
        assert held is not None
        found = read_checkpoint(held)
        assert found.root == root_of(self.log.leaves[: found.size])
        assert found.size >= self.size
        self.size = found.size
        assert self.unit.contradicted == self.lied
        assert row.proved <= self.unit.acked
        for line in self.server.lines[: row.proved]:
            assert self.log.index[line.line] < found.size
        assert all(parse_vkey(key)[0] == ORIGIN for key in self.unit.journal.log.handed_over())


AnyLog.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
test_any_life_of_a_log = AnyLog.TestCase
