"""A shift is entered at the moment at which the unit decides that shifts count."""

import threading

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
