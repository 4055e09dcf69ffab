"""Kiosks and their journals as a person asks after them."""

from dataclasses import dataclass

from django.db import connection

# The newest journal of each kiosk beside its open placement.
_KIOSKS = """
SELECT k.id, k.name, p.counter, j.state, j.seen_ms, j.acked
FROM fleet_kiosk k
LEFT JOIN fleet_placement p ON p.kiosk_id = k.id AND p.ended_ms IS NULL
LEFT JOIN ingest_journal j ON j.unit = k.unit AND j.kiosk = k.id AND NOT EXISTS (
    SELECT 1 FROM ingest_journal newer WHERE newer.kiosk = k.id
    AND (newer.enrolled_ms, newer.journal) > (j.enrolled_ms, j.journal))
WHERE k.unit = %s
ORDER BY p.counter IS NULL, p.counter, k.id
"""


@dataclass(frozen=True)
class KioskState:
    """A kiosk, the code of the counter where it stands now (or empty), and its newest journal.

    state: open, closed, forked, revoked, or empty before enrolment; seen_ms: 0 if never.
    """

    id: str
    name: str
    counter: str
    state: str
    seen_ms: int
    acked: int


def kiosks_of(*, unit: str) -> list[KioskState]:
    """The kiosks whose home is `unit`, by counter; those that stand nowhere last."""
    with connection.cursor() as cursor:
        cursor.execute(_KIOSKS, [unit])
        return [
            KioskState(id, name, counter or "", state or "", seen_ms or 0, acked or 0)
            for id, name, counter, state, seen_ms, acked in cursor.fetchall()
        ]
