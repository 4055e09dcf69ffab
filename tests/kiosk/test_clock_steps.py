"""Somebody sets the clock under a running kiosk, by an hour or by years: it goes on as before.

libfaketime lies to the process about the wall clock alone; time since boot stays true.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from kiosk.journal_file import Journal
from kiosk.sync import CLOCK_MOVED_MS
from protocol.cast_time import CastAt, TimedLine, cast_times
from protocol.journal import read_line
from protocol.records import Clock, understand
from tests.kiosk.conftest import FakeServer, KioskProcess, eventually

Start = Callable[..., KioskProcess]
HOUR_S, DAY_S = 3600, 86_400
YEARS_S = 6 * 365 * DAY_S
TO_1970_S = DAY_S - int(time.time())
STEPS: Final = (-HOUR_S, 30 * DAY_S, YEARS_S, TO_1970_S, 0)  # one after the other
HEARTBEATS: Final = 3
both_ways = pytest.mark.parametrize("step_s", [-HOUR_S, YEARS_S], ids=["back", "forward"])


class WallClock:
    """The wall clock of processes that are started after this."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step(0)

    def step(self, seconds: int) -> None:
        """From now on it is wrong by so much; whoever looks sees all of the change or nothing."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(self._file)


@pytest.fixture
def wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WallClock]:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.fail("libfaketime is missing; install it: apt install libfaketime.")
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(tmp_path / "wall"))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    yield WallClock(tmp_path / "wall")
    _tidy_up()


def _tidy_up() -> None:
    """libfaketime leaves two files behind for each process."""
    for left in Path("/dev/shm").glob("*faketime_*_*"):
        if not Path("/proc", left.name.rpartition("_")[2]).exists():
            left.unlink(missing_ok=True)


def said(kiosk: KioskProcess, event: str, *commands: str) -> dict[str, Any]:
    """What comes of the commands; fails if it does not come."""
    before = len(kiosk.of(event))
    kiosk.say(*commands)
    return kiosk.wait_for(event, before + 1)[before]


def cpu_s(kiosk: KioskProcess) -> float:
    """CPU seconds of all its threads: clock_getcpuclockid(3)."""
    return time.clock_gettime(~kiosk.process.pid << 3 | 2)


def cost_of_heartbeats(server: FakeServer, kiosk: KioskProcess) -> float:
    """CPU seconds until a few more have come, however long that takes."""
    began, enough = cpu_s(kiosk), len(server.requests) + HEARTBEATS
    eventually(lambda: len(server.requests) >= enough, "the heartbeats go on")
    return cpu_s(kiosk) - began


def test_only_the_wall_clock_steps(wall: WallClock) -> None:
    look = "import time; print(time.time(), time.monotonic(), time.clock_gettime(7))"
    wall.step(YEARS_S)
    before = time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    after = time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    shown, mono, boot = map(float, told.stdout.split())
    assert before[0] < shown - YEARS_S < after[0]
    assert before[1] < mono < after[1]
    assert before[2] < boot < after[2]


def test_heartbeats_neither_stall_nor_spin_when_the_clock_steps(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock
) -> None:
    server.set_config(heartbeat_every_s=1)
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    eventually(lambda: (enrolled / "config.json").exists())
    cost_of_heartbeats(server, kiosk)  # with imports and the first contact
    usual = cost_of_heartbeats(server, kiosk)
    for step_s in STEPS:
        wall.step(step_s)
        stepped = cost_of_heartbeats(server, kiosk)
        assert stepped < 10 * usual + 1, step_s  # a spinning scheduler takes all there is
    kiosk.say("quit")
    assert kiosk.end() == 0
    assert sum("the clock was set by" in line for line in kiosk.errors) == len(STEPS)


def test_votes_go_on_at_once_and_get_their_true_times_when_the_clock_steps(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock
) -> None:
    setting(enrolled, "undo_s = 0")
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    pressed: dict[int, tuple[int, int, int]] = {}
    for step_s in (0, *STEPS):
        wall.step(step_s)
        began = now_ms()
        seq = said(kiosk, "thanks", "press 4", "wait 30")["seq"]
        pressed[seq] = step_s, began, now_ms()
    kiosk.say("quit")
    assert kiosk.end() == 0
    lines = timed_lines(server)
    casts = cast_at(lines, enrolled)
    rtt_ms = [line.clock.rtt_ms for line in lines if line.clock is not None]
    assert 1 <= len(rtt_ms) < len(STEPS)  # server time against time since boot has not moved
    # The machine's own clock may be disciplined meanwhile; of less a kiosk does not speak.
    near_ms = CLOCK_MOVED_MS + max(rtt_ms)
    for seq, (step_s, began, ended) in pressed.items():
        assert casts[seq].quality == "exact"
        assert began - near_ms <= casts[seq].low_ms <= ended + near_ms
        believed_s = (lines[seq - 1].wall_ms - casts[seq].low_ms) / 1000
        assert abs(believed_s - step_s) < HOUR_S / 2  # so the clock was wrong in truth


def test_a_clock_line_is_written_once_the_servers_time_has_moved_against_time_since_boot(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock
) -> None:
    setting(enrolled, "undo_s = 0")
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    eventually(lambda: len(clocks(server)) == 1)
    first = said(kiosk, "thanks", "press 4")["seq"]
    wall.step(HOUR_S)
    server.skew_ms = 700
    second = said(kiosk, "thanks", "press 4")["seq"]
    eventually(lambda: len(clocks(server)) == 2)
    third = said(kiosk, "thanks", "press 4")["seq"]
    kiosk.say("quit")
    assert kiosk.end() == 0
    lines = timed_lines(server)
    first_clock, second_clock = clocks(server)
    assert first_clock < first < second < second_clock < third
    casts = cast_at(lines, enrolled)
    monos = {line.seq: line.mono_ms for line in lines}
    offsets = {seq: casts[seq].low_ms - monos[seq] for seq in (first, second, third)}
    assert offsets[first] == offsets[second] < offsets[third]


@both_ways
def test_the_time_to_change_ones_mind_is_not_cut_short_by_a_step(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock, step_s: int
) -> None:
    setting(enrolled, "undo_s = 60")
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    said(kiosk, "thanks", "press 4")
    wall.step(step_s)
    assert said(kiosk, "revised", "wait 400", "press 2")["rating"] == 2


@both_ways
def test_the_time_to_change_ones_mind_ends_in_spite_of_a_step(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock, step_s: int
) -> None:
    setting(enrolled, "undo_s = 1")
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    said(kiosk, "thanks", "press 4")
    wall.step(step_s)
    assert said(kiosk, "thanks", "wait 1500", "press 2")["rating"] == 2
    assert not kiosk.of("revised")


@both_ways
def test_who_tried_wrong_pins_waits_as_long_whatever_the_clock_says(
    server: FakeServer, enrolled: Path, start: Start, wall: WallClock, step_s: int
) -> None:
    server.set_config()
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    wrong = "signin CB-0101 9999"
    # The first that is refused for its PIN, not because the list of officials is yet to come.
    eventually(lambda: "PIN is wrong" in said(kiosk, "refused", wrong)["why"])
    for _ in range(4):
        said(kiosk, "refused", wrong)
    wall.step(step_s)
    refused = said(kiosk, "refused", "signin CB-0101 0101")
    (seconds,) = map(int, re.findall(r"\d+", refused["why"]))
    assert 1 < seconds <= 60
    assert not kiosk.of("duty")


FOLLOW_UP = """
import json, sys, threading, time
from pathlib import Path
from tests.kiosk.stand import Stand, counter

time.sleep = lambda s: threading.Event().wait(s)  # libfaketime refuses the other one
folder, file, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
stand = Stand(folder, counter(follow_up_s=5, undo_s=1)).start()
began = time.monotonic()
stand.vote(1)
file.write_text(step)
stand.core.set_full(True)
stand.core.set_full(False)  # the core has looked at the time since
still_open = bool(stand.until(lambda: stand.core.view.state == "follow_up"))
(reasons,) = stand.until(lambda: stand.of("vote.reasons"))
lasted_s = time.monotonic() - began
stand.close()
print(json.dumps([still_open, lasted_s, reasons["outcome"]]))
"""


@both_ways
def test_the_question_after_the_vote_stays_as_long_whatever_the_clock_says(
    tmp_path: Path, wall: WallClock, step_s: int
) -> None:
    folder = tmp_path / "kiosk"
    folder.mkdir()
    told = subprocess.run(
        [sys.executable, "-c", FOLLOW_UP, str(folder), str(tmp_path / "wall"), f"{step_s:+d}\n"],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    still_open, lasted_s, outcome = json.loads(told.stdout)
    assert still_open
    assert lasted_s >= 5
    assert outcome == "timeout"


def setting(folder: Path, line: str) -> None:
    with (folder / "kiosk.toml").open("a") as file:
        file.write(line + "\n")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def timed_lines(server: FakeServer) -> list[TimedLine]:
    """What the server got, all received at the end."""
    received_ms = server.now_ms() + 1
    found = []
    for line in server.lines:
        it = read_line(line.line)
        record = understand(it.type, it.data)
        clock = record if isinstance(record, Clock) else None
        found.append(TimedLine(
            it.seq, it.boot, it.mono_ms, it.wall_ms, it.sync, received_ms, clock,
        ))  # fmt: skip
    return found


def clocks(server: FakeServer) -> list[int]:
    """The seqs of the clock lines that have come."""
    return [line.seq for line in timed_lines(server) if line.clock is not None]


def cast_at(lines: list[TimedLine], folder: Path) -> dict[int, CastAt]:
    """When each line was cast, as the server works it out."""
    journal = Journal(folder)
    enrolled_ms = journal.row().enrolled_ms or 0
    journal.close()
    casts = cast_times(lines, enrolled_ms=enrolled_ms).casts
    return {line.seq: cast for line, cast in zip(lines, casts, strict=True)}
