"""Officials and counters that are entered after votes that name them, and taken away again."""

from tests.server.attribution.scene import NINE, attributed, morning, sign_in, vote
from tests.server.votes.river import new_unit, rows


def rebuilt(unit: str) -> list[dict[str, object]]:
    from server import pipeline
    from server.attribution.models import Attribution

    pipeline.rebuild()
    return rows(Attribution, unit=unit)


def test_an_official_of_an_agency_without_counters_is_known_wherever_they_signed_in() -> None:
    from server.organisation.models import Unit
    from server.organisation.services import make_official

    hall, agency = new_unit(), new_unit(officials=(), counters=0)
    station = morning(hall)
    code = f"CB-{agency}"
    duty = sign_in(station, NINE, code)
    vote(station, NINE + 1_000, duty=duty)
    station.send()
    assert attributed(hall) == [("", "none", "unknown-official")]
    make_official(unit=Unit.objects.get(code=agency), code=code, name="Lê Thị C")
    assert attributed(hall) == [(code, "duty", "")]


def test_a_counter_that_is_entered_after_votes_that_name_it() -> None:
    from server.attribution.models import Attribution
    from server.organisation.models import Unit
    from server.organisation.services import make_counter

    unit = new_unit(counters=1)
    station = morning(unit)
    vote(station, NINE, counter=f"{unit}-9")
    station.send()
    assert attributed(unit) == [("", "none", "no-placement")]
    make_counter(unit=Unit.objects.get(code=unit), number=9)
    attributed(unit)
    (row,) = rows(Attribution, unit=unit)
    assert row["counter"] == f"{unit}-9"
    assert rows(Attribution, unit=unit) == rebuilt(unit)
