"""Dossiers kept and counted: the published figures of a province, and the rules at the edges."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.dossiers import lam_dong

DAY = 86_400_000
NOON = int(datetime(2025, 11, 20, 5, tzinfo=UTC).timestamp()) * 1000  # 12:00 in Vietnam


def facts(number: str, received: int, due: int | None, resolved: int | None, **more: Any) -> Any:
    from server.dossiers.services import Facts

    told = {"unit": "99001", "procedure": "", "official": "", "counter": "", "channel": "counter"}
    return Facts(
        number=number, received_ms=received, due_ms=due, resolved_ms=resolved, **{**told, **more}
    )


def count(first: date, last: date, units: Any = "99001") -> Any:
    from server.dossiers.selectors import counts

    return counts(units=units, first=first, last=last)


@pytest.fixture
def unit() -> Any:
    from server.organisation.services import make_unit

    return make_unit(code="99001", name="Xã Mẫu Một")


def test_the_figures_of_lam_dong_2019_come_out_of_a_file(tmp_path: Path) -> None:
    """Every tenth dossier of the year through the real import (`python -m bench.dossiers`: all)."""
    from server.importing.services import Source, import_file
    from server.organisation.services import make_unit

    for code in lam_dong.UNITS:
        make_unit(code=code, name=f"Đơn vị mẫu {code}")
    path = tmp_path / "lam-dong.csv"
    received, resolved, on_time = lam_dong.write(path, of=10)
    outcome = import_file(
        kind="dossiers", source=Source(path, "x.csv"), by="admin", now_ms=1, dry_run=False
    )
    assert outcome.problems == [] and outcome.added == received
    found = count(lam_dong.FIRST, lam_dong.LAST, lam_dong.UNITS)
    assert (found.carried, found.received, found.resolved, found.on_time) == (
        0, received, resolved, on_time,
    )  # fmt: skip
    assert (found.late, found.pending) == (resolved - on_time, received - resolved)
    assert len(str(received)) == 5 and abs(received * 10 - lam_dong.RECEIVED) < 10
    assert count(date(2018, 11, 1), date(2018, 11, 30), lam_dong.UNITS).received == 0
    one_by_one = [count(lam_dong.FIRST, lam_dong.LAST, code).received for code in lam_dong.UNITS]
    assert sum(one_by_one) == received


def test_the_rate_of_lam_dong_2019_to_the_last_digit() -> None:
    from server.dossiers.selectors import Counts

    year = Counts(
        received=lam_dong.RECEIVED,
        resolved=lam_dong.RESOLVED,
        on_time=lam_dong.ON_TIME,
        late=lam_dong.LATE,
        pending=lam_dong.PENDING,
    )
    assert lam_dong.ON_TIME + lam_dong.LATE == lam_dong.RESOLVED
    assert lam_dong.RECEIVED - lam_dong.RESOLVED == lam_dong.PENDING
    rate = year.on_time_rate
    assert rate == Fraction(470_208, 475_158) and year.without_due == 0
    per_cent = Decimal(rate.numerator * 100) / Decimal(rate.denominator)
    assert str(per_cent.quantize(Decimal("0.01"), ROUND_HALF_UP)) == "98.96"


def test_the_day_promised_is_on_time_to_its_last_millisecond(unit: Any, tmp_path: Path) -> None:
    from server.dossiers.services import keep_dossiers

    end = NOON + DAY // 2  # midnight after the day
    keep_dossiers(
        rows=[facts("1", NOON, end - 1, end - 1), facts("2", NOON, end - 1, end),
              facts("3", NOON, None, end), facts("4", NOON, end - 1, None)]
    )  # fmt: skip
    day = date(2025, 11, 20)
    found = count(day, day)
    assert (found.received, found.resolved, found.on_time, found.pending) == (4, 1, 1, 3)
    two = count(day, date(2025, 11, 21))
    assert (two.resolved, two.on_time, two.late, two.without_due, two.pending) == (3, 1, 1, 1, 1)
    assert two.overdue == 1
    assert count(date(2025, 11, 22), date(2025, 11, 22)).carried == 1


def test_two_years_by_month_asked_again_and_again_do_not_hold_up_the_server(unit: Any) -> None:
    """24 statements over every dossier there is took 50 s for a province; what a month leaves
    pending is what the next one carries, so each reads only what it received and resolved."""
    from random import Random

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.dossiers.selectors import counts_by_month
    from server.dossiers.services import keep_dossiers

    dice, rows = Random(8), []
    for number in range(400):
        got = NOON - dice.randrange(200) * DAY
        ends = [None, got + dice.randrange(60) * DAY, got + dice.randrange(150) * DAY]
        rows.append(facts(str(number), got, dice.choice(ends), dice.choice(ends)))
    keep_dossiers(rows=rows)
    firsts = [date(2025, month, 1) for month in range(7, 13)]
    months = [(a, b - timedelta(days=1)) for a, b in pairwise(firsts)]
    one_by_one = [count(*month) for month in months]
    with CaptureQueriesContext(connection) as asked:
        found = counts_by_month(units="99001", months=months, carried=one_by_one[0].carried)
    assert found == [replace(each, overdue=0) for each in one_by_one]
    assert all(each.carried and each.late and each.pending for each in found)
    looks = [q["sql"] for q in asked.captured_queries if "dossiers_dossier" in q["sql"]]
    assert len(looks) == 2 * len(months)
    for look in looks if connection.vendor == "sqlite" else []:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {look}")
            ((*_, step),) = cursor.fetchall()
        assert "_ms>? AND " in step and "_ms<?" in step, step


def test_no_rate_where_nothing_was_resolved(unit: Any) -> None:
    assert count(date(2025, 1, 1), date(2025, 1, 31)).on_time_rate is None


def test_a_dossier_resolved_before_it_was_received_is_refused(unit: Any) -> None:
    from server.dossiers.services import DossierError, keep_dossiers

    with pytest.raises(DossierError, match="resolved before"):
        keep_dossiers(rows=[facts("1", NOON, None, NOON - 1)])


def test_votes_are_looked_at_again_only_where_official_or_procedure_differ(unit: Any) -> None:
    from server.dossiers.models import DossierChange
    from server.dossiers.services import keep_dossiers

    def marks() -> set[str]:
        found = set(DossierChange.objects.values_list("number", flat=True))
        DossierChange.objects.all().delete()
        return found

    assert keep_dossiers(rows=[facts("1", NOON, None, None)]) and marks() == set()
    assert keep_dossiers(rows=[facts("1", NOON, NOON + DAY, None)]) and marks() == set()
    assert keep_dossiers(rows=[facts("1", NOON, NOON + DAY, None, official="CB-1")])
    assert marks() == {"1"}
    assert not keep_dossiers(rows=[facts("1", NOON, NOON + DAY, None, official="CB-1")])
    assert marks() == set()
    keep_dossiers(rows=[facts("2", NOON, None, None, procedure="1.1")])
    assert marks() == {"2"}


def test_undoing_marks_the_votes_again(unit: Any) -> None:
    from server.dossiers.models import Dossier, DossierChange
    from server.dossiers.services import keep_dossiers, put_back_dossiers

    rows = [facts(str(n), NOON, None, None, official="CB-1") for n in range(900)]
    changes = keep_dossiers(rows=rows)
    DossierChange.objects.all().delete()
    assert put_back_dossiers(changes=changes) == []
    assert (Dossier.objects.count(), DossierChange.objects.count()) == (0, 900)


dossiers = st.lists(
    st.tuples(
        st.integers(0, 9), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9)
    ),
    max_size=12,
)  # fmt: skip


@given(rows=dossiers, first=st.integers(0, 9), days=st.integers(1, 5))
def test_every_dossier_is_counted_once_in_every_period(
    rows: list[tuple[int, int | None, int | None]], first: int, days: int
) -> None:
    """Against a count by hand, day by day; and carried + received = resolved + pending."""
    from datetime import timedelta

    from server.dossiers.models import Dossier
    from server.dossiers.services import keep_dossiers
    from server.organisation.services import make_unit

    make_unit(code="99001", name="Xã Mẫu Một")
    Dossier.objects.all().delete()
    begun = NOON - DAY // 2
    kept = [
        facts(
            str(i),
            begun + received * DAY + 1,
            None if due is None else begun + (received + due + 1) * DAY - 1,
            None if resolved is None else begun + (received + resolved) * DAY + 2,
        )
        for i, (received, due, resolved) in enumerate(rows)
    ]
    keep_dossiers(rows=kept)
    start, end = begun + first * DAY, begun + (first + days) * DAY
    day = date(2025, 11, 20) + timedelta(days=first)
    found = count(day, day + timedelta(days=days - 1))
    done = [d for d in kept if d.resolved_ms is not None and start <= d.resolved_ms < end]
    assert found.received == sum(start <= d.received_ms < end for d in kept)
    assert found.resolved == len(done)
    assert found.on_time == sum(d.due_ms is not None and d.resolved_ms <= d.due_ms for d in done)
    assert found.late == sum(d.due_ms is not None and d.resolved_ms > d.due_ms for d in done)
    assert found.carried + found.received == found.resolved + found.pending
    waiting = [d for d in kept if d.received_ms < end and d not in done
               and (d.resolved_ms is None or d.resolved_ms >= end)]  # fmt: skip
    assert found.pending == len(waiting)
    assert found.overdue == sum(d.due_ms is not None and d.due_ms < end for d in waiting)


def test_transactions_are_counted_by_counter_and_day(unit: Any) -> None:
    from server.dossiers.models import Transactions
    from server.dossiers.services import Count, keep_transactions, put_back_transactions

    day = date(2025, 11, 20)
    rows = [Count("99001", "99001-1", day, 5), Count("99001", "99001-2", day, 7)]
    changes = keep_transactions(rows=rows)
    assert [c.before for c in changes] == [None, None] and keep_transactions(rows=rows) == []
    kept = Transactions.objects.filter(unit="99001", date=day).values_list("counter", "n")
    assert dict(kept) == {"99001-1": 5, "99001-2": 7}
    again = keep_transactions(rows=[Count("99001", "99001-1", day, 6)])
    assert put_back_transactions(changes=changes) == [("99001", "99001-1", day)]
    assert put_back_transactions(changes=again) == []
    assert put_back_transactions(changes=changes) == []
    assert not kept.all().exists()
