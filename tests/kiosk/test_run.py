"""Real kiosk processes: pressed over standard input, killed, starved of their server."""

import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import Reading
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from protocol.journal import check_lines, read_line
from protocol.records import Test

Start = Callable[..., Any]


def records(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every line of the journal, its whole chain checked."""
    journal = Journal(folder)
    body, uuid = b"\n".join(journal.all_lines()), journal.row().uuid
    journal.close()
    lines = [read_line(line.line) for line in check_lines(body, journal=uuid)]
    return [(line.type, json.loads(line.data)) for line in lines]


def of(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in records(folder) if name == kind]


def setting(folder: Path, line: str) -> None:
    with (folder / "kiosk.toml").open("a") as file:
        file.write(line + "\n")


def eventually(check: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := check()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_a_scripted_day(server: Any, enrolled: Path, start: Start) -> None:
    server.set_config()
    setting(enrolled, "undo_s = 0")
    first = start(enrolled)
    ready = first.wait_for("ready")
    assert first.events[0] == ready[0]
    eventually(lambda: (enrolled / "config.json").exists())
    first.say("signin CB-0101 0101", "press 4", "signin CB-0101 0000", "press 7", "fly", "press x")
    first.say("down 5", "press 1", "up 5", "signout", "quit")
    assert first.end() == 0
    told = [{k: v for k, v in e.items() if k != "why"} for e in first.events]
    assert told[1]["official"] == "CB-0101"
    assert told[2] == {"event": "thanks", "seq": told[1]["seq"] + 1, "rating": 4}
    assert [e["event"] for e in told[3:7]] == ["refused"] * 4
    assert sorted(e["event"] for e in told[7:9]) == ["suppressed", "thanks"]
    assert told[9] == {"event": "duty", "official": None}
    assert [vote["rating"] for vote in of(enrolled, "vote")] == [4, 5]
    assert server.seqs() == list(range(1, len(records(enrolled)) + 1))


def test_one_citizen_with_undo_time(server: Any, enrolled: Path, start: Start) -> None:
    setting(enrolled, "undo_s = 5")
    kiosk = start(enrolled)
    kiosk.say("press 4", "wait 300", "press 4", "wait 300", "press 2", "quit")
    assert kiosk.end() == 0
    told = ["ready", "thanks", "suppressed", "revised", "summary"]
    assert [e["event"] for e in kiosk.events] == told
    assert kiosk.of("summary")[0]["presses"] == 3
    vote, revised = kiosk.of("thanks")[0], kiosk.of("revised")[0]
    assert (revised["vote"], revised["rating"]) == (vote["seq"], 2)
    assert of(enrolled, "suppressed")[0]["count"] == 1


def test_the_end_of_the_input_is_quit(server: Any, enrolled: Path, start: Start) -> None:
    kiosk = start(enrolled)
    kiosk.say("press 5")
    kiosk.process.stdin.close()
    assert kiosk.end() == 0
    assert len(kiosk.of("thanks")) == 1


def test_kill_9_at_any_instant_loses_no_vote_that_was_thanked(
    server: Any, enrolled: Path, start: Start
) -> None:
    setting(enrolled, "undo_s = 0")
    rng = random.Random(9)
    thanked: set[int] = set()
    for _ in range(3):
        kiosk = start(enrolled)
        kiosk.say(*["down 4", "wait 11", "up 4", "wait 26"] * 200)
        kiosk.wait_for("thanks", rng.randrange(1, 12))
        time.sleep(rng.uniform(0, 0.05))  # any instant will do
        kiosk.process.send_signal(signal.SIGKILL)
        kiosk.end()
        thanked |= {event["seq"] for event in kiosk.of("thanks")}
        votes = {n for n, (name, _) in enumerate(records(enrolled), 1) if name == "vote"}
        assert thanked <= votes
    last = start(enrolled)
    last.say("quit")
    assert last.end() == 0
    causes = [boot["cause"] for boot in of(enrolled, "boot")]
    assert causes == ["start", "crash", "crash", "crash"]
    assert server.seqs() == list(range(1, len(records(enrolled)) + 1))
    Writer(enrolled).close()


def test_a_clean_end_is_no_crash(server: Any, enrolled: Path, start: Start) -> None:
    for _ in range(2):
        kiosk = start(enrolled)
        kiosk.say("quit")
        assert kiosk.end() == 0
    assert [boot["cause"] for boot in of(enrolled, "boot")] == ["start", "start"]


def test_a_power_cut_is_no_crash_of_the_program(enrolled: Path, start: Start) -> None:
    """As it is every evening at the wall: the newest line is of another boot."""
    at = Reading("00000000-0000-4000-8000-00000000000b", 5, 6, True)
    writer = Writer(enrolled)
    writer.begin_run()
    writer.append(Test(rating=4), at).result()
    writer.close(clean=False)
    kiosk = start(enrolled)
    kiosk.say("quit")
    kiosk.end()
    assert [boot["cause"] for boot in of(enrolled, "boot")] == ["start"]


def test_a_kiosk_without_its_server_keeps_votes_and_sends_them_later(
    server: Any, enrolled: Path, start: Start
) -> None:
    setting(enrolled, "undo_s = 0")
    server.answers.extend(["reset"] * 50)
    kiosk = start(enrolled)
    kiosk.say("press 4", "press 5")
    kiosk.wait_for("thanks", 2)
    server.answers.clear()
    kiosk.say("quit")
    assert kiosk.end() == 0
    assert server.seqs() == list(range(1, len(records(enrolled)) + 1))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_crowd_with_a_summary(
    server: Any, enrolled: Path, start: Start, number: signal.Signals
) -> None:
    server.set_config(undo_s=1)
    kiosk = start(enrolled, "--seed", "3", panel="crowd")
    eventually(lambda: of(enrolled, "vote"))
    kiosk.process.send_signal(number)
    assert kiosk.end() == 0
    (summary,) = kiosk.events
    votes, revised = of(enrolled, "vote"), of(enrolled, "vote.revised")
    suppressed = sum(kept["count"] for kept in of(enrolled, "suppressed"))
    assert summary == {
        "event": "summary", "presses": len(votes) + len(revised) + suppressed,
    }  # fmt: skip
    assert votes[-1]["duty"] is not None
    assert server.seqs() == list(range(1, len(records(enrolled)) + 1))


def test_a_second_run_on_the_same_folder_is_refused(
    server: Any, enrolled: Path, start: Start
) -> None:
    first = start(enrolled)
    first.wait_for("ready")
    second = start(enrolled)
    assert second.end() == 2
    assert second.errors == [f"Another hailong-kiosk is running on {enrolled}; end it first.\n"]
    first.say("press 4", "quit")
    assert first.end() == 0
    assert len(first.of("thanks")) == 1


def test_the_same_kiosk_with_a_window(
    server: Any, enrolled: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    kiosk = start(enrolled, "--size", "800x480", screen=True)
    kiosk.say("press 4")
    kiosk.wait_for("thanks")
    kiosk.process.send_signal(signal.SIGTERM)
    assert kiosk.end() == 0
    assert [vote["via"] for vote in of(enrolled, "vote")] == ["button"]
    assert server.seqs() == list(range(1, len(records(enrolled)) + 1))


def test_a_window_without_a_display_says_so(
    server: Any, enrolled: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    kiosk = start(enrolled, screen=True)
    assert kiosk.end() == 2
    assert "no display" in kiosk.errors[-1]
    assert not any("Traceback" in line for line in kiosk.errors)


def test_a_damaged_configuration_does_not_keep_a_kiosk_from_asking(
    server: Any, enrolled: Path, start: Start
) -> None:
    server.set_config(scale="vn4")
    first = start(enrolled)
    first.wait_for("ready")
    eventually(lambda: (enrolled / "config.json").exists())
    first.say("quit")
    assert first.end() == 0
    (enrolled / "config.json").write_bytes(b"{")
    second = start(enrolled)
    second.say("press 4")
    second.wait_for("thanks")
    eventually(lambda: b"vn4" in (enrolled / "config.json").read_bytes())  # it came again
    second.say("quit")
    assert second.end() == 0
    assert [fault["part"] for fault in of(enrolled, "fault")] == ["configuration"]
    assert [fault["part"] for fault in of(enrolled, "fault.cleared")] == ["configuration"]
