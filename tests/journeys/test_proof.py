"""The log between a real server and a real kiosk: shown, followed, and asked for proof."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.checkpoint import read_checkpoint
from protocol.records import understand
from tests.journeys.river import Kiosk, Sample, Server, until
from tests.journeys.victims import VARIABLE, TestClock


@pytest.fixture
def clock(tmp_path: Path) -> TestClock:
    return TestClock(tmp_path / "clock.json")


@pytest.fixture
def site(
    tmp_path: Path, environment: dict[str, str], clock: TestClock, sample: Sample
) -> Iterator[Server]:
    made = Server(tmp_path / "site", {**environment, VARIABLE: str(clock.path)}, sample)
    made.start()
    chosen = tmp_path / "chosen.toml"
    chosen.write_text("heartbeat_every_s = 1\n")
    made.run("settings", "set", "99001", str(chosen))
    yield made
    made.stop()


@pytest.fixture
def kiosk(tmp_path: Path, site: Server, clock: TestClock) -> Iterator[Kiosk]:
    made = Kiosk(tmp_path / "kiosk", site)
    made.settings(undo_s=0)
    made.start(environment={VARIABLE: str(clock.path)})
    yield made
    if made.process and made.process.poll() is None:
        made.kill()
    made.close()


def held(kiosk: Kiosk, query: str) -> Any:
    raw = sqlite3.connect(f"{(kiosk.folder / 'journal.sqlite3').as_uri()}?mode=ro", uri=True)
    try:
        found = raw.execute(query).fetchone()
    finally:
        raw.close()
    return found and found[0]


def size_held(kiosk: Kiosk) -> int:
    note = held(kiosk, "SELECT checkpoint FROM log")
    return read_checkpoint(note).size if note else 0


def test_a_kiosk_follows_the_log_keeps_it_in_its_journal_and_proves_its_own_votes(
    kiosk: Kiosk, clock: TestClock
) -> None:
    for rating in (5, 1, 3):
        kiosk.press(rating)
    until("a checkpoint is held", lambda: size_held(kiosk) > 0)
    wrote = "SELECT body FROM line WHERE type = 'checkpoint' ORDER BY seq DESC"
    until("it stands in the journal", lambda: held(kiosk, wrote) is not None)
    record = json.loads(held(kiosk, wrote))
    note = understand("checkpoint", json.dumps(record["data"]).encode()).note  # type: ignore[union-attr]
    assert read_checkpoint(note.encode()).origin.endswith("/log")
    before = size_held(kiosk)
    kiosk.press(4)
    until("the log has grown, and the kiosk was led there", lambda: size_held(kiosk) > before)
    seq = held(kiosk, "SELECT max(seq) FROM line WHERE type = 'vote'")
    until("all is acknowledged", lambda: held(kiosk, "SELECT acked FROM journal") >= seq)
    mornings = iter([0.0, 30.0, 60.0])  # acknowledged as the day jumps: the next day's turn
    begun, jump_after = time.monotonic(), next(mornings)

    def proved() -> bool:
        nonlocal jump_after
        if time.monotonic() - begun >= jump_after:
            clock.jump(1)
            jump_after = next(mornings, float("inf"))
        return bool(held(kiosk, "SELECT proved FROM log") >= seq)

    until("its votes are proved", proved)
    assert held(kiosk, "SELECT count(*) FROM line WHERE type = 'contradiction'") == 0
    kiosk.quit()


def test_a_server_whose_tables_went_back_is_told_so_by_its_kiosk(
    kiosk: Kiosk, site: Server, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Yesterday's database in today's folder, and the guard file gone with it."""
    if environment["HAILONG_DATABASE_URL"]:
        pytest.skip("it is the SQLite file that is put back here")
    kiosk.press(5)
    until("a checkpoint is held", lambda: size_held(kiosk) > 0)
    site.stop()
    yesterday = tmp_path / "yesterday.sqlite3"
    site.run("work", "--once")
    with (
        sqlite3.connect(site.folder / "server.sqlite3") as raw,
        sqlite3.connect(yesterday) as copy,
    ):
        raw.backup(copy)
        (before,) = copy.execute("SELECT size FROM ledger_tree").fetchone()
    site.start()
    for rating in (1, 1, 1):
        kiosk.press(rating)
    until("the kiosk was shown more than there was", lambda: size_held(kiosk) > before)
    acked = held(kiosk, "SELECT acked FROM journal")
    site.stop()
    for name in ("server.sqlite3", "server.sqlite3-wal", "server.sqlite3-shm", "log-guard"):
        (site.folder / name).unlink(missing_ok=True)
    shutil.copy(yesterday, site.folder / "server.sqlite3")
    site.start()
    kiosk.press(2)  # nobody at the counter notices
    until(
        "the kiosk has sent it all again", lambda: held(kiosk, "SELECT acked FROM journal") > acked
    )
    stop = "SELECT why FROM ledger_stop WHERE ended_ms IS NULL"

    def why() -> str:
        with sqlite3.connect(site.folder / "server.sqlite3") as raw:
            found = raw.execute(stop).fetchone()
        return str(found[0]) if found else ""

    until("the log has stopped", lambda: "shown by a kiosk" in why() or "signed here" in why())
    assert held(kiosk, "SELECT count(*) FROM line WHERE type = 'contradiction'") == 0
    kiosk.quit()
