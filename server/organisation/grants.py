"""Which units inspectors and reviewers may act for: given and ended by administrators, each a deed.

Nobody inspects or reviews where they work themselves.
"""

from django.db import transaction
from django.db.models import Q, QuerySet

from server.clock import now_ms as clock_ms
from server.ledger.services import record_next_deed
from server.organisation.accounts import GRANTED
from server.organisation.errors import OrganisationError
from server.organisation.locks import lock_unit
from server.organisation.models import Grant, Role, StaffAccount, Unit
from server.organisation.periods import day_of
from server.organisation.tree import codes_beneath


def accounts_to_grant() -> list[StaffAccount]:
    """The inspectors and reviewers who may sign in, by name."""
    found = StaffAccount.objects.filter(role__in=GRANTED, is_active=True)
    return list(found.order_by("username"))


def grants_in_force(now_ms: int) -> list[Grant]:
    """Who is granted what at this moment, by account and unit."""
    rows = _in_force(now_ms).filter(account__is_active=True)
    return list(rows.select_related("account", "unit").order_by("account__username", "unit_id"))


def granted_codes(account: StaffAccount) -> set[str]:
    """The units of an account's grants of now, and all that stand beneath them today. A grant that
    has come to reach where the account works itself gives nothing."""
    found: set[str] = set()
    for grant in _in_force(clock_ms()).filter(account=account).select_related("unit"):
        territory = _territory(grant.unit)
        if account.unit_id not in territory:
            found |= territory
    return found


@transaction.atomic
def give_grant(
    *, account: StaffAccount, unit: Unit, by: str, now_ms: int, to_ms: int | None = None
) -> Grant:
    """From now on, until to_ms or until told otherwise, the account may act for the unit and all
    beneath it. by: who grants it. Raises OrganisationError."""
    _check(account, unit, by)
    if to_ms is not None and to_ms <= now_ms:
        raise OrganisationError("grant-past")
    lock_unit(unit=unit.code)
    if _in_force(now_ms).filter(account=account, unit=unit).exists():
        raise OrganisationError("granted-already", account=account.username, unit=unit.code)
    grant = Grant.objects.create(
        account=account, unit=unit, from_ms=now_ms, to_ms=to_ms, granted_by=by
    )
    _tell(grant, by, now_ms)
    return grant


@transaction.atomic
def end_grant(*, account: StaffAccount, unit: Unit, by: str, now_ms: int) -> None:
    """From now on the account may not act for the unit by this grant. Raises OrganisationError."""
    lock_unit(unit=unit.code)
    grant = _in_force(now_ms).filter(account=account, unit=unit).first()
    if grant is None:
        raise OrganisationError("no-grant", account=account.username, unit=unit.code)
    grant.to_ms, grant.ended_by = now_ms, by
    grant.save(update_fields=["to_ms", "ended_by"])
    _tell(grant, by, now_ms)


def _check(account: StaffAccount, unit: Unit, by: str) -> None:
    if account.username == by:
        raise OrganisationError("grant-to-oneself")
    if Role(account.role) not in GRANTED or not account.is_active:
        raise OrganisationError("grant-needs-role", account=account.username)
    if account.unit_id in _territory(unit):
        raise OrganisationError(
            "grant-own-unit", account=account.username, own=account.unit_id, unit=unit.code
        )


def _tell(grant: Grant, by: str, now_ms: int) -> None:
    record_next_deed(
        unit=grant.unit_id, journal=grant.unit_id, type="grant", now_ms=now_ms,
        data={
            "unit": grant.unit_id, "number": grant.pk, "account": grant.account.username,
            "role": grant.account.role, "from_ms": grant.from_ms, "to_ms": grant.to_ms, "by": by,
        },
    )  # fmt: skip


def _in_force(now_ms: int) -> "QuerySet[Grant]":
    begun = Grant.objects.filter(from_ms__lte=now_ms)
    return begun.filter(Q(to_ms__isnull=True) | Q(to_ms__gt=now_ms))


def _territory(unit: Unit) -> set[str]:
    """The unit, be it ended, and all that stand beneath it today."""
    return {unit.code, *codes_beneath(unit.code, day_of(clock_ms(), unit.timezone))}
