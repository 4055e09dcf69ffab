"""The card, the real `hailong-kiosk enrol` and a real server."""

import sys
from collections.abc import Iterator

import pytest

from tests.deploy.card import CODE, PLAIN, Unit
from tests.kiosk.conftest import FakeServer, running_server

ENROL = f'{sys.executable} -m kiosk "$@" || exit $?'


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running_server(FakeServer) as made:
        yield made


@pytest.fixture
def fresh(unit: Unit, server: FakeServer) -> Unit:
    unit.card.write_text(PLAIN.replace("https://hailong.example", server.url))
    return unit


def test_a_prepared_card_makes_a_kiosk_of_the_server(fresh: Unit, server: FakeServer) -> None:
    fresh.enrols(ENROL)
    code, log = fresh.run()
    assert code == 0, log
    assert server.journal
    assert (fresh.data / "kiosk" / "journal.sqlite3").exists()
    assert CODE not in fresh.card.read_text()


def test_a_power_cut_after_the_servers_yes_makes_no_second_kiosk(
    fresh: Unit, server: FakeServer
) -> None:
    fresh.enrols(f"({ENROL}); kill -9 $PPID")
    fresh.crash()
    journal = server.journal
    assert journal
    fresh.enrols(ENROL)
    fresh.run()
    assert server.journal == journal
    assert CODE not in fresh.card.read_text()
