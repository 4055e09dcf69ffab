"""Funnels against FunnelPlotR, and against a month of the NHS."""

from collections import Counter
from typing import Any

import pytest

from server.analytics.methods.funnel import Funnel, share_funnel, share_limits
from server.analytics.methods.ratio_funnel import ratio_funnel
from tests.server.analytics.methods.vectors import by_id, vectors

pytestmark = pytest.mark.one_database
CASES = vectors("funnel")["cases"]
TOO_MANY = 10**9


def funnel_of(case: dict[str, Any]) -> Funnel:
    units = [(row[0], row[1]) for row in case["rows"]]
    fewest = 10 if case["adjusted"] else TOO_MANY
    if case["kind"] == "share":
        found = share_funnel(units, fewest=fewest)
    else:
        found = ratio_funnel(units, scale=case["scale"], fewest=fewest)
    assert found is not None
    return found


@by_id(CASES)
def test_dispersion_and_spread_are_those_of_funnelplotr(case: dict[str, Any]) -> None:
    found = funnel_of(case)
    assert (found.phi, found.tau2) == pytest.approx((case["phi"], case["tau2"]), rel=1e-6)
    wanted = [row[2] for row in case["rows"]]
    assert [row.z for row in found.rows] == pytest.approx(wanted, rel=1e-6)


@by_id([case for case in CASES if case["id"] != "SR_medpar_CQC"])
def test_limits_and_outliers_are_those_of_funnelplotr(case: dict[str, Any]) -> None:
    found = funnel_of(case)
    for row, wanted in zip(found.rows, case["rows"], strict=True):
        assert list(row.limits or ()) == pytest.approx(wanted[3:], rel=1e-6)
    far = {"far below", "far above"} | ({"below", "above"} if case["beyond"] == 95 else set())
    assert [i for i, row in enumerate(found.rows) if row.place in far] == case["outliers"]


def test_limits_on_the_root_scale_are_squared_back_where_funnelplotr_forgets_to() -> None:
    (case,) = [case for case in CASES if case["id"] == "SR_medpar_CQC"]
    found = funnel_of(case)
    for row, wanted in zip(found.rows, case["rows"], strict=True):
        squares = [max(0.0, bound) ** 2 for bound in wanted[3:]]
        assert list(row.limits or ()) == pytest.approx(squares, rel=1e-6)
    places = Counter(row.place for row in found.rows)
    assert places["far below"] + places["far above"] == 2
    assert len(case["outliers"]) == 17


def test_of_a_month_of_the_nhs_plain_limits_flag_nearly_all_and_widened_ones_nearly_none() -> None:
    units = [(hits, n) for hits, n in vectors("nhs_attendances")["march_2018"]]
    plain, widened = share_funnel(units, fewest=TOO_MANY), share_funnel(units)
    assert plain and widened and widened.adjusted and widened.phi > 400
    far = [sum(row.place.startswith("far") for row in f.rows) for f in (plain, widened)]
    assert far == [125, 2]
    assert len(units) == 137


def test_few_units_have_plain_limits_and_the_funnel_says_so() -> None:
    found = share_funnel([(10, 100), (90, 100), (50, 100)])
    assert found is not None
    assert found.few and not found.adjusted and found.tau2 == 0


def test_the_smallest_units_limits_do_not_turn_back_inwards() -> None:
    lows, highs = zip(*((lim.low_998, lim.high_998) for lim in map_limits(0.9)), strict=True)
    assert list(lows) == sorted(lows) and list(highs) == sorted(highs, reverse=True)
    assert lows[0] == 0.0 and highs[0] == 1.0


def map_limits(center: float) -> list[Any]:
    return [share_limits(center, n) for n in range(1, 400)]


def test_a_unit_without_votes_keeps_its_row_and_is_called_nothing() -> None:
    found = share_funnel([(0, 0), (9, 10), (8, 10)])
    assert found is not None
    assert found.rows[0] == (None, 0.0, None, "no votes")
    assert share_funnel([(0, 0)]) is None and share_funnel([]) is None
    assert ratio_funnel([(0, 0.0)]) is None


def test_equal_units_have_no_spread_and_stand_within() -> None:
    for hits in (0, 40, 50):
        found = share_funnel([(hits, 50)] * 30)
        assert found is not None
        assert found.tau2 == 0 and {row.place for row in found.rows} == {"within"}


def test_a_unit_far_below_its_like_is_found_among_them() -> None:
    found = share_funnel([(95, 100)] * 30 + [(94, 100)] * 30 + [(60, 100)])
    assert found is not None
    assert [row.place for row in found.rows[-2:]] == ["within", "far below"]


def test_the_log_scale_says_that_it_knows_no_unit_without_any() -> None:
    with pytest.raises(ValueError, match="take the root scale"):
        ratio_funnel([(0, 5.0)], scale="log")
    assert ratio_funnel([(0, 5.0)]) is not None
