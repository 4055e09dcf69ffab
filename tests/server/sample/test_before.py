"""The sample's merged commune: as it was its votes are its own, as it is its successor's."""

from datetime import date

import pytest

from tests.server.sample.test_history import NOON, province

__all__ = ["province"]

ALL_JUNE = (date(2025, 6, 1), date(2025, 6, 30))
TODAY = date(2026, 11, 22)


@pytest.mark.usefixtures("province")
def test_votes_of_a_merged_commune_are_its_own_as_it_was_and_its_successors_as_it_is() -> None:
    from server.analytics.nodes import node_figures
    from server.analytics.selectors import Period
    from server.fleet.models import Placement
    from server.ingest.models import Journal
    from server.pipeline import run_until_done
    from server.sample import before
    from server.votes.models import Vote

    before.load()
    run_until_done()
    for view, unit in (("as-was", "98001"), ("as-is", "99001")):
        found = node_figures(
            unit="99", period=Period(*ALL_JUNE), today=TODAY, view=view, now_ms=NOON
        )
        assert {code for code, figure in found.units.items() if figure.n} == {unit}
        assert found.total.n == found.units[unit].n == Vote.objects.count() > 100
        assert not found.unmapped
    assert not Placement.objects.filter(ended_ms=None).exists()
    assert set(Journal.objects.values_list("state", flat=True)) == {"revoked"}
