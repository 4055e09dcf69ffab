"""The accounts of staff: who signs in, as what, and where."""

from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from server.organisation.errors import OrganisationError
from server.organisation.models import Official, Role, StaffAccount, Unit

GRANTED: Final = (Role.INSPECTOR, Role.REVIEWER)  # whose territory is what they were granted


def make_account(
    *,
    username: str,
    password: str,
    role: Role,
    unit: Unit | None = None,
    official: Official | None = None,
    check: bool = True,
) -> StaffAccount:
    """A staff account; one that is there already keeps its password, role and unit.

    A supervisor needs a unit, an official's account its official, who has one alone; an inspector
    or reviewer may have a unit, where they work themselves, and no official.
    `check=False` lets the sample's own weak passwords pass.
    """
    found = StaffAccount.objects.filter(username=username).first()
    if found is not None:
        return found
    if role == Role.SUPERVISOR and unit is None:
        raise OrganisationError("account-needs-unit", account=username)
    if role == Role.OFFICIAL:
        _check_official(username, official)
    if role in GRANTED and official is not None:
        raise OrganisationError("account-no-official", account=username)
    account = StaffAccount(username=username, role=role, unit=unit, official=official)
    _set_password(account, password, check=check)
    account.save()
    return account


@transaction.atomic
def give_account(
    *,
    username: str,
    password: str,
    role: Role,
    unit: Unit | None = None,
    official: Official | None = None,
) -> StaffAccount:
    """`make_account`, but one that is there gets the new password and may sign in again.

    OrganisationError if the name is that of another role, unit or official.
    """
    account = make_account(
        username=username, password=password, role=role, unit=unit, official=official
    )
    if (account.role, account.unit, account.official) != (role, unit, official):
        of = account.official_id or account.unit_id or "-"
        raise OrganisationError("account-taken", account=username, role=account.role, of=of)
    if role == Role.OFFICIAL:
        _check_official(username, official)
    _set_password(account, password, check=True)
    account.is_active = True
    account.save()
    return account


def end_account(*, account: StaffAccount) -> None:
    """Nobody signs in with it any more, and whoever has is signed out; its name stays taken."""
    account.is_active = False
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])


def account_of(username: str) -> StaffAccount | None:
    """The account of this name, if there is one."""
    return StaffAccount.objects.filter(username=username).first()


def _check_official(username: str, official: Official | None) -> None:
    if official is None:
        raise OrganisationError("account-needs-official", account=username)
    others = StaffAccount.objects.filter(role=Role.OFFICIAL, official=official, is_active=True)
    for other in others.exclude(username=username):
        raise OrganisationError(
            "official-has-account", official=official.code, account=other.username
        )


def _set_password(account: StaffAccount, password: str, *, check: bool) -> None:
    if check:
        try:
            account.clean_fields(exclude=["password"])
            validate_password(password, account)
        except ValidationError as error:
            raise OrganisationError("bad-account", sentence=" ".join(error.messages)) from error
    account.set_password(password)
