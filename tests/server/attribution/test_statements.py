"""What attribution asks of the big tables names its units, and reads the votes concerned alone."""

from typing import Any

import pytest

from tests.server.attribution.test_any_order import Life, told_in_turn
from tests.server.cluster import find_faults
from tests.server.test_statement_rules import OURS, recorded


def test_corrections_and_pages_name_the_units_that_they_are_of() -> None:
    import datetime as dt

    from server.attribution import selectors
    from tests.server.attribution.scene import LATER

    day = dt.date(2025, 11, 22)
    with recorded() as statements:
        for seed in (11, 12):
            life = Life(seed)
            told_in_turn(life)
            known: dict[str, Any] = {"unit": life.unit, "now_ms": LATER}
            selectors.watch_of_day(counter=f"{life.unit}-1", date=day, **known)
            selectors.board(**known)
            assert selectors.units_naming(life.officials[0]) in ([], [life.unit])
            selectors.rulings_concerning(official=life.officials[0], units=[life.unit])
            selectors.duties_of(
                official=life.officials[0], units=[life.unit], first=day, last=day, now_ms=LATER
            )
    assert {f for sql in statements if OURS not in sql for f in find_faults(sql)} == set()


def plan(sql: str, values: list[Any]) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return " ".join(str(row[-1]) for row in cursor.fetchall())


def test_a_stretch_of_a_long_history_is_found_by_its_own_days() -> None:
    from django.db import connection

    from server.attribution import selectors
    from server.attribution.desk import desk_of
    from server.attribution.duties import Span
    from tests.server.attribution.scene import HOUR, NINE
    from tests.server.votes.river import new_unit

    if connection.vendor != "sqlite":
        pytest.skip("the planner of an empty PostgreSQL says nothing about a full one")
    desk = desk_of(new_unit())
    asked: list[tuple[str, list[Any]]] = []
    real = selectors._casts

    def note(source: str, where: str, values: Any) -> list[Any]:
        sql = selectors.SELECT_CASTS.format(source=source) + f"WHERE {where}"
        asked.append((sql, list(values)))
        return real(source, where, values)

    selectors._casts = note  # type: ignore[assignment]
    try:
        span = Span(NINE, NINE + HOUR)
        selectors.casts_at(desk, "c", span, signed=True)
        selectors.casts_of_kiosks(desk, ["k"], span)
        selectors.casts_of_dossiers(desk, ["H-1"])
        selectors.casts_of_nobody_known(desk)
    finally:
        selectors._casts = real
    used = [
        "attribution_by_day (unit=? AND counter=? AND first_day>? AND first_day<?)",
        "attribution_of_days (unit=? AND counter=? AND last_day>?)",
        "vote_by_kiosk (unit=? AND kiosk=? AND low_ms>? AND low_ms<?)",
        "vote_of_interval (unit=? AND kiosk=? AND high_ms>?)",
        "vote_by_dossier (unit=? AND dossier=?)",
        "attribution_of_unknown (unit=?)",
    ]
    for (sql, values), index in zip(asked, used, strict=True):
        assert index in plan(sql, values), (index, plan(sql, values))
