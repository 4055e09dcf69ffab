"""Units, counters, officials and their PINs."""

from typing import Any

import pytest


@pytest.fixture
def unit() -> Any:
    from server.organisation.services import make_unit

    return make_unit(code="99001", name="Xã mẫu")


def test_making_twice_changes_nothing(unit: Any) -> None:
    from server.organisation.models import Role
    from server.organisation.selectors import counters_of, officials_of, units
    from server.organisation.services import (
        make_account,
        make_counter,
        make_official,
        make_unit,
    )

    for name in ("Xã mẫu", "another name"):
        found = make_unit(code="99001", name=name)
        make_counter(unit=found, number=1)
        make_official(unit=found, code="CB-0101", name=name, pin="0101")
        account = make_account(
            username="supervisor", password=f"correct horse {name}", role=Role.SUPERVISOR, unit=unit
        )
    assert [found.name for found in units()] == ["Xã mẫu"]
    assert [counter.code for counter in counters_of("99001")] == ["99001-1"]
    assert officials_of("99001") == {"CB-0101": "Xã mẫu"}
    assert account.check_password("correct horse Xã mẫu")


def test_a_pin_is_stored_sealed_and_opens_for_its_official_alone(unit: Any) -> None:
    from server.organisation.models import Official
    from server.organisation.services import OrganisationError, make_official, read_pin

    official = make_official(unit=unit, code="CB-0101", name="A", pin="012345")
    other = make_official(unit=unit, code="CB-0102", name="B")
    sealed = bytes(Official.objects.get(code="CB-0101").pin_sealed)
    assert b"012345" not in sealed
    assert read_pin(official=official) == "012345"
    assert read_pin(official=other) is None
    other.pin_sealed = sealed
    with pytest.raises(OrganisationError, match="set a new one"):
        read_pin(official=other)


def test_a_new_pin_replaces_the_old_one(unit: Any) -> None:
    from server.organisation.models import Official
    from server.organisation.services import make_official, read_pin, set_pin

    set_pin(official=make_official(unit=unit, code="CB-1", name="A", pin="1111"), pin="2222")
    assert read_pin(official=Official.objects.get()) == "2222"


@pytest.mark.parametrize("pin", ["", "123", "12a4", "１２３４"])
def test_a_pin_that_is_none_is_refused(unit: Any, pin: str) -> None:
    from server.organisation.services import OrganisationError, make_official

    with pytest.raises(OrganisationError, match="4 to 12 digits"):
        make_official(unit=unit, code="CB-1", name="A", pin=pin)


@pytest.mark.parametrize("code", ["", "a b", "-1", "x" * 33, "mã"])
def test_a_code_that_is_none_is_refused(code: str) -> None:
    from server.organisation.services import OrganisationError, make_unit

    with pytest.raises(OrganisationError, match="is no code"):
        make_unit(code=code, name="Xã mẫu")


def test_an_unknown_time_zone_is_refused() -> None:
    from server.organisation.services import OrganisationError, make_unit

    with pytest.raises(OrganisationError, match="is no time zone"):
        make_unit(code="99001", name="Xã mẫu", timezone="Asia/Nowhere")


def test_a_counter_of_another_unit_is_not_taken_over(unit: Any) -> None:
    from server.organisation.services import OrganisationError, make_counter, make_unit

    make_counter(unit=unit, number=1)
    with pytest.raises(OrganisationError, match="belongs to unit 99001"):
        make_counter(unit=make_unit(code="99002", name="Xã khác"), number=1, code="99001-1")


def test_a_supervisor_needs_a_unit_and_a_password_worth_the_name(unit: Any) -> None:
    from server.organisation.models import Role, StaffAccount
    from server.organisation.services import OrganisationError, make_account

    with pytest.raises(OrganisationError, match="name the unit"):
        make_account(username="s", password="correct horse", role=Role.SUPERVISOR)
    with pytest.raises(OrganisationError):
        make_account(username="s", password="123", role=Role.SUPERVISOR, unit=unit)
    assert not StaffAccount.objects.exists()
