"""A unit ends and another takes over while its kiosks are sending and the worker is at work."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Literal

from tests.server.votes.river import Station, new_station, rows

JULY = date(2025, 7, 1)
DAYS = (date(2025, 6, 30), date(2025, 7, 2))


def _station(unit: str, day: date) -> Station:
    at_ms = int(datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp() * 1000)
    station = new_station(unit, enrolled_ms=at_ms - 10_000)
    station.kiosk.now_ms = at_ms
    station.kiosk.clock()
    return station


def _at_once(*jobs: Callable[[], None]) -> None:
    """All of them beside each other; what one raises is raised."""
    from django.db import connection

    failed: list[Exception] = []

    def do(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - raised below
            failed.append(error)
        connection.close()

    threads = [threading.Thread(target=do, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise ExceptionGroup("not all of it could be done", failed)


def test_no_vote_is_lost_and_all_of_them_count_for_the_successor() -> None:
    import argparse

    from server import pipeline
    from server.analytics.selectors import Period, node_figures, unit_figures
    from server.attribution.models import Attribution
    from server.console.check import main as check
    from server.organisation.services import (
        add_successor,
        end_unit,
        make_counter,
        make_official,
        make_unit,
    )

    old, new = make_unit(code="101", name="Xã Cũ"), make_unit(code="201", name="Xã Mới")
    for unit in (old, new):
        make_counter(unit=unit, number=1)
    make_official(unit=old, code="CB-1", name="Cán bộ mẫu")
    stations = [_station("101", day) for day in DAYS]
    over = threading.Event()

    def send(station: Station) -> Callable[[], None]:
        def go() -> None:
            duty = station.kiosk.duty("CB-1")
            for rating in (1, 2, 3, 4, 5) * 4:
                station.kiosk.vote(rating, duty=duty)
                station.send()

        return go

    def reorganise() -> None:
        end_unit(unit=old, on_date=JULY)
        add_successor(predecessor=old, successor=new, on_date=JULY)
        over.set()

    def work() -> None:
        while not over.is_set():
            pipeline.run_once()

    _at_once(*(send(station) for station in stations), reorganise, work)
    pipeline.run_until_done()
    kept = rows(Attribution)
    assert len(kept) == 40
    assert {(row["unit"], row["counter"], row["official"]) for row in kept} == {
        ("101", "101-1", "CB-1")
    }
    period, today = Period(date(2025, 6, 1), date(2025, 7, 31)), date(2025, 8, 1)

    def n(unit: str, view: Literal["as-was", "as-is"]) -> int:
        return node_figures(unit=unit, period=period, today=today, view=view).total.n

    assert unit_figures(unit="101", period=period, today=today).total.n == 40
    assert (n("101", "as-was"), n("101", "as-is")) == (20, 0)  # while it stood; as what it is now
    assert (n("201", "as-was"), n("201", "as-is")) == (0, 40)
    assert check(argparse.Namespace()) == 0
