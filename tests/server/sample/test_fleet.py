"""How the sample's kiosks stand when a newcomer opens the page for the first time."""

import pytest

from tests.server.sample.test_history import NOON, province

__all__ = ["province"]


@pytest.mark.usefixtures("province")
def test_that_the_demo_was_off_is_no_kiosks_silence() -> None:
    from server.fleet.health import outages, silences_of
    from server.fleet.models import Outage
    from server.ingest.models import Journal
    from server.ingest.selectors import kiosk_states
    from server.sample import fleet, history
    from server.web.fleet import stand_all

    days = history.working_days(NOON)
    for counter in history.COUNTERS:
        history.PastKiosk(counter, fleet._ms(days[0], fleet.CLOSES)).enrol()
    closed_ms = fleet._ms(days[-1], fleet.CLOSES)
    Journal.objects.update(seen_ms=closed_ms)
    fleet.make(now_ms=NOON)

    stands = stand_all(kiosk_states(["99001", "99002"]), NOON)
    silent = {stand.kiosk.id for stand in stands if stand.standing == "silent"}
    assert silent == {history.kiosk_at(counter) for counter in fleet.AWAY}
    assert Outage.objects.filter(started_ms=closed_ms).exists()
    down = outages(since_ms=closed_ms, now_ms=NOON)
    assert sum(end - start for start, end in down) > 0.9 * (NOON - closed_ms)
    for counter in history.COUNTERS:
        assert all(
            end <= closed_ms for _, end in silences_of(history.kiosk_at(counter), since_ms=0)
        )
