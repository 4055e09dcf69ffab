"""A rebuild begins while a worker is in the middle of understanding a journal."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.votes.river import new_unit, online, understood


def in_the_middle_of(name: str, patch: pytest.MonkeyPatch) -> None:
    """A rebuild begins while a worker's round is about to do `name` of votes.services."""
    from django.db import connection

    from server import pipeline
    from server.votes import services

    reached, go_on = threading.Event(), threading.Event()
    real: Callable[..., Any] = getattr(services, name)
    failed: list[Exception] = []

    def slowly(*args: Any) -> Any:
        done = real(*args) if name == "_next_gens" else None
        reached.set()
        go_on.wait(60)
        return done if name == "_next_gens" else real(*args)

    def work() -> None:
        try:
            services.understand_pending()
        except Exception as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        connection.close()

    worker = threading.Thread(target=work)
    patch.setattr(services, name, slowly)
    worker.start()
    assert reached.wait(60)
    patch.undo()
    threading.Timer(0.7, go_on.set).start()
    pipeline.rebuild()
    worker.join()
    assert failed == []
    assert not services.understand_pending()  # nothing is stuck


@pytest.mark.parametrize("rounds_before", [0, 1])
def test_a_rebuild_that_begins_within_a_workers_round(
    rounds_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server import pipeline

    station = online(new_unit())
    for _ in range(rounds_before):
        station.kiosk.vote()
        station.send()
        pipeline.run_until_done()
    station.kiosk.vote()
    station.send()
    in_the_middle_of("write_rounds", monkeypatch)
    assert len(understood(station.unit)["Vote"]) == rounds_before + 1


def test_a_rebuild_and_a_round_that_changes_what_was_understood_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server import pipeline

    station = online(new_unit())
    duty = station.kiosk.duty("CB-1")
    station.send()
    pipeline.run_until_done()
    station.kiosk.add("duty.ended", {"duty": duty, "by": "idle"})
    station.send()
    in_the_middle_of("write_rounds", monkeypatch)
    assert [row["ended_seq"] for row in understood(station.unit)["Duty"]] == [duty + 1]


def test_a_rebuild_and_a_duty_that_ends_with_its_journal_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server import pipeline
    from server.ingest.models import Journal

    station = online(new_unit())
    duty = station.kiosk.duty("CB-1")
    station.send()
    pipeline.run_until_done()
    Journal.objects.update(state="closed")
    in_the_middle_of("_next_gens", monkeypatch)
    assert [row["ended_seq"] for row in understood(station.unit)["Duty"]] == [duty]
