"""An official objects; it is evidence, and changes no attribution."""

import datetime as dt
from typing import Any

import pytest

from tests.server.attribution.scene import LATER, deeds, differences, rule
from tests.server.attribution.test_rulings import refused
from tests.server.votes.river import new_unit


@pytest.fixture
def unit() -> str:
    return new_unit()


def objects(unit: str, **more: Any) -> int:
    from server.attribution.services import object_to

    wish = {"official": "CB-1", "text": "I was on leave.", "by": "cb1", "now_ms": LATER}
    return object_to(unit=unit, **{**wish, **more})


def answer(unit: str, number: int, text: str = "You were; see the roster.") -> None:
    from server.attribution.services import answer_objection

    answer_objection(unit=unit, number=number, answer=text, by="anna", now_ms=LATER)


def test_an_objection_and_its_answer_are_deeds_that_hold_only_hashes_of_the_words(
    unit: str,
) -> None:
    from server.attribution.models import Objection

    assert objects(unit, ruling=rule(unit, "CB-2")) == 1
    assert objects(unit, counter=f"{unit}-1", date=dt.date(2025, 11, 22)) == 2
    answer(unit, 2)
    assert refused(answer, unit, 2) == "answered"
    first, second = deeds("objection")
    assert (first["ruling"], first["counter"], second["date"]) == (1, None, "2025-11-22")
    assert "leave" not in str(first) + str(deeds("objection.answered"))
    assert differences() == ""
    Objection.objects.filter(number=1).update(text="I agree.")
    assert "sha256" in differences()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "object-to-what"),
        ({"ruling": 1, "date": dt.date(2025, 11, 22)}, "object-to-what"),
        ({"counter": "u-1"}, "object-to-what"),
        ({"ruling": 7}, "no-ruling"),
        ({"counter": "elsewhere", "date": dt.date(2025, 11, 22)}, "no-counter"),
        ({"ruling": 1, "official": "CB-999"}, "no-official"),
        ({"ruling": 1, "text": "x" * 2001}, "bad-words"),
    ],
)
def test_what_is_no_objection(unit: str, changes: dict[str, Any], kind: str) -> None:
    rule(unit, "CB-2")
    assert refused(objects, unit, **changes) == kind


def test_whoever_objects_to_everything_waits_for_answers_first(unit: str) -> None:
    number = rule(unit, "CB-2")
    for nth in (*range(20), 7):  # the same twice is sent once
        objects(unit, ruling=number, text=f"No, for the {nth}th time.")
    assert refused(objects, unit, ruling=number) == "too-many"
    answer(unit, 1)
    assert objects(unit, ruling=number) == 21


@pytest.mark.parametrize("day", [dt.date(2199, 1, 1), dt.date(2026, 1, 2), dt.date(2025, 10, 31)])
def test_nobody_objects_to_a_day_to_come_or_before_they_were_employed(
    unit: str, day: dt.date
) -> None:
    from server.organisation.models import Official
    from server.organisation.services import set_official_spell

    official = Official.objects.get(code="CB-1")
    set_official_spell(official=official, started_date=dt.date(2025, 11, 1))
    assert refused(objects, unit, counter=f"{unit}-1", date=day) == "bad-day"
    assert objects(unit, counter=f"{unit}-1", date=dt.date(2026, 1, 1)) == 1  # today
