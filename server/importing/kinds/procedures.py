"""Administrative procedures by their national codes, with the fields that they belong to."""

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
)
from server.importing.values import code, day, text
from server.importing.work import Given, Kind, Work
from server.organisation.models import Field, Procedure
from server.organisation.services import make_field, make_procedure

COLUMNS = (
    Column("code", "mã thủ tục", code(32), True, "1.000001", ("mã", "mã tthc")),
    Column("name", "tên thủ tục", text(500), True, "Đăng ký mẫu", ("tên", "tên tthc")),
    Column("field", "mã lĩnh vực", code(32), False, "dat-dai"),
    Column("field_name", "tên lĩnh vực", text(200), False, "Đất đai", ("lĩnh vực", "field name")),
    Column("from", "từ ngày", day, False, ""),
    Column("to", "đến ngày", day, False, ""),
)


def apply(rows: Iterator[Given], work: Work) -> None:
    """Make or correct each procedure, and its field."""
    each(rows, work, lambda given: _do(given, work))


def _do(given: Given, work: Work) -> Done:
    cells = given.cells
    check_order(given, work)
    field, field_differs = _field(given, work)
    days = (cells["from"], after(cells["to"]))
    wanted = (cells["name"], None if field is None else field.code, *days)
    held = Procedure.objects.filter(code=cells["code"])
    before = held.values_list("name", "field", "started_date", "ended_date").first()
    if before == wanted:
        return CHANGED if field_differs else UNCHANGED
    make_procedure(
        code=cells["code"],
        name=cells["name"],
        field=field,
        started_date=days[0],
        ended_date=days[1],
    )
    return ADDED if before is None else CHANGED


def _field(given: Given, work: Work) -> tuple[Field | None, bool]:
    """The row's field, and whether that is new or has another name now."""
    told, name = given.cells["field"], given.cells["field_name"]
    if not told:
        if name:
            work.wrong(given, "field", gettext("có tên lĩnh vực nhưng thiếu mã lĩnh vực."))
            raise Refused
        return None, False
    found = Field.objects.filter(code=told).first()
    if found is None and not name:
        words = gettext("lĩnh vực %(field)s chưa có; hãy ghi cả tên lĩnh vực.")
        work.wrong(given, "field", words % {"field": told})
        raise Refused
    if found is not None and name in ("", found.name):
        return found, False
    return make_field(code=told, name=name), True


KIND = Kind(
    "procedures",
    N_("Thủ tục hành chính"),
    COLUMNS,
    ("code",),
    apply,
    MOST_ROWS,
    tables=("organisation.field", "organisation.procedure"),
)
