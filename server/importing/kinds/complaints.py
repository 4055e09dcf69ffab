"""Complaints that reached the administration by another way; no names."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from protocol.rating import REASONS
from server.complaints.services import Facts, keep_elsewhere
from server.importing.errors import BadCell
from server.importing.headings import Column
from server.importing.reading import ROWS, Value
from server.importing.values import code, day, number_of, text
from server.importing.work import Given, Kind, Work, batches
from server.organisation.models import Field


def _reason(value: Value) -> str:
    """R1 to R9, R0, or nothing."""
    told = text(4)(value).upper()
    if told and told not in REASONS:
        raise BadCell(
            gettext("“%(text)s” không phải mã lý do; có %(all)s.")
            % {"text": told, "all": ", ".join(REASONS)}
        )
    return told


COLUMNS = (
    Column("unit", "mã đơn vị", code(32), True, "99001", ("đơn vị",)),
    Column("ref", "số tiếp nhận", number_of(64), True, "PA-2025-0001", ("số văn bản",)),
    Column("date", "ngày", day, True, "20/11/2025", ("ngày tiếp nhận",)),
    Column("field", "mã lĩnh vực", code(32), False, "dat-dai", ("lĩnh vực",)),
    Column("reason", "mã lý do", _reason, False, "R1", ("lý do",)),
    Column("channel", "nguồn", text(32), False, "đường dây nóng", ("kênh",)),
)


def apply(rows: Iterator[Given], work: Work) -> None:
    """Keep the complaints, a thousand at a time."""
    fields = set(Field.objects.values_list("code", flat=True))
    for batch in batches(rows):
        for given in batch:
            if given.cells["field"] and given.cells["field"] not in fields:
                work.note_unknown(given, "field", given.cells["field"])
        facts = [Facts(**given.cells) for given in batch if work.zone_of(given) is not None]
        work.keep("complaints.elsewhere", 2, facts, keep_elsewhere)


KIND = Kind("complaints", N_("Phản ánh nơi khác"), COLUMNS, ("unit", "ref"), apply, ROWS)
