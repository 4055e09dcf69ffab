"""Importing a file: all of it or nothing, after a dry run by the same code."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext

from server.database import here
from server.fleet.errors import FleetError
from server.fleet.moving import mark_moved
from server.fleet.services import publish_unit
from server.importing import snapshots
from server.importing.errors import BadFile, Problem
from server.importing.headings import Column, find_columns
from server.importing.kinds import KINDS
from server.importing.models import Import
from server.importing.reading import ROWS, open_table
from server.importing.work import NOTED, Kind, Work, read_rows
from server.ledger.services import record_deed
from server.organisation.services import OrganisationError

CHUNK = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do. number: of the import that was kept, None if none was.

    problems: the first of all `wrong`; with any, nothing was done. first: rows for a preview.
    notes: sentences of what is no fault, yet worth a look.
    """

    kind: Kind
    number: int | None
    rows: int
    added: int
    changed: int
    unchanged: int
    wrong: int
    problems: list[Problem]
    first: list[list[str]]
    notes: list[str] = field(default_factory=list)

    @property
    def would_change(self) -> int:
        return self.added + self.changed


@dataclass(frozen=True)
class Source:
    """A file to import. name: what people call it; sheet: of an Excel file, else its first."""

    path: Path
    name: str
    sheet: str | None = None


def anywhere(unit: str) -> bool:
    """Whoever runs the server may import for every unit."""
    return True


def import_file(
    *,
    kind: str,
    source: Source,
    by: str,
    now_ms: int,
    dry_run: bool,
    may: Callable[[str], bool] = anywhere,
    most_rows: int | None = None,
    since_ms: int = 0,
    may_name: bool = True,
) -> Outcome:
    """Import a file of one of KINDS. A dry run does the same and takes it back.

    A file with a problem in any row, and one that changes nothing, leaves nothing behind.
    may: whether the author may import for a unit. most_rows: fewer than the kind's own limit, for
    whoever must not hold up others for long. since_ms, may_name: as in Work.
    Raises BadFile if it cannot be read at all.
    """
    sha256 = _hash(source.path)
    with transaction.atomic():
        kept = Import.objects.create(
            kind=kind, file=source.name[:200], sha256=sha256, at_ms=now_ms, by=by[:150],
            rows=0, added=0, changed=0,
        )  # fmt: skip
        most = min(KINDS[kind].most_rows, most_rows or ROWS)
        work = Work(KINDS[kind], kept.pk, may, most, since_ms, may_name)
        _do(source, work)
        stands = not (dry_run or work.problems.n) and work.added + work.changed > 0
        if stands:
            kept.rows, kept.added, kept.changed = work.rows, work.added, work.changed
            kept.save(update_fields=["rows", "added", "changed"])
            _record(kept)
        else:
            transaction.set_rollback(True)
    notes = _notes(work)
    if stands:
        # A crash here leaves kiosks with what they had; the next publication tells them.
        notes += publish(work.publish, now_ms=now_ms, by=by)
        mark_moved(units=sorted(work.moved), now_ms=now_ms, by=by)
    return Outcome(
        kind=work.kind, number=kept.pk if stands else None, rows=work.rows, added=work.added,
        changed=work.changed, unchanged=work.unchanged, wrong=work.problems.n,
        problems=sorted(work.problems.listed, key=lambda each: each.row), first=work.first,
        notes=notes,
    )  # fmt: skip


def _record(kept: Import) -> None:
    """What changes whom votes are about, or where units stand, is a deed like a ruling."""
    with here() as cursor:
        record_deed(
            cursor, unit="", journal="import", type="imported", seq=kept.pk, at_ms=kept.at_ms,
            data={
                "number": kept.pk, "kind": kept.kind, "sha256": kept.sha256, "added": kept.added,
                "changed": kept.changed, "by": kept.by,
            },
        )  # fmt: skip


def publish(units: set[str], *, now_ms: int, by: str) -> list[str]:
    """Tell the kiosks of units whose roster changed; a sentence for each unit that failed."""
    told = []
    for unit in sorted(units):
        try:
            publish_unit(unit=unit, now_ms=now_ms, by=by, why="import")
        except (FleetError, OrganisationError) as error:
            told.append(
                gettext("Thiết bị của đơn vị %(unit)s chưa nhận được thay đổi: %(sentence)s")
                % {"unit": unit, "sentence": error}
            )
    return told


def _do(source: Source, work: Work) -> None:
    table = open_table(source.path, sheet=source.sheet, most_rows=work.most_rows)
    found = find_columns(table.heading, work.kind.columns)
    rows = read_rows(table, found, work)
    before = snapshots.take(work.kind.tables)
    work.kind.apply(rows, work)
    after = snapshots.take(work.kind.tables)
    work.record(
        (table, str(key), old, new) for table, key, old, new in snapshots.differences(before, after)
    )
    if not work.rows:
        raise BadFile(gettext("Tệp chỉ có dòng tiêu đề, không có dòng nào để nhập."))


def _notes(work: Work) -> list[str]:
    columns: Mapping[str, Column] = {column.key: column for column in work.kind.columns}
    return [
        gettext("%(column)s chưa có trong danh sách: %(n)s (%(some)s).")
        % {
            "column": columns[key].heading.capitalize(),
            "n": len(codes),
            "some": ", ".join(
                gettext("%(code)s ở dòng %(row)s") % {"code": code, "row": row}
                for code, row in list(codes.items())[:NOTED]
            ),
        }
        for key, codes in work.unknown.items()
    ]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
