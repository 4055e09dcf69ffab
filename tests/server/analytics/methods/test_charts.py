"""Control charts against Montgomery's book, qicharts2 and the NHS's own rules."""

from itertools import pairwise
from typing import Any

import pytest

from server.analytics.methods.chart import Chart, Point
from server.analytics.methods.charts import i_prime_chart, p_chart, u_chart
from server.analytics.methods.individuals import g_chart, range_chart, t_chart, xmr_chart
from server.analytics.methods.run_rules import Special, anhoej_rules, nhs_rules
from tests.server.analytics.methods.vectors import by_id, vectors

pytestmark = pytest.mark.one_database
BOOK, NHS = vectors("control_charts"), vectors("nhs_rules")
TITLES = {
    "outside": ("Below LCL", "Above UCL"),
    "trend": ("7 Point Trend (Decreasing)", "7 Point Trend (Increasing)"),
    "two of three": ("2 in 3 Below CL", "2 in 3 Above CL"),
    "seven": ("7 Points Below CL", "7 Points Above CL"),
}


def drawn(case: dict[str, Any], first: int, last: int) -> Chart:
    """The chart of one part of a case, positions of what is left out counted from its start."""
    kind = case["chart"]
    left_out = [i - first for i in case["leave_out"] if first <= i < last]
    held: dict[str, Any] = {"baseline": case["baseline"], "leave_out": left_out}
    if "y" in case:
        y = case["y"][first:last]
        if kind == "mr":
            return range_chart(y, baseline=case["baseline"])
        if kind == "i":
            return xmr_chart(y, screen=case["screen"], **held)
        return g_chart(y, **held) if kind == "g" else t_chart(y, **held)
    counts, sizes = case["count"][first:last], case["size"][first:last]
    held["screen"] = case["screen"]
    if kind in ("p", "pp"):
        return p_chart(counts, sizes, prime=kind == "pp", **held)
    if kind == "ip":
        return i_prime_chart(counts, sizes, **held)
    return u_chart(counts, sizes, prime=kind == "up", **held)  # a c chart has sizes of 1


def points_of(case: dict[str, Any]) -> list[Point]:
    length = len(case.get("y") or case["count"])
    cuts = [0, case["part"], length] if case["part"] else [0, length]
    return [p for a, b in pairwise(cuts) for p in drawn(case, a, b).points]


@by_id(BOOK["cases"])
def test_center_limits_and_points_outside_are_those_of_the_book_and_of_qicharts2(
    case: dict[str, Any],
) -> None:
    points = points_of(case)
    # The NHS rounds 3/1.128 to 2.66, and so do we on an XmR chart.
    rel = 2e-4 if case["chart"] == "i" else 1e-6
    for name in ("center", "low", "high"):
        wanted = case[name] if isinstance(case[name], list) else [case[name]] * len(points)
        found = [getattr(point, name) for point in points]
        pairs = [(f, w) for f, w in zip(found, wanted, strict=True) if f is not None]
        assert len(pairs) >= len(points) - 1
        assert [f for f, _ in pairs] == pytest.approx([w for _, w in pairs], rel=rel, abs=1e-9)
    assert [i for i, point in enumerate(points) if point.outside] == case["outside"]


@by_id([c for c in BOOK["cases"] if c["published"] and "ucl" in c["published"]])
def test_the_limits_printed_in_montgomerys_book_are_met(case: dict[str, Any]) -> None:
    last, printed = points_of(case)[-1], case["published"]
    # He rounds the mean range before he multiplies.
    near = {"i": 0.01, "mr": 0.01, "c": 0.011}.get(case["chart"], 1.1e-4)
    assert last.high == pytest.approx(printed["ucl"], abs=near)
    if "lcl" in printed:
        assert last.low == pytest.approx(printed["lcl"], abs=near)


@by_id([c for c in BOOK["cases"] if not c["part"]])
def test_anhoejs_runs_and_crossings_are_those_of_qicharts2(case: dict[str, Any]) -> None:
    points = points_of(case)
    values = [None if i in case["leave_out"] else p.y for i, p in enumerate(points)]
    (wanted,) = case["runs"]
    found = anhoej_rules(values, points[-1].center or 0.0)
    assert found._asdict() | {"signal": found.signal} == {
        "useful": wanted["n_useful"],
        "longest": wanted["longest_run"],
        "longest_usual": wanted["longest_run_max"],
        "crossings": wanted["n_crossings"],
        "crossings_usual": wanted["n_crossings_min"],
        "signal": wanted["runs_signal"],
    }


def test_a_run_chart_of_c_difficile_is_told_by_its_runs() -> None:
    run = BOOK["run_chart"]
    found = anhoej_rules(run["y"], run["median"])
    assert (found.useful, found.longest, found.crossings) == (32, 14, 6)
    assert found.signal


def test_anhoejs_critical_values_from_10_to_100_points_are_met() -> None:
    for n, longest, crossings in BOOK["anhoej"]:
        found = anhoej_rules([1.0] * n, 0.0)
        assert (found.longest_usual, found.crossings_usual) == (longest, crossings)


def test_crossings_of_very_long_series_go_on_smoothly() -> None:
    exact, near = (anhoej_rules([1.0] * n, 0.0).crossings_usual for n in (1000, 1001))
    assert abs(exact - near) <= 1


@by_id(NHS["cases"])
def test_limits_and_every_label_are_those_of_nhsrplotthedots(case: dict[str, Any]) -> None:
    chart = xmr_chart(case["y"], baseline=case["baseline"], screen=case["screen"])
    first = chart.points[0]
    wanted = (case["mean"], case["low"], case["high"])
    assert (first.center, first.low, first.high) == pytest.approx(wanted, rel=1e-7, abs=1e-9)
    labels = [TITLES[s.rule][s.side > 0] if s else "Common Cause" for s in nhs_rules(chart)]
    assert labels == case["labels"]


def test_what_is_outside_a_limit_is_called_so_before_anything_else() -> None:
    chart = xmr_chart([10.0, 11.0] * 6 + [12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 90.0], baseline=12)
    assert nhs_rules(chart)[-1] == Special("outside", 1)


def test_points_on_the_center_line_are_on_no_side() -> None:
    assert nhs_rules(xmr_chart([5.0] * 30)) == [None] * 30


def test_a_frozen_baseline_is_not_moved_by_later_months() -> None:
    calm = [(5, 100)] * 12
    frozen = p_chart(*zip(*calm, (20, 100), (30, 100), strict=True), baseline=12)
    assert {p.center for p in frozen.points} == {0.05}
    assert [p.outside for p in frozen.points[-2:]] == [True, True]


def test_missing_months_leave_a_gap_and_the_rest_is_as_without_them() -> None:
    hits, sizes = [5, None, 7, 0, 6, 4], [90, None, 80, 0, 100, None]
    gaps = p_chart(hits, sizes, prime=True).points
    assert [p.y is None for p in gaps] == [False, True, False, True, False, True]
    whole = p_chart([5, 7, 6], [90, 80, 100], prime=True).points
    assert [p for p in gaps if p.y is not None] == list(whole)
    holed = xmr_chart([1.0, None, 4.0, 2.0, None])
    assert [p for p in holed.points if p.y is not None] == list(xmr_chart([1.0, 4.0, 2.0]).points)
    assert nhs_rules(holed)[1] is None


def test_a_chart_of_nothing_has_points_without_limits() -> None:
    empty = p_chart([None, 0], [None, 0])
    assert [p.center for p in empty.points] == [None, None]
    assert u_chart([], []).points == xmr_chart([]).points == g_chart([]).points == ()
    assert range_chart([3.0]).points[0].y is None and t_chart([]).points == ()


def test_a_known_special_cause_is_left_out_of_the_limits_only() -> None:
    chart = u_chart([5, 6, 50, 4], [100, 100, 100, 100], leave_out=[2])
    assert chart.points[0].center == pytest.approx(0.05)
    assert chart.points[2].outside
