"""Three standing people: one heads the unit, one runs the machines, one is from another unit."""

from typing import Any

import pytest


@pytest.fixture
def people() -> dict[str, Any]:
    from django.contrib.auth.models import AnonymousUser

    from server.organisation.models import Role
    from server.organisation.services import make_account, make_unit

    ours, theirs = make_unit(code="99001", name="Một"), make_unit(code="99002", name="Hai")
    word = "correct horse battery"
    away = make_account(username="away", password=word, role=Role.SUPERVISOR, unit=ours)
    away.is_active = False
    return {
        "head": make_account(username="head", password=word, role=Role.SUPERVISOR, unit=ours),
        "other": make_account(username="other", password=word, role=Role.SUPERVISOR, unit=theirs),
        "admin": make_account(username="admin", password=word, role=Role.ADMINISTRATOR),
        "away": away,
        "nobody": AnonymousUser(),
    }


@pytest.mark.parametrize(
    (
        "who",
        "units",
        "see_unit",
        "see_officials",
        "see_kiosks",
        "see_lines",
        "manage_kiosks",
        "see_settings",
    ),
    [
        ("head", ["99001"], True, True, True, False, False, True),
        ("other", ["99002"], False, False, False, False, False, False),
        ("admin", ["99001", "99002"], True, False, True, True, True, True),
        ("away", [], False, False, False, False, False, False),
        ("nobody", [], False, False, False, False, False, False),
    ],
)
def test_who_may_see_what_of_unit_99001(
    people: dict[str, Any],
    who: str,
    units: list[str],
    see_unit: bool,
    see_officials: bool,
    see_kiosks: bool,
    see_lines: bool,
    manage_kiosks: bool,
    see_settings: bool,
) -> None:
    from server.organisation import access

    account = people[who]
    assert [unit.code for unit in access.visible_units(account)] == units
    assert access.may_see_unit(account, "99001") is see_unit
    assert access.may_see_officials(account, "99001") is see_officials
    assert access.may_see_kiosks(account, "99001") is see_kiosks
    assert access.may_see_lines(account, "99001") is see_lines
    assert access.may_manage_kiosks(account, "99001") is manage_kiosks
    assert access.may_manage_any(account) is manage_kiosks
    assert access.may_see_settings(account, "99001") is see_settings
    assert access.may_change_settings(account, "99001") is manage_kiosks


@pytest.mark.parametrize("who", ["head", "other", "admin", "away", "nobody"])
@pytest.mark.parametrize("code", ["99009", "", "\0", "99001\0", "99001\n", "９９００１", "9" * 500])
def test_nobody_sees_a_unit_that_is_not_there(people: dict[str, Any], who: str, code: str) -> None:
    from server.organisation import access
    from server.organisation.selectors import unit

    assert unit(code) is None
    assert not access.may_see_unit(people[who], code)
    assert not access.may_see_officials(people[who], code)
    assert not access.may_see_kiosks(people[who], code)
    assert not access.may_see_lines(people[who], code)
    assert not access.may_manage_kiosks(people[who], code)
    assert not access.may_see_settings(people[who], code)
    assert not access.may_change_settings(people[who], code)


@pytest.mark.parametrize(
    ("who", "see_log", "handle_audits"),
    [
        ("head", True, False),
        ("other", True, False),
        ("admin", True, True),
        ("away", False, False),
        ("nobody", False, False),
    ],
)
def test_who_may_see_the_log_and_who_auditors_reports(
    people: dict[str, Any], who: str, see_log: bool, handle_audits: bool
) -> None:
    from server.organisation import access

    assert access.may_see_log(people[who]) is see_log
    assert access.may_handle_audits(people[who]) is handle_audits
