"""A kiosk holds what it is shown of the log against what it saw; whatever comes, votes are sent."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hardware.simulated import SimulatedPanel
from kiosk.__main__ import main
from kiosk.clock import Clock
from kiosk.config import load_settings
from kiosk.desk import read_status
from kiosk.journal_file import FILE, Journal
from kiosk.page import Page
from kiosk.status import gather_status
from kiosk.sync import Health
from kiosk.voice import Voice
from kiosk.witness import HOUR_MS, judge
from protocol.checkpoint import (
    Checkpoint,
    LogKey,
    open_checkpoint,
    read_checkpoint,
    sign_checkpoint,
    sign_rotation,
)
from protocol.cosignature import cosign
from protocol.journal import read_line
from protocol.keys import b64, new_key, unb64
from protocol.merkle import EMPTY_ROOT, root_of
from protocol.note import add_signatures
from protocol.request import LOG_HEADER
from tests.kiosk.conftest import NAME, eventually
from tests.kiosk.small_log import SmallLog
from tests.kiosk.stand import Stand, counter
from tests.kiosk.test_status import FINE
from tests.kiosk.test_sync import Unit

ORIGIN = f"{NAME}/log"


class Witnessing(Unit):
    """A kiosk before a server with a log; hours pass for both when the test says so."""

    def __init__(self, server: Any, folder: Path, ahead_ms: int = 0) -> None:
        self.server, self.ahead_ms = server, ahead_ms
        super().__init__(folder, Clock(ahead_ms=lambda: self.ahead_ms))

    def wait(self, ms: int) -> None:
        self.ahead_ms += ms
        self.server.skew_ms += ms

    def restart(self) -> "Witnessing":
        self.close()
        return Witnessing(self.server, self.folder, self.ahead_ms)

    _closed = False

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            super().close()

    @property
    def held(self) -> bytes | None:
        return self.journal.log.row().checkpoint

    @property
    def size(self) -> int:
        return read_checkpoint(self.held or b"").size

    def of(self, kind: str) -> list[Any]:
        """The data of all records of a type, as the server has them."""
        lines = map(read_line, (line.line for line in self.server.lines))
        return [json.loads(line.data) for line in lines if line.type == kind]

    def attention(self) -> tuple[str, ...]:
        return gather_status(self.folder, self.journal, self.clock, FINE, started_ms=0).attention

    @property
    def contradicted(self) -> bool:
        return self.journal.log.row().contradicted_ms is not None


@pytest.fixture
def log(server: Any) -> SmallLog:
    server.log = SmallLog(ORIGIN, server.log_key)
    return server.log


@pytest.fixture
def unit(server: Any, enrolled: Path, log: SmallLog) -> Iterator[Witnessing]:
    opened = Witnessing(server, enrolled)
    yield opened
    opened.close()


def carried(server: Any) -> list[str | None]:
    """The checkpoints that requests to the line door carried."""
    return [h.get(LOG_HEADER) for _, path, h, _ in server.requests if path.endswith("/lines")]


def test_the_first_checkpoint_is_kept_and_carried_from_then_on(
    server: Any, unit: Witnessing
) -> None:
    assert unit.round()
    first = unit.held
    assert first is not None
    assert carried(server)[0] is None
    unit.vote(3)
    server.requests.clear()
    assert unit.round()
    assert carried(server)[0] is not None
    assert unb64(carried(server)[0] or "") == first
    assert unit.size == len(server.log.leaves) > read_checkpoint(first).size
    assert not unit.contradicted


def test_a_server_without_a_log_is_as_before(server: Any, unit: Witnessing) -> None:
    server.log = None
    unit.vote(2)
    assert unit.round()
    assert unit.held is None and carried(server) == [None, None]
    assert read_status(unit.folder).log.size is None
    assert main(["checkpoint", "--data", str(unit.folder)]) == 2


def test_an_older_checkpoint_that_is_shown_again_is_ignored(server: Any, unit: Witnessing) -> None:
    unit.vote(3)
    assert unit.round()
    held = unit.held
    server.show = lambda _: {"checkpoint": server.log.checkpoint(4).decode()}
    unit.vote()
    assert unit.round()
    assert unit.held == held and not unit.contradicted


# Attacks ------------------------------------------------------------------------------------

Show = Callable[[bytes | None], dict[str, Any]]


def two_histories(log: SmallLog) -> Show:
    other = log.fork(2)
    other.grow(9)
    return other.show


def equal_size_other_root(log: SmallLog) -> Show:
    def show(held: bytes | None) -> dict[str, Any]:
        size = read_checkpoint(held or b"").size
        return {"checkpoint": log.fork(1).checkpoint(size).decode()}

    return show


def equal_size_and_a_proof_of_nothing(log: SmallLog) -> Show:
    def show(held: bytes | None) -> dict[str, Any]:
        size = read_checkpoint(held or b"").size
        return {"checkpoint": log.checkpoint(size).decode(), "consistency": (b64(bytes(32)),)}

    return show


def truncated_proof(log: SmallLog) -> Show:
    def show(held: bytes | None) -> dict[str, Any]:
        log.grow(1)
        shown = log.show(held)
        return shown | {"consistency": shown["consistency"][:-1]}

    return show


def proof_that_is_no_base64(log: SmallLog) -> Show:
    def show(held: bytes | None) -> dict[str, Any]:
        log.grow(1)
        return log.show(held) | {"consistency": ("<html>", "A")}

    return show


def forged_signature(log: SmallLog) -> Show:
    other = log.fork(len(log.leaves))
    other.keys = [new_key()]
    other.grow(3)
    return other.show


def checkpoint_of_another_server(log: SmallLog) -> Show:
    return SmallLog("may-chu.khac/log", new_key(), 50).show


def new_key_without_overlap(log: SmallLog) -> Show:
    log.rotations.append(sign_rotation(ORIGIN, old=new_key(), new=(new := new_key())).decode())
    log.keys = [new]
    log.grow(1)
    return log.show


def break_without_enrolment(log: SmallLog) -> Show:
    return SmallLog(f"{ORIGIN}/2", log.keys[0], 50).show


def empty_tree_with_a_root(log: SmallLog) -> Show:
    lie = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), log.keys).decode()
    return lambda _: {"checkpoint": lie}


ATTACKS = [
    two_histories, equal_size_other_root, equal_size_and_a_proof_of_nothing, truncated_proof,
    proof_that_is_no_base64, forged_signature, checkpoint_of_another_server,
    new_key_without_overlap, break_without_enrolment, empty_tree_with_a_root,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_contradiction_is_recorded_shown_and_sending_goes_on(
    server: Any, unit: Witnessing, attack: Callable[[SmallLog], Show]
) -> None:
    unit.vote(3)
    assert unit.round()
    held = unit.held
    server.show = lie = attack(server.log)
    same = lie(held)
    server.show = lambda _: same
    for _ in range(3):  # as long as it is shown
        unit.vote(2)
        assert unit.round()
    assert unit.acked == unit.journal.head().seq == len(server.seqs())
    assert unit.held == held
    assert unit.of("contradiction") == [
        {
            "notes": [(held or b"").decode(), same["checkpoint"]],
            "proof": list(same.get("consistency", ()))
            if attack is not proof_that_is_no_base64
            else [],
        }
    ]
    assert "contradiction" in unit.attention()
    assert unit.sender.health.log == ("contradiction",)
    again = unit.restart()
    again.vote()
    assert again.round()
    assert len(again.of("contradiction")) == 1
    assert again.sender.health.log == ("contradiction",)  # from the start on
    server.show = None
    server.log.keys = [server.log_key]
    assert again.round()
    assert again.contradicted  # for the life of this journal
    status = read_status(again.folder)
    assert status.log.contradicted_at is not None
    assert "inspector" in status.advice["en"] and "thanh tra" in status.advice["vi"]
    again.close()


def test_the_recorded_notes_prove_two_histories_to_anybody(server: Any, unit: Witnessing) -> None:
    unit.round()
    server.show = equal_size_other_root(server.log)
    unit.round()
    (record,) = unit.of("contradiction")
    key = LogKey(ORIGIN, server.log_key.public_key())
    a, b = (open_checkpoint(note.encode(), [key]) for note in record["notes"])
    assert a.size == b.size and a.root != b.root


def test_a_first_checkpoint_with_a_proof_or_a_strange_signature_is_not_kept(
    server: Any, unit: Witnessing
) -> None:
    strange = SmallLog(ORIGIN, new_key(), 5).show(None)
    server.show = lambda _: strange
    assert unit.round()
    assert unit.held is None
    assert unit.of("contradiction") == [{"notes": [strange["checkpoint"]], "proof": []}]


@pytest.mark.parametrize(
    "shown",
    ["", "<html>Accept our terms</html>", "x" * 4_000_000, "\x01\x02", "a\n1\nb\n\n— c d\n",
     f"{ORIGIN}\n99999999999999999999\n{'A' * 43}=\n\n— {ORIGIN} {'A' * 92}\n", "\u2014" * 5000],
    ids=["empty", "html", "4 MB", "control", "odd", "size", "dashes"],
)  # fmt: skip
def test_what_is_no_checkpoint_at_all_changes_nothing(
    server: Any, unit: Witnessing, shown: str
) -> None:
    assert unit.round()
    held = unit.held
    server.show = lambda _: {"checkpoint": shown}
    unit.vote(2)
    assert unit.round()
    assert unit.held == held and not unit.contradicted
    assert unit.acked == unit.journal.head().seq


def test_who_invents_a_new_contradiction_each_minute_does_not_fill_the_card(
    server: Any, unit: Witnessing
) -> None:
    unit.round()
    server.show = lambda _: SmallLog(ORIGIN, new_key(), 50).show(None)
    for _ in range(10):
        unit.vote()
        assert unit.round()
    assert len(unit.of("contradiction")) == 1
    unit.wait(HOUR_MS)
    unit.round()
    assert len(unit.of("contradiction")) == 2


def cosigned(note: bytes, bodies: int) -> bytes:
    lines = [cosign(note, name=f"witness-{n}", key=new_key(), at_s=5) for n in range(bodies)]
    return add_signatures(note, lines)


def test_cosignatures_are_not_kept_and_never_make_a_record_too_long(
    server: Any, unit: Witnessing, log: SmallLog
) -> None:
    server.show = lambda _: {"checkpoint": cosigned(log.checkpoint(5), 25).decode()}
    assert unit.round()
    assert unit.held == log.checkpoint(5)
    other = log.fork(2)
    other.grow(3000)
    note = cosigned(other.checkpoint(), 25).decode()
    server.show = lambda held: other.show(held) | {"checkpoint": note}
    assert unit.round()
    (record,) = unit.of("contradiction")
    assert record["notes"] == [log.checkpoint(5).decode(), other.checkpoint().decode()]
    assert len(record["proof"]) >= 10
    server.show = lambda _: {"checkpoint": note, "consistency": (b64(bytes(32)),) * 200}
    unit.wait(HOUR_MS)
    assert unit.round()
    assert unit.of("contradiction")[1] == record | {"proof": []}


# The checkpoint in the journal --------------------------------------------------------------


def test_the_newest_checkpoint_is_written_down_once_an_hour_at_the_most(
    server: Any, unit: Witnessing
) -> None:
    for _ in range(5):
        unit.vote()
        assert unit.round()
    assert len(unit.of("checkpoint")) == 1
    unit = unit.restart()
    unit.vote()
    assert unit.round()
    assert len(unit.of("checkpoint")) == 1
    unit.wait(HOUR_MS)
    assert unit.round()
    second = unit.of("checkpoint")[1]["note"].encode()
    assert read_checkpoint(second).size > 5
    unit.close()


def test_an_hour_without_news_writes_nothing_and_a_line_of_its_own_makes_no_ping_pong(
    server: Any, unit: Witnessing
) -> None:
    assert unit.round()
    server.requests.clear()
    assert unit.round()
    assert len(carried(server)) == 1
    size = unit.size
    server.show = lambda held: server.log.show(held) if held is None else {
        "checkpoint": server.log.checkpoint(size).decode()
    }  # fmt: skip
    for _ in range(3):  # the first writes down what came after the one that was written
        unit.wait(HOUR_MS)
        unit.round()
    assert len(unit.of("checkpoint")) == 2


def test_a_checkpoint_is_not_written_on_a_card_that_is_full(
    server: Any, log: SmallLog, enrolled: Path
) -> None:
    unit = Witnessing(server, enrolled)
    room = [False]
    unit.sender.witness._has_room = lambda: room[0]
    assert unit.round()
    assert unit.held is not None and not unit.of("checkpoint")
    room[0] = True
    assert unit.round()
    assert len(unit.of("checkpoint")) == 1
    unit.close()


def test_beside_a_running_kiosk_a_flush_that_moved_on_is_no_contradiction(
    server: Any, unit: Witnessing
) -> None:
    assert unit.round()
    held = unit.held
    ours: Show = server.log.show

    def overtaken(held: bytes | None) -> dict[str, Any]:
        found = ours(held)
        server.log.grow(5)
        with closing(Journal(unit.folder)) as other:  # what the flush has verified meanwhile
            assert other.log.move_on(other.log.row().checkpoint, server.log.checkpoint())
        return found

    server.show = overtaken
    unit.vote()
    assert unit.sender.step()
    assert unit.size == len(server.log.leaves) and unit.held != held
    server.show = None
    assert unit.round()
    assert not unit.contradicted


# Keys ---------------------------------------------------------------------------------------


def test_a_new_key_is_followed_under_the_old_one_and_known_after_a_restart(
    server: Any, unit: Witnessing, log: SmallLog
) -> None:
    unit.round()
    old, new, newer = server.log_key, new_key(), new_key()
    log.keys = [old, new]
    log.rotations = [sign_rotation(ORIGIN, old=old, new=new).decode()]
    unit.vote()
    assert unit.round() and unit.size == len(log.leaves)
    log.keys, log.rotations = [new], []  # 400 days later
    unit = unit.restart()
    unit.vote()
    assert unit.round() and unit.size == len(log.leaves)
    log.keys = [new, newer]
    log.rotations = ["no note", sign_rotation(ORIGIN, old=new, new=newer).decode()]
    assert unit.round()
    log.keys = [newer]
    log.grow(1)
    assert unit.round() and unit.size == len(log.leaves)
    assert not unit.contradicted
    unit.close()


def test_a_journal_of_an_older_version_follows_the_log_too(
    server: Any, log: SmallLog, enrolled: Path
) -> None:
    with closing(sqlite3.connect(enrolled / FILE, isolation_level=None)) as con:
        for kind, name in (("index", "line_log"), ("table", "log"), ("table", "log_key")):
            con.execute(f"drop {kind} {name}")
        con.execute("delete from _sqlite_migrations where name = 'witness_the_log'")
        con.execute("pragma user_version = 2")
    unit = Witnessing(server, enrolled)
    unit.vote()
    assert unit.round()
    assert unit.size == len(log.leaves)
    unit.close()


def test_an_empty_tree_is_extended_by_any_other(server: Any) -> None:
    key = [LogKey(ORIGIN, server.log_key.public_key())]
    log = SmallLog(ORIGIN, server.log_key, 0)
    empty = judge(log.checkpoint(), (), None, key)
    assert read_checkpoint(empty or b"").root == EMPTY_ROOT
    assert judge(log.checkpoint(), (), empty, key) is None
    log.grow(3)
    assert judge(log.checkpoint(), (), empty, key) == log.checkpoint()


# What people see ------------------------------------------------------------------------------


def test_status_and_the_checkpoint_command_say_what_is_held(
    server: Any, unit: Witnessing, capsysbinary: Any
) -> None:
    unit.vote(3)
    unit.round()
    assert main(["checkpoint", "--data", str(unit.folder)]) == 0
    assert capsysbinary.readouterr().out == unit.held
    status = json.loads(read_status(unit.folder).as_json())
    root = b64(root_of(server.log.leaves))
    assert (status["log"]["size"], status["log"]["root"]) == (unit.size, root)
    assert f"size {unit.size}, root {root}" in read_status(unit.folder).as_text()
    told = gather_status(unit.folder, unit.journal, unit.clock, FINE, started_ms=0)
    assert told.checkpoint is not None and told.checkpoint.encode() == unit.held
    assert not {"contradiction", "missing"} & set(told.attention)


def test_the_screen_carries_a_mark_and_the_faces_stay(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter()).start()
    try:
        for words in (("contradiction",), ("missing",)):
            stand.core.set_health(Health("open", log=words))
            stand.until(lambda: stand.view.attention)
            assert stand.view.state == "asking"
            stand.core.set_health(Health("open"))
            stand.until(lambda: not stand.view.attention)
    finally:
        stand.close()


def test_the_page_of_a_running_kiosk_has_the_checkpoint_as_qr(
    server: Any, unit: Witnessing
) -> None:
    unit.round()
    voice, panel = Voice(unit.folder), SimulatedPanel("keys")
    page = Page(
        unit.folder, load_settings(unit.folder), unit.clock, voice=voice,
        panel=panel, contact_ms=lambda: None, counter=counter(), config=None,
    )  # fmt: skip
    seen = page.look("en")
    panel.close()
    voice.close()
    assert seen.checkpoint_qr.encode() == unit.held
    assert dict(seen.facts)["log"].startswith(f"{unit.size} entries")


# Accidents ------------------------------------------------------------------------------------


def test_killed_at_any_moment_it_never_holds_what_it_has_not_verified(
    server: Any, log: SmallLog, enrolled: Path, start: Callable[..., Any]
) -> None:
    rng, seen = random.Random(7), -1
    with (enrolled / "kiosk.toml").open("a") as settings:
        settings.write("undo_s = 0\n")  # every press is a vote
    for turn in range(3):
        kiosk = start(enrolled)
        kiosk.wait_for("ready")
        kiosk.say(*["press 5", "wait 300"] * 8)
        kiosk.wait_for("thanks", 1 + rng.randrange(3))
        log.grow(rng.randrange(5))
        eventually(lambda: carried(server)[-1:] != [None])
        kiosk.process.kill()
        kiosk.end()
        with closing(Journal(enrolled)) as journal:
            held, row = journal.log.row(), journal.row()
        assert held.checkpoint is not None
        found = read_checkpoint(held.checkpoint)
        assert found.root == root_of(log.leaves[: found.size])
        assert found.size >= seen and held.contradicted_ms is None, turn
        assert held.proved <= row.acked
        seen = found.size
    unit = Witnessing(server, enrolled)
    assert unit.round()
    assert unit.size == len(log.leaves)
    unit.close()


def test_a_contradiction_that_a_power_cut_kept_out_of_the_journal_is_written_when_met_again(
    server: Any, unit: Witnessing
) -> None:
    unit.round()
    lie = two_histories(server.log)(unit.held)
    server.show = lambda _: lie
    unit.writer.refuse("the power is cut")
    unit.round()
    assert unit.contradicted and unit.journal.count("contradiction") == 0
    again = unit.restart()
    again.round()
    assert len(again.of("contradiction")) == 1
    again.close()
