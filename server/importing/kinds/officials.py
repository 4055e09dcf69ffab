"""Officials by their codes, their agencies and usual counters. Never a PIN or a badge."""

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
from server.importing.values import code, day, text
from server.importing.work import Given, Kind, Work
from server.organisation.models import Counter, Official, OfficialSpell, Seat, Unit
from server.organisation.services import (
    change_official,
    make_official,
    set_official_spell,
    set_seat,
)

COLUMNS = (
    Column("code", "mã cán bộ", code(32), True, "CB-0101", ("mã",)),
    Column("name", "họ tên", text(200), True, "Nguyễn Văn Mẫu", ("họ và tên", "tên")),
    Column("title", "chức danh", text(200), False, "Chuyên viên", ("chức vụ",)),
    Column("unit", "mã đơn vị", code(32), True, "99001", ("đơn vị",)),
    Column("agency", "cơ quan", code(32), False, "", ("mã cơ quan",)),
    Column("counter", "mã quầy", code(40), False, "99001-1", ("quầy",)),
    Column("from", "từ ngày", day, False, "01/07/2025"),
    Column("to", "đến ngày", day, False, ""),
)


def apply(rows: Iterator[Given], work: Work) -> None:
    """Make or correct each official, their spell and their usual counter."""
    each(rows, work, lambda given: _do(given, work))


def _do(given: Given, work: Work) -> Done:
    cells = given.cells
    check_order(given, work)
    unit, agency = find_unit(given, work, "unit"), find_unit(given, work, "agency")
    if unit is None:
        raise Refused
    counter = _counter(given, work)
    found = Official.objects.filter(code=cells["code"]).select_related("unit").first()
    told = {"name": cells["name"], "title": cells["title"]}
    if found is None:
        official, differs = make_official(unit=unit, code=cells["code"], **told), True
    else:
        official, differs = found, _correct(found, unit, given, work)
    if agency is not None or cells["from"] is not None or cells["to"] is not None:
        differs |= _set_spell(official, agency, given)
    if counter is not None:
        differs |= _set_seat(official, counter, given)
    if differs:
        work.publish.add(unit.code)
    if found is None:
        return ADDED
    return CHANGED if differs else UNCHANGED


def _correct(found: Official, unit: Unit, given: Given, work: Work) -> bool:
    """Another name, title or unit; an empty title leaves the one that there is."""
    name, title = given.cells["name"], given.cells["title"] or found.title
    if (found.name, found.title, found.unit_id) == (name, title, unit.code):
        return False
    work.publish.add(found.unit_id)
    change_official(official=found, name=name, title=title, unit=unit)
    return True


def _set_spell(official: Official, agency: Unit | None, given: Given) -> bool:
    cells = given.cells
    title, ended = cells["title"], after(cells["to"])
    held = OfficialSpell.objects.filter(official=official, started_date=cells["from"])
    wanted = (None if agency is None else agency.code, title, ended)
    if wanted in held.values_list("agency", "title", "ended_date"):
        return False
    set_official_spell(
        official=official,
        agency=agency,
        title=title,
        started_date=cells["from"],
        ended_date=ended,
    )
    return True


def _set_seat(official: Official, counter: Counter, given: Given) -> bool:
    started, ended = given.cells["from"], after(given.cells["to"])
    held = Seat.objects.filter(official=official, counter=counter, started_date=started)
    if (ended,) in held.values_list("ended_date"):
        return False
    set_seat(counter=counter, official=official, started_date=started, ended_date=ended)
    return True


def _counter(given: Given, work: Work) -> Counter | None:
    name = given.cells["counter"]
    if not name:
        return None
    found = Counter.objects.filter(code=name).first()
    if found is None:
        work.wrong(given, "counter", gettext("không có quầy %(counter)s.") % {"counter": name})
        raise Refused
    return found


KIND = Kind(
    "officials",
    N_("Cán bộ"),
    COLUMNS,
    ("from", "code"),
    apply,
    MOST_ROWS,
    tables=("organisation.official", "organisation.officialspell", "organisation.seat"),
)
