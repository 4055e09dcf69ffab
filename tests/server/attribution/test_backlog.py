"""A backlog, as after a rebuild, is attributed in rounds that fit into memory."""

from typing import Any

import pytest

from tests.server.attribution.scene import file_dossier, vote
from tests.server.votes.river import new_unit, online, rows


def rounds(monkeypatch: pytest.MonkeyPatch, lines: int) -> list[int]:
    """How many journals each transaction took of three that wait with four lines each."""
    from server.attribution import selectors, services
    from server.attribution.models import Attribution
    from server.votes.services import understand_pending

    unit, taken, read = new_unit(), list[int](), selectors.targets
    for _ in range(3):
        station = online(unit)
        for _ in range(3):
            station.kiosk.vote()
        station.send()
    understand_pending()

    def watched(journals: Any) -> Any:
        taken.append(len(journals))
        return read(journals)

    monkeypatch.setattr(selectors, "targets", watched)
    monkeypatch.setattr(services, "LINES_AT_ONCE", lines)
    services.attribute_pending()
    assert len(rows(Attribution, unit=unit)) == 9
    return taken


def test_few_lines_of_many_journals_share_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rounds(monkeypatch, 12) == [3]


def test_years_of_many_journals_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rounds(monkeypatch, 9) == [2, 1]
    assert rounds(monkeypatch, 1) == [1, 1, 1]


def test_a_vote_has_its_turn_before_a_million_dossiers_are_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server.attribution import services
    from server.attribution.models import Attribution
    from server.dossiers.models import DossierChange
    from server.votes.services import understand_pending

    unit = new_unit()
    station = online(unit)
    vote(station, station.kiosk.now_ms + 1_000, dossier="D-4")
    station.send()
    monkeypatch.setattr(services, "DOSSIERS_A_TURN", 2)
    for number in range(5):
        file_dossier(unit, f"D-{number}", "CB-1")
    understand_pending()
    for waiting in (3, 1, 0):
        assert services.attribute_pending()
        assert [row["official"] for row in rows(Attribution, unit=unit)] == ["CB-1"]
        assert DossierChange.objects.count() == waiting
    assert not services.attribute_pending()
