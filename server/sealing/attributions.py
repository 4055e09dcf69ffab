"""The server's figures by counter, official and basis for a sealed export: what pages are made of.

An auditor decides each vote again from the log, so these are given only where the log holds all
that they rest on.
"""

import csv
import io
from collections.abc import Collection, Iterator

from django.db import connection

from server.analytics.models import Tally
from server.attribution.selectors import waiting_journals
from server.dossiers.models import DossierChange
from server.ingest.models import Journal
from server.ledger.models import Pending, Span
from server.organisation.models import RosterChange
from server.organisation.selectors import timezones_of
from server.sealing.tallies import Period

NUMBERS = ("n1", "n2", "n3", "n4", "n5")
KEYS = ("unit", "counter", "official", "basis", "why")
COLUMNS = (*KEYS, "first", "last", "state", *NUMBERS)
SELECT_UNCOUNTED = (
    "SELECT 1 FROM attribution_changedday c LEFT JOIN analytics_countedday d ON d.unit = c.unit "
    "AND d.counter = c.counter AND d.first_day = c.first_day AND d.last_day = c.last_day "
    "WHERE c.unit = %s AND (d.gen IS NULL OR d.gen <> c.gen) LIMIT 1"
)


def why_not(units: Collection[str], size: int, period: Period) -> str:
    """Why these figures cannot be held against the log's first `size` entries; "" if they can."""
    if any(zone.key != period.zone.key for zone in timezones_of(list(units)).values()):
        return "the units' days are of another time zone than the export's"
    unlogged = Pending.objects.filter(unit__in=units).exists()
    unlogged = unlogged or Span.objects.filter(unit__in=units, first_index__gte=size).exists()
    if unlogged:
        return "the log's newest entries are not signed yet; make the export again in a minute"
    if _waits(units):
        return "votes wait to be counted; run `hailong-server work --once` and make it again"
    return ""


def _waits(units: Collection[str]) -> bool:
    behind = [j for j in Journal.objects.filter(unit__in=units) if j.understood != j.acked]
    corrected = RosterChange.objects.filter(unit__in=units).exists()
    filed = DossierChange.objects.filter(unit__in=units).exists()
    if behind or corrected or filed or any(unit in units for unit, *_ in waiting_journals()):
        return True
    with connection.cursor() as cursor:
        for unit in units:
            cursor.execute(SELECT_UNCOUNTED, [unit])
            if cursor.fetchone():
                return True
    return False


def write_attributions(units: Collection[str], period: Period) -> Iterator[bytes]:
    """As CSV, by row."""
    rows = Tally.objects.filter(
        unit__in=units, first_day__gte=period.first, last_day__lte=period.last
    ).order_by("unit", "counter", "first_day", "last_day", "official", "why", "basis", "state")
    told = rows.values_list(*KEYS, "first_day", "last_day", "state", *NUMBERS)
    for row in [COLUMNS, *told]:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        yield line.getvalue().encode()
