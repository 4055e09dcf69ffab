"""What a figure may say, and who may be called different: pure rules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.one_database


def figure(good: int, base: int, n: int | None = None) -> Any:
    from server.analytics.figure import figure_of

    return figure_of(base if n is None else n, [(base - good, 0, 0, 0, good)])


def level(n: int, *, person: bool = False, reliability: float | None = None, **rules: int) -> str:
    from server.analytics.display import shown_as
    from server.organisation.selectors import Rules

    return shown_as(
        figure(n // 2, n), person=person, rules=Rules(**rules), reliability=reliability
    ).level


def test_the_rules_of_display_as_they_are_unless_a_unit_chose() -> None:
    assert [level(n) for n in (0, 4, 5, 29, 30)] == [
        "nothing", "count", "uncertain", "uncertain", "full",
    ]  # fmt: skip
    assert [level(n, person=True, reliability=0.9) for n in (4, 5, 9, 10, 29, 30)] == [
        "count", "no-score", "no-score", "uncertain", "uncertain", "full",
    ]  # fmt: skip
    assert level(500, person=True, reliability=0.69) == "uncertain"
    assert level(500, person=True, reliability=0.7) == "full"
    assert level(500, person=True) == "uncertain"  # nobody knows how officials differ


def test_a_unit_may_ask_for_more() -> None:
    assert [level(n, show_from=20, verdict_from=100) for n in (15, 20, 99, 100)] == [
        "count", "uncertain", "uncertain", "full",
    ]  # fmt: skip
    assert level(40, person=True, reliability=0.9, person_from=50) == "no-score"


def test_votes_that_are_in_no_block_yet_do_not_lift_a_figure() -> None:
    from server.analytics.display import shown_as
    from server.organisation.selectors import Rules

    assert shown_as(figure(20, 25, n=33), person=False, rules=Rules()).level == "uncertain"


def compared(*units: tuple[int, int], person: bool = False) -> Any:
    from server.analytics.display import compare
    from server.organisation.selectors import Rules

    figures = {str(at): figure(*unit) for at, unit in enumerate(units)}
    return compare(figures, person=person, rules=Rules())


def test_what_chance_can_do_is_no_clear_difference() -> None:
    found = compared((80, 100), (84, 100), (78, 100))
    assert found.differ == "not"
    assert {row.place for row in found.rows.values()} == {"within"}


def test_somewhat_different_is_not_called_different() -> None:
    found = compared((733, 900), (647, 870), (707, 895))  # 81, 74 and 79 %
    assert found.differ == "slightly"
    assert not any(row.differs for row in found.rows.values())


def test_only_beyond_the_outer_limits_somebody_differs() -> None:
    found = compared((950, 1000), (940, 1000), (600, 1000))
    assert found.differ == "clearly"
    assert found.rows["2"].place == "far below"


def test_who_has_few_votes_is_never_called_different() -> None:
    found = compared((950, 1000), (940, 1000), (0, 25))
    assert found.rows["2"].place is None and found.differ != "clearly"


def test_officials_who_do_not_differ_beyond_chance_get_no_verdict() -> None:
    found = compared((80, 100), (81, 100), (79, 100), (80, 100), person=True)
    assert {row.level for row in found.rows.values()} == {"uncertain"}
    assert {row.reliability for row in found.rows.values()} == {0.0}
    assert found.differ is None
    assert compared((80, 100), (20, 100), person=True).rows["0"].reliability is None
    apart = compared((95, 100), (50, 100), (80, 100), (20, 100), person=True)
    assert {row.level for row in apart.rows.values()} == {"full"}


@given(st.lists(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))))
def test_no_table_breaks_the_rules(units: list[tuple[int, int]]) -> None:
    """n = 0, x = n, one row, all equal: every row has a level, and no number is not one."""
    from server.analytics.display import limited

    for person in (False, True):
        found = compared(*units, person=person)
        for (good, n), row in zip(units, found.rows.values(), strict=True):
            assert (row.level == "nothing") == (n == 0)
            assert row.reliability is None or 0 <= row.reliability <= 1
            if row.level != "full":
                assert row.place is None
            if not row.has_score:
                shown = limited(figure(good, n), row)
                assert (shown.share, shown.counts, shown.base, shown.n) == (None, None, 0, n)
