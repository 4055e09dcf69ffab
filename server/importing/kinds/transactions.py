"""How many citizens were served at a counter on a day."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.dossiers.services import Count, keep_transactions
from server.importing.headings import Column
from server.importing.reading import ROWS
from server.importing.values import code, count, day
from server.importing.work import Given, Kind, Work, batches

COLUMNS = (
    Column("counter", "mã quầy", code(40), True, "99001-1", ("quầy",)),
    Column("date", "ngày", day, True, "20/11/2025"),
    Column("n", "số lượt giao dịch", count, True, "57", ("số lượt", "count")),
)


def apply(rows: Iterator[Given], work: Work) -> None:
    """Keep the counts, a thousand at a time."""
    for batch in batches(rows):
        counts = [made for given in batch if (made := _count(given, work)) is not None]
        work.keep("dossiers.transactions", 3, counts, keep_transactions)


def _count(given: Given, work: Work) -> Count | None:
    cells = given.cells
    unit = work.unit_of_counter(cells["counter"])
    if unit is None:
        work.wrong(
            given, "counter", gettext("không có quầy %(counter)s.") % {"counter": cells["counter"]}
        )
        return None
    if not work.may_for(given, "counter", unit):
        return None
    return Count(unit, cells["counter"], cells["date"], cells["n"])


KIND = Kind("transactions", N_("Lượt giao dịch"), COLUMNS, ("counter", "date"), apply, ROWS)
