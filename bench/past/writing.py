"""Writing a past into the server's tables: straight, as fast as each database takes rows."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from bench.past import tallied
from bench.past.story import COUNTERS, TOP, Desk, Row, Size, live

RATED = "n1, n2, n3, n4, n5"
COLUMNS = {
    "votes_vote": "unit, journal, seq, kiosk, low_ms, high_ms, quality, received_ms, gen, rating, "
    "first_rating, scale, via, counter, not_official, invited, duty, duty_named, flags, reasons, "
    "dossier",
    "votes_duty": "unit, journal, seq, kiosk, low_ms, high_ms, quality, received_ms, gen, "
    "official, by, ended_seq, ended_low_ms, ended_ms, ended_by",
    "attribution_counterduty": "unit, journal, seq, counter, official, low_ms, high_ms, "
    "until_low_ms, until_ms",
    "attribution_attribution": "unit, journal, seq, counter, official, basis, why, state, "
    "procedure, first_day, last_day",
    "attribution_changedday": "unit, counter, first_day, last_day, gen",
    "attribution_changedunit": "unit, gen",
    "attribution_attributedjournal": "unit, journal, gen, seq",
    "analytics_shown": f"unit, number, counter, official, first_month, last_month, {RATED}, "
    "x1, x2, x3, x4, x5, counted",
    "analytics_block": f"unit, number, cell, shown, until_ms, {RATED}",
    "analytics_shownvote": "unit, journal, seq, block, rating, cell",
    "ingest_journal": "unit, journal, kiosk, public_key, acked, understood, enrolled_ms, state, "
    "head_hash, head_note, fork_seq, fork_note, revoked_seq, seen_ms, signed_ms",
    "votes_understanding": "unit, journal, gen, settled_seq, plain, last_low_ms, last_high_ms",
}
AFTER = {
    "ingest_journal": (0, "open", b"", b"", 0, b"", 0, 0, 0),
    "votes_understanding": (True, 0, 0),
}
COLUMNS |= {table: tallied.columns(table) for table in tallied.COLUMNS}
Write = Callable[[str, Iterable[Row]], None]


def make_places(size: Size) -> list[str]:
    """Units beneath one at the top, their counters, officials and kiosks, by our own services."""
    from django.db import transaction

    from server.fleet.models import Kiosk, Placement
    from server.organisation.services import make_counter, make_official, make_unit

    top = make_unit(code=TOP, name="Tỉnh Mẫu")
    codes = []
    for number in range(size.units):
        with transaction.atomic():
            unit = make_unit(code=f"{TOP}{number:04}", name=f"Xã Mẫu {number}", parent=top)
            codes.append(unit.code)
            for place in range(1, COUNTERS + 1):
                desk = Desk(unit.code, place)
                make_counter(unit=unit, number=place)
                for official in desk.officials():
                    make_official(unit=unit, code=official, name="Cán bộ mẫu")
                kiosk = Kiosk.objects.create(id=desk.kiosk, unit=unit.code, name="Kiosk")
                Placement.objects.create(
                    kiosk=kiosk, unit=unit.code, counter=desk.counter, started_ms=0
                )
    return codes


def write_past(size: Size, units: list[str], today: date) -> int:
    """Every vote of the past up to yesterday, with all that was made of it but the tallies; n."""
    days = size.dates(today)
    votes = 0
    for unit in units:
        with _writer() as write:
            for number in range(1, COUNTERS + 1):
                for desk in live(Desk(unit, number), days):
                    votes += len(desk.rows.get("votes_vote", ()))
                    for table, rows in desk.rows.items():
                        after = AFTER.get(table, ())
                        write(table, [(*row, *after) for row in rows] if after else rows)
            write("attribution_changedunit", [(unit, 1)])
    _analyze()
    return votes


def write_tallies(size: Size, units: list[str], today: date) -> int:
    """The same past as tallies and cells alone; how many votes they say."""
    from django.db.models import F, Sum, Value

    from server.analytics.counting import sum_months
    from server.analytics.models import Tally

    days = size.dates(today)
    for unit in units:
        with _writer() as write:
            for table, rows in tallied.count_unit(unit, days):
                write(table, rows)
    months = {day.replace(day=1) for day in days}
    for unit in units:
        sum_months({(unit, month, month) for month in months})
    _analyze()
    rated = (F(n) for n in tallied.RATED)
    return int(Tally.objects.aggregate(n=Sum(sum(rated, Value(0))))["n"])


@contextmanager
def _writer() -> Iterator[Write]:
    from django.db import connection

    settings = connection.settings_dict
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.close()
        lite = sqlite3.connect(settings["NAME"], isolation_level=None)
        lite.execute("PRAGMA synchronous=OFF")
        lite.execute("BEGIN")

        def insert(table: str, rows: Iterable[Row]) -> None:
            columns = COLUMNS[table]
            marks = ", ".join("?" * (columns.count(",") + 1))
            lite.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", map(_plain, rows))

        yield insert
        lite.execute("COMMIT")
        lite.close()
        return
    raw: Any = connection.connection
    with raw.transaction():

        def copy(table: str, rows: Iterable[Row]) -> None:
            with raw.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as stream:
                for row in rows:
                    stream.write_row(row)

        yield copy


def _plain(row: Row) -> Row:
    return tuple(str(value) if isinstance(value, date) else value for value in row)


def _analyze() -> None:
    """As autovacuum does within minutes; SQLite goes without, as the server does."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
