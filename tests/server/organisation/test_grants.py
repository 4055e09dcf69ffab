"""Inspectors and reviewers act where they were granted, from outside, and each grant is a deed."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.one_database
WORD = "correct horse battery"


@pytest.fixture
def units() -> dict[str, Any]:
    from server.organisation.services import make_unit

    province = make_unit(code="99", name="Tỉnh (mẫu)")
    ours = make_unit(code="99001", name="Xã Một (mẫu)", parent=province)
    return {"99": province, "99001": ours, "98001": make_unit(code="98001", name="Xã Khác (mẫu)")}


def account(name: str, role: str = "inspector", unit: Any = None) -> Any:
    from server.organisation.models import Role
    from server.organisation.services import make_account

    return make_account(username=name, password=WORD, role=Role(role), unit=unit)


def give(who: Any, unit: Any, by: str = "admin", now_ms: int = 10, **more: Any) -> Any:
    from server.organisation.services import give_grant

    return give_grant(account=who, unit=unit, by=by, now_ms=now_ms, **more)


def refusal(who: Any, unit: Any, **more: Any) -> str:
    from server.organisation.services import OrganisationError

    with pytest.raises(OrganisationError) as refused:
        give(who, unit, **more)
    assert refused.value.say("vi") != refused.value.say("en")
    return refused.value.kind


def deeds() -> list[dict[str, Any]]:
    from server.ledger.models import ServerRecord

    rows = ServerRecord.objects.filter(type="grant").order_by("seq")
    return [json.loads(bytes(row.body))["data"] for row in rows]


def test_a_grant_and_its_end_are_deeds_that_anybody_can_read(units: dict[str, Any]) -> None:
    from protocol.deeds import Grant, understand_record
    from server.organisation.access import may_inspect
    from server.organisation.services import end_grant

    who = account("an")
    assert not may_inspect(who, "99001")
    give(who, units["99"])
    assert may_inspect(who, "99001")
    end_grant(account=who, unit=units["99"], by="other", now_ms=20)
    assert not may_inspect(who, "99001")
    given, ended = (understand_record("grant", deed) for deed in deeds())
    assert isinstance(given, Grant) and isinstance(ended, Grant)
    assert (given.account, given.role, given.to_ms, given.by) == ("an", "inspector", None, "admin")
    assert (ended.number, ended.from_ms, ended.to_ms, ended.by) == (given.number, 10, 20, "other")


def test_a_grant_for_a_while_ends_by_itself(units: dict[str, Any]) -> None:
    from server.organisation.access import inspected_units

    who = account("an")
    give(who, units["98001"], to_ms=20)
    give(who, units["99001"], to_ms=2**61)
    assert [unit.code for unit in inspected_units(who)] == ["99001"]


def test_nobody_is_granted_where_they_work_or_what_stands_above_it(units: dict[str, Any]) -> None:
    who = account("an", unit=units["99001"])
    assert refusal(who, units["99001"]) == "grant-own-unit"
    assert refusal(who, units["99"]) == "grant-own-unit"
    give(who, units["98001"])


def test_a_unit_that_comes_to_stand_beneath_a_grant_takes_it_from_whoever_works_there(
    units: dict[str, Any],
) -> None:
    from datetime import date

    from server.organisation.access import may_review
    from server.organisation.services import change_unit

    who = account("an", "reviewer", unit=units["98001"])
    give(who, units["99"])
    assert may_review(who, "99001")
    change_unit(unit=units["98001"], parent=units["99"], on_date=date(2020, 1, 1))
    assert not may_review(who, "98001")
    assert not may_review(who, "99001")


def test_what_cannot_be_granted_is_said_in_both_languages(units: dict[str, Any]) -> None:
    who = account("an")
    assert refusal(who, units["99"], by="an") == "grant-to-oneself"
    assert refusal(account("head", "supervisor", units["98001"]), units["99"]) == "grant-needs-role"
    assert refusal(who, units["99"], to_ms=10) == "grant-past"
    give(who, units["99"])
    assert refusal(who, units["99"]) == "granted-already"
    who.is_active = False
    assert refusal(who, units["99001"]) == "grant-needs-role"
    assert len(deeds()) == 1


def test_an_inspector_is_no_official_at_a_counter(units: dict[str, Any]) -> None:
    from server.organisation.models import Role
    from server.organisation.services import OrganisationError, make_account, make_official

    official = make_official(unit=units["99001"], code="CB-1", name="Cán bộ mẫu")
    with pytest.raises(OrganisationError, match="no official"):
        make_account(username="x", password=WORD, role=Role.INSPECTOR, official=official)


def test_two_looks_in_one_millisecond_are_two_deeds() -> None:
    from server.ledger.looks import record_view
    from server.ledger.models import ServerRecord

    for who in ("an", "binh"):
        record_view(by=who, what="integrity 99001", now_ms=5)
    assert ServerRecord.objects.filter(type="viewed").count() == 2


def test_the_command_grants_lists_and_ends(
    units: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    from server.__main__ import main

    account("an")
    assert main(["grant", "an", "99", "--until", "2090-01-01T00:00"]) == 0
    assert main(["grant"]) == 0
    assert "an,inspector,99," in capsys.readouterr().out
    assert main(["grant", "an", "99"]) == 2
    assert main(["grant", "an", "99", "--end"]) == 0
    capsys.readouterr()
    assert main(["grant"]) == 0
    assert "an," not in capsys.readouterr().out
    for wrong in (["an"], ["an", "77"], ["nobody", "99"], ["an", "99", "--end"]):
        assert main(["grant", *wrong]) == 2


def test_a_time_that_no_clock_can_print_is_refused_before_it_breaks_every_list_of_grants() -> None:
    from zoneinfo import ZoneInfo

    from server.console.times import read_time
    from server.folder import SetupError

    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert read_time("2199-12-31T23:59", zone) > 0
    for far in ("9999-12-31T23:59-12:00", "2200-01-02T00:00"):
        with pytest.raises(SetupError, match="is no time"):
            read_time(far, zone)
