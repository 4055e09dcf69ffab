"""The one place that decides who may see what. Every page, API and download asks here.

| role          | units | of counters | of officials | kiosks | lines | settings | managing | log  |
| ------------- | ----- | ----------- | ------------ | ------ | ----- | -------- | -------- | ---- |
| nobody        | -     | -           | -            | -      | -     | -        | -        | -    |
| supervisor    | own   | yes         | yes          | yes    | no    | read     | no       | part |
| administrator | all   | yes         | no           | yes    | yes   | change   | yes      | yes  |

Of counters, of officials: whose figures. Administrators run the machines and judge nobody: the
least that this needs is what they see.
Kiosks: where they stand and whether they are connected, so that a supervisor can mend a loose
plug; its faults, disk and clock, and how long it was silent. Lines: how many a kiosk has sent or
has waiting, when it sent the last, its days, starts and self-tests, which level nobody presses; for
those who know whom they served that would tell how a citizen voted. Settings: what the kiosks ask
and show, and who chose it; whoever answers for a counter may read the question that is asked there,
but does not write it. Managing: placing, enrolling and revoking kiosks, and giving them orders.
Log: how the log stands and what auditors concluded, which names no vote; their reports in full,
which name kiosks, lines and times of every unit, and handing them in, are for administrators (and
for inspectors, when there are any). That one vote is in the log, whoever has its code may see.
"""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser

from server.organisation.checks import is_code
from server.organisation.models import Role, StaffAccount, Unit

Account = StaffAccount | AnonymousUser


def visible_units(account: Account) -> list[Unit]:
    """The units whose pages this account may open, by code."""
    if _is(account, Role.ADMINISTRATOR):
        return list(Unit.objects.order_by("code"))
    if _is(account, Role.SUPERVISOR):
        return list(Unit.objects.filter(code=_own_unit(account)))
    return []


def may_see_unit(account: Account, unit_code: str) -> bool:
    """Whether the account may see counts and shares of the unit and its counters."""
    if _is(account, Role.ADMINISTRATOR):
        return _is_unit(unit_code)
    return _is(account, Role.SUPERVISOR) and unit_code == _own_unit(account)


def may_see_officials(account: Account, unit_code: str) -> bool:
    """Whether the account may see the figures of the unit's officials."""
    return _is(account, Role.SUPERVISOR) and unit_code == _own_unit(account)


def may_see_kiosks(account: Account, unit_code: str) -> bool:
    """Whether the account may see where the unit's kiosks stand and whether they are connected."""
    return may_see_unit(account, unit_code)


def may_see_lines(account: Account, unit_code: str) -> bool:
    """Whether the account may see how many lines the unit's kiosks sent, and when the last."""
    return may_manage_kiosks(account, unit_code)


def units_with_kiosks(account: Account) -> list[Unit]:
    """The units whose kiosks this account may see, by code: may_see_kiosks of all units at once."""
    return visible_units(account)


def units_with_lines(account: Account, units: Iterable[Unit]) -> set[str]:
    """The codes of those of some units of which may_see_lines, at once."""
    return {unit.code for unit in units} if _is(account, Role.ADMINISTRATOR) else set()


def may_manage_kiosks(account: Account, unit_code: str) -> bool:
    """Whether the account may place kiosks in the unit, enrol them and give them orders."""
    return _is(account, Role.ADMINISTRATOR) and _is_unit(unit_code)


def may_see_settings(account: Account, unit_code: str) -> bool:
    """Whether the account may read what the unit's kiosks ask and show, and who changed it."""
    return may_see_unit(account, unit_code)


def may_change_settings(account: Account, unit_code: str) -> bool:
    """Whether the account may choose what the unit's kiosks ask and show."""
    return may_manage_kiosks(account, unit_code)


def may_manage_any(account: Account) -> bool:
    """Whether the account runs machines at all, of whichever unit."""
    return _is(account, Role.ADMINISTRATOR)


def may_see_log(account: Account) -> bool:
    """Whether the account may see how the log stands, and what auditors concluded."""
    return isinstance(account, StaffAccount) and account.is_active


def may_handle_audits(account: Account) -> bool:
    """Whether the account may hand in auditors' reports and read them in full."""
    return _is(account, Role.ADMINISTRATOR)


def _is_unit(code: str) -> bool:
    return is_code(code) and Unit.objects.filter(code=code).exists()


def _is(account: Account, role: Role) -> bool:
    return isinstance(account, StaffAccount) and account.is_active and account.role == role


def _own_unit(account: Account) -> str | None:
    return account.unit_id if isinstance(account, StaffAccount) else None
