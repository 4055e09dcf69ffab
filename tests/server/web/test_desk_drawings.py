"""The desk's charts of whatever figures there are: one unit, none, all equal, months missing."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("server_folder")]

LAST = date(2025, 11, 30)


def Cast(*given: Any) -> Any:
    from server.analytics.desk import Cast

    return Cast(*given)


def draw(what: str, *given: Any) -> Any:
    """A drawing of the desk by its name; of a course: of complaints."""
    from server.web import desk_course, desk_funnel, desk_parts

    of = desk_course.Course("course", "Không hài lòng", "không hài lòng")
    who = {"units": desk_funnel.units, "officials": desk_funnel.officials}
    return {
        "course": lambda months: desk_course.draw_course(of, months, LAST),
        "rare": lambda days: desk_course.draw_rare(of, days),
        "funnel": lambda kind, subjects: desk_funnel.draw_funnel(who[kind](), subjects),
        "heat": desk_parts.draw_heat,
        "elsewhere": lambda n, casts: desk_parts.draw_elsewhere(n, casts, LAST),
    }[what](*given)


def subject(code: str, name: str, cast: Any) -> Any:
    from server.web.desk_funnel import Subject

    return Subject(code, name, cast, "")


counts = st.tuples(*[st.integers(0, 400)] * 5) | st.just((0,) * 5) | st.just((3, 0, 0, 0, 0))
casts = st.builds(Cast, counts, st.integers(0, 9), st.integers(0, 9))
months = st.builds(lambda n: date(2023 + n // 12, n % 12 + 1, 1), st.integers(0, 34))


def months_of(cast: Any, count: int) -> dict[date, Any]:
    """The same votes in each of the last so many months."""
    return {date(2025 - (n + 1) // 12, 12 - (n + 1) % 12, 1): cast for n in range(count)}


def check(chart: Any) -> None:
    text = json.dumps(chart.drawn, allow_nan=False)
    assert chart.sentence and "None" not in text and "None" not in chart.sentence
    headings = len(chart.table.headings)
    assert all(len(row) == headings for row in chart.table.rows)
    assert not chart.links or len(chart.links) == len(chart.told)


@settings(max_examples=25)
@given(st.dictionaries(months, casts, max_size=36))
def test_any_months_make_a_course(found: dict[date, Any]) -> None:
    chart = draw("course", found)
    check(chart)
    assert len(chart.told) == len(chart.places) <= 24
    rare = draw("rare", found)
    assert rare is None or len(rare.told) == len(rare.places)
    if rare:
        check(rare)


@settings(max_examples=25)
@given(st.lists(casts, max_size=40))
def test_any_subjects_make_a_funnel(found: list[Any]) -> None:
    subjects = [subject(f"U{n}", f"Xã {n}", cast) for n, cast in enumerate(found)]
    for who, least in (("units", 5), ("officials", 10)):
        chart = draw("funnel", who, subjects)
        check(chart)
        assert len(chart.told) == sum(cast.n >= least for cast in found)


@given(st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), casts, max_size=60))
def test_any_hours_make_a_heat_map(found: dict[tuple[int, int], Any]) -> None:
    chart = draw("heat", found)
    check(chart)
    assert len(chart.told) == len(chart.places) * len(chart.rows)


def test_a_course_of_a_few_months_marks_none_and_says_why() -> None:
    months = months_of(Cast((1, 1, 2, 10, 30)), 11)
    months[date(2025, 11, 1)] = Cast((30, 10, 0, 0, 4))
    chart = draw("course", months)
    assert "chưa đủ 12 tháng" in chart.sentence and not chart.special


def test_equal_months_are_calm_and_one_that_leaves_the_range_is_named() -> None:
    months = months_of(Cast((2, 3, 5, 40, 50)), 20)
    assert "không tháng nào khác thường" in draw("course", months).sentence
    months[date(2025, 10, 1)] = Cast((20, 15, 5, 30, 30))
    chart = draw("course", months)
    assert "tháng 10/2025" in chart.sentence and "nằm ngoài khoảng thường gặp" in chart.sentence
    assert any(each.marked for each in chart.series)


def test_a_month_with_fewer_than_five_votes_tells_nothing_but_their_number() -> None:
    months = {date(2025, 11, 1): Cast((3, 0, 0, 0, 1))}
    chart = draw("course", months)
    assert chart.told[-1] == "Tháng 11/2025: 4 lượt, quá ít để tính tỷ lệ"
    assert "75" not in json.dumps(chart.drawn) and "75" not in str(chart.table)


def test_rare_complaints_are_told_by_the_votes_between_them() -> None:
    days = {date(2025, 11, day): Cast((day % 9 == 1, 0, 0, 10, 10)) for day in range(1, 30)}
    chart: Any = draw("rare", days)
    assert chart is not None and len(chart.places) == 3
    assert "sau 189 lượt" in chart.told[0] or "sau 18" in chart.told[0]


def test_an_official_of_few_votes_is_never_called_different() -> None:
    usual = [subject(f"U{n}", f"Cán bộ {n}", Cast((6, 9, 15, 120, 150))) for n in range(12)]
    odd = subject("ODD", "Cán bộ lạ", Cast((15, 10, 0, 0, 4)))
    assert "Cán bộ lạ" not in draw("funnel", "officials", [*usual, odd]).sentence
    many = odd._replace(cast=Cast((30, 20, 0, 20, 40)))
    assert "Cán bộ lạ" in draw("funnel", "officials", [*usual, many]).sentence


def test_complaints_elsewhere_are_not_added_to_votes() -> None:
    november = date(2025, 11, 1)
    chart: Any = draw("elsewhere", {november: 3}, {november: Cast((2, 0, 0, 5, 5))})
    assert chart.table.rows == (("Tháng 11/2025", "3", "2"),)
    assert draw("elsewhere", {}, {november: Cast((2, 0, 0, 5, 5))}) is None
