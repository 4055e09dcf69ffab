"""`check` decides every vote again: an attribution that its facts do not give is named."""

from tests.server.attribution.scene import NINE, attributed, morning, rule, sign_in, vote
from tests.server.votes.river import Station, new_unit


def differences() -> list[str]:
    from server.attribution.audit_verdicts import find_differences

    return find_differences()


def served() -> Station:
    """A vote about CB-1 and one without a duty of its own."""
    station = morning(new_unit())
    vote(station, NINE + 1_000, duty=sign_in(station, NINE, "CB-1"))
    vote(station, NINE + 2_000)
    station.send()
    assert attributed(station.unit) == [("CB-1", "duty", "")] * 2
    return station


def test_votes_that_were_given_to_another_in_the_tables_together_with_their_tallies() -> None:
    from server.analytics.models import OfficialMonth, Shown, Tally
    from server.attribution.models import Attribution

    station = served()
    assert differences() == []
    for model in (Attribution, Tally, OfficialMonth, Shown):
        model.objects.filter(unit=station.unit, official="CB-1").update(official="CB-2")
    (sentence,) = differences()
    assert f"journal {station.kiosk.journal}: 2 votes are attributed otherwise" in sentence


def test_a_duty_at_another_counter_than_its_kiosks() -> None:
    from server.attribution.models import CounterDuty

    station = served()
    CounterDuty.objects.filter(unit=station.unit).update(counter=f"{station.unit}-2")
    first, second = differences()
    assert "1 duties stand otherwise" in first
    assert "1 votes are attributed otherwise" in second  # the one that names no duty


def test_a_vote_without_any_attribution() -> None:
    from server.attribution.models import Attribution

    station = served()
    row = Attribution.objects.filter(unit=station.unit).order_by("seq").last()
    assert row is not None
    row.delete()
    assert "1 votes" in differences()[0]


def test_a_correction_that_waits_is_no_difference() -> None:
    station = served()
    rule(station.unit, "CB-2")
    assert differences() == []
    attributed(station.unit)
    assert differences() == []
