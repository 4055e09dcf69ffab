"""The sample's dossiers and transactions: a page that has something to show."""

from datetime import date, timedelta

import pytest

from tests.server.sample.test_history import NOON, province

__all__ = ["province"]

YESTERDAY = date(2026, 11, 21)
FIRST = YESTERDAY - timedelta(days=60)


@pytest.mark.usefixtures("province")
def test_the_sample_has_dossiers_on_time_late_and_pending_in_both_communes() -> None:
    from server.dossiers.models import Dossier, Transactions
    from server.dossiers.selectors import counts, counts_each
    from server.organisation.selectors import procedure_names
    from server.sample import dossiers

    dossiers.make(now_ms=NOON)
    each = counts_each(units=["99001", "99002"], first=FIRST, last=YESTERDAY)
    assert {unit for unit, _ in each} == {"99001", "99002"}
    assert all("mẫu" in name for name in procedure_names([code for _, code in each]).values())
    assert len(procedure_names([code for _, code in each])) == len(dossiers.SORTS)
    found = counts(units=["99001", "99002"], first=FIRST, last=YESTERDAY)
    assert 200 < found.received < 500
    assert found.carried == 0
    assert found.late > 10
    assert found.on_time > 5 * found.late
    assert found.pending > found.overdue > 0
    assert all(
        number.startswith("MAU-") for number in Dossier.objects.values_list("number", flat=True)
    )
    assert set(Transactions.objects.values_list("counter", flat=True)) == {
        f"{unit}-{number}" for unit in ("99001", "99002") for number in (1, 2, 3)
    }


@pytest.mark.usefixtures("province")
def test_dossiers_are_made_once_though_the_demo_starts_again_next_week_or_they_were_undone() -> (
    None
):
    from server.dossiers.models import Dossier
    from server.importing.models import Import
    from server.importing.undoing import undo_import
    from server.sample import dossiers

    dossiers.make(now_ms=NOON)
    made = Dossier.objects.count()
    dossiers.make(now_ms=NOON + 7 * 86_400_000)
    assert Dossier.objects.count() == made
    number = Import.objects.get(kind="dossiers").pk
    undo_import(number=number, by="an", now_ms=NOON)
    dossiers.make(now_ms=NOON)
    assert not Dossier.objects.exists()
