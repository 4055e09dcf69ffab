"""The chart that is chosen for a series, and what that spares the units of the NHS."""

import random

import pytest

from server.analytics.methods.choose_chart import choose_chart, draw_chart
from tests.server.analytics.methods.vectors import vectors

pytestmark = pytest.mark.one_database
NHS = vectors("nhs_attendances")
ACCIDENTS = next(
    c for c in vectors("control_charts")["cases"] if c["id"] == "pp_nhs_accidents_screened"
)


def outside(kind: str, hits: list[int], sizes: list[int]) -> int:
    choice = choose_chart(hits, sizes)._replace(kind=kind)
    return sum(point.outside for point in draw_chart(choice, hits, sizes).points)


def test_of_the_nhs_attendances_plain_limits_flag_every_month_and_the_chosen_ones_few() -> None:
    hits, sizes = [r[1] for r in NHS["england"]], [r[2] for r in NHS["england"]]
    choice = choose_chart(hits, sizes)
    assert (choice.kind, choice.why, choice.enough) == ("p'", "scatters more than chance", True)
    assert (outside("p", hits, sizes), outside("p'", hits, sizes)) == (36, 9)


@pytest.mark.parametrize("trust", NHS["trusts"])
def test_of_a_hospitals_months_plain_limits_flag_most_and_the_chosen_ones_few(trust: str) -> None:
    hits, sizes = map(list, zip(*NHS["trusts"][trust], strict=True))
    assert choose_chart(hits, sizes).kind == "p'"
    assert outside("p", hits, sizes) >= 26
    assert outside("p'", hits, sizes) <= 10


def test_of_twenty_weeks_of_accidents_plain_limits_flag_sixteen_and_the_chosen_ones_none() -> None:
    hits, sizes = ACCIDENTS["count"], ACCIDENTS["size"]
    assert choose_chart(hits, sizes).kind == "p'"
    assert (outside("p", hits, sizes), outside("p'", hits, sizes)) == (16, 0)


def weeks(p: float, n: int, many: int, seed: int) -> tuple[list[int], list[int]]:
    drawn = random.Random(seed)
    return [sum(drawn.random() < p for _ in range(n)) for _ in range(many)], [n] * many


def test_complaints_that_come_by_chance_get_the_plain_chart() -> None:
    kinds = [choose_chart(*weeks(0.05, 200, 24, seed)).kind for seed in range(40)]
    assert kinds.count("p") >= 39


def test_rare_complaints_get_a_chart_of_the_votes_between_them() -> None:
    choice = choose_chart([0, 1, 0, 0, 2, 0, 1, 0, 0, 0, 1, 0], [300] * 12)
    assert (choice.kind, choice.why) == ("g", "rare")


def test_a_share_near_all_is_as_rare_as_what_is_missing_from_it() -> None:
    assert choose_chart([299, 300, 300, 299], [300] * 4).kind == "g"


def test_no_complaint_at_all_is_rare_too() -> None:
    assert choose_chart([0] * 12, [50] * 12).kind == "g"


def test_complaints_that_may_exceed_dossiers_get_a_u_chart() -> None:
    assert choose_chart([30, 25, 28, 31] * 4, [20] * 16, can_exceed=True).kind == "u"
    assert choose_chart([30, 90, 10, 60] * 4, [20] * 16, can_exceed=True).kind == "u'"


def test_measured_values_get_an_xmr_chart() -> None:
    choice = choose_chart([3.5, None, 4.0], None)
    assert (choice.kind, choice.enough) == ("xmr", False)
    assert len(draw_chart(choice, [3.5, None, 4.0], None).points) == 3


def test_a_series_of_nothing_gets_a_chart_that_says_there_is_not_enough() -> None:
    for series in ([], [None, None]):
        choice = choose_chart(series, series)
        assert (choice.why, choice.enough, choice.dispersion) == ("nothing yet", False, None)
        assert len(draw_chart(choice, series, series).points) == len(series)


def test_a_step_between_two_steady_levels_is_no_scatter() -> None:
    hits = [19, 20, 21, 20, 20, 19, 21, 20, 60, 59, 61, 60, 60, 59, 61, 60]
    choice = choose_chart(hits, [400] * 16)
    assert (choice.kind, choice.why) == ("p", "scatters as chance does")
    assert choice.dispersion is not None and choice.dispersion > 10


def test_a_step_in_the_level_is_still_seen_on_the_chosen_chart() -> None:
    before, sizes = weeks(0.05, 400, 20, 1)
    after, _ = weeks(0.12, 400, 6, 2)
    hits = before + after
    choice = choose_chart(hits, sizes + [400] * 6)
    chart = draw_chart(choice, hits, sizes + [400] * 6, baseline=20)
    assert all(point.outside for point in chart.points[-6:])
