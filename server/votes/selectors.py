"""Reading what was understood."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F

from protocol.rating import SCALES
from server.database import as_rows
from server.ingest.models import Journal
from server.votes.models import Duty, KioskDay, KioskEvent, Understanding, Vote

EVENTS_SHOWN = 200
QUIET_DAYS = 10
QUIET_VOTES = 30
QUIET_WITHIN_DAYS = 60
_LAST_VOTES = """
SELECT k.id, (SELECT v.high_ms FROM votes_vote v WHERE v.unit = k.unit AND v.kiosk = k.id
    ORDER BY v.low_ms DESC LIMIT 1)
FROM fleet_kiosk k WHERE k.id IN ({marks})
"""
_NEVER_PRESSED = """
SELECT kiosk, max(scale), sum(n1), sum(n2), sum(n3), sum(n4), sum(n5) FROM (
    SELECT kiosk, scale, n1, n2, n3, n4, n5,
        row_number() OVER (PARTITION BY kiosk ORDER BY date DESC, seq DESC) AS place
    FROM votes_kioskday
    WHERE date >= %s AND date <= %s {where} AND n1 + n2 + n3 + n4 + n5 >= %s) AS busy
WHERE place <= %s
GROUP BY kiosk
HAVING count(*) >= %s AND min(scale) = max(scale) AND (
    sum(n1) = 0 AND max(scale) <> 'vn3' OR sum(n3) = 0 AND max(scale) = 'vn5'
    OR sum(n2) = 0 OR sum(n4) = 0 OR sum(n5) = 0)
"""


class Cast(NamedTuple):
    """A local date and a rating."""

    date: date
    rating: int


def waiting_journals() -> list[Journal]:
    """Journals with lines that are stored and not yet understood, in a fixed order."""
    return list(Journal.objects.filter(acked__gt=F("understood")).order_by("unit", "journal"))


def states_of(journals: Sequence[Journal]) -> dict[str, Understanding]:
    """How far each journal is understood; a new state for those that never were."""
    new = {j.journal: Understanding(unit=j.unit, journal=j.journal, gen=0) for j in journals}
    return new | {state.journal: state for state in _of(journals, Understanding)}


def newest_duties(journals: Sequence[Journal]) -> dict[str, Duty]:
    """The newest duty of each journal that has one."""
    newest = "SELECT max(x.seq) FROM votes_duty x WHERE x.unit = s.unit AND x.journal = s.journal"
    return {duty.journal: duty for duty in _of(journals, Duty, f" WHERE s.seq = ({newest})")}


OF_JOURNALS = (
    "SELECT {columns} FROM (VALUES {rows}) AS w "
    "JOIN {table} s ON s.unit = w.column1 AND s.journal = w.column2"
)
M = TypeVar("M", Duty, Understanding)


def _of(journals: Sequence[Journal], model: type[M], where: str = "") -> list[M]:
    """The rows of some journals in a model's table `s`, which has a unit and a journal."""
    keys = [(journal.unit, journal.journal) for journal in journals]
    names = [field.column for field in model._meta.concrete_fields if field.column]
    sql = OF_JOURNALS.format(
        columns=", ".join(f"s.{name}" for name in names),
        rows=as_rows(keys),
        table=model._meta.db_table,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql + where, [value for key in keys for value in key])
        return [model.from_db("default", names, row) for row in cursor.fetchall()]


def acked_up_to() -> dict[str, int]:
    """The newest stored line of each journal."""
    return dict(Journal.objects.values_list("journal", "acked"))


def understood_up_to() -> dict[str, int]:
    """The newest understood line of each journal."""
    return dict(Journal.objects.values_list("journal", "understood"))


def journals() -> list[tuple[str, str]]:
    """(unit, journal) of every journal."""
    return list(Journal.objects.order_by("unit", "journal").values_list("unit", "journal"))


def last_votes(kiosks: Collection[str]) -> dict[str, int]:
    """When the newest vote of each kiosk was cast at the latest (unix ms), in one query."""
    if not kiosks:
        return {}
    marks = ", ".join(["%s"] * len(kiosks))
    with connection.cursor() as cursor:
        cursor.execute(_LAST_VOTES.format(marks=marks), list(kiosks))
        return {kiosk: at_ms for kiosk, at_ms in cursor.fetchall() if at_ms is not None}


def events_of(*, unit: str, kiosk: str, since_ms: int) -> list[KioskEvent]:
    """What a kiosk told of itself since then, newest first; at most EVENTS_SHOWN."""
    rows = KioskEvent.objects.filter(unit=unit, kiosk=kiosk, low_ms__gte=since_ms)
    return list(rows.order_by("-low_ms", "-seq")[:EVENTS_SHOWN])


def days_of(kiosk: str, *, since: date, until: date) -> list[KioskDay]:
    """The days, both included, that a kiosk counted itself, newest first. One that it dated into
    the future is left out: it would stand at the head for ever."""
    days = KioskDay.objects.filter(kiosk=kiosk, date__gte=since, date__lte=until)
    return list(days.order_by("-date", "-seq"))


def votes_by_day(*, unit: str, kiosk: str, since: date, zone: ZoneInfo) -> Counter[Cast]:
    """How many votes of each rating the server holds of a kiosk, by local date; votes whose day is
    not known are left out."""
    since_ms = int(datetime(since.year, since.month, since.day, tzinfo=zone).timestamp() * 1000)
    rows = Vote.objects.filter(unit=unit, kiosk=kiosk, low_ms__gte=since_ms)
    exact = rows.exclude(quality="interval").values_list("low_ms", "rating")
    return Counter(
        Cast(datetime.fromtimestamp(low_ms / 1000, zone).date(), rating)
        for low_ms, rating in exact.iterator()
    )


def never_pressed(*, today: date, kiosks: Collection[str] | None = None) -> dict[str, list[int]]:
    """Kiosk -> ratings offered that nobody pressed on its last QUIET_DAYS busy days.

    A busy day has QUIET_VOTES votes or more, as the kiosk counted; a press in a self-test shows
    that the button works. A rating that fails looks like a citizen who is never dissatisfied.
    """
    if kiosks is not None and not kiosks:
        return {}
    where = "" if kiosks is None else f"AND kiosk IN ({', '.join(['%s'] * len(kiosks))})"
    since = today - timedelta(days=QUIET_WITHIN_DAYS)
    sql = _NEVER_PRESSED.format(where=where)
    with connection.cursor() as cursor:
        cursor.execute(sql, [since, today, *(kiosks or ()), QUIET_VOTES, QUIET_DAYS, QUIET_DAYS])
        found = {
            kiosk: [r for r, n in enumerate(counts, 1) if n == 0 and r in SCALES.get(scale, ())]
            for kiosk, scale, *counts in cursor.fetchall()
        }
    tested = _tested(list(found), since)
    return {
        kiosk: left
        for kiosk, ratings in found.items()
        if (left := [rating for rating in ratings if (kiosk, rating) not in tested])
    }


def _tested(kiosks: list[str], since: date) -> set[tuple[str, int]]:
    """(kiosk, rating) of the presses in self-tests since then."""
    since_ms = int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp() * 1000)
    tested: set[tuple[str, int]] = set()
    for start in range(0, len(kiosks), 500):
        rows = KioskEvent.objects.filter(
            kiosk__in=kiosks[start : start + 500], type="test", low_ms__gte=since_ms
        )
        tested |= {(kiosk, data["rating"]) for kiosk, data in rows.values_list("kiosk", "data")}
    return tested
