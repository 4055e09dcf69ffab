"""Which entries of the log belong to some units: their journals whole, and the server's own."""

from collections.abc import Collection, Iterator

from django.db.models import Max, Q, QuerySet

from protocol.tiles import WIDTH
from server.ledger.models import Span
from server.ledger.tree import RECEIVED, LostEntry, Placed, read_spans

AT_ONCE = 20  # records of at most 1,000 lines


class Entries:
    """The entries of a territory as lines `<index> <bytes>`, and in which tiles they stand."""

    def __init__(self, units: Collection[str], size: int) -> None:
        self._units, self._size = units, size
        self.tiles: set[int] = set()
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for page in self._pages():
            yield b"".join(self._lines(page))

    def _pages(self) -> Iterator[list[Placed]]:
        after = -1
        columns = ("first_index", "size", "unit", "journal", "type", "seq")
        while True:
            rows = spans_of(self._units, self._size).filter(first_index__gt=after)
            page = rows.order_by("first_index").values_list(*columns)[:AT_ONCE]
            placed = [Placed(*row) for row in page]
            if not placed:
                return
            yield placed
            after = placed[-1].first_index

    def _lines(self, page: list[Placed]) -> Iterator[bytes]:
        for span, entries in read_spans(page):
            if len(entries) != span.size:
                raise LostEntry(
                    f"Entries of {span.journal} are not in the tables any more; "
                    "`hailong-server check` names them."
                )
            for index, entry in enumerate(entries, span.first_index):
                self.tiles.add(index // WIDTH)
                self.count += 1
                yield b"%d %b\n" % (index, entry)


def spans_of(units: Collection[str], size: int) -> QuerySet[Span]:
    """The records with a place below `size`: of these units, and of the server for all."""
    return Span.objects.filter(Q(unit__in=units) | Q(unit=""), first_index__lt=size)


def logged_up_to(units: Collection[str], size: int) -> list[tuple[str, str, int]]:
    """(unit, journal, newest line below `size`) of each journal of these units that has lines."""
    rows = spans_of(units, size).filter(type=RECEIVED).values_list("unit", "journal")
    return list(rows.annotate(newest=Max("seq")).order_by("unit", "journal"))
