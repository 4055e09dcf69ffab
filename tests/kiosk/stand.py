"""A core on a real journal of its own; presses come with the time that the test says."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.clock import Clock
from kiosk.config import HeldConfig
from kiosk.core import Core
from kiosk.journal_file import FILE, Journal, create_store
from kiosk.journal_store import Writer
from kiosk.screens.view import Technician, View
from kiosk.showing import Counter, read_counter
from kiosk.sync import Health
from protocol.configuration import (
    Config,
    ConfigCounter,
    ConfigKiosk,
    ConfigOfficial,
    ConfigUnit,
    default_reasons,
)
from protocol.journal import read_line
from protocol.keys import new_key, public_bytes
from protocol.records import Boot
from protocol.verifiers import ADMIN, badge_verifier, pin_verifier

BOOT = Boot(software="0", os="", hardware="", cause="start")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICIALS = tuple(
    ConfigOfficial(
        code=code, name=name, pin=pin_verifier(kiosk="k", official=code, pin=code[-4:]),
        badge=badge_verifier(kiosk="k", badge=f"badge {code}"),
    )
    for code, name in (("CB-0101", "An"), ("CB-0102", "Bình"))
)  # fmt: skip
ADMIN_PIN = pin_verifier(kiosk="k", official=ADMIN, pin="246810")


def config(**changes: Any) -> Config:
    fields: dict[str, Any] = {
        "v": 1, "kiosk": ConfigKiosk(id="k", name="Máy 1"),
        "unit": ConfigUnit(code="99001", name="Xã Mẫu"),
        "counter": ConfigCounter(code="99001-1", number=1, name="Quầy số 1"),
        "timezone": "Asia/Ho_Chi_Minh", "scale": "vn5", "locales": ("vi", "en"),
        "question": {"vi": "Hài lòng?", "en": "Satisfied?"}, "officials": OFFICIALS,
        "reasons": default_reasons(), "admin_pin": ADMIN_PIN,
    }  # fmt: skip
    return Config(**(fields | changes))


def counter(*, configured: bool = True, undo_s: float | None = None, **changes: Any) -> Counter:
    held = HeldConfig(1, config(**changes)) if configured else None
    return read_counter(held, kiosk="k", name="Quầy số 1", undo_s=undo_s, scripted=True)


class Onlooker:
    """Senses that writes down what somebody beside the kiosk could see and hear."""

    def __init__(self) -> None:
        self.noticed: list[Any] = []
        self.lights: list[str] = []
        self.thanked = threading.Semaphore(0)

    def thank(self) -> None:
        self.noticed.append("thank")
        self.thanked.release()

    def invite(self, locale: str) -> None:
        self.noticed.append(f"invite {locale}")

    def light(self, how: str) -> None:
        self.lights.append(how)

    def duty(self, signed_in: bool) -> None:
        self.noticed.append(f"duty {signed_in}")

    def listen(self, view: View) -> None:
        self.noticed.append(f"listen {view.state}")

    def hush(self) -> None:
        self.noticed.append("hush")


class Stand:
    """The core with a writer and a journal; `local` sets what the kiosk takes for its time."""

    def __init__(self, folder: Path, counter: Counter, *, has_screen: bool = True) -> None:
        self.folder = folder
        if not (folder / FILE).exists():
            create_store(
                folder, uuid="00000000-0000-4000-8000-000000000001",
                public_key=public_bytes(new_key()), code_hash="",
            )  # fmt: skip
        self.events: list[dict[str, Any]] = []
        self.views: list[View] = []
        self.journal, self.writer, self.clock = Journal(folder), Writer(folder), Clock()
        self.onlooker = Onlooker()
        self.closed = False
        self.core = Core(
            counter=counter, writer=self.writer, clock=self.clock, health=Health("open"),
            senses=self.onlooker, on_event=self.events.append, on_lines=lambda: None,
            has_screen=has_screen,
            facts=lambda _: Technician(facts=(("disk", "1 GB"),), buttons=(1, 2, 3, 4, 5)),
        )  # fmt: skip
        self.core.show_on(self.views.append)
        self.now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def start(self) -> "Stand":
        self.core.start(self.journal, BOOT)
        return self

    def set_local(self, *at: int) -> None:
        """The kiosk believes that it is this local time now, as if the server had said so."""
        local_ms = round(datetime(*at, tzinfo=ZONE).timestamp() * 1000)  # type: ignore[misc]
        self.clock.offset_ms = local_ms - self.clock.mono_ms()

    @property
    def view(self) -> View:
        return self.views[-1]

    def press(self, rating: int, after_ms: int = 1000, **kind: Any) -> None:
        self.now += after_ms * 1_000_000
        self.core.press(rating, kind.pop("via", "button"), self.now, **kind)

    def vote(self, rating: int) -> None:
        """A face touched just now, and thanked."""
        self.core.touch(rating, "touch")
        assert self.onlooker.thanked.acquire(timeout=60)
        self.until(lambda: self.view.state == "follow_up")

    def until(self, check: Callable[[], Any]) -> Any:
        end = time.monotonic() + 60
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
        if not self.closed:
            self.closed = True
            self.core.stop()
            self.writer.close()
            self.journal.close()
