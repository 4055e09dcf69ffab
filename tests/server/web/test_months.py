"""Periods of whole months: what is asked for, and what a strange question gets."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.one_database

TODAY = date(2026, 1, 15)
THIS_MONTH = (date(2026, 1, 1), date(2026, 1, 31))
Days = tuple[date, date]


def days(query: str) -> Days:
    """The first and the last day of what the query asks for."""
    from server.web.months import read_period

    period = read_period(QueryDict(query), TODAY)
    return period.first, period.last


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=&to=",
        "from=2026-13&to=2026-14",
        "from=2025-12&to=rubbish",
        "from=2025-12-01&to=2025-12-31",
        "from=0000-00",
        "from=2026-02&to=2026-05",  # all of it in the future
        "from=9999-12&to=9999-12",
        "from=２０２５-１２",
        "from=%00&to=%ff",
        "from=2026-01'--&to=2026-01",
    ],
)
def test_what_cannot_be_read_is_this_month(query: str) -> None:
    assert days(query) == THIS_MONTH


def test_a_period_reaches_from_the_first_day_to_the_last() -> None:
    assert days("from=2025-11&to=2026-01") == (date(2025, 11, 1), date(2026, 1, 31))
    assert days("from=2024-02&to=2024-02") == (date(2024, 2, 1), date(2024, 2, 29))


def test_one_end_alone_is_that_month() -> None:
    assert days("from=2025-11") == (date(2025, 11, 1), date(2025, 11, 30))
    assert days("to=2025-11") == (date(2025, 11, 1), date(2025, 11, 30))


def test_a_reversed_pair_is_turned_round_and_the_future_cut_off() -> None:
    assert days("from=2026-01&to=2025-11") == days("from=2025-11&to=2026-01")
    assert days("from=2025-12&to=2030-01") == (date(2025, 12, 1), date(2026, 1, 31))


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_question_breaks_the_page(first: str, last: str) -> None:
    found = days(urlencode({"from": first, "to": last}))
    assert found[0] <= found[1] <= THIS_MONTH[1]
    assert found[0].day == 1


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=TODAY),
    st.dates(min_value=date(2000, 1, 1), max_value=TODAY),
)
def test_an_address_leads_back_to_its_period(first: date, last: date) -> None:
    from server.analytics.selectors import Period
    from server.web.months import query_of

    found = days(f"from={first:%Y-%m}&to={last:%Y-%m}")
    assert days(query_of(Period(*found))) == found


@pytest.mark.usefixtures("chosen_language")
def test_the_choices_lead_to_what_they_say() -> None:
    from server.analytics.selectors import Period
    from server.web.months import choices

    offered = choices(Period(*THIS_MONTH), TODAY)
    assert {choice.words: days(choice.query) for choice in offered} == {
        "Tháng này": THIS_MONTH,
        "Tháng trước": (date(2025, 12, 1), date(2025, 12, 31)),
        "3 tháng": (date(2025, 11, 1), date(2026, 1, 31)),
        "12 tháng": (date(2025, 2, 1), date(2026, 1, 31)),
    }
    assert [choice.words for choice in offered if choice.chosen] == ["Tháng này"]


@pytest.mark.usefixtures("chosen_language")
def test_the_lists_always_hold_the_chosen_months() -> None:
    from server.analytics.selectors import Period
    from server.web.months import months, period_words

    old = Period(*days("from=2019-05&to=2026-01"))
    values = [month.value for month in months(old, TODAY)]
    assert values[0] == "2026-01" and values[-1] == "2019-05"
    assert period_words(old) == "Tháng 5/2019 – tháng 1/2026"
