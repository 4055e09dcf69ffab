"""However the tallies came to be, they are the same to the last byte; a broken rebuild goes on."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.analytics.made import change, digests
from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_unit, online

DAY = 86_400_000


def _feed(units: int = 3, days: int = 40) -> list[Station]:
    """Some units with two kiosks each over a few months, worked in several goes."""
    from server import pipeline
    from server.attribution.models import Attribution

    dice = random.Random(7)
    codes = [new_unit() for _ in range(units)]
    stations = [online(unit, number) for unit in codes for number in (1, 2)]
    for day in range(days):
        for station in stations:
            duty = station.kiosk.duty(dice.choice(["CB-1", "CB-2"]))
            for _ in range(dice.randrange(4)):
                station.kiosk.vote(dice.randint(1, 5), duty=dice.choice([duty, None]))
            station.kiosk.now_ms = T0 + day * DAY
            station.kiosk.mono_ms = 1_000 + day * DAY
            if dice.random() < 0.2:
                station.send(T0 + 200 * DAY)
        if day % 20 == 0:
            pipeline.run_once()
    for station in stations:
        station.send(T0 + 200 * DAY)
    pipeline.run_until_done()
    for station in stations[::2]:
        change(Attribution, station.unit, journal=station.kiosk.journal, procedure="1.004")
    pipeline.run_until_done()
    return stations


def test_step_by_step_and_rebuilt_the_tables_have_the_same_sha_256() -> None:
    from server import pipeline
    from server.attribution.models import Attribution

    for station in _feed():
        change(Attribution, station.unit, procedure="")  # what no line says, a rebuild cannot keep
    pipeline.run_until_done()
    before = digests()
    told: list[tuple[str, int, int]] = []
    pipeline.rebuild(tallies_only=True, tell=lambda *step: told.append(step))
    assert digests() == before
    assert {what for what, _, _ in told} == {"days counted"}
    assert told[-1][1] == told[-1][2] > 100
    pipeline.rebuild(tell=lambda *step: told.append(step))
    assert digests() == before
    assert {what for what, _, _ in told} > {"lines understood", "lines attributed"}
    for what, done, of in told:
        assert 0 < done <= of, what


def test_tallies_rebuilt_tell_of_the_votes_that_others_count_meanwhile() -> None:
    from server import pipeline
    from server.analytics.audit import find_differences

    stations = _feed(units=2, days=30)
    late = iter(stations)

    def arrive(what: str, done: int, of: int) -> None:
        station = next(late, None)
        if station is not None:
            station.kiosk.vote(1)
            station.send(T0 + 201 * DAY)
            pipeline.run_until_done()

    pipeline.rebuild(tallies_only=True, tell=arrive)
    pipeline.run_until_done()
    assert find_differences() == []
    before = digests()
    pipeline.rebuild(tallies_only=True)
    assert digests() == before


@pytest.mark.parametrize("words", [("rebuild",), ("rebuild", "--tallies")])
def test_kill_9_in_the_middle_of_a_rebuild(server_folder: Path, words: tuple[str, ...]) -> None:
    from server.__main__ import main
    from server.analytics.audit import find_differences
    from server.analytics.models import Rebuilding
    from server.attribution.models import Attribution

    for station in _feed(units=2, days=30):
        change(Attribution, station.unit, procedure="")
    assert main(["work", "--once"]) == 0
    before = digests()
    for after_s in (0.0, 0.03):
        process = subprocess.Popen(
            [sys.executable, "-m", "server", *words],
            env={**os.environ, "HAILONG_DATA": str(server_folder)},
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 60
        while not Rebuilding.objects.exists() and process.poll() is None:
            assert time.monotonic() < deadline
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert Rebuilding.objects.exists(), "the rebuild was over before it could be killed"
    assert main([*words]) == 0
    assert not Rebuilding.objects.exists()
    assert digests() == before
    assert find_differences() == []


def test_one_that_was_broken_off_does_not_begin_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.__main__ import main
    from server.analytics import services

    _feed(units=3, days=5)
    before = digests()
    counted: list[int] = []
    real = services.count_days

    def crash_at_the_third(gens: dict[object, object], zones: object) -> None:
        counted.append(len(gens))
        if len(counted) == 3:
            raise KeyboardInterrupt
        real(gens, zones)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "count_days", crash_at_the_third)
    assert main(["rebuild", "--tallies"]) == 130
    monkeypatch.undo()
    assert digests() == before  # nobody saw fewer figures meanwhile
    capsys.readouterr()
    assert main(["rebuild", "--tallies"]) == 0
    said = capsys.readouterr().err
    assert "goes on with it" in said
    assert f"of {counted[2]:,} days counted" in said
    assert digests() == before


def test_one_that_the_worker_brought_to_its_end_is_not_what_the_next_one_goes_on_with() -> None:
    from server import pipeline
    from server.analytics.audit import find_differences
    from server.analytics.models import Tally
    from server.analytics.services import begin_rebuild

    station = _feed(units=1, days=2)[0]
    pipeline.run_until_done()
    begin_rebuild(tallies_only=True)  # it was killed, and the worker counted what it had marked
    Tally.objects.filter(unit=station.unit).update(n1=77)
    assert find_differences()
    pipeline.rebuild(tallies_only=True)
    assert find_differences() == []


def test_a_whole_rebuild_takes_the_place_of_one_of_tallies_that_was_broken_off() -> None:
    from server import pipeline
    from server.analytics.models import Rebuilding
    from server.analytics.services import begin_rebuild
    from server.attribution.models import Attribution

    change(Attribution, _feed(units=1, days=2)[0].unit, procedure="")
    pipeline.run_until_done()
    before = digests()
    begin_rebuild(tallies_only=True)
    pipeline.rebuild()
    assert digests() == before
    assert not Rebuilding.objects.exists()


class _Killed(BaseException):
    """As if the process had ended here: nothing catches it, and what was open is undone."""


def _rebuild_until(tallies_only: bool, statements: int) -> int:
    """Rebuild, and be killed before that statement; how many were done."""
    from django.db import connection

    from server import pipeline

    done = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal done
        if done == statements:
            raise _Killed
        done += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        pipeline.rebuild(tallies_only=tallies_only)
    return done


@pytest.mark.parametrize("tallies_only", [False, True])
def test_killed_at_any_step_it_goes_on_by_the_next_one_or_by_the_worker(tallies_only: bool) -> None:
    from server import pipeline
    from server.analytics.models import Rebuilding
    from server.attribution.models import Attribution

    for station in _feed(units=2, days=4):
        change(Attribution, station.unit, procedure="")
    pipeline.run_until_done()
    before = digests()
    of = _rebuild_until(tallies_only, -1)
    assert of > 30
    for kill in range(0, of, max(1, of // 30)):
        with pytest.raises(_Killed):
            _rebuild_until(tallies_only, kill)
        if tallies_only:
            assert digests() == before  # nobody sees fewer figures meanwhile
        if kill % 2:
            pipeline.run_until_done()
        with contextlib.suppress(_Killed):
            _rebuild_until(tallies_only, of // 2)  # and once more on the way
        pipeline.rebuild(tallies_only=tallies_only)
        assert digests() == before, kill
        assert not Rebuilding.objects.exists(), kill
