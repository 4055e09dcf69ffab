"""How many of those who were served voted: votes beside transactions or dossiers of the same days.

Only numbers of votes, never a rating: nothing here tells more than the votes' number does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from django.db import connection

from server.analytics.figure import Period
from server.analytics.pending import marks
from server.clock import midnight_ms
from server.organisation.selectors import timezones_of

MOST_UNIT_MONTHS = 60
# The day of a tally is one day: a vote of uncertain time is on none, and stands beside none.
SELECT_SERVED = (
    "SELECT x.unit, x.counter, sum(x.n), sum(coalesce(t.n, 0)) FROM dossiers_transactions x "
    "LEFT JOIN (SELECT s.unit, s.counter, s.first_day, sum(s.n1 + s.n2 + s.n3 + s.n4 + s.n5) AS n "
    "FROM analytics_tally s WHERE s.unit IN ({units}) AND s.state = 'counted' "
    "AND s.first_day = s.last_day AND s.first_day BETWEEN %s AND %s "
    "GROUP BY s.unit, s.counter, s.first_day) t "
    "ON t.unit = x.unit AND t.counter = x.counter AND t.first_day = x.date "
    "WHERE x.unit IN ({units}) AND x.date BETWEEN %s AND %s GROUP BY x.unit, x.counter"
)
# Who came in person: whoever applied by post or online stood before no kiosk.
SELECT_DOSSIERS = (
    "SELECT counter, official, count(*), max(received_ms) FROM dossiers_dossier "
    "WHERE unit = %s AND received_ms >= %s AND received_ms < %s "
    "AND channel IN ('counter', 'appointment', 'mobile') GROUP BY counter, official"
)
SELECT_VOTES = (
    "SELECT counter, official, sum(n1 + n2 + n3 + n4 + n5) FROM analytics_tally "
    "WHERE unit = %s AND state = 'counted' AND first_day >= %s AND last_day <= %s "
    "GROUP BY counter, official"
)


class Response(NamedTuple):
    """Votes, and how many citizens were served on the same days; of: how these were counted."""

    votes: int
    served: int
    of: Literal["transactions", "dossiers"]

    @property
    def rate(self) -> Fraction | None:
        """None where nobody was served, or more voted than were served, which cannot be."""
        return Fraction(self.votes, self.served) if self.votes <= self.served > 0 else None

    @property
    def impossible(self) -> bool:
        return self.votes > self.served


@dataclass(frozen=True)
class Responses:
    """Of a unit in a period; None or not there: nobody counted who was served."""

    total: Response | None = None
    counters: dict[str, Response] = field(default_factory=dict)
    officials: dict[str, Response] = field(default_factory=dict)


def responses(*, unit: str, period: Period) -> Responses:
    """By transactions of the counters' days where they were counted, else by dossiers received.

    An official's are always by the dossiers that name them.
    """
    served = {counter: (n, votes) for _, counter, n, votes in _served([unit], period)}
    zone = timezones_of([unit])[unit]
    start, end = midnight_ms(period.first, zone), midnight_ms(period.last + timedelta(days=1), zone)
    dossiers = list(_rows(SELECT_DOSSIERS, [unit, start, end]))
    votes = _votes_until(unit, period, dossiers, zone) if dossiers else []
    officials = _by(1, votes, [row for row in dossiers if row[1]])
    if served:
        counters = {code: Response(voted, n, "transactions") for code, (n, voted) in served.items()}
    else:
        counters = _by(0, votes, [row for row in dossiers if row[0]])
    total = None
    if served:
        total = _sum([*counters.values()])
    elif dossiers:
        handled = sum(row[2] for row in dossiers)
        total = Response(sum(row[2] for row in votes), handled, "dossiers")
    return Responses(total, counters, officials)


def responses_each(*, units: Sequence[str], period: Period) -> dict[str, Response]:
    """Of each unit by its transactions; of none if they and the period are many: the rows of every
    counter's day would be read for one page."""
    months = (period.last - period.first).days // 28
    if not units or len(units) * months > MOST_UNIT_MONTHS:
        return {}
    found: dict[str, Response] = {}
    for unit, _, n, votes in _served(units, period):
        before = found.get(unit, Response(0, 0, "transactions"))
        found[unit] = Response(before.votes + votes, before.served + n, "transactions")
    return found


def _served(units: Sequence[str], period: Period) -> list[tuple[str, str, int, int]]:
    """Unit, counter, how many were served, and how many voted on these days."""
    span = [*units, period.first, period.last]
    rows = _rows(SELECT_SERVED.format(units=marks(units)), [*span, *span])
    # PostgreSQL's sum of a sum is a decimal.
    return [(unit, counter, int(n), int(votes)) for unit, counter, n, votes in rows]


def _votes_until(unit: str, period: Period, dossiers: list[Any], zone: Any) -> list[Any]:
    """Votes of the days for which dossiers have come already."""
    newest = datetime.fromtimestamp(max(row[3] for row in dossiers) / 1000, zone).date()
    return list(_rows(SELECT_VOTES, [unit, period.first, min(newest, period.last)]))


def _by(key: int, votes: list[Any], dossiers: list[Any]) -> dict[str, Response]:
    found: dict[str, Response] = {}
    for row in dossiers:
        code, n = row[key], row[2]
        before = found.get(code, Response(0, 0, "dossiers"))
        found[code] = before._replace(served=before.served + n)
    for row in votes:
        if (code := row[key]) in found:
            found[code] = found[code]._replace(votes=found[code].votes + row[2])
    return found


def _sum(parts: list[Response]) -> Response:
    return Response(
        sum(part.votes for part in parts), sum(part.served for part in parts), parts[0].of
    )


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
