"""Taking back an import: every row as it was before it, or nothing if a row changed since."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from server.complaints import services as complaints
from server.database import here
from server.dossiers import services as dossiers
from server.fleet.moving import mark_moved
from server.importing.errors import UndoError, not_theirs, touched
from server.importing.kinds import KINDS, shifts
from server.importing.models import Import, ImportedRow
from server.importing.rosters_undone import undo_rosters
from server.importing.services import anywhere, publish
from server.keeping import Change
from server.ledger.services import record_deed
from server.organisation.tree import units_of_codes

BATCH = 1_000


class Table(NamedTuple):
    """A big table: its rows' type, and the service that puts them back."""

    row: Any
    put_back: Callable[..., list[Any]]


TABLES = {
    "dossiers.dossier": Table(dossiers.Facts, dossiers.put_back_dossiers),
    "dossiers.transactions": Table(dossiers.Count, dossiers.put_back_transactions),
    "complaints.elsewhere": Table(complaints.Facts, complaints.put_back_elsewhere),
}


def undo_import(
    *,
    number: int,
    by: str,
    now_ms: int,
    may: Callable[[str], bool] = anywhere,
    since_ms: int = 0,
    may_name: bool = True,
) -> list[str]:
    """Take back an import; sentences about kiosks that could not be told. Raises UndoError.

    may: whether whoever undoes may import for a unit; all units of the import are asked for.
    since_ms, may_name: as in Work.
    """
    with transaction.atomic():
        kept = Import.objects.select_for_update().filter(pk=number).first()
        if kept is None:
            raise UndoError(gettext("Không có lần nhập số %(number)s.") % {"number": number})
        if kept.undone_ms is not None:
            raise UndoError(
                gettext("Lần nhập số %(number)s đã được hoàn tác.") % {"number": number}
            )
        small = KINDS[kept.kind].tables or ((shifts.TABLE,) if kept.kind == "shifts" else ())
        units = undo_rosters(kept, small, may, since_ms, now_ms) if small else set()
        for table, rows in _batches(kept):
            if table in TABLES:
                _put_back(table, rows, may, may_name)
        kept.undone_ms, kept.undone_by = now_ms, by[:150]
        kept.save(update_fields=["undone_ms", "undone_by"])
        with here() as cursor:
            record_deed(
                cursor, unit="", journal="import", type="import.undone", seq=kept.pk,
                at_ms=now_ms, data={"number": kept.pk, "by": kept.undone_by},
            )  # fmt: skip
    if kept.kind == "units":
        standing = [unit.code for unit in units_of_codes(units)]  # others were new with the file
        mark_moved(units=standing, now_ms=now_ms, by=by)
        return []
    return publish(units, now_ms=now_ms, by=by)


def _put_back(
    name: str, rows: list[ImportedRow], may: Callable[[str], bool], may_name: bool
) -> None:
    table = TABLES[name]
    changes = [Change(_row(table, row.before), _row(table, row.after)) for row in rows]
    if not may_name and any(_names(c.before) != _names(c.after) for c in changes):
        raise UndoError(
            gettext(
                "Không hoàn tác được: chỉ quản trị hệ thống mới hoàn tác được tệp ghi ai xử lý hồ "
                "sơ."
            )
        )
    for change in changes:
        if not may(change.after.unit):
            raise not_theirs(change.after.unit)
    for key in table.put_back(changes=changes):
        raise touched("/".join(str(part) for part in key))


def _names(row: Any) -> str:
    """Whom a dossier says it was handled by."""
    return getattr(row, "official", "")


def _batches(kept: Import) -> Iterator[tuple[str, list[ImportedRow]]]:
    """The rows, the last first, those of one table together."""
    last = None
    while True:
        rows = ImportedRow.objects.filter(of=kept).order_by("-id")
        if last is not None:
            rows = rows.filter(id__lt=last)
        batch = list(rows[:BATCH])
        if not batch:
            return
        last = batch[-1].id
        for table in dict.fromkeys(row.table for row in batch):
            yield table, [row for row in batch if row.table == table]


def _row(table: Table, told: dict[str, Any] | None) -> Any:
    """A row as it was recorded; days come back from their ISO form."""
    if told is None:
        return None
    types = table.row.__annotations__
    return table.row(
        **{
            name: date.fromisoformat(value) if types[name] is date and value else value
            for name, value in told.items()
        }
    )
