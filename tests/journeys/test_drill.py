"""The drill: the server burns down, yesterday's backup is put back, the kiosks bring the rest."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys import reckoning
from tests.journeys.bad_line import BadLine
from tests.journeys.river import Sample, Server, until
from tests.journeys.victims import VARIABLE, TestClock, Victim

COUNTERS = ("99001-1", "99002-2")


@pytest.fixture
def clock(tmp_path: Path) -> TestClock:
    return TestClock(tmp_path / "clock.json")


@pytest.fixture
def site(
    tmp_path: Path, environment: dict[str, str], clock: TestClock, sample: Sample
) -> Iterator[Server]:
    """A running server in a folder that may burn; its time is the test's."""
    made = Server(tmp_path / "site", {**environment, VARIABLE: str(clock.path)}, sample)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def kiosks(tmp_path: Path, site: Server, clock: TestClock) -> Iterator[list[Victim]]:
    for unit in ("99001", "99002"):
        _ask(site, unit, "Hôm qua thế nào?")
    lines = [BadLine(site.port, seed="") for _ in COUNTERS]
    for line in lines:
        line.quiet = True
    made = [
        Victim(tmp_path / f"kiosk-{number}", site, counter, line)
        for number, (counter, line) in enumerate(zip(COUNTERS, lines, strict=True))
    ]
    for kiosk in made:
        kiosk.settings(undo_s=0)
        kiosk.start(environment={VARIABLE: str(clock.path)})
    yield made
    for kiosk in made:
        if kiosk.process and kiosk.process.poll() is None:
            kiosk.kill()
        kiosk.close()
        kiosk.line.close()


def _version(kiosk: Victim) -> int:
    """The configuration that a kiosk holds."""
    raw = sqlite3.connect(f"{(kiosk.folder / 'journal.sqlite3').as_uri()}?mode=ro", uri=True)
    try:
        (version,) = raw.execute("SELECT max(version) FROM config_note").fetchone()
    finally:
        raw.close()
    return int(version or 0)


def _ask(site: Server, unit: str, question: str) -> None:
    """Another question for the kiosks of a unit."""
    file = site.folder.parent / "chosen.toml"
    file.write_text(f'heartbeat_every_s = 1\nlocales = ["vi"]\n[question]\nvi = "{question}"\n')
    site.run("settings", "set", unit, str(file))


def _destroy(site: Server) -> None:
    """All of it: folder and database."""
    shutil.rmtree(site.folder)
    if url := site.environment["HAILONG_DATABASE_URL"]:
        import psycopg

        others = (
            "FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(url, autocommit=True) as connection:
            # What the killed server had asked for last is still being done.
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}")
            gone = f"SELECT count(*) {others} AND backend_type = 'client backend'"
            until("nobody is there", lambda: connection.execute(gone).fetchone() == (0,))
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


def test_a_lost_server_is_put_back_and_its_kiosks_bring_the_rest(
    site: Server, kiosks: list[Victim], clock: TestClock, tmp_path: Path
) -> None:
    backup, keys = tmp_path / "yesterday.hailong", tmp_path / "keys.json"
    done = threading.Event()

    def vote(kiosk: Victim) -> None:
        while not done.wait(0.05):
            kiosk.press(1 + len(kiosk.thanked) % 5)

    voters = [threading.Thread(target=vote, args=(kiosk,)) for kiosk in kiosks]
    for voter in voters:
        voter.start()
    until("votes have arrived", lambda: len(reckoning.on_the_server(site).lines) > 20)
    site.run("backup", str(backup), "--keys", str(keys))  # while they vote
    done.set()
    for voter in voters:
        voter.join()
    clock.jump(1)  # the day after: nothing of it is in the backup
    for unit in ("99001", "99002"):
        for question in ("Hôm nay thế nào?", "Hôm nay ra sao?"):
            _ask(site, unit, question)
    for kiosk in kiosks:
        for rating in (5, 1, 5):
            kiosk.press(rating)
    until("all of today has arrived", lambda: not any(kiosk.unsent() for kiosk in kiosks))
    newest = "SELECT kiosk_id, max(version) FROM fleet_configuration GROUP BY kiosk_id"
    versions = dict(reckoning.rows(site, newest))
    until("today's questions", lambda: all(_version(k) == versions[k.id] for k in kiosks))
    held = {kiosk.id: _version(kiosk) for kiosk in kiosks}
    today = len(reckoning.on_the_server(site).lines)

    site.kill()
    _destroy(site)
    for kiosk in kiosks:
        kiosk.press(2)  # nobody at the counter notices
    told = site.run("restore", str(backup), "--keys", str(keys)).stderr
    assert "kiosks get their configuration as a new version" in told
    assert len(reckoning.on_the_server(site).lines) < today, "it is yesterday's indeed"
    site.start()
    for kiosk in kiosks:
        kiosk.press(4)
    until("the kiosks have brought the rest", lambda: not any(k.unsent() for k in kiosks))

    # What the server asks from now on is above what the kiosks hold, and they take it.
    until("yesterday's question", lambda: all(_version(k) > held[k.id] for k in kiosks))
    _ask(site, "99001", "Sau khi khôi phục")
    first = kiosks[0]
    until(
        "the restored server's question is asked",
        lambda: "Sau khi khôi phục" in (first.folder / "config.json").read_text("utf-8"),
    )
    for kiosk in kiosks:
        kiosk.quit()
        kiosk.run("flush")
    site.run("work", "--once")
    journals = [
        journal
        for kiosk in kiosks
        for journal in reckoning.on_the_card(kiosk.folder, kiosk=kiosk.id, counter=kiosk.counter)
    ]
    found = reckoning.on_the_server(site)
    assert reckoning.compare(journals, found) == []
    assert reckoning.thanked_faults([t for k in kiosks for t in k.thanked], journals) == []
    mine = reckoning.counted(journals, found, officials=True)
    assert reckoning.tally_faults(mine, reckoning.tallied(site, officials=True)) == []
    # The log cannot go on from yesterday: kiosks saw more of it. An operator says so, openly.
    told = site.run("check").stderr
    assert "log-break" in told, told
    site.run("log-break", "--reason", "restored from a backup", "--yes")
    site.run("work", "--once")
    told = site.run("check").stderr
    assert "/log/2 has" in told, told
    assert "log-break" not in told, told
