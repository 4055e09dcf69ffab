"""Taking back an import of the organisation: rows gone or as they were, what rests on them told."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError
from django.utils.translation import gettext

from server.analytics.models import OfficialMonth
from server.analytics.pending import changed_days, changed_units
from server.attribution.models import Attribution, CounterDuty, PostedDuty, Ruling
from server.fleet.models import Placement
from server.importing import snapshots
from server.importing.errors import UndoError, in_use, not_theirs, touched
from server.importing.models import Import, ImportedRow
from server.organisation.models import Counter, Official, Shift
from server.organisation.rules import noting_rules
from server.organisation.selectors import every_unit, rules_of_units
from server.organisation.services import note_official, rebuild_tree, remove_shift

AT_ONCE = 500
SHIFTS = "organisation.shift"
NAMING = (OfficialMonth, CounterDuty, Shift, Ruling, PostedDuty)
# Others point to these, so what pointed to them is put back first.
POINTED_TO = ("organisation.unit", "organisation.field")


def undo_rosters(
    kept: Import, tables: Iterable[str], may: Callable[[str], bool], since_ms: int, now_ms: int
) -> set[str]:
    """Put back the rows of small tables; the units whose kiosks have to be told. UndoError."""
    order = list(tables)
    rows = {label: list(ImportedRow.objects.filter(of=kept, table=label)) for label in order}
    for label in order:
        _check_untouched(label, rows[label])
    units = _units_of(rows)
    for unit in sorted(units):
        if not may(unit):
            raise not_theirs(unit)
    _check_not_begun(rows.get(SHIFTS, []), since_ms)
    with noting_rules(sorted(units), now_ms):
        _put_back(order, rows)
    return units


def _put_back(order: list[str], rows: dict[str, list[ImportedRow]]) -> None:
    for label in reversed([label for label in order if label not in POINTED_TO]):
        _remove(label, [row for row in rows[label] if row.before is None])
    for label in order:
        for row in rows[label]:
            if row.before is not None:
                snapshots.write_back(label, _key(label, row), row.before)
    for label in reversed([label for label in order if label in POINTED_TO]):
        _remove(label, [row for row in rows[label] if row.before is None])
    if "organisation.unit" in order:
        rebuild_tree()


def _check_untouched(label: str, rows: list[ImportedRow]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        now = snapshots.columns_now(label, [_key(label, row) for row in some])
        for row in some:
            if now.get(_key(label, row)) != row.after:
                raise touched(_named(row))


def _check_not_begun(shifts: Iterable[ImportedRow], since_ms: int) -> None:
    """Votes may be about whom a shift named that counts: from its begin on, that is for rulings."""
    begun = [(row.after["unit_id"], row.after["started_ms"]) for row in shifts]
    rules = rules_of_units(sorted({unit for unit, _ in begun}))
    if any(rules[unit].is_fixed(started_ms, since_ms) for unit, started_ms in begun):
        raise UndoError(
            gettext("Không hoàn tác được: có ca đã bắt đầu; thời gian đã qua cần một quyết định.")
        )


def _remove(label: str, rows: list[ImportedRow]) -> None:
    """Delete what the import added; those that point to each other in whatever order works."""
    if label == "organisation.official":
        _check_nobody_served(rows)
    waiting = rows
    while waiting:
        left = [row for row in waiting if not _gone(label, row)]
        if len(left) == len(waiting):
            raise in_use(_named(left[0]))
        waiting = left


def _gone(label: str, row: ImportedRow) -> bool:
    found = snapshots.table(label)._default_manager.get(pk=_key(label, row))
    if isinstance(found, Shift):
        remove_shift(shift=found)
        return True
    _check_unused(found, row)
    try:
        with transaction.atomic():
            found.delete()
    except ProtectedError:
        return False
    return True


def _check_unused(found: Any, row: ImportedRow) -> None:
    """What names a row by its code alone, so that no database would object."""
    if isinstance(found, Counter):
        at = {"unit": found.unit_id, "counter": found.code}
        for model in (Placement, Attribution, Shift, Ruling, PostedDuty):
            if model._default_manager.filter(**at).exists():
                raise in_use(_named(row))
    if isinstance(found, Official):
        note_official(unit=found.unit_id, official=found.code)


def _check_nobody_served(rows: list[ImportedRow]) -> None:
    """Officials whom votes are about, in whatever unit they were cast, who signed in or whom people
    named. Votes by their sums, and on the days that wait to be summed: a look at each vote there is
    would take minutes."""
    behind = [each.unit for each in changed_units()]
    days = changed_days(behind) if behind else []
    for start in range(0, len(rows), AT_ONCE):
        some = {str(row.after["code"]): row for row in rows[start : start + AT_ONCE]}
        tables: Iterable[tuple[type[Model], dict[str, Any]]] = (
            *((model, {"unit__in": every_unit()}) for model in NAMING),
            *((Attribution, day._asdict()) for day in days),
        )
        for model, where in tables:
            named = model._default_manager.filter(**where, official__in=list(some))
            code = named.values_list("official", flat=True).first()
            if code is not None:
                raise in_use(_named(some[code]))


def _units_of(rows: dict[str, list[ImportedRow]]) -> set[str]:
    """Whose kiosks show what is put back: of a unit itself, of its counters and officials."""
    found = set()
    for label, some in rows.items():
        for row in some:
            for columns in (row.before, row.after):
                key = "code" if label == "organisation.unit" else "unit_id"
                if columns is not None and columns.get(key):
                    found.add(columns[key])
    return found


def _key(label: str, row: ImportedRow) -> Any:
    return snapshots.table(label)._meta.pk.to_python(row.key)


def _named(row: ImportedRow) -> str:
    """What people know a row by."""
    told: dict[str, Any] = row.after
    names = ("code", "unit_id", "counter_id", "official_id", "counter", "official", "date")
    parts = [str(told[name]) for name in names if told.get(name)]
    return parts[0] if told.get("code") else " ".join(parts) or row.key
