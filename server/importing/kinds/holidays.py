"""Days on which counters are closed: everywhere, or in a unit and all beneath it."""

from collections.abc import Iterator

from django.utils.translation import gettext_noop as N_

from server.importing.headings import Column
from server.importing.rosters import (
    ADDED,
    CHANGED,
    MOST_ROWS,
    UNCHANGED,
    Done,
    each,
    find_unit,
)
from server.importing.values import code, day, text
from server.importing.work import Given, Kind, Work
from server.organisation.models import Holiday
from server.organisation.services import add_holiday

COLUMNS = (
    Column("date", "ngày", day, True, "02/09/2026"),
    Column("name", "tên ngày nghỉ", text(200), True, "Quốc khánh", ("tên", "ngày nghỉ")),
    Column("unit", "mã đơn vị", code(32), False, "", ("đơn vị",)),
)


def apply(rows: Iterator[Given], work: Work) -> None:
    """Enter or rename each holiday."""
    each(rows, work, lambda given: _do(given, work))


def _do(given: Given, work: Work) -> Done:
    unit = find_unit(given, work, "unit")
    cells = given.cells
    held = Holiday.objects.filter(unit=unit, date=cells["date"]).first()
    if held is not None and held.name == cells["name"]:
        return UNCHANGED
    add_holiday(day=cells["date"], name=cells["name"], unit=unit)
    return ADDED if held is None else CHANGED


KIND = Kind(
    "holidays",
    N_("Ngày nghỉ"),
    COLUMNS,
    ("unit", "date"),
    apply,
    MOST_ROWS,
    tables=("organisation.holiday",),
)
