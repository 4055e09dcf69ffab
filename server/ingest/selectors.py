"""Kiosks, their newest journals and what they last said, as a person asks after them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from server.ingest.models import Journal
from server.organisation.selectors import is_code

FEW = 500  # units that a query names one by one; of more it reads all and keeps those asked for

# The newest journal of each kiosk, the heartbeat in force, and whether it asks for attention.
_STATES = """
SELECT k.id, k.unit, j.state, j.seen_ms, CASE WHEN s.attention THEN s.body END,
    (SELECT c.heartbeat_s FROM fleet_configuration c WHERE c.kiosk_id = k.id
     ORDER BY c.version DESC LIMIT 1)
FROM fleet_kiosk k
LEFT JOIN fleet_placement p ON p.kiosk_id = k.id AND p.ended_ms IS NULL
LEFT JOIN fleet_kioskstatus s ON s.kiosk_id = k.id
LEFT JOIN ingest_journal j ON j.unit = k.unit AND j.kiosk = k.id AND NOT EXISTS (
    SELECT 1 FROM ingest_journal newer WHERE newer.kiosk = k.id
    AND (newer.enrolled_ms, newer.journal) > (j.enrolled_ms, j.journal))
"""
_DETAILS = """
SELECT k.id, k.name, p.counter, j.journal, j.acked, s.received_ms, s.body,
    (SELECT max(c.version) FROM fleet_configuration c WHERE c.kiosk_id = k.id)
FROM fleet_kiosk k
LEFT JOIN fleet_placement p ON p.kiosk_id = k.id AND p.ended_ms IS NULL
LEFT JOIN fleet_kioskstatus s ON s.kiosk_id = k.id
LEFT JOIN ingest_journal j ON j.unit = k.unit AND j.kiosk = k.id AND NOT EXISTS (
    SELECT 1 FROM ingest_journal newer WHERE newer.kiosk = k.id
    AND (newer.enrolled_ms, newer.journal) > (j.enrolled_ms, j.journal))
"""


@dataclass(frozen=True, slots=True)
class KioskState:
    """A kiosk and how its newest journal stands: little enough to be read of every kiosk.

    state: open, closed, forked, revoked, or empty before enrolment; seen_ms: 0 if never;
    body: its status, if that names something to look at; heartbeat_s: None if none was published.
    """

    id: str
    unit: str
    state: str
    seen_ms: int
    body: bytes | None
    heartbeat_s: int | None


@dataclass(frozen=True, slots=True)
class KioskDetail:
    """What a list shows beside the state. counter: code of where it stands now, or empty; body:
    of its newest status, received at status_ms; both None if it never sent one; version: of the
    configuration that it shall have."""

    id: str
    name: str
    counter: str
    journal: str
    acked: int
    status_ms: int | None
    body: bytes | None
    version: int | None


def kiosk_states(units: Collection[str]) -> list[KioskState]:
    """Every kiosk whose home is one of the units, in one query, by unit and counter."""
    where, parameters = _among("k.unit", units) if len(units) <= FEW else ("", [])
    order = "ORDER BY k.unit, p.counter IS NULL, p.counter, k.id"
    rows = _rows(f"{_STATES} {where} {order}", parameters)
    wanted = set(units)
    return [_state(row) for row in rows if row[1] in wanted]


def kiosk_state(kiosk: str) -> KioskState | None:
    """How one kiosk's newest journal stands; None if there is no such kiosk."""
    if not is_code(kiosk):
        return None
    for row in _rows(f"{_STATES} WHERE k.id = %s", [kiosk]):
        return _state(row)
    return None


def _state(row: tuple[Any, ...]) -> KioskState:
    id, unit, state, seen_ms, body, heartbeat_s = row
    kept = None if body is None else bytes(body)
    return KioskState(id, unit, state or "", seen_ms or 0, kept, heartbeat_s)


def kiosk_details(kiosks: Collection[str]) -> dict[str, KioskDetail]:
    """What a list shows of these kiosks (a page of them), by id, in one query."""
    where, parameters = _among("k.id", kiosks)
    return {
        row[0]: KioskDetail(
            id=row[0],
            name=row[1],
            counter=row[2] or "",
            journal=row[3] or "",
            acked=row[4] or 0,
            status_ms=row[5],
            body=None if row[6] is None else bytes(row[6]),
            version=row[7],
        )
        for row in _rows(f"{_DETAILS} {where}", parameters)
    }


def journals_of(kiosk: str) -> list[Journal]:
    """All journals of a kiosk, oldest first."""
    return list(Journal.objects.filter(kiosk=kiosk).order_by("enrolled_ms", "journal"))


def _among(column: str, values: Collection[str]) -> tuple[str, list[str]]:
    if not values:
        return "WHERE 1 = 0", []
    return f"WHERE {column} IN ({', '.join(['%s'] * len(values))})", list(values)


def _rows(sql: str, parameters: list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
