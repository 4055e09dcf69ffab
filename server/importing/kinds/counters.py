"""Counters, and who served there when."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.importing.headings import Column
from server.importing.rosters import (
    ADDED,
    CHANGED,
    MOST_ROWS,
    UNCHANGED,
    Done,
    Refused,
    after,
    check_order,
    each,
    find_unit,
)
from server.importing.values import code, count, day, text, yes_no
from server.importing.work import Given, Kind, Work
from server.organisation.models import Counter, CounterSpell, Unit
from server.organisation.services import change_counter, make_counter, set_counter_spell

COLUMNS = (
    Column("unit", "mã đơn vị", code(32), True, "99001", ("đơn vị",)),
    Column("number", "số quầy", count, True, "1"),
    Column("name", "tên quầy", text(200), False, "Đất đai", ("tên",)),
    Column("code", "mã quầy", code(40), False, "99001-1"),
    Column("agency", "cơ quan", code(32), False, "", ("mã cơ quan",)),
    Column("operator", "đơn vị vận hành", text(200), False, "", ("vận hành",)),
    Column("mobile", "lưu động", yes_no, False, ""),
    Column("from", "từ ngày", day, False, "01/07/2025"),
    Column("to", "đến ngày", day, False, ""),
)
_OF_A_SPELL = ("agency", "operator", "mobile", "from", "to")


def apply(rows: Iterator[Given], work: Work) -> None:
    """Make or correct each counter, and its spell where the row tells of one."""
    each(rows, work, lambda given: _do(given, work))


def _do(given: Given, work: Work) -> Done:
    cells = given.cells
    check_order(given, work)
    unit, agency = find_unit(given, work, "unit"), find_unit(given, work, "agency")
    if unit is None:
        raise Refused
    name = cells["code"] or f"{unit.code}-{cells['number']}"
    found = Counter.objects.filter(code=name).first()
    if found is not None and found.unit_id != unit.code:
        words = gettext("quầy %(counter)s thuộc đơn vị %(unit)s.")
        work.wrong(given, "unit", words % {"counter": name, "unit": found.unit_id})
        raise Refused
    differs = found is None or _correct(found, cells["number"], cells["name"])
    counter = found or make_counter(
        unit=unit, number=cells["number"], name=cells["name"], code=name
    )
    if any(cells[key] for key in _OF_A_SPELL):
        differs |= _set_spell(counter, agency, given)
    if differs:
        work.publish.add(unit.code)
    if found is None:
        return ADDED
    return CHANGED if differs else UNCHANGED


def _correct(found: Counter, number: int, name: str) -> bool:
    """Another number or name; an empty name leaves the one that it has."""
    name = name or found.name
    if (found.number, found.name) == (number, name):
        return False
    change_counter(counter=found, number=number, name=name)
    return True


def _set_spell(counter: Counter, agency: Unit | None, given: Given) -> bool:
    cells = given.cells
    wanted = (
        None if agency is None else agency.code,
        cells["operator"],
        cells["mobile"],
        after(cells["to"]),
    )
    held = CounterSpell.objects.filter(counter=counter, started_date=cells["from"])
    if wanted in held.values_list("agency", "operator", "mobile", "ended_date"):
        return False
    set_counter_spell(
        counter=counter,
        agency=agency,
        operator=cells["operator"],
        mobile=cells["mobile"],
        started_date=cells["from"],
        ended_date=after(cells["to"]),
    )
    return True


KIND = Kind(
    "counters",
    N_("Quầy"),
    COLUMNS,
    ("unit", "number", "code", "from"),
    apply,
    MOST_ROWS,
    tables=("organisation.counter", "organisation.counterspell"),
)
