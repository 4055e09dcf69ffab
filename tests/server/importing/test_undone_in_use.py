"""What votes, rulings or duties name is not taken back with the import that entered it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.server.attribution.scene import (
    HOUR,
    LATER,
    NINE,
    attributed,
    file_dossier,
    morning,
    sign_in,
    vote,
)
from tests.server.importing.conftest import NOW
from tests.server.votes.river import new_unit

OFFICIALS = ("mã", "họ tên", "đơn vị")


def undo(outcome: Any) -> None:
    from server.importing.undoing import undo_import

    undo_import(number=outcome.number, by="admin", now_ms=NOW)


def refused(outcome: Any, name: str) -> None:
    from server.importing.errors import UndoError

    with pytest.raises(UndoError, match=f"{name} đang được dùng"):
        undo(outcome)


def test_an_official_who_served_in_another_unit(bring: Callable[..., Any]) -> None:
    hall, agency = new_unit(), new_unit(officials=(), counters=0)
    code = f"CB-{agency}"
    done = bring("officials", [OFFICIALS, (code, "Lê Thị Mẫu", agency)])
    station = morning(hall)
    vote(station, NINE + 1_000, duty=sign_in(station, NINE, code))
    station.send()
    assert attributed(hall) == [(code, "duty", "")]
    refused(done, code)


@pytest.mark.parametrize("by", ["dossier", "duty"])
def test_an_official_whose_votes_in_another_unit_are_not_counted_yet(
    bring: Callable[..., Any], by: str
) -> None:
    from server.analytics.models import OfficialMonth
    from server.attribution.models import Attribution
    from server.attribution.services import attribute_pending
    from server.votes.services import understand_pending

    hall, agency = new_unit(), new_unit(officials=(), counters=0)
    code = f"CB-{agency}"
    done = bring("officials", [OFFICIALS, (code, "Lê Thị Mẫu", agency)])
    file_dossier(hall, "D-1", code)
    station = morning(hall)
    if by == "duty":
        vote(station, NINE + 1_000, duty=sign_in(station, NINE, code))
    else:
        vote(station, NINE, dossier="D-1")
    station.send()
    assert understand_pending() and attribute_pending()
    assert Attribution.objects.get(unit=hall).official == code
    assert not OfficialMonth.objects.exists()
    refused(done, code)


@pytest.mark.parametrize("kind", ["ruling", "board"])
def test_an_official_whom_people_named(bring: Callable[..., Any], kind: str) -> None:
    from server.attribution.services import propose_ruling, set_duty

    unit = new_unit()
    code = f"CB-{unit}"
    done = bring("officials", [OFFICIALS, (code, "Lê Thị Mẫu", unit)])
    counter = f"{unit}-1"
    if kind == "ruling":
        propose_ruling(unit=unit, counter=counter, from_ms=NINE, to_ms=NINE + HOUR, official=code,
                       reason="was not signed in", by="anna", now_ms=LATER)  # fmt: skip
    else:
        set_duty(unit=unit, counter=counter, official=code, by="anna", now_ms=NINE)
    refused(done, code)


def test_a_counter_that_votes_name(bring: Callable[..., Any]) -> None:
    unit = new_unit()
    done = bring("counters", [("đơn vị", "số quầy"), (unit, "9")])
    station = morning(unit)
    vote(station, NINE, counter=f"{unit}-9")
    station.send()
    assert attributed(unit) == [("", "none", "nobody-signed-in")]
    refused(done, f"{unit}-9")
