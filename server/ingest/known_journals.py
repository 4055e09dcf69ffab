"""The journals of one kiosk as an administrator sees them: their state, what was revoked."""

import json
from dataclasses import dataclass

from django.db.models import Count

from server.fleet.enrolling import fingerprint
from server.ingest.models import Journal, Quarantined
from server.ledger.selectors import deeds_of


@dataclass(frozen=True)
class Revocation:
    """From which line on, since when, why, and by whom."""

    from_seq: int
    at_ms: int
    reason: str
    by: str


@dataclass(frozen=True)
class KnownJournal:
    """A journal of a kiosk. fingerprint: of its key; acked: the newest stored line; apart: lines in
    quarantine; doubted: stored lines that are not trusted and stay counted."""

    journal: str
    state: str
    fingerprint: str
    enrolled_ms: int
    acked: int
    apart: int
    doubted: int
    revocations: tuple[Revocation, ...]


def journals_of_kiosk(kiosk: str) -> list[KnownJournal]:
    """Every journal that a kiosk ever had, the newest first."""
    rows = list(Journal.objects.filter(kiosk=kiosk).order_by("-enrolled_ms", "journal"))
    apart = dict(
        Quarantined.objects.filter(journal__in=[row.journal for row in rows])
        .values_list("journal")
        .annotate(Count("seq"))
    )
    return [
        KnownJournal(
            journal=row.journal,
            state=row.state,
            fingerprint=fingerprint(bytes(row.public_key)),
            enrolled_ms=row.enrolled_ms,
            acked=row.acked,
            apart=apart.get(row.journal, 0),
            doubted=row.acked - row.revoked_seq + 1 if row.revoked_seq else 0,
            revocations=_revocations(row.unit, row.journal) if row.revoked_seq else (),
        )
        for row in rows
    ]


def _revocations(unit: str, journal: str) -> tuple[Revocation, ...]:
    deeds = deeds_of(unit=unit, journal=journal, type="revoked")
    return tuple(
        Revocation(data["from_seq"], at_ms, data["reason"], data["by"])
        for at_ms, body in deeds
        for data in [json.loads(body)["data"]]
    )
