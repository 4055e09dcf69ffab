"""What a kiosk says of itself, when, and what it never waits for."""

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk import desk
from kiosk.attached import Attached
from kiosk.clock import Clock
from kiosk.config import Settings, load_key
from kiosk.door import Door
from kiosk.journal_file import Journal
from kiosk.status import EVERY_MS, SOONEST_MS, Doing, StatusDoor, gather_status
from kiosk.sync import Health
from kiosk.technician import disk_is_filling
from protocol.problems import problem
from protocol.records import Fault
from protocol.status import MAX_STATUS_BYTES, Status, read_status
from tests.kiosk.conftest import KIOSK, NAME
from tests.kiosk.stand import Stand, counter
from tests.kiosk.test_pruning import append, make_unit

FINE = Doing(
    health=Health("open"), faults=(), config=3, refused=None, damaged_config=False, broken=""
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_unit(tmp_path / "unit")


def gather(folder: Path, doing: Doing = FINE, clock: Clock | None = None) -> Status:
    with closing(Journal(folder)) as journal:
        return gather_status(folder, journal, clock or Clock(), doing, started_ms=0)


def test_all_that_it_says_can_be_read_by_the_server(folder: Path) -> None:
    append(folder, 3)
    faults = tuple(Fault(part=f"part-{n}" * 30, kind="stuck", since_ms=-n) for n in range(60))
    doing = Doing(
        health=Health("forked", defect="…"), faults=faults, config=None, refused=9,
        damaged_config=False, broken="full",
    )  # fmt: skip
    told = gather(folder, doing)
    body = msgspec.json.encode(told)
    assert len(body) <= MAX_STATUS_BYTES
    read = read_status(body)
    assert read == told
    assert read.unsent == 3
    assert read.disk is not None and read.disk.free <= read.disk.total
    assert set(read.attention) >= {"configuration", "forked", "full"}
    assert read.head.startswith("kiosk-1/journal/") and "\n3\n" in read.head


def test_a_kiosk_that_does_well_asks_for_no_attention(folder: Path) -> None:
    assert set(gather(folder).attention) <= {"disk"}


def test_only_an_open_journal_is_said_to_send_later(folder: Path) -> None:
    told = {
        state: gather(folder, replace(FINE, health=Health(state, defect="…"))).attention
        for state in ("open", "forked", "revoked", "old-copy")
    }
    assert [state for state, words in told.items() if "sending" in words] == ["open"]
    assert all(state in words for state, words in told.items() if state != "open")


def test_a_wall_clock_that_lies_and_kept_evidence_are_told(folder: Path) -> None:
    clock = Clock()
    at = clock.read()
    clock.offset_ms = at.wall_ms - at.mono_ms + 90_000
    (folder / "evidence-1").mkdir()
    assert set(gather(folder, clock=clock).attention) >= {"clock", "evidence"}


class Teller:
    """The status door of an enrolled kiosk, over real sockets; time and news are the test's."""

    def __init__(self, server: Any, folder: Path) -> None:
        self.server, self.ahead_ms, self.now = server, 0, gather(folder)
        self.journal, self.clock = Journal(folder), Clock(ahead_ms=lambda: self.ahead_ms)
        key = load_key(folder, self.journal.row())
        self.way = Door(server.url, kiosk=KIOSK, server=NAME, key=key, clock=Clock())
        self.door = StatusDoor(self.journal, self.way, self.clock, lambda: self.now)

    def asked(self, after_ms: int = 0) -> int:
        """How often the server has been told or refused it, with one more round."""
        self.ahead_ms += after_ms
        self.door.follow()
        return int(self.server.asked_to_tell)

    def news(self, **changes: Any) -> None:
        self.now = msgspec.structs.replace(self.now, **changes)


@pytest.fixture
def teller(server: Any, enrolled: Path) -> Iterator[Teller]:
    made = Teller(server, enrolled)
    yield made
    made.way.close()
    made.journal.close()


def test_first_contact_changes_and_now_and_then(teller: Teller) -> None:
    assert [teller.asked(), teller.asked()] == [1, 1]
    teller.news(attention=("disk",))
    assert teller.asked() == 1  # a minute apart at the least
    assert teller.asked(SOONEST_MS) == 2
    teller.news(unsent=7, wall_ms=8, uptime_s=9)  # what changes always is no news
    assert teller.asked(SOONEST_MS) == 2
    assert teller.asked(EVERY_MS * 11 // 10) == 3
    assert read_status(teller.server.told[-1][1]).unsent == 7


def test_no_answer_is_tried_again_a_minute_later_a_refusal_is_not(teller: Teller) -> None:
    teller.server.refusals["status"] = "reset"
    assert [teller.asked(), teller.asked()] == [1, 1]
    teller.server.refusals["status"] = problem("revoked")
    assert [teller.asked(SOONEST_MS) for _ in range(4)] == [2, 2, 2, 2]


def test_it_is_never_told_more_often_than_once_a_minute(teller: Teller) -> None:
    rng = random.Random(5)
    for step in range(120):  # ten minutes, and something is new at every heartbeat
        teller.news(config=step)
        teller.server.refusals["status"] = rng.choice([None, "reset", problem("busy")])
        teller.asked(5000)
    assert 5 <= teller.server.asked_to_tell <= 11


# A card that fills up ----------------------------------------------------------------------


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB."""
    card = tmp_path / "card"
    card.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(card)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here: that needs root")
    yield card
    subprocess.run(["umount", str(card)], check=True)


def fill(card: Path, free: int) -> None:
    """Leaves so many bytes."""
    ballast = card / "ballast"
    ballast.unlink(missing_ok=True)
    ballast.write_bytes(bytes(shutil.disk_usage(card).free - free))


def said_of(card: Path) -> dict[str, str]:
    """What `status` advises of a working unit on this card, which keeps 2 MB free."""
    unit = card / "unit"
    if not unit.exists():
        make_unit(unit)
        (unit / "kiosk.toml").write_text('server = "http://127.0.0.1:1"\nreserve_mb = 2\n')
    told = desk.read_status(unit)
    assert told.disk is not None and told.disk.total == 24 << 20
    last = "full" if told.disk.room == "full" else "nearly full"
    assert re.search(f"^disk .*, {last}$", told.as_text(), re.M)
    return told.advice


def test_a_card_at_four_fifths_asks_for_a_technician_and_a_full_one_for_no_vote(
    small_card: Path,
) -> None:
    stand = Stand(small_card, counter())
    attached = Attached(stand.core, Settings(server="", reserve_mb=2), small_card)
    looks: Callable[[], None] = attached._look_at_disk
    stand.start()
    try:
        assert not stand.view.attention
        fill(small_card, 4 << 20)
        looks()
        stand.until(lambda: stand.view.attention)
        assert disk_is_filling(small_card)
        assert "khi thẻ đầy" in said_of(small_card)["vi"]
        assert stand.view.state == "asking"  # for citizens nothing changes
        stand.vote(5)
        fill(small_card, 1 << 20)
        looks()
        stand.until(lambda: stand.view.state == "out_of_order")
        assert "đang ngừng nhận đánh giá" in said_of(small_card)["vi"]
        assert "no vote is taken" in said_of(small_card)["en"]
        before = len(stand.of("vote"))
        stand.press(4, after_ms=60_000)
        assert "almost full" in stand.events[-1]["why"]
        assert len(stand.of("vote")) == before == 1
        (small_card / "ballast").unlink()
        looks()
        stand.until(lambda: stand.view.state != "out_of_order" and not stand.view.attention)
    finally:
        attached.stop()
        stand.close()
