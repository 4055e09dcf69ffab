"""`hailong-server recount`: votes counted again, and whether the tallies of pages agree."""

import csv
import io
from typing import Any

import pytest

from tests.server.votes.river import Station, new_unit, online


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


@pytest.fixture
def station() -> Station:
    """A unit with five signed votes some minutes apart, one only against the decision."""
    station = online(new_unit())
    duty = station.kiosk.duty("CB-1")
    for n, rating in enumerate((1, 5, 5, 4, 2)):
        seq = station.kiosk.vote(rating, duty=duty, after_ms=170_000 + n**2 * 9_000)
        if n == 0:
            told = {"vote": seq, "reasons": ["R9"], "outcome": "answered"}
            station.kiosk.add("vote.reasons", told)
    station.send()
    assert _run("work", "--once") == 0
    return station


MONTH = ("--from", "2025-11-01", "--to", "2025-11-30")


def _rows(capsys: Any, *argv: str, code: int = 0) -> tuple[list[dict[str, str]], str]:
    capsys.readouterr()
    assert _run("recount", *MONTH, *argv) == code
    out, err = capsys.readouterr()
    return list(csv.DictReader(io.StringIO(out))), err


def test_a_period_is_counted_again_by_unit_counter_or_official(
    station: Station, capsys: Any
) -> None:
    for by, named in (("unit", ""), ("counter", station.counter), ("official", "CB-1")):
        (row,), err = _rows(capsys, "--by", by, "--unit", station.unit, "--format", "csv")
        assert row == {
            "unit": station.unit, "code": named, "from": "2025-11-01", "to": "2025-11-30",
            "counted": "5", "held": "0", "excluded": "0", "n1": "1", "n2": "1", "n3": "0",
            "n4": "1", "n5": "2", "only_r9": "1", "tallies": "agree",
        }  # fmt: skip
        assert err == ""


def test_a_tally_that_somebody_changed_is_found(station: Station, capsys: Any) -> None:
    from server.analytics.models import Tally

    Tally.objects.filter(unit=station.unit).update(n5=3)
    (row,), err = _rows(capsys, "--by", "counter", "--unit", station.unit, code=1)
    assert (row["n5"], row["tallies"]) == ("2", "differ")
    assert "rebuild --tallies" in err
    Tally.objects.filter(unit=station.unit).update(n5=2, x1=0)
    assert _rows(capsys, "--unit", station.unit, code=1)[0][0]["tallies"] == "differ"
    Tally.objects.filter(unit=station.unit).update(x1=1, official="CB-2")
    assert _rows(capsys, "--unit", station.unit)[0][0]["tallies"] == "agree"
    told = _rows(capsys, "--by", "official", "--unit", station.unit, code=1)[0]
    assert [(row["code"], row["counted"], row["tallies"]) for row in told] == [
        ("CB-1", "5", "differ"), ("CB-2", "0", "differ"),
    ]  # fmt: skip


def test_what_waits_to_be_counted_is_no_fault_of_the_tallies(station: Station, capsys: Any) -> None:
    from server.attribution.services import attribute_pending
    from server.votes.services import understand_pending

    station.kiosk.vote(3, after_ms=400_000)
    station.send()
    understand_pending()
    attribute_pending()
    _, err = _rows(capsys, "--unit", station.unit, code=1)
    assert "wait to be counted" in err and "work --once" in err


def test_what_is_no_period_nor_unit_is_refused_in_a_sentence(capsys: Any) -> None:
    for argv, said in (
        (("--from", "2025-11-31", "--to", "2025-12-01"), "is no day"),
        (("--from", "2025-12-01", "--to", "2025-11-01"), "earlier day first"),
        ((*MONTH, "--unit", "no-such"), "There is no unit no-such"),
    ):
        assert _run("recount", *argv) == 2
        assert said in capsys.readouterr().err
