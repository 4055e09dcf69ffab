"""The one place that decides who may see what. Every page, API and download asks here.

| role          | of counters | of officials | kiosks | lines | settings | managing | log  |
| ------------- | ----------- | ------------ | ------ | ----- | -------- | -------- | ---- |
| nobody        | -           | -            | -      | -     | -        | -        | -    |
| official      | -           | oneself      | -      | -     | -        | -        | -    |
| supervisor    | own, below  | own          | own    | no    | own read | no       | part |
| administrator | all         | no           | all    | all   | change   | yes      | yes  |

| role          | ruling     | second person        | duty board | own duty | importing       |
| ------------- | ---------- | -------------------- | ---------- | -------- | --------------- |
| nobody        | -          | -                    | -          | -        | -               |
| official      | -          | -                    | -          | yes      | -               |
| supervisor    | own, below | own, below, not both | own        | no       | own, four kinds |
| administrator | no         | no                   | no         | no       | everything      |

| role      | desk | its figures | integrity votes | signals  | doubts   | deciding on them | log  |
| --------- | ---- | ----------- | --------------- | -------- | -------- | ---------------- | ---- |
| inspector | yes  | granted     | granted         | granted  | granted  | no               | full |
| reviewer  | no   | no          | no              | no       | granted  | granted          | no   |

Own, below: the account's unit, and those that stand beneath it today. Of counters, of officials:
whose figures; counts of dossiers go with those of counters. Administrators run the machines and
judge nobody: the least that this needs is what they see. Officials see what concerns themselves,
and nothing else.
Granted: what an administrator granted the account, and all that stands beneath it today; never what
holds the unit where they work themselves. The others have nothing of this table, and inspectors
and reviewers nothing of those above but the log: they are from outside, and so may read tallies
where supervisors read blocks of five. Desk: the inspector's pages; integrity votes: how many named
harassment (R6), by day and counter; signals: reading, looking into and closing them; doubts: votes
that rules flagged, which inspectors read and reviewers decide on, two of them, by times and rhythm
and never by rating. Each look at such votes is a deed. Granting is for administrators, who see
nothing of it themselves.
Kiosks: where they stand and whether they are connected, so that a supervisor can mend a loose plug;
its faults, disk and clock, and how long it was silent. Lines: how many a kiosk has sent or has
waiting, when it sent the last, its days, starts and self-tests, which level nobody presses; for
those who know whom they served that would tell how a citizen voted. Settings: what the kiosks ask
and show, and who chose it; whoever answers for a counter may read the question that is asked there,
but does not write it. Managing: placing, enrolling and revoking kiosks, giving them orders, and
changing the organisation.
Log: how the log stands and what auditors concluded, which names no vote; their reports in full,
which name kiosks, lines and times of every unit, and handing them in, are for administrators and
for inspectors whom anything is granted. That one vote is in the log, whoever has its code may see.
Ruling: saying who served at a counter then, against what was signed; second person: putting that
into force, where the unit wants two, for whoever did not propose it. Duty board: saying who serves
at a counter from now on; own duty: the same of oneself. Importing, by file or on a page of forms;
four kinds: shifts, dossiers, transactions and complaints; units, officials and all the rest are
administrators'. Where shifts count, a supervisor plans and takes back those that have not begun:
earlier times need a ruling, and whoever does not serve at the counter an administrator. Who handled
a dossier is said by administrators' files alone: a supervisor who names an official dossier by
dossier would choose votes, which a ruling never does.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.contrib.auth.models import AnonymousUser

from server.clock import now_ms
from server.organisation.checks import is_code
from server.organisation.grants import granted_codes
from server.organisation.models import Role, StaffAccount, Unit
from server.organisation.periods import day_of
from server.organisation.tree import codes_beneath, units_of_codes

Account = StaffAccount | AnonymousUser
OF_SUPERVISORS: Final = frozenset({"shifts", "dossiers", "transactions", "complaints"})


def visible_units(account: Account) -> list[Unit]:
    """The units whose pages this account may open, by code."""
    if _is(account, Role.ADMINISTRATOR):
        return list(Unit.objects.order_by("code"))
    if _is(account, Role.SUPERVISOR):
        return list(Unit.objects.filter(code__in=_territory(account)).order_by("code"))
    return []


def may_see_unit(account: Account, unit_code: str) -> bool:
    """Whether the account may see counts and shares of the unit and its counters."""
    if _is(account, Role.ADMINISTRATOR):
        return _is_unit(unit_code)
    return _heads(account, unit_code)


def may_see_officials(account: Account, unit_code: str) -> bool:
    """Whether the account may see the figures of the unit's officials."""
    return _is(account, Role.SUPERVISOR) and unit_code == _own_unit(account)


def own_official(account: Account) -> str | None:
    """The code of the official who signs in with this account, for what concerns themselves."""
    official = account.official_id if isinstance(account, StaffAccount) else None
    return official if _is(account, Role.OFFICIAL) else None


def may_see_any_kiosks(account: Account) -> bool:
    """Whether there is a unit of which may_see_kiosks."""
    return _is(account, Role.SUPERVISOR) or _is(account, Role.ADMINISTRATOR)


def may_see_kiosks(account: Account, unit_code: str) -> bool:
    """Whether the account may see where the unit's kiosks stand and whether they are connected."""
    return may_manage_kiosks(account, unit_code) or may_see_officials(account, unit_code)


def may_see_lines(account: Account, unit_code: str) -> bool:
    """Whether the account may see how many lines the unit's kiosks sent, and when the last."""
    return may_manage_kiosks(account, unit_code)


def units_with_kiosks(account: Account) -> list[Unit]:
    """The units whose kiosks this account may see, by code: may_see_kiosks of all units at once."""
    if _is(account, Role.SUPERVISOR):
        return list(Unit.objects.filter(code=_own_unit(account)))
    return visible_units(account)


def units_with_lines(account: Account, units: Iterable[Unit]) -> set[str]:
    """The codes of those of some units of which may_see_lines, at once."""
    return {unit.code for unit in units} if _is(account, Role.ADMINISTRATOR) else set()


def may_manage_kiosks(account: Account, unit_code: str) -> bool:
    """Whether the account may place kiosks in the unit, enrol them and give them orders."""
    return _is(account, Role.ADMINISTRATOR) and _is_unit(unit_code)


def may_see_settings(account: Account, unit_code: str) -> bool:
    """Whether the account may read what the unit's kiosks ask and show, and who changed it."""
    return may_see_kiosks(account, unit_code)


def units_with_settings(account: Account) -> list[Unit]:
    """The units of which may_see_settings, by code."""
    return units_with_kiosks(account)


def may_change_settings(account: Account, unit_code: str) -> bool:
    """Whether the account may choose what the unit's kiosks ask and show."""
    return may_manage_kiosks(account, unit_code)


def may_manage_any(account: Account) -> bool:
    """Whether the account runs machines at all, of whichever unit."""
    return _is(account, Role.ADMINISTRATOR)


def may_see_log(account: Account) -> bool:
    """Whether the account may see how the log stands, and what auditors concluded."""
    return may_see_any_kiosks(account) or may_handle_audits(account)


def may_handle_audits(account: Account) -> bool:
    """Whether the account may hand in auditors' reports and read them in full."""
    return _is(account, Role.ADMINISTRATOR) or bool(_granted(account, Role.INSPECTOR))


def may_rule(account: Account, unit_code: str) -> bool:
    """Whether the account may rule who served at a counter of the unit, and lift a ruling."""
    return _heads(account, unit_code)


def may_confirm_ruling(account: Account, unit_code: str, proposer: str) -> bool:
    """Whether the account may put into force, or refuse, what the account `proposer` proposed."""
    return _heads(account, unit_code) and account.get_username() != proposer


def may_set_duty(account: Account, unit_code: str) -> bool:
    """Whether the account may say on the unit's board who serves at a counter from now on."""
    return may_see_officials(account, unit_code)


def may_import(account: Account, kind: str, unit_code: str | None = None) -> bool:
    """Whether the account may import a kind of rows, of this unit; None: of whichever unit."""
    if _is(account, Role.ADMINISTRATOR):
        return unit_code is None or _is_unit(unit_code)
    own = unit_code is not None and may_see_officials(account, unit_code)
    return own and kind in OF_SUPERVISORS


def may_plan_the_past(account: Account) -> bool:
    """Whether the account may enter shifts that count and have begun already."""
    return _is(account, Role.ADMINISTRATOR)


def may_plan_anybody(account: Account) -> bool:
    """Whether the account may plan one who does not serve at the counter."""
    return _is(account, Role.ADMINISTRATOR)


def may_name_by_file(account: Account) -> bool:
    """Whether the account may import who handled a dossier."""
    return _is(account, Role.ADMINISTRATOR)


def may_grant(account: Account) -> bool:
    """Whether the account may say for which units inspectors and reviewers act."""
    return _is(account, Role.ADMINISTRATOR)


def is_inspector(account: Account) -> bool:
    """Whether the account is an inspector's, whatever it is granted."""
    return _is(account, Role.INSPECTOR)


def is_reviewer(account: Account) -> bool:
    """Whether the account is a reviewer's, whatever it is granted."""
    return _is(account, Role.REVIEWER)


def may_open_desk(account: Account) -> bool:
    """Whether the account has the inspector's desk."""
    return is_inspector(account)


def inspected_units(account: Account) -> list[Unit]:
    """The units of an inspector's territory, by code: may_inspect of all units at once."""
    return units_of_codes(_granted(account, Role.INSPECTOR))


def may_inspect(account: Account, unit_code: str) -> bool:
    """Whether the account may read the unit's tallies, and votes by a look that is recorded."""
    return unit_code in _granted(account, Role.INSPECTOR)


def may_see_integrity(account: Account, unit_code: str) -> bool:
    """Whether the account may see where votes of the unit named harassment (R6), and answer."""
    return may_inspect(account, unit_code)


def may_handle_signals(account: Account, unit_code: str) -> bool:
    """Whether the account may look into the unit's signals and close them."""
    return may_inspect(account, unit_code)


def may_recount(account: Account, unit_code: str) -> bool:
    """Whether the account may have the unit's figures counted again from the votes."""
    return may_inspect(account, unit_code)


def reviewed_units(account: Account) -> list[Unit]:
    """The units of a reviewer's territory, by code: may_review of all units at once."""
    return units_of_codes(_granted(account, Role.REVIEWER))


def may_review(account: Account, unit_code: str) -> bool:
    """Whether the account may decide on doubtful votes of the unit, with a second reviewer."""
    return unit_code in _granted(account, Role.REVIEWER)


def may_still_review(username: str, unit_code: str) -> bool:
    """Whether the account of this name may: what its owner proposed stands no longer than that."""
    account = StaffAccount.objects.filter(username=username).first()
    return account is not None and may_review(account, unit_code)


def may_see_doubts(account: Account, unit_code: str) -> bool:
    """Whether the account may see which votes of the unit were flagged, and why."""
    return may_inspect(account, unit_code) or may_review(account, unit_code)


def _granted(account: Account, role: Role) -> set[str]:
    """The codes of what the account may act for in this role."""
    if not isinstance(account, StaffAccount) or not _is(account, role):
        return set()
    return granted_codes(account)


def _heads(account: Account, unit_code: str) -> bool:
    """Whether the account supervises the unit, or one above it today."""
    if not _is(account, Role.SUPERVISOR):
        return False
    return unit_code == _own_unit(account) or unit_code in _territory(account)


def _territory(account: Account) -> set[str]:
    """The own unit, be it ended, and all that stand beneath it today."""
    unit = account.unit if isinstance(account, StaffAccount) else None
    return set() if unit is None else {unit.code, *codes_beneath(unit.code, _today(unit))}


def _today(unit: Unit) -> date:
    return day_of(now_ms(), unit.timezone)


def _is_unit(code: str) -> bool:
    return is_code(code) and Unit.objects.filter(code=code).exists()


def _is(account: Account, role: Role) -> bool:
    return isinstance(account, StaffAccount) and account.is_active and account.role == role


def _own_unit(account: Account) -> str | None:
    return account.unit_id if isinstance(account, StaffAccount) else None
