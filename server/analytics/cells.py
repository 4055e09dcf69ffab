"""The cells of which shares and bars are made: whole fives of a month's votes (models.Shown)."""

from typing import Any

from django.db import connection
from django.db.models import F, Sum

from server.analytics.models import Shown, Tally
from server.analytics.pending import Month, last_day_of
from server.votes.models import Revision

FIVE = 5
# Order of arrival: what came later never moves what is shown already.
SELECT_FIRST = (
    "SELECT v.journal, v.seq, v.received_ms, v.first_rating "
    "FROM attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq "
    "WHERE a.unit = %s AND a.counter = %s AND a.official = %s "
    "AND a.first_day BETWEEN %s AND %s AND a.last_day BETWEEN %s AND %s "
    "ORDER BY v.received_ms, v.journal, v.seq LIMIT %s"
)


def redraw_cells(*, unit: str, counter: str, month: Month) -> None:
    """Draw those cells of a counter's month anew whose number of whole fives changed."""
    key = {
        "unit": unit,
        "counter": counter,
        "first_month": month.first,
        "last_month": month.last,
    }
    cells = {cell.official: cell for cell in Shown.objects.filter(**key)}
    votes = _votes(unit, counter, month)
    for official in cells.keys() | votes.keys():
        shown = cells.get(official)
        base = votes.get(official, 0) // FIVE * FIVE
        if base == (0 if shown is None else _base(shown)):
            continue
        if shown is None:
            shown = Shown(**key, official=official)
        elif base == 0:
            Shown.objects.filter(**key, official=official).delete()
            continue
        ratings = _first_ratings(shown, base)
        for rating in range(1, 6):
            setattr(shown, f"n{rating}", ratings.count(rating))
        shown.save(force_insert=official not in cells, force_update=official in cells)


def _base(cell: Shown) -> int:
    return cell.n1 + cell.n2 + cell.n3 + cell.n4 + cell.n5


def _votes(unit: str, counter: str, month: Month) -> dict[str, int]:
    """How many votes of the month each official has at the counter, nobody under ''."""
    rows: Any = (
        Tally.objects.filter(
            unit=unit,
            counter=counter,
            first_day__range=(month.first, last_day_of(month.first)),
            last_day__range=(month.last, last_day_of(month.last)),
        )
        .values_list("official")
        .annotate(n=Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5")))
    )
    return dict(rows)


def _first_ratings(cell: Shown, base: int) -> list[int]:
    """The ratings of the cell's first `base` votes, as they stood when the last of these came."""
    days = [cell.first_month, last_day_of(cell.first_month)]
    days += [cell.last_month, last_day_of(cell.last_month)]
    with connection.cursor() as cursor:
        cursor.execute(
            SELECT_FIRST, [cell.unit, cell.counter, cell.official, *map(str, days), base]
        )
        rows = cursor.fetchall()
    ratings = {(journal, seq): rating for journal, seq, _, rating in rows}
    complete_ms = rows[-1][2]
    for journal in {row[0] for row in rows}:
        first = min(row[1] for row in rows if row[0] == journal)
        revisions = Revision.objects.filter(
            unit=cell.unit, journal=journal, seq__gt=first, received_ms__lte=complete_ms
        ).order_by("seq")
        for vote, rating in revisions.values_list("vote", "rating"):
            if (journal, vote) in ratings:
                ratings[journal, vote] = rating
    return list(ratings.values())
