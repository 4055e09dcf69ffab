"""work, check, rebuild and the tables, as an operator runs them."""

import csv
import io
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit, online, rows


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


@pytest.fixture
def station() -> Station:
    """A unit with five signed votes, one unsigned and one of uncertain time, all worked."""
    unit = new_unit()
    station = online(unit)
    duty = station.kiosk.duty("CB-1")
    for rating in (1, 2, 3, 4, 5):
        station.kiosk.vote(rating, duty=duty)
    station.kiosk.add("duty.ended", {"duty": duty, "by": "idle"})
    station.kiosk.vote(5)
    station.send()
    lost = new_station(unit, 2)
    lost.kiosk.sync = False
    lost.kiosk.vote(2)
    lost.send(T0 + 2 * 86_400_000)
    assert _run("work", "--once") == 0
    return station


def _table(capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, str]]:
    capsys.readouterr()
    assert _run(name, "--format", "csv") == 0
    out, err = capsys.readouterr()
    assert err == ""
    return list(csv.DictReader(io.StringIO(out)))


def test_counters(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _table(capsys, "counters")
    assert list(first) == ["counter", "unit", "number", "name", "kiosks"]
    assert first == {
        "counter": station.counter,
        "unit": station.unit,
        "number": "1",
        "name": "Quầy số 1",
        "kiosks": station.kiosk.kiosk,
    }
    assert second["kiosks"] != first["kiosks"]


def test_votes(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    found = _table(capsys, "votes")
    assert ",".join(found[0]) == (
        "journal,seq,kiosk,counter,unit,official,basis,rating,scale,cast_at,quality,flags"
    )
    mine = [row for row in found if row["journal"] == station.kiosk.journal]
    assert mine[0] == {
        "journal": station.kiosk.journal,
        "seq": "3",
        "kiosk": station.kiosk.kiosk,
        "counter": station.counter,
        "unit": station.unit,
        "official": "CB-1",
        "basis": "duty",
        "rating": "1",
        "scale": "vn5",
        "cast_at": "2025-11-22T08:28:13.676Z",
        "quality": "exact",
        "flags": "",
    }
    assert (mine[-1]["official"], mine[-1]["basis"]) == ("", "none:nobody-signed-in")
    (lost,) = (row for row in found if row["journal"] != station.kiosk.journal)
    assert lost["cast_at"] == "2025-11-22T08:26:39.000Z/2025-11-24T08:26:40.000Z"
    assert lost["basis"] == "none:clock-uncertain"


def test_tallies(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert _run("tallies", "--format", "csv") == 0
    unit = station.unit
    assert capsys.readouterr().out.splitlines() == [
        "unit,counter,day,official,n1,n2,n3,n4,n5,votes",
        f"{unit},{unit}-1,2025-11-22,,0,0,0,0,1,1",
        f"{unit},{unit}-1,2025-11-22,CB-1,1,1,1,1,1,5",
        f"{unit},{unit}-2,2025-11-22/2025-11-24,,0,1,0,0,0,1",
    ]


def test_check_is_content_with_what_is_right(
    station: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("check") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "in order" in err


def _forge(model: str, where: dict[str, object], **values: object) -> None:
    """Change rows as somebody with the database's password would."""
    from django.apps import apps

    changed = apps.get_model(model).objects.filter(**where).update(**values)
    assert changed == 1


@pytest.mark.parametrize(
    ("model", "where", "values", "sentence"),
    [
        ("analytics.Tally", {"official": "CB-1"}, {"n1": 0},
         "n1..n5 are 0 1 1 1 1, a recount of the votes gives 1 1 1 1 1."),
        ("analytics.Shown", {"official": "CB-1"}, {"n5": 2}, "6 votes, there should be 5."),
        ("votes.Vote", {"rating": 1}, {"rating": 5}, "it says rating 5 (first 1)"),
        ("ledger.Line", {"seq": 5}, {"body": b"{}"}, "Line 5 does not hold"),
        ("ingest.Journal", {"acked": 9}, {"acked": 11}, "but line 10 is missing."),
        ("ledger.ServerRecord", {"seq": 9}, {"from_seq": 3},
         "No record says when line 1 was received."),
    ],
)  # fmt: skip
def test_check_names_what_differs(
    station: Station,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    where: dict[str, object],
    values: dict[str, object],
    sentence: str,
) -> None:
    from server.console import check

    monkeypatch.setattr(check, "PAUSE_S", 0)
    capsys.readouterr()
    _forge(model, where, **values)
    assert _run("check") == 1
    assert sentence in capsys.readouterr().out


def test_check_names_a_line_that_was_replaced_by_a_well_formed_one(
    station: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = station.kiosk.branch(8)
    forged.vote(1)
    _forge("ledger.Line", {"journal": station.kiosk.journal, "seq": 9}, body=forged.lines[8])
    assert _run("check") == 1
    assert "Line 9 is not the one that was acknowledged." in capsys.readouterr().out


def test_a_rebuild_repairs_forged_votes(station: Station) -> None:
    _forge("votes.Vote", {"rating": 1}, rating=4)
    assert _run("rebuild") == 0
    assert _run("check") == 0


def test_work_once_leaves_nothing_waiting(station: Station) -> None:
    from server import pipeline

    station.kiosk.vote(3)
    station.send()
    assert _run("work", "--once") == 0
    assert not pipeline.run_once()


def test_a_journal_that_fails_does_not_hold_up_the_others(
    station: Station, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.votes import services
    from server.votes.models import Vote

    other = online(new_unit())
    other.kiosk.vote(3)
    other.send()
    station.kiosk.vote(3)
    station.send()
    real = services.follow

    def failing(lines: Any, past: Any) -> Any:
        if lines[0].envelope.journal == station.kiosk.journal:
            raise RuntimeError("a defect")
        return real(lines, past)

    monkeypatch.setattr(services, "follow", failing)
    assert _run("work", "--once") == 2
    assert "RuntimeError: a defect" in capsys.readouterr().err
    assert Vote.objects.filter(unit=other.unit).count() == 1
    monkeypatch.undo()


def _worker(folder: Path, *argv: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "HAILONG_DATA": str(folder)}
    return subprocess.Popen([sys.executable, "-m", "server", "work", *argv], env=environ)


def _wait_until(done: Any) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_workers_beside_each_other_count_every_vote_once(server_folder: Path) -> None:
    from server.analytics.audit import find_differences
    from server.analytics.selectors import Period, unit_figures
    from server.attribution.models import AttributedJournal, Attribution
    from server.flags import audit as flags_audit
    from server.flags.models import Doubt, DoubtVote, Flag
    from server.signals.models import Signal, WatchedUnit

    unit = new_unit()
    stations = [online(unit, 1), online(unit, 1), online(unit, 2)]
    workers = [_worker(server_folder) for _ in range(2)]
    try:
        stations[0].kiosk.vote(5)
        stations[0].send()
        _wait_until(AttributedJournal.objects.exists)  # they are at work
        for i in range(150):
            station = stations[i % 3]
            if i % 7 == 0:
                station.kiosk.duty(f"CB-{1 + i % 2}")
            station.kiosk.vote(1 + i % 5)
            if i % 50 == 49:  # a thumb
                for _ in range(6):
                    station.kiosk.vote(1 + i % 5, after_ms=1_500)
            station.send()
        assert _run("work", "--once") == 0
        period = Period(date(2025, 11, 1), date(2025, 11, 30))
        assert unit_figures(unit=unit, period=period, today=period.last).total.n == 151
        assert all(worker.poll() is None for worker in workers)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
    assert find_differences() == [] == flags_audit.find_differences()
    assert Counter(row["state"] for row in rows(Attribution)) == {"counted": 151, "held": 18}
    watched = (Flag, Doubt, DoubtVote, Attribution, Signal, WatchedUnit)
    before = [rows(model) for model in watched]
    assert all(before[:3]) and before[-1]
    assert _run("rebuild") == 0
    assert [rows(model) for model in watched] == before


def test_a_worker_ends_when_its_parent_does(server_folder: Path) -> None:
    worker = _worker(server_folder, "--parent", "1" if os.getpid() != 1 else "2")
    _wait_until(lambda: worker.poll() is not None)
    assert worker.returncode == 0
