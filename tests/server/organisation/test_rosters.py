"""Shifts, and which corrections attribution is told of."""

from typing import Any

import pytest

HOUR = 3_600_000
MORNING = 1_795_392_000_000  # 2026-11-23 07:00 in Việt Nam


@pytest.fixture
def office() -> dict[str, Any]:
    """Commune 99001 of province 99, two counters, two officials; 99002 likewise."""
    from server.organisation.models import RosterChange
    from server.organisation.services import make_counter, make_official, make_unit

    made: dict[str, Any] = {"99": make_unit(code="99", name="Tỉnh (mẫu)")}
    for code in ("99001", "99002"):
        made[code] = unit = make_unit(code=code, name=f"Xã {code} (mẫu)", parent=made["99"])
        for number in (1, 2):
            counter = make_counter(unit=unit, number=number)
            made[counter.code] = counter
            official = make_official(unit=unit, code=f"CB-{code[-1]}{number}", name="Cán bộ mẫu")
            made[official.code] = official
    RosterChange.objects.all().delete()
    return made


def plan(office: dict[str, Any], counter: str, official: str, start: int, end: int) -> Any:
    """A shift by hours of that day."""
    from server.organisation.services import add_shift

    return add_shift(
        unit=office[counter].unit,
        counter=office[counter],
        official=office[official],
        started_ms=MORNING + start * HOUR,
        ended_ms=MORNING + end * HOUR,
    )


def noted() -> list[tuple[Any, ...]]:
    """Which changes wait, in hours of that day; they are taken away."""
    from server.organisation.models import RosterChange

    rows = list(RosterChange.objects.order_by("unit", "counter", "id"))
    RosterChange.objects.all().delete()
    return [
        (row.counter, (row.from_ms - MORNING) / HOUR, (row.to_ms - MORNING) / HOUR) for row in rows
    ]


def let_shifts_count(unit: Any, choice: bool | None = True) -> None:
    from server.organisation.services import set_rules

    set_rules(unit=unit, shifts_count=choice, two_for_rulings=None, by="x", now_ms=1)


def test_a_counter_has_one_shift_at_a_time_and_nobody_two(office: dict[str, Any]) -> None:
    from server.organisation.models import Shift
    from server.organisation.services import OrganisationError

    plan(office, "99001-1", "CB-11", 1, 5)
    plan(office, "99001-1", "CB-12", 5, 9)  # one ends as the next begins
    plan(office, "99001-1", "CB-11", 1, 5)  # the same file again
    assert Shift.objects.count() == 2
    for counter, official, start, end, kind in (
        ("99001-1", "CB-21", 4, 6, "counter-planned"),
        ("99001-1", "CB-21", 0, 10, "counter-planned"),
        ("99001-2", "CB-11", 4, 5, "official-planned"),
        ("99002-1", "CB-12", 8, 12, "planned-elsewhere"),  # not in another unit either
        ("99001-2", "CB-21", 3, 3, "bad-shift"),
        ("99001-2", "CB-21", 3, 2, "bad-shift"),
        ("99001-2", "CB-21", 0, 25, "bad-shift"),  # a shift that never ends
    ):
        with pytest.raises(OrganisationError) as caught:
            plan(office, counter, official, start, end)
        assert caught.value.kind == kind
    assert Shift.objects.count() == 2


def test_who_is_in_the_way_is_said_with_the_time_on_the_units_clock(
    office: dict[str, Any],
) -> None:
    from server.organisation.services import OrganisationError

    plan(office, "99001-1", "CB-11", 1, 5)
    with pytest.raises(OrganisationError, match=r"CB-11's from 2026-11-23 08:00 to .* 12:00"):
        plan(office, "99001-1", "CB-12", 4, 6)
    with pytest.raises(OrganisationError) as caught:
        plan(office, "99001-2", "CB-11", 4, 6)
    assert "ở quầy 99001-1 từ 23/11/2026 08:00 đến 23/11/2026 12:00" in caught.value.say("vi")
    with pytest.raises(OrganisationError) as caught:
        plan(office, "99002-1", "CB-11", 4, 6)
    for language in ("vi", "en"):  # where and when somebody serves is their own unit's to know
        told = caught.value.say(language)
        assert "CB-11" in told and not any(what in told for what in ("99001", "08:00", "12:00"))


def test_a_shift_at_a_counter_of_another_unit_is_refused(office: dict[str, Any]) -> None:
    from server.organisation.services import OrganisationError, add_shift

    with pytest.raises(OrganisationError, match="belongs to unit 99002"):
        add_shift(unit=office["99001"], counter=office["99002-1"], official=office["CB-11"],
                  started_ms=MORNING, ended_ms=MORNING + HOUR)  # fmt: skip


def test_shifts_are_read_by_counter_and_by_what_they_touch(office: dict[str, Any]) -> None:
    from server.organisation.selectors import shifts_of

    plan(office, "99001-1", "CB-11", 1, 5)
    plan(office, "99001-2", "CB-12", 1, 5)
    plan(office, "99001-1", "CB-12", 6, 9)

    def read(counter: str | None, start: int, end: int) -> list[tuple[str, str]]:
        found = shifts_of("99001", counter, MORNING + start * HOUR, MORNING + end * HOUR)
        return [(shift.counter, shift.official) for shift in found]

    assert read("99001-1", 4, 7) == [("99001-1", "CB-11"), ("99001-1", "CB-12")]
    assert read("99001-1", 5, 6) == []
    assert read(None, 0, 5) == [("99001-1", "CB-11"), ("99001-2", "CB-12")]


def test_attribution_is_told_of_a_shift_only_where_shifts_count(office: dict[str, Any]) -> None:
    from server.organisation.services import remove_shift

    plan(office, "99001-1", "CB-11", 1, 5)
    assert noted() == []
    let_shifts_count(office["99001"])
    assert noted() == [("99001-1", 1, 5)]
    shift = plan(office, "99001-2", "CB-12", 2, 6)
    plan(office, "99001-2", "CB-12", 2, 6)  # nothing new
    assert noted() == [("99001-2", 2, 6)]
    remove_shift(shift=shift)
    remove_shift(shift=shift)
    assert noted() == [("99001-2", 2, 6)]
    let_shifts_count(office["99001"], False)
    assert noted() == [("99001-1", 1, 5)]


def test_a_refused_shift_leaves_no_mark(office: dict[str, Any]) -> None:
    from server.organisation.services import OrganisationError

    let_shifts_count(office["99001"])
    plan(office, "99001-1", "CB-11", 1, 5)
    noted()
    with pytest.raises(OrganisationError):
        plan(office, "99001-1", "CB-12", 1, 5)
    assert noted() == []


def test_each_rule_holds_from_the_nearest_unit_that_chose_it(office: dict[str, Any]) -> None:
    from server.clock import FOREVER_MS
    from server.organisation.selectors import Rules, rules_of
    from server.organisation.services import set_rules

    assert rules_of("99001") == Rules(shifts_count=False, two_for_rulings=False)
    set_rules(unit=office["99"], shifts_count=True, two_for_rulings=True, by="x", now_ms=1)
    set_rules(unit=office["99001"], shifts_count=False, two_for_rulings=None, by="x", now_ms=1)
    assert rules_of("99001") == Rules(False, True, counting=((1, 1),))
    assert rules_of("99002") == Rules(True, True, counting=((1, FOREVER_MS),))


def test_an_administrator_who_lets_shifts_count_for_a_minute_leaves_two_deeds(
    office: dict[str, Any],
) -> None:
    """The votes under the shifts move there and back; the log tells of both."""
    from server.organisation.audit import find_differences
    from server.organisation.models import UnitRules
    from tests.server.attribution.scene import checked, deeds

    for choice in (True, True, False):  # chosen twice is chosen once
        let_shifts_count(office["99001"], choice)
    assert [deed["shifts_count"] for deed in deeds("unit.rules")] == [True, False]
    last = {"unit": "99001", "shifts_count": False, "two_for_rulings": None, "by": "x"}
    assert deeds("unit.rules")[-1] == last
    assert find_differences() == [] and checked() == 0
    UnitRules.objects.update(two_for_rulings=False)
    (found,) = find_differences()
    assert "unit 99001" in found and checked() == 1
    UnitRules.objects.all().delete()
    assert find_differences() == [found]


def test_a_choice_of_the_province_is_noted_where_it_changes_something(
    office: dict[str, Any],
) -> None:
    plan(office, "99001-1", "CB-11", 1, 5)
    plan(office, "99002-1", "CB-21", 2, 6)
    plan(office, "99002-1", "CB-21", 7, 9)
    let_shifts_count(office["99001"], False)
    let_shifts_count(office["99"])
    assert noted() == [("99002-1", 2, 9)]  # the commune keeps to its own no
    let_shifts_count(office["99"])
    assert noted() == []
    let_shifts_count(office["99001"], None)
    assert noted() == [("99001-1", 1, 5)]


def test_shifts_count_from_the_instant_they_are_let_count_to_the_one_they_are_not() -> None:
    from server.organisation.selectors import rules_of
    from server.organisation.services import make_unit, set_rules

    province = make_unit(code="98", name="Tỉnh (mẫu)")
    communes = [make_unit(code=f"9800{n}", name="Xã (mẫu)", parent=province) for n in (1, 2)]

    def choose(unit: Any, choice: bool | None, hour: int) -> None:
        now_ms = MORNING + hour * HOUR
        set_rules(unit=unit, shifts_count=choice, two_for_rulings=None, by="x", now_ms=now_ms)

    def counting(code: str) -> list[int]:
        rules = rules_of(code)
        return [hour for hour in range(12) if rules.counts(MORNING + hour * HOUR)]

    choose(province, True, 2)
    choose(communes[0], False, 4)
    choose(communes[0], False, 5)  # twice is once
    choose(communes[0], None, 6)
    choose(province, False, 8)
    assert counting("98001") == [2, 3, 6, 7]
    assert counting("98002") == counting("98") == [2, 3, 4, 5, 6, 7]
    choose(province, True, 1)  # by a clock that went back
    assert counting("98002") == list(range(2, 12))
    new = make_unit(code="98003", name="Xã (mẫu)", parent=province)
    assert counting("98003") == list(range(12))  # nothing was ever planned there before
    choose(new, False, 9)
    assert counting("98003") == list(range(9))


def test_a_unit_that_moves_to_where_shifts_count_does_not_bring_its_past_with_it(
    office: dict[str, Any],
) -> None:
    """Also entered as of a day long ago."""
    from datetime import date

    from server.clock import now_ms
    from server.organisation.selectors import rules_of
    from server.organisation.services import change_unit, make_unit

    there = make_unit(code="97", name="Tỉnh khác (mẫu)")
    let_shifts_count(there)
    before = now_ms()
    change_unit(unit=office["99001"], on_date=date(2020, 1, 1), parent=there)
    rules = rules_of("99001")
    assert rules.shifts_count and not rules.counts(before - 1) and rules.counts(now_ms())
    change_unit(unit=office["99001"], on_date=date(2020, 1, 1), parent=office["99"])
    assert not rules_of("99001").shifts_count and not rules_of("99001").counts(now_ms() + 1)


def test_a_unit_that_moves_under_another_rule_is_noted(office: dict[str, Any]) -> None:
    from datetime import date

    from server.organisation.services import change_unit, settle_units

    plan(office, "99001-1", "CB-11", 1, 5)
    let_shifts_count(office["99"])
    noted()
    change_unit(unit=office["99001"], on_date=date(2026, 12, 1), parent=None,
                today=date(2026, 11, 23))  # fmt: skip
    assert noted() == []
    settle_units(today=date(2026, 12, 1))
    assert noted() == [("99001-1", 1, 5)]


def test_an_official_whom_votes_may_name_already_is_noted_once(
    office: dict[str, Any],
) -> None:
    from server.clock import FOREVER_MS
    from server.organisation.models import RosterChange
    from server.organisation.services import make_official

    make_official(unit=office["99001"], code="CB-99", name="Cán bộ mới (mẫu)")
    make_official(unit=office["99001"], code="CB-99", name="Cán bộ mới (mẫu)")
    fields = ("counter", "from_ms", "to_ms", "official")
    assert list(RosterChange.objects.order_by("id").values_list(*fields)) == [
        ("", 0, FOREVER_MS, "CB-99"),
    ]
