"""Which reasons an official's votes named how often: of whole months that are over, in whole fives.

Reasons are not drawn in blocks as ratings are (models.Shown): what is told of a month is kept
(models.ToldReasons), and followed only when the month has five votes more than whenever it was
told before. So whatever moves votes (a ruling, a dossier, a roster, a placement, votes sent late),
any two readings are of the same votes, or five are in one that are not in the other.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Model

from protocol.rating import POSITIVE_REASONS, REASONS
from server import clock
from server.analytics.counting import REASONED
from server.analytics.drawing import FIVE
from server.analytics.figure import Period
from server.analytics.models import COUNTED, OfficialMonth, ToldReasons
from server.analytics.pending import AT_ONCE, last_day_of
from server.database import as_rows
from server.stages import in_groups

CODES = (*REASONS, *POSITIVE_REASONS)
# R6 is for inspectors alone. Nor is R9 told: beside the votes whose only reason it is (own.py) it
# would say how many named another reason too, and once the others are told, how many named R6.
KEPT_BACK = frozenset({"R6", "R9"})
COLUMNS = tuple(code.lower() for code in CODES)
RATED = ("n1", "n2", "n3", "n4", "n5")
_N, _OF_NEW, _OF_OLD = (
    " + ".join(f"{table}.{n}" for n in RATED)
    for table in ("m", "excluded", "analytics_toldreasons")
)
_OF_MONTH = ", ".join(f"m.{column}" for column in REASONED)
_AS_NEW = ", ".join(f"{column} = excluded.{column}" for column in REASONED)
FORGET_TOLD = (
    "DELETE FROM analytics_toldreasons WHERE unit = %s AND first_month = %s AND last_month = %s"
)
TELL = (  # of our own names alone
    "INSERT INTO analytics_toldreasons "  # noqa: S608
    f"(unit, first_month, last_month, official, {', '.join(REASONED)}) "
    f"SELECT m.unit, m.first_month, m.last_month, m.official, {_OF_MONTH} "
    "FROM (VALUES {rows}) AS w JOIN analytics_officialmonth m ON m.unit = w.column1 "
    "AND m.first_month = w.column2 AND m.last_month = w.column3 "
    f"WHERE m.state = '{COUNTED}' AND {_N} >= {FIVE} "
    "ON CONFLICT (unit, first_month, last_month, official) "
    f"DO UPDATE SET {_AS_NEW} WHERE {_OF_NEW} >= {_OF_OLD} + {FIVE}"
)
Key = tuple[str, date, date]  # a unit, and the first days of the first and the last month


def tell_reasons(months: Collection[Key], zones: Mapping[str, ZoneInfo]) -> None:
    """Follow these units' months, which were counted anew, as far as may be told. The units are
    held. zones: of each unit."""
    now_s = clock.now_ms() / 1000
    today = {unit: datetime.fromtimestamp(now_s, zone).date() for unit, zone in zones.items()}
    keys = sorted(months)
    # Nobody is told of a month before it is over: until its last day what is kept is made anew.
    going_on = [key for key in keys if today[key[0]] < last_day_of(key[2])]
    with connection.cursor() as cursor:
        if going_on:
            cursor.executemany(FORGET_TOLD, going_on)
        for group in in_groups(keys, AT_ONCE):
            cursor.execute(TELL.format(rows=as_rows(group)), [v for key in group for v in key])


def reason_counts(
    *, units: Collection[str], official: str, period: Period, today: date
) -> tuple[int, dict[str, int]]:
    """Of how many of an official's votes, and how often each reason was named, in the period's
    months that end before `today`: rounded down to fives, those of fewer than five left out.

    A month that has fewer than five votes now, or five fewer than it was told of, is left out, and
    so are R6 and R9.
    """
    where = {
        "unit__in": units, "official": official,
        "first_month__gte": period.first, "last_month__lte": period.last,
    }  # fmt: skip
    now = {key: sum(counts) for key, counts in _rows(OfficialMonth, RATED, state=COUNTED, **where)}
    base, sums = 0, dict.fromkeys(CODES, 0)
    for key, counts in _rows(ToldReasons, (*RATED, *COLUMNS), **where):
        told, n = sum(counts[:FIVE]), now.get(key, 0)
        if last_day_of(key[2]) < today and n >= FIVE and n > told - FIVE:
            base += told
            for code, named in zip(CODES, counts[FIVE:], strict=True):
                sums[code] += named
    return base, {
        code: n // FIVE * FIVE for code, n in sums.items() if n >= FIVE and code not in KEPT_BACK
    }


def _rows(
    model: type[Model], columns: tuple[str, ...], **where: Any
) -> Iterator[tuple[Key, tuple[int, ...]]]:
    rows = model._default_manager.filter(**where)
    for unit, first, last, *counts in rows.values_list(
        "unit", "first_month", "last_month", *columns
    ):
        yield (unit, first, last), tuple(counts)
