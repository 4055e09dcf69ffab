"""Whoever writes in the tables by hand, and has the worker count what they wrote, is found out."""

from typing import Any

import pytest

from tests.server.attribution.scene import (
    HOUR,
    MINUTE,
    NINE,
    attributed,
    checked,
    morning,
    sign_in,
    vote,
)
from tests.server.votes.river import new_unit


@pytest.fixture
def scene() -> tuple[str, str]:
    """Unit and journal: CB-1 was on duty and got one bad vote, which names the duty."""
    unit = new_unit()
    station = morning(unit)
    duty = sign_in(station, NINE, "CB-1")
    vote(station, NINE + MINUTE, rating=1, duty=duty)
    vote(station, NINE + HOUR, rating=5)
    station.send()
    assert attributed(unit)[0] == ("CB-1", "duty", "")
    return unit, station.kiosk.journal


def count_again(unit: str) -> None:
    """As if the day had changed: the tallies follow what was written."""
    from server import pipeline
    from server.attribution.models import ChangedDay, ChangedUnit

    gen = ChangedUnit.objects.get(unit=unit).gen + 1
    ChangedUnit.objects.filter(unit=unit).update(gen=gen)
    ChangedDay.objects.filter(unit=unit).update(gen=gen)
    pipeline.run_until_done()


@pytest.mark.parametrize("changes", [{"official": "CB-2"}, {"official": "", "basis": "none"}])
def test_a_bad_vote_taken_off_a_friend_in_the_tables_is_named(
    scene: tuple[str, str], capsys: Any, changes: dict[str, str]
) -> None:
    """The tallies were counted from the attributions, so they agreed, and check found nothing."""
    from server.attribution.models import Attribution
    from server.votes.models import Vote

    unit, journal = scene
    assert checked() == 0
    bad = Vote.objects.get(unit=unit, rating=1)
    Attribution.objects.filter(unit=unit, journal=journal, seq=bad.seq).update(**changes)
    count_again(unit)
    capsys.readouterr()
    assert checked() == 1
    assert f"Vote {bad.seq} of journal {journal} is" in capsys.readouterr().out


def test_a_bad_vote_excluded_in_the_tables_is_named_and_counts_again_with_its_day(
    scene: tuple[str, str], capsys: Any
) -> None:
    from server.attribution.models import Attribution
    from server.votes.models import Vote

    unit, journal = scene
    bad = Vote.objects.get(unit=unit, rating=1)
    row = Attribution.objects.filter(unit=unit, journal=journal, seq=bad.seq)
    row.update(state="excluded")
    assert checked() == 1
    assert f"Vote {bad.seq} of journal {journal} is" in capsys.readouterr().out
    count_again(unit)
    assert (checked(), row.get().state) == (0, "counted")


@pytest.mark.parametrize(
    ("table", "changes", "said"),
    [
        ("votes.vote", {"not_official": True}, "whether the official served"),
        ("votes.vote", {"counter": "elsewhere"}, "where it was cast"),
        ("votes.duty", {"official": "CB-2"}, "is not what the journal's lines say"),
        ("votes.duty", {"ended_seq": 4, "ended_by": "button"}, "is not what the journal's"),
        ("attribution.counterduty", {"official": "CB-2"}, "does not stand where its kiosk did"),
        ("attribution.counterduty", {"until_ms": NINE}, "does not stand where its kiosk did"),
    ],
)
def test_what_decides_about_a_vote_changed_in_the_tables_is_named(
    scene: tuple[str, str], capsys: Any, table: str, changes: dict[str, Any], said: str
) -> None:
    from django.apps import apps

    apps.get_model(table)._default_manager.filter(unit=scene[0]).update(**changes)
    assert checked() == 1
    assert said in capsys.readouterr().out


def test_what_waits_for_its_turn_is_no_difference(scene: tuple[str, str]) -> None:
    from server.attribution.audit import find_wrong_verdicts
    from server.attribution.models import Attribution
    from server.organisation.services import note_change

    unit, journal = scene
    note_change(unit=unit, counter=f"{unit}-1")
    Attribution.objects.filter(unit=unit).update(official="CB-2")
    assert find_wrong_verdicts(unit=unit, journal=journal) == []


def test_a_vote_whose_attribution_was_taken_away_is_named(
    scene: tuple[str, str], capsys: Any
) -> None:
    from server.attribution.models import Attribution

    row = Attribution.objects.filter(unit=scene[0]).order_by("seq").last()
    assert row is not None
    seq = row.seq
    row.delete()
    assert checked() == 1
    assert f"Vote {seq} of journal {scene[1]} has no attribution" in capsys.readouterr().out
