"""A citizen at the real window: vote, reasons, a mistake, a code; and a screen that fails."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kiosk.journal_file import Journal
from protocol.journal import read_line
from tests.journeys.finger import HEIGHT, WIDTH, look, photograph, press_key, tap, touch
from tests.journeys.river import Kiosk, Server, until

pytestmark = pytest.mark.one_database

FIRST_REASON, LAST_REASON = (140, 195), (670, 320)
AGAIN, CODE, SKIP, DONE = (106, 430), (280, 430), (475, 430), (690, 430)
NOTHING = (400, 100)
ARMED_S = 1.0  # keys that came up under the finger take no touch sooner than 0.7 s


@pytest.fixture
def counter(tmp_path: Path, enroller: Server, display: str) -> Iterator[Kiosk]:
    """A kiosk with the configured undo time, its window open."""
    kiosk = Kiosk(tmp_path / "kiosk", enroller)
    kiosk.start("--size", f"{WIDTH}x{HEIGHT}", environment={"DISPLAY": display})
    yield kiosk
    if kiosk.process and kiosk.process.poll() is None:
        kiosk.kill()
    kiosk.close()


def records(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    journal = Journal(folder)
    lines = [read_line(line) for line in journal.all_lines()]
    journal.close()
    return [(line.type, json.loads(line.data)) for line in lines]


def of(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in records(folder) if name == kind]


def vote(counter: Kiosk, display: str, rating: int, event: str = "thanks") -> None:
    """Touches a face until it is drawn and thanked, and lets the keys beneath the finger arm."""
    before = look(display)
    touch(display, rating)
    assert counter.expect(event)["rating"] == rating
    until("the next screen is drawn", lambda: look(display) != before)
    time.sleep(ARMED_S)


def test_a_citizen_says_why_and_the_next_one_is_another_vote(
    counter: Kiosk, display: str, artefacts: Path
) -> None:
    vote(counter, display, 1)
    tap(display, *FIRST_REASON)
    tap(display, *LAST_REASON)
    photograph(display, artefacts / "follow-up.png")
    tap(display, *DONE)
    assert counter.expect("reasons")["reasons"] == ["R1", "R9"]
    time.sleep(ARMED_S)
    tap(display, *NOTHING)  # the thanks is tapped away
    time.sleep(0.5)
    vote(counter, display, 5)
    tap(display, *SKIP)
    assert counter.expect("reasons")["outcome"] == "skipped"
    counter.quit()
    assert [v["rating"] for v in of(counter.folder, "vote")] == [1, 5]


def test_choose_again_mends_a_mistake(counter: Kiosk, display: str) -> None:
    vote(counter, display, 1)
    before = look(display)
    tap(display, *AGAIN)
    until("the faces are back", lambda: look(display) != before)
    time.sleep(0.5)
    vote(counter, display, 5, "revised")
    counter.quit()
    assert [v["rating"] for v in of(counter.folder, "vote")] == [1]
    assert [v["rating"] for v in of(counter.folder, "vote.revised")] == [5]


def test_a_double_tap_on_a_face_ticks_no_reason(counter: Kiosk, display: str) -> None:
    touch(display, 2)
    touch(display, 2)
    counter.expect("thanks")
    counter.quit()
    (told,) = of(counter.folder, "vote.reasons")
    assert (told["reasons"], told["outcome"]) == ([], "timeout")


def at_rest(display: str, path: Path) -> bytes:
    """What is on the display once it has been the same for a second: a busy machine draws late."""
    looks = [photograph(display, path)]
    while len(looks) < 5 or len(set(looks[-5:])) > 1:
        time.sleep(0.25)
        looks.append(photograph(display, path))
    return looks[-1]


def test_what_an_onlooker_sees_after_the_press_is_the_same_but_for_the_words_of_the_reasons(
    counter: Kiosk, display: str, artefacts: Path
) -> None:
    seen = []
    for rating in (4, 5):  # these two offer the same reasons
        vote(counter, display, rating)
        seen.append(at_rest(display, artefacts / f"after-{rating}.png"))
        tap(display, *SKIP)
        counter.expect("reasons")
        time.sleep(ARMED_S)
        seen.append(at_rest(display, artefacts / f"thanks-{rating}.png"))
        tap(display, *NOTHING)
        time.sleep(0.5)
    assert seen[:2] == seen[2:]


class Defective(NamedTuple):
    folder: Path
    process: "subprocess.Popen[str]"
    log: Path

    def hear(self) -> str:
        """The next event."""
        assert self.process.stdout
        event: str = json.loads(self.process.stdout.readline())["event"]
        return event


@pytest.fixture
def defective(tmp_path: Path, enroller: Server, display: str) -> Iterator[Defective]:
    """A kiosk whose follow-up has a defect, until the program starts again."""
    kiosk = Kiosk(tmp_path / "kiosk", enroller)
    program = tmp_path / "defective.py"
    program.write_text(DEFECTIVE)
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), "run", "--panel", "stdin", "--size",
             f"{WIDTH}x{HEIGHT}", "--data", str(kiosk.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "DISPLAY": display, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        with process:
            yield Defective(kiosk.folder, process, tmp_path / "log")
            process.kill()


def test_a_screen_that_fails_is_out_of_order_and_the_program_starts_again(
    defective: Defective, display: str, artefacts: Path
) -> None:
    assert defective.hear() == "ready"
    touch(display, 3)
    assert defective.hear() == "thanks"
    time.sleep(0.5)
    photograph(display, artefacts / "screen-failed.png")
    until("the program is back", lambda: defective.hear() == "ready")
    press_key(display, "4")  # the screen works again
    until("a vote is thanked", lambda: defective.hear() == "thanks")
    assert defective.process.stdin
    defective.process.stdin.write("quit\n")
    defective.process.stdin.flush()
    assert defective.process.wait(60) == 0
    assert [v["rating"] for v in of(defective.folder, "vote")] == [3, 4]
    assert [boot["cause"] for boot in of(defective.folder, "boot")] == ["start", "crash"]
    assert "a screen with a defect" in defective.log.read_text()  # the operator finds the cause


def test_who_ends_the_program_after_a_screen_failed_ends_it_for_good(
    defective: Defective, display: str
) -> None:
    assert defective.hear() == "ready"
    touch(display, 3)
    assert defective.hear() == "thanks"
    until("it has failed", lambda: "a screen with a defect" in defective.log.read_text())
    defective.process.send_signal(signal.SIGTERM)
    assert defective.process.wait(60) == 0
    assert len(of(defective.folder, "boot")) == 1


DEFECTIVE = """
import sys
from kiosk.__main__ import main
from kiosk.screens import stage

draw = stage.Stage._draw

def defective(self, view):
    if view.state == "follow_up":
        raise RuntimeError("a screen with a defect")
    draw(self, view)

stage.Stage._draw = defective
sys.exit(main())
"""
