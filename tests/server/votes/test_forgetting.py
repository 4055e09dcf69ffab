"""A rebuild begins while a worker is in the middle of understanding a journal."""

import threading
from collections.abc import Sequence

import pytest

from tests.server.votes.river import new_unit, online, understood


@pytest.mark.parametrize("rounds_before", [0, 1])
def test_a_rebuild_that_begins_within_a_workers_round(
    rounds_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from server import pipeline
    from server.votes import services
    from server.votes.rows import Round, write_rounds

    station = online(new_unit())
    for _ in range(rounds_before):
        station.kiosk.vote()
        station.send()
        pipeline.run_until_done()
    station.kiosk.vote()
    station.send()
    claimed, go_on = threading.Event(), threading.Event()

    def slowly(rounds: Sequence[Round]) -> None:
        claimed.set()
        go_on.wait(10)
        write_rounds(rounds)

    def work() -> None:
        services.understand_pending()
        connection.close()

    worker = threading.Thread(target=work)
    monkeypatch.setattr(services, "write_rounds", slowly)
    worker.start()
    assert claimed.wait(10)
    monkeypatch.undo()
    threading.Timer(0.7, go_on.set).start()
    services.forget_votes()
    worker.join()
    for _ in range(3):
        services.understand_pending()
    assert len(understood(station.unit)["Vote"]) == rounds_before + 1
    assert not services.understand_pending()  # nothing is stuck
