"""Units through time: what each was called, to whom it belonged, when it ended, what it became."""

import re
from collections.abc import Callable, Iterator
from datetime import date

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.importing.headings import Column
from server.importing.reading import Value
from server.importing.rosters import (
    MOST_ROWS,
    Refused,
    after,
    attempt,
    check_order,
    find_unit,
    refuse,
)
from server.importing.values import choice, code, day, text
from server.importing.work import Given, Kind, Work, no_such_unit
from server.organisation.models import Level, Successor, Unit, UnitSpell
from server.organisation.services import (
    OrganisationError,
    add_successor,
    change_unit,
    end_unit,
    make_unit,
)

LEVELS = {
    "province": ("Tỉnh", "thành phố", "tỉnh, thành phố"),
    "district": ("Huyện", "quận", "thị xã"),
    "commune": ("Xã", "phường", "đặc khu", "thị trấn"),
    "agency": ("Cơ quan", "sở", "ngành"),
    "hall": ("Trung tâm", "trung tâm phục vụ hành chính công"),
    "other": ("Khác",),
}
DIGITS = {"province": 2, "commune": 5}  # of the codes of QĐ 19/2025/QĐ-TTg
FAR_BACK = date.min


def _codes(value: Value) -> list[str]:
    """Codes with spaces, commas or semicolons between."""
    return [code(32)(part) for part in re.split(r"[\s,;]+", str(value)) if part]


def _level(value: Value) -> str:
    return choice(LEVELS, "")(value)


COLUMNS = (
    Column("code", "mã đơn vị", code(32), True, "99001", ("mã",)),
    Column("name", "tên đơn vị", text(200), True, "Xã Mẫu Một", ("tên",)),
    Column("parent", "đơn vị cấp trên", code(32), False, "99", ("mã cấp trên", "cấp trên")),
    Column("level", "cấp", _level, False, "Xã", ("cấp đơn vị",)),
    Column("from", "từ ngày", day, False, "01/07/2025"),
    Column("to", "đến ngày", day, False, ""),
    Column("successors", "đơn vị kế thừa", _codes, False, ""),
    Column("note", "ghi chú", text(300), False, ""),
)


class _States:
    """What became of each row: it made something, changed something, or neither."""

    def __init__(self) -> None:
        self.new: set[int] = set()
        self.other: set[int] = set()
        self.bad: set[int] = set()


def apply(rows: Iterator[Given], work: Work) -> None:
    """All units first, those above before those beneath; then their ends, then what they became."""
    given = sorted(rows, key=lambda each: each.cells["from"] or FAR_BACK)
    states = _States()
    _make_all(given, work, states)
    _end_all([each for each in given if each.number not in states.bad], work, states)
    for each in given:
        if each.number not in states.bad and each.cells["successors"]:
            _try(each, work, states, _succeed)
    for each in given:
        if each.number not in states.bad:
            was = each.number not in states.new
            work.count(was, each.number in states.other)


def _make_all(given: list[Given], work: Work, states: _States) -> None:
    """In the order of their days, but a unit of the file waits for the one above it."""
    waiting = list(given)
    while waiting:
        held: set[str] = set()
        unmade = {each.cells["code"] for each in waiting} - _there(waiting)
        left: list[Given] = []
        for each in waiting:
            # A later row of a unit waits for its earlier ones.
            if each.cells["parent"] in unmade or each.cells["code"] in held:
                left.append(each)
                held.add(each.cells["code"])
            else:
                _try(each, work, states, _make)
        stuck, waiting = len(left) == len(waiting), left
        if stuck:
            for each in waiting:
                work.wrong(each, "parent", gettext("các đơn vị cấp trên đi thành vòng tròn."))
                states.bad.add(each.number)
            return


def _there(given: list[Given]) -> set[str]:
    codes = [each.cells["code"] for each in given]
    found: set[str] = set()
    for start in range(0, len(codes), 500):
        rows = Unit.objects.filter(code__in=codes[start : start + 500])
        found |= set(rows.values_list("code", flat=True))
    return found


def _try(
    given: Given, work: Work, states: _States, do: Callable[[Given, Work, _States], None]
) -> None:
    """Do one row; one that cannot be done is out of what follows."""
    before = work.problems.n
    attempt(given, work, lambda each: do(each, work, states))
    if work.problems.n > before:
        states.bad.add(given.number)


def _make(given: Given, work: Work, states: _States) -> None:
    cells = given.cells
    check_order(given, work)
    _check_digits(given, work)
    parent = find_unit(given, work, "parent")
    found = Unit.objects.filter(code=cells["code"]).first()
    if found is None:
        level = Level(cells["level"] or Level.OTHER)
        make_unit(
            code=cells["code"], name=cells["name"], parent=parent, level=level,
            started_date=cells["from"],
        )  # fmt: skip
        states.new.add(given.number)
        return
    if cells["level"] and cells["level"] != found.level:
        words = gettext("đơn vị này đã có với cấp “%(level)s”; cấp không đổi được bằng tệp.")
        work.wrong(given, "level", words % {"level": found.get_level_display()})
        raise Refused
    spells = UnitSpell.objects.filter(unit=found, name=cells["name"], parent=parent)
    if cells["from"] is not None:
        spells = spells.filter(started_date=cells["from"])
    if spells.exists():
        return
    if cells["from"] is None:
        words = gettext("đơn vị đã có với tên hoặc cấp trên khác; hãy ghi ngày bắt đầu thay đổi.")
        work.wrong(given, "from", words)
        raise Refused
    change_unit(unit=found, on_date=cells["from"], name=cells["name"], parent=parent)
    states.other.add(given.number)
    work.moved.add(found.code)


def _check_digits(given: Given, work: Work) -> None:
    told, wanted = given.cells["code"], DIGITS.get(given.cells["level"])
    if wanted and told.isdigit() and len(told) < wanted:
        words = gettext("mã có %(n)s chữ số: Excel có thể đã bỏ số 0 ở đầu, hãy định dạng là Text.")
        work.wrong(given, "code", words % {"n": wanted})
        raise Refused


def _end_all(given: list[Given], work: Work, states: _States) -> None:
    """Those beneath end before those above: whoever is refused for that is asked again."""
    waiting = [each for each in given if each.cells["to"] is not None]
    while waiting:
        left: list[tuple[Given, OrganisationError]] = []
        for each in waiting:
            try:
                _end(each, states)
            except OrganisationError as error:
                left.append((each, error))
        if len(left) == len(waiting):
            for each, refusal in left:
                refuse(each, work, refusal)
                states.bad.add(each.number)
            return
        waiting = [each for each, _ in left]


def _end(given: Given, states: _States) -> None:
    """End the spell that the row is about; one that another spell follows has its end from that."""
    cells = given.cells
    ended = after(cells["to"])
    spells = UnitSpell.objects.filter(unit=cells["code"])
    if spells.filter(ended_date=ended, name=cells["name"]).exists():
        return
    end_unit(unit=Unit.objects.get(code=cells["code"]), on_date=ended)
    states.other.add(given.number)


def _succeed(given: Given, work: Work, states: _States) -> None:
    cells = given.cells
    on_date = after(cells["to"])
    if on_date is None:
        work.wrong(given, "to", gettext("có đơn vị kế thừa thì phải ghi ngày kết thúc."))
        raise Refused
    for told in cells["successors"]:
        successor = Unit.objects.filter(code=told).first()
        if successor is None:
            work.wrong(given, "successors", no_such_unit(told, ()))
            raise Refused
        link = {"on_date": on_date, "note": cells["note"]}
        pair = {"predecessor_id": cells["code"], "successor_id": told}
        if Successor.objects.filter(**pair, **link).exists():
            continue
        predecessor = Unit.objects.get(code=cells["code"])
        add_successor(predecessor=predecessor, successor=successor, **link)
        states.other.add(given.number)


KIND = Kind(
    "units",
    N_("Đơn vị"),
    COLUMNS,
    ("from", "code"),
    apply,
    MOST_ROWS,
    tables=("organisation.unit", "organisation.unitspell", "organisation.successor"),
)
