"""A shift is entered at the moment at which the unit decides that shifts count, or another does."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.server.votes.river import new_unit


def test_a_shift_that_is_entered_while_the_rule_changes_is_noted() -> None:
    from django.db import connection, transaction

    from server.organisation.models import Counter, Official, RosterChange, Unit
    from server.organisation.services import add_shift, set_rules

    code = new_unit()
    RosterChange.objects.all().delete()
    unit, entered, go_on = Unit.objects.get(code=code), threading.Event(), threading.Event()

    def plan() -> None:
        with transaction.atomic():
            add_shift(
                unit=unit, counter=Counter.objects.get(code=f"{code}-1"),
                official=Official.objects.get(code="CB-1"), started_ms=5_000, ended_ms=9_000,
            )  # fmt: skip
            entered.set()
            go_on.wait(60)
        connection.close()

    person = threading.Thread(target=plan)
    person.start()
    assert entered.wait(60)
    threading.Timer(0.5, go_on.set).start()
    set_rules(unit=unit, shifts_count=True, two_for_rulings=None, by="x", now_ms=1)
    person.join()
    noted = RosterChange.objects.filter(unit=code).values_list("counter", "from_ms", "to_ms")
    assert list(noted) == [(f"{code}-1", 5_000, 9_000)]


def test_a_file_of_shifts_and_a_page_that_plan_the_same_official_do_not_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from server.importing.kinds import shifts
    from server.importing.services import Source, import_file
    from server.organisation.models import Counter, Official, Unit
    from server.organisation.services import add_shift

    one, other = sorted((new_unit(), new_unit()))
    path, begun, wrong = tmp_path / "shifts.csv", threading.Event(), list[BaseException]()
    rows = [f"{one}-1,CB-1", f"{other}-1,CB-2"]
    path.write_text("\n".join(["mã quầy,mã cán bộ,ngày,từ giờ,đến giờ"] + [
        f"{row},20/11/2025,07:30,11:30" for row in rows]) + "\n")  # fmt: skip

    def plan() -> None:
        """At the other unit, between the file's two rows."""
        try:
            begun.wait(10)
            add_shift(
                unit=Unit.objects.get(code=other), counter=Counter.objects.get(code=f"{other}-1"),
                official=Official.objects.get(code="CB-1"), started_ms=5_000, ended_ms=9_000,
            )  # fmt: skip
        except BaseException as error:  # noqa: BLE001 - looked at below
            wrong.append(error)
        connection.close()

    def slowly(given: Any, work: Any, made: Any) -> Any:
        done = row_by_row(given, work, made)
        begun.set()
        time.sleep(0.5)
        return done

    row_by_row = shifts._do
    person = threading.Thread(target=plan)
    person.start()
    monkeypatch.setattr(shifts, "_do", slowly)
    outcome = import_file(
        kind="shifts", source=Source(path, "x.csv"), by="admin", now_ms=1, dry_run=False
    )
    person.join()
    assert (outcome.problems, outcome.added, wrong) == ([], 2, [])
