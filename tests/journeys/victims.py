"""Who suffers in the chaos journey: kiosks that remember, and the clock they all believe."""

import contextlib
import json
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.journeys.bad_line import BadLine
from tests.journeys.river import Kiosk, Server

VARIABLE = "HAILONG_TEST_CLOCK"
DAY_MS = 86_400_000
MORNING_MS = 2 * 3_600_000  # 9 o'clock in Vietnam: no midnight comes by itself


class TestClock:
    """What time all of them believe it is: a file that they read."""

    __test__ = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ahead_ms = (MORNING_MS - time.time_ns() // 1_000_000) % DAY_MS
        self.jump(0)

    def jump(self, days: int) -> None:
        self.ahead_ms += days * DAY_MS
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps({"ahead_ms": self.ahead_ms}))
        part.replace(self.path)


class Victim(Kiosk):
    """A kiosk that remembers all it was thanked for, over its deaths."""

    def __init__(self, folder: Path, server: Server, counter: str, line: BadLine) -> None:
        self.thanked: list[tuple[str, int, int]] = []
        self.said: Counter[str] = Counter()
        self.journal = ""
        super().__init__(folder, server, counter)
        self.line, self.counter = line, counter
        self.go_through(line.url)

    def go_through(self, url: str) -> None:
        path = self.folder / "kiosk.toml"
        rest = [row for row in path.read_text().splitlines() if not row.startswith("server")]
        path.write_text("\n".join([f'server = "{url}"', *rest]) + "\n")

    def _listen(self, process: Any) -> None:
        with process.stdout as lines:
            for line in lines:
                with contextlib.suppress(json.JSONDecodeError):  # killed in the middle of a word
                    self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        self.said[event["event"]] += 1
        if event["event"] == "ready":
            self.journal, self.id = event["journal"], event["kiosk"]
        if event["event"] == "thanks":
            self.thanked.append((self.journal, event["seq"], event["rating"]))
        self.events.put(event)

    def unsent(self) -> int:
        """Lines that the server has not acknowledged."""
        return self._ask("SELECT coalesce(max(seq), 0) - (SELECT acked FROM journal) FROM line")

    def knows_the_time(self) -> bool:
        """Whether the journal says when its votes were cast; else only the server's word does."""
        return self._ask("SELECT count(*) FROM line WHERE type = 'clock'") > 0

    def is_settled(self) -> bool:
        """All sent, the time known."""
        return self.knows_the_time() and self.unsent() == 0

    def _ask(self, query: str) -> int:
        raw = sqlite3.connect(f"{(self.folder / 'journal.sqlite3').as_uri()}?mode=ro", uri=True)
        try:
            return int(raw.execute(query).fetchone()[0])
        finally:
            raw.close()
