"""Who may see and do what, as one table: three standing people and all the others.

99 is a province with a district 990 and a commune 99001 beneath it; 99002 is another commune, that
stood beneath 99 until it ended on 1 July 2025; 98001 is elsewhere. The inspector and the reviewer
were granted 99; the second reviewer 990 and 98001, where they work, so that this gives nothing.
"""

from datetime import date
from typing import Any

import pytest

WORD = "correct horse battery"
UNITS = ["98001", "99", "990", "99001", "99002"]


@pytest.fixture
def people() -> dict[str, Any]:
    from django.contrib.auth.models import AnonymousUser

    from server.organisation.models import Role
    from server.organisation.services import (
        end_grant,
        end_unit,
        give_grant,
        make_account,
        make_official,
        make_unit,
    )

    province = make_unit(code="99", name="Tỉnh (mẫu)")
    district = make_unit(code="990", name="Huyện (mẫu)", parent=province)
    ours = make_unit(code="99001", name="Xã Một (mẫu)", parent=district)
    ended = make_unit(code="99002", name="Xã Hai (mẫu)", parent=province)
    end_unit(unit=ended, on_date=date(2025, 7, 1))
    theirs = make_unit(code="98001", name="Xã Khác (mẫu)")
    official = make_official(unit=ours, code="CB-1", name="Cán bộ mẫu")

    def supervisor(name: str, unit: Any) -> Any:
        return make_account(username=name, password=WORD, role=Role.SUPERVISOR, unit=unit)

    def granted(name: str, role: Role, *units: Any, own: Any = None) -> Any:
        account = make_account(username=name, password=WORD, role=role, unit=own)
        for unit in units:
            give_grant(account=account, unit=unit, by="admin", now_ms=1)
        return account

    second = granted("reviewer2", Role.REVIEWER, district, theirs)
    second.unit = theirs  # who changed office after the grant
    second.save()
    former = granted("former", Role.INSPECTOR, province)
    end_grant(account=former, unit=province, by="admin", now_ms=2)
    away = supervisor("away", ours)
    away.is_active = False
    gone = make_account(username="gone", password=WORD, role=Role.OFFICIAL,
                        official=make_official(unit=ours, code="CB-2", name="B"))  # fmt: skip
    gone.is_active = False
    return {
        "head": supervisor("head", ours),
        "chief": supervisor("chief", province),
        "old": supervisor("old", ended),
        "other": supervisor("other", theirs),
        "admin": make_account(username="admin", password=WORD, role=Role.ADMINISTRATOR),
        "works": make_account(
            username="works", password=WORD, role=Role.OFFICIAL, official=official
        ),
        "inspector": granted("inspector", Role.INSPECTOR, province),
        "reviewer": granted("reviewer", Role.REVIEWER, province),
        "reviewer2": second,
        "former": former,
        "away": away,
        "gone": gone,
        "nobody": AnonymousUser(),
    }


ALL, NONE = UNITS, list[str]()
BELOW = ["99", "990", "99001"]
PEOPLE = [
    "head", "chief", "old", "other", "admin", "works", "inspector", "reviewer", "reviewer2",
    "former", "away", "gone", "nobody",
]  # fmt: skip
# For which of UNITS each may do it; who is not named may for none.
TABLE: dict[str, dict[str, list[str]]] = {
    "may_see_unit": {
        "head": ["99001"], "chief": BELOW, "old": ["99002"], "other": ["98001"], "admin": ALL,
    },
    "may_see_officials": {
        "head": ["99001"], "chief": ["99"], "old": ["99002"], "other": ["98001"],
    },
    "may_see_kiosks": {
        "head": ["99001"], "chief": ["99"], "old": ["99002"], "other": ["98001"], "admin": ALL,
    },
    "may_see_lines": {"admin": ALL},
    "may_manage_kiosks": {"admin": ALL},
    "may_see_settings": {
        "head": ["99001"], "chief": ["99"], "old": ["99002"], "other": ["98001"], "admin": ALL,
    },
    "may_change_settings": {"admin": ALL},
    "may_rule": {"head": ["99001"], "chief": BELOW, "old": ["99002"], "other": ["98001"]},
    "may_set_duty": {"head": ["99001"], "chief": ["99"], "old": ["99002"], "other": ["98001"]},
    "may_inspect": {"inspector": BELOW},
    "may_see_integrity": {"inspector": BELOW},
    "may_handle_signals": {"inspector": BELOW},
    "may_recount": {"inspector": BELOW},
    "may_review": {"reviewer": BELOW, "reviewer2": ["990", "99001"]},
    "may_see_doubts": {"inspector": BELOW, "reviewer": BELOW, "reviewer2": ["990", "99001"]},
}  # fmt: skip


@pytest.mark.parametrize("may", TABLE)
def test_what_each_may_see_and_do_of_each_unit(people: dict[str, Any], may: str) -> None:
    from server.organisation import access

    ask = getattr(access, may)
    for who in PEOPLE:
        allowed = [unit for unit in UNITS if ask(people[who], unit)]
        assert allowed == TABLE[may].get(who, NONE), who


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_of_units_say_the_same_as_the_questions(people: dict[str, Any], who: str) -> None:
    from server.organisation import access

    account = people[who]
    for lists, may in (
        (access.visible_units, "may_see_unit"),
        (access.units_with_kiosks, "may_see_kiosks"),
        (access.units_with_settings, "may_see_settings"),
        (access.inspected_units, "may_inspect"),
        (access.reviewed_units, "may_review"),
    ):
        assert [unit.code for unit in lists(account)] == TABLE[may].get(who, NONE)
    lines = access.units_with_lines(account, access.visible_units(account))
    assert lines == set(TABLE["may_see_lines"].get(who, NONE))


def test_who_proposed_a_ruling_never_confirms_it(people: dict[str, Any]) -> None:
    from server.organisation.access import may_confirm_ruling

    for who in PEOPLE:
        for proposer in ("head", "chief"):
            allowed = [u for u in UNITS if may_confirm_ruling(people[who], u, proposer)]
            assert allowed == ([] if who == proposer else TABLE["may_rule"].get(who, NONE))


OWN_KINDS = ["shifts", "dossiers", "transactions", "complaints"]
OTHER_KINDS = ["units", "counters", "officials", "procedures", "holidays", "accounts", ""]


@pytest.mark.parametrize("kind", [*OWN_KINDS, *OTHER_KINDS])
def test_who_may_import_what(people: dict[str, Any], kind: str) -> None:
    from server.organisation.access import may_import

    for who in PEOPLE:
        allowed = [unit for unit in UNITS if may_import(people[who], kind, unit)]
        own = TABLE["may_see_officials"].get(who, NONE) if kind in OWN_KINDS else NONE
        assert allowed == (ALL if who == "admin" else own), who
        assert may_import(people[who], kind) is (who == "admin")  # of whichever unit


def test_an_officials_account_is_theirs_alone_and_sees_nothing_else(
    people: dict[str, Any],
) -> None:
    from server.organisation.access import own_official

    assert {who: own_official(people[who]) for who in PEOPLE if own_official(people[who])} == {
        "works": "CB-1"
    }
    assert all("works" not in row for row in TABLE.values())


def test_a_supervisor_who_is_also_an_official_keeps_to_the_supervisors_pages(
    people: dict[str, Any],
) -> None:
    from server.organisation.access import own_official

    people["head"].official = people["works"].official
    assert own_official(people["head"]) is None


def test_who_may_see_the_log_run_machines_and_read_auditors_reports(
    people: dict[str, Any],
) -> None:
    from server.organisation import access

    def allowed(ask: Any) -> list[str]:
        return [who for who in PEOPLE if ask(people[who])]

    assert allowed(access.may_see_log) == ["head", "chief", "old", "other", "admin", "inspector"]
    assert allowed(access.may_handle_audits) == ["admin", "inspector"]
    assert allowed(access.may_manage_any) == ["admin"]
    assert allowed(access.may_grant) == ["admin"]
    assert allowed(access.is_inspector) == ["inspector", "former"]
    assert allowed(access.may_open_desk) == ["inspector", "former"]
    assert allowed(access.is_reviewer) == ["reviewer", "reviewer2"]


NO_UNITS = ["99009", "", "\0", "99001\0", "99001\n", "９９００１", "9" * 500]


@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_sees_a_unit_that_is_not_there(people: dict[str, Any], who: str) -> None:
    from server.organisation import access
    from server.organisation.selectors import unit

    for code in NO_UNITS:
        assert unit(code) is None
        for may in TABLE:
            assert not getattr(access, may)(people[who], code)
        assert not access.may_confirm_ruling(people[who], code, "")
        assert not access.may_import(people[who], "shifts", code)
