"""One import under way: its rows as they come, what is wrong, what it does, who may do it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.utils.translation import gettext

from server.importing.errors import BadCell, BadFile, Problems
from server.importing.headings import Column, Found
from server.importing.reading import Table, clean
from server.keeping import Change
from server.organisation.models import Counter, Unit

BATCH = 1_000
NOTED = 5  # examples that a note names
_INSERT = (
    'INSERT INTO importing_importedrow (of_id, "table", key, before, after) '
    "VALUES (%s, %s, %s, %s, %s)"
)


Recorded = tuple[str, str, dict[str, Any] | None, dict[str, Any]]


class Given(NamedTuple):
    """A row of the file. number: 1-based; cells: what was read of each column, by its key."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """What can be imported. apply: does it, through the services of whose rows they are.

    key: the columns that name a row, none twice in a file.
    tables: small ones that are compared before and after, the ones that others point to first.
    naming: the column that only an author who may name fills (Work.may_name), "" if there is none.
    """

    name: str
    words: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    apply: Callable[[Iterator[Given], "Work"], None]
    most_rows: int
    tables: tuple[str, ...] = ()
    naming: str = ""


@dataclass
class Work:
    """What an import (by its number) has done so far. may: whether its author may for a unit.

    since_ms: of shifts that count, its author plans only those that begin from then on. may_name:
    whether the author may say who handled a dossier, and plan whoever does not serve there.
    """

    kind: Kind
    number: int
    may: Callable[[str], bool]
    most_rows: int
    since_ms: int = 0
    may_name: bool = True
    problems: Problems = field(default_factory=Problems)
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    first: list[list[str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    publish: set[str] = field(default_factory=set)  # units whose own kiosks want new settings
    moved: set[str] = field(default_factory=set)  # units beneath which all do
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    _units: dict[str, ZoneInfo] | None = None
    _counters: dict[str, str] | None = None

    def wrong(self, given: Given, key: str, sentence: str) -> None:
        """A row cannot be taken; key: the column at fault, "" for the row as a whole."""
        self.problems.add(given.number, self.places.get(key, ""), sentence)

    def count(self, before: bool, differs: bool) -> None:
        """A row of the file is done: it was there before, and it differs from what was there."""
        self.added += not before
        self.changed += before and differs
        self.unchanged += before and not differs

    def note_unknown(self, given: Given, key: str, code: str) -> None:
        """A code that nobody has entered yet, where that is no fault."""
        self.unknown.setdefault(key, {}).setdefault(code, given.number)

    def zone_of(self, given: Given, key: str = "unit") -> ZoneInfo | None:
        """The time zone of the row's unit; None, and a problem, if it is none that may be."""
        code = given.cells[key]
        zone = self._zones().get(code)
        if zone is None:
            self.wrong(given, key, no_such_unit(code, self._zones()))
            return None
        return zone if self.may_for(given, key, code) else None

    def zone(self, unit: str) -> ZoneInfo:
        """The time zone of a unit that there is."""
        return self._zones()[unit]

    def _zones(self) -> dict[str, ZoneInfo]:
        if self._units is None:
            rows = Unit.objects.values_list("code", "timezone")
            self._units = {code: ZoneInfo(zone) for code, zone in rows}
        return self._units

    def may_for(self, given: Given, key: str, unit: str) -> bool:
        """Whether the author may import for the unit; a problem if not."""
        if self.may(unit):
            return True
        words = gettext("tài khoản này không nhập được cho đơn vị %(unit)s.")
        self.wrong(given, key, words % {"unit": unit})
        return False

    def unit_of_counter(self, code: str) -> str | None:
        """The unit of a counter, None if there is no such counter."""
        if self._counters is None:
            self._counters = dict(Counter.objects.values_list("code", "unit_id"))
        return self._counters.get(code)

    def keep(
        self,
        table: str,
        key: int,
        rows: Sequence[Any],
        service: Callable[..., list[Change]],
    ) -> None:
        """Hand rows (named tuples, the key first) to the service that keeps them, and count."""
        if not rows:
            return
        changes = service(rows=rows)
        new = sum(change.before is None for change in changes)
        self.added += new
        self.changed += len(changes) - new
        self.unchanged += len(rows) - len(changes)
        fields = rows[0]._fields
        self.record(
            (
                table,
                "/".join(str(part) for part in change.after[:key]),
                change.before and dict(zip(fields, change.before, strict=True)),
                dict(zip(fields, change.after, strict=True)),
            )
            for change in changes
        )

    def record(self, rows: Iterable[Recorded]) -> None:
        """Keep what it takes to undo: table, key, columns before (None: none) and after."""
        encode = msgspec.json.encode
        made = [
            (
                self.number,
                table,
                key[:200],
                None if before is None else encode(before).decode(),
                encode(after).decode(),
            )
            for table, key, before, after in rows
        ]
        if made:
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT, made)


def no_such_unit(code: str, units: Iterable[str]) -> str:
    """The sentence; Excel drops the zeros before a number, and people cannot see why."""
    padded = [full for full in (code.zfill(2), code.zfill(5)) if full != code and full in units]
    if code.isdigit() and padded:
        return gettext(
            "không có đơn vị %(unit)s; có đơn vị %(padded)s: Excel bỏ mất số 0 ở đầu, hãy định "
            "dạng cột là Text."
        ) % {"unit": code, "padded": padded[-1]}
    return gettext("không có đơn vị %(unit)s.") % {"unit": code}


def read_rows(table: Table, found: Sequence[Found], work: Work) -> Iterator[Given]:
    """The file's rows as far as they can be read; what cannot goes to work.problems."""
    work.places = {each.column.key: each.place for each in found}
    seen: dict[object, int] = {}
    width = 1 + max((each.index for each in found if each.index is not None), default=0)
    for number, raw in table.rows:
        work.rows += 1
        if work.rows > work.most_rows:
            raise BadFile(
                gettext("Tệp có hơn %(most)s dòng. Hãy chia thành nhiều tệp.")
                % {"most": work.most_rows}
            )
        if len(work.first) < SHOWN:
            work.first.append([_shown(raw, each.index) for each in found])
        cells = _read_cells(number, raw, found, width, work)
        if cells is None:
            continue
        key = _key(work.kind, cells)
        earlier = seen.setdefault(key, number)
        if earlier != number:
            work.problems.add(
                number,
                work.places[work.kind.key[-1]],
                gettext("trùng với dòng %(row)s.") % {"row": earlier},
            )
            continue
        yield Given(number, cells)


SHOWN = 20  # rows that a preview shows


def _read_cells(
    number: int, raw: list[object], found: Sequence[Found], width: int, work: Work
) -> dict[str, Any] | None:
    cells: dict[str, Any] = {}
    whole = True
    for each in found:
        column, index = each.column, each.index
        cell = raw[index] if index is not None and index < len(raw) else None
        try:
            value = clean(cell)
            if value == "" and column.needed:
                raise BadCell(gettext("ô trống."))
            cells[column.key] = column.read(value)
        except BadCell as error:
            work.problems.add(number, each.place, str(error))
            whole = False
    if len(raw) > width and any(cell not in (None, "") for cell in raw[width:]):
        work.problems.add(number, "", gettext("có ô nằm ngoài các cột của bảng."))
        whole = False
    return cells if whole else None


def _key(kind: Kind, cells: dict[str, Any]) -> object:
    """A text where it can be one: a million tuples would fill the memory."""
    parts = [cells[name] for name in kind.key]
    return "\n".join(str(part) for part in parts)


def _shown(raw: list[object], index: int | None) -> str:
    if index is None or index >= len(raw) or raw[index] is None:
        return ""
    return _written(raw[index])[:60]


def _written(cell: object) -> str:
    """Excel's days and times as people write them: 01/12/2026, 01/12/2026 07:30, 07:30."""
    if isinstance(cell, datetime):
        clock = cell.time()
        return f"{cell:%d/%m/%Y}" + (f" {_written(clock)}" if clock != time() else "")
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, timedelta) and timedelta(0) <= cell < timedelta(days=1):
        cell = (datetime(2000, 1, 1) + cell).time()  # noqa: DTZ001 - any day
    if isinstance(cell, time):
        return f"{cell:%H:%M:%S}" if cell.second else f"{cell:%H:%M}"
    return str(cell)


def batches(rows: Iterator[Given], size: int = BATCH) -> Iterator[list[Given]]:
    """The rows, `size` at a time."""
    while batch := list(islice(rows, size)):
        yield batch
