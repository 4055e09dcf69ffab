"""The core over a real journal: what is told, what is shown, what is on the disk."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import journal_file
from kiosk.clock import Clock
from kiosk.core import Core
from kiosk.journal_file import FILE, Journal, create_store
from kiosk.journal_store import Writer
from kiosk.screens.view import View
from kiosk.showing import Counter
from kiosk.sync import Health
from protocol.configuration import ConfigOfficial, pin_verifier
from protocol.journal import read_line
from protocol.keys import new_key, public_bytes
from protocol.records import Boot

BOOT = Boot(software="0", os="", hardware="", cause="start")
OFFICIALS = tuple(
    ConfigOfficial(code=code, name=name, pin=pin_verifier(kiosk="k", official=code, pin=code[-4:]))
    for code, name in (("CB-0101", "An"), ("CB-0102", "Bình"))
)


def counter(**changes: Any) -> Counter:
    fields: dict[str, Any] = {
        "kiosk": "k", "name": "Quầy số 1", "unit": "Xã Mẫu", "scale": "vn5",
        "locales": ("vi", "en"), "question": {"vi": "Hài lòng?"}, "officials": OFFICIALS,
        "show_official": False, "undo_s": 10, "heartbeat_every_s": 60, "configured": True,
    }  # fmt: skip
    return Counter(**(fields | changes))


class Stand:
    """A core on a journal of its own; presses come with the time that the test says."""

    def __init__(self, folder: Path, counter: Counter) -> None:
        self.folder = folder
        if not (folder / FILE).exists():
            create_store(
                folder, uuid="00000000-0000-4000-8000-000000000001",
                public_key=public_bytes(new_key()), code_hash="",
            )  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self.views: list[View] = []
        self.journal, self.writer, self.clock = Journal(folder), Writer(folder), Clock()
        self.thanked = threading.Semaphore(0)
        self.core = Core(
            counter=counter, writer=self.writer, clock=self.clock, health=Health("open"),
            on_event=self.events.append, on_committed=self.thanked.release, on_lines=lambda: None,
        )  # fmt: skip
        self.core.show_on(self.views.append)
        self.core.start(self.journal, BOOT)
        self.now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def press(self, rating: int, after_ms: int = 1000, **kind: Any) -> None:
        self.now += after_ms * 1_000_000
        self.core.press(rating, "button", self.now, **kind)

    def until(self, check: Callable[[], Any]) -> Any:
        end = time.monotonic() + 20
        while not (found := check()):
            assert time.monotonic() < end, self.events
            time.sleep(0.01)
        return found

    def records(self) -> list[tuple[str, dict[str, Any]]]:
        lines = map(read_line, self.journal.all_lines())
        return [(line.type, json.loads(line.data)) for line in lines]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [data for name, data in self.records() if name == kind]

    def close(self) -> None:
        self.core.stop()
        self.writer.close()
        self.journal.close()


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    opened = Stand(tmp_path, counter())
    yield opened
    opened.close()


def test_a_run_begins_with_its_boot_record(stand: Stand) -> None:
    stand.core.stop()
    assert [name for name, _ in stand.records()] == ["boot"]


def test_thanks_names_a_line_that_is_on_the_disk(stand: Stand) -> None:
    stand.press(4)
    assert stand.thanked.acquire(timeout=20)
    thanks = stand.until(lambda: [e for e in stand.events if e["event"] == "thanks"])[0]
    assert stand.records()[thanks["seq"] - 1][1]["rating"] == 4
    assert stand.until(lambda: stand.views[-1].state == "thanks")
    assert stand.views[-1].can_undo


def test_presses_in_one_breath_are_a_vote_its_revision_and_suppressed_ones(stand: Stand) -> None:
    for rating, pause in ((5, 1000), (5, 100), (2, 1000), (2, 1000), (4, 30_000)):
        stand.press(rating, pause)
    stand.press(1, 2_000, others_down=True)
    stand.core.stop()
    assert [vote["rating"] for vote in stand.of("vote")] == [5, 4]
    assert stand.of("vote.revised") == [{"vote": 2, "rating": 2}]
    assert sum(kept["count"] for kept in stand.of("suppressed")) == 3
    names = [name for name, _ in stand.records()]
    assert names.index("suppressed") < len(names) - 1 - names[::-1].index("vote")


def test_a_vote_names_the_duty_though_it_is_only_on_its_way(stand: Stand) -> None:
    assert stand.core.sign_in("CB-0101", "0101").result(20) == ""
    stand.press(4)
    assert stand.core.sign_in("CB-0102", "0102").result(20) == ""
    stand.press(4, 30_000)
    stand.core.sign_out().result(20)
    stand.press(4, 30_000)
    stand.core.stop()
    started = [n for n, (name, _) in enumerate(stand.records(), 1) if name == "duty.started"]
    assert [vote["duty"] for vote in stand.of("vote")] == [*started, None]
    assert [ended["by"] for ended in stand.of("duty.ended")] == ["next", "official"]
    assert [e.get("official") for e in stand.events if e["event"] == "duty"] == [
        "CB-0101", "CB-0102", None,
    ]  # fmt: skip


def test_without_a_configuration_the_missing_list_is_to_blame_not_the_pin(tmp_path: Path) -> None:
    bare = Stand(tmp_path, counter(officials=(), configured=False))
    assert "danh sách cán bộ" in bare.core.sign_in("CB-0101", "0101").result(20)
    refused = [event["why"] for event in bare.events if event["event"] == "refused"]
    assert refused == ["This kiosk has no list of officials yet; it needs the network once."]
    bare.close()


def test_a_wrong_pin_is_refused_on_the_screen_and_waits_in_the_end(stand: Stand) -> None:
    stand.core.show_sign_in(True)
    for _ in range(5):
        assert "PIN" in stand.core.sign_in("CB-0101", "9999").result(20)
    assert "chờ" in stand.core.sign_in("CB-0101", "0101").result(20)
    assert stand.until(lambda: "chờ" in stand.views[-1].message)
    assert stand.views[-1].state == "sign_in"
    assert stand.of("duty.started") == []


def test_a_duty_left_open_by_the_last_run_is_ended_by_restart(tmp_path: Path) -> None:
    first = Stand(tmp_path, counter())
    first.core.sign_in("CB-0101", "0101").result(20)
    first.close()
    second = Stand(tmp_path, counter())
    second.close()
    third = Stand(tmp_path, counter())
    third.core.stop()
    assert third.of("duty.ended") == [{"duty": 2, "by": "restart"}]
    third.close()


def test_nobody_is_thanked_while_the_journal_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "BUSY_S", 0.02)
    stand = Stand(tmp_path, counter())
    stand.until(stand.records)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("begin immediate")
    stand.press(4)
    assert stand.until(lambda: stand.views[-1].state == "out_of_order")
    assert [e["event"] for e in stand.events] == ["refused"]
    other.execute("rollback")
    other.close()
    stand.press(4)
    assert stand.thanked.acquire(timeout=20)
    assert stand.until(lambda: stand.views[-1].state == "thanks")
    stand.close()


def test_a_face_that_is_not_on_the_scale_is_no_vote(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(scale="vn4"))
    stand.press(3)
    stand.core.stop()
    assert stand.of("vote") == []
    assert stand.events[0]["event"] == "refused"
    stand.close()


def test_an_old_copy_shows_that_it_needs_enrolment(stand: Stand) -> None:
    stand.core.set_health(Health("old-copy"))
    assert stand.until(lambda: stand.views[-1].state == "needs_enrolment")
    stand.press(4)
    stand.core.stop()
    assert [e["event"] for e in stand.events] == ["refused"]
    assert stand.of("vote") == []


def test_a_refused_journal_goes_on_asking_and_wants_attention(stand: Stand) -> None:
    stand.core.set_health(Health("revoked"))
    assert stand.until(lambda: stand.views[-1].attention)
    assert stand.views[-1].state == "asking"


def test_a_new_configuration_waits_for_the_citizen_before(stand: Stand) -> None:
    stand.core.touch(4, "touch")
    assert stand.thanked.acquire(timeout=20)
    stand.core.set_counter(counter(scale="vn4"))
    stand.until(lambda: stand.views[-1].state == "thanks")
    assert stand.views[-1].scale == "vn5"


def test_a_new_configuration_applies_at_once_between_citizens(stand: Stand) -> None:
    stand.core.set_counter(counter(scale="vn3", question={"vi": "Mới?"}))
    assert stand.until(lambda: stand.views[-1].scale == "vn3")
    assert stand.views[-1].question == "Mới?"


def test_a_language_chosen_is_written_into_the_vote(stand: Stand) -> None:
    stand.core.choose_locale("en")
    stand.core.touch(5, "touch")
    stand.core.stop()
    assert stand.of("vote")[0]["locale"] == "en"
    assert stand.of("vote")[0]["via"] == "touch"


def test_a_stuck_button_is_written_down(stand: Stand) -> None:
    at = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    stand.core.report_fault("button-3", "stuck", at, cleared=False)
    stand.core.report_fault("button-3", "stuck", at, cleared=True)
    stand.core.stop()
    assert [name for name, _ in stand.records()] == ["boot", "fault", "fault.cleared"]
