"""The silences that were written down, and when the server itself did not run."""

from django.db import IntegrityError, transaction

from server.fleet.models import Outage, ServerBeat, Silence
from server.fleet.uptime import Span, merge

BEAT_EVERY_MS = 10_000
OUTAGE_MS = 60_000


def beat(*, now_ms: int) -> None:
    """The server runs. After a minute without this, the time between is written as an outage.

    Safe beside another process doing the same: the gap belongs to whoever moves the beat over it.
    """
    last = ServerBeat.objects.filter(only=1).first()
    try:
        with transaction.atomic():
            if last is None:
                ServerBeat.objects.create(only=1, at_ms=now_ms)
                return
            moved = ServerBeat.objects.filter(only=1, at_ms=last.at_ms).update(at_ms=now_ms)
            if moved and now_ms - last.at_ms > OUTAGE_MS:
                Outage.objects.create(started_ms=last.at_ms, ended_ms=now_ms)
    except IntegrityError:
        return  # another process began, or a clock that went back has told this gap before


def outages(*, since_ms: int, now_ms: int) -> list[Span]:
    """When the server did not run, at any time after since_ms; merged. If it left no trace of
    itself for a minute, the outage that will be written is counted already."""
    rows = Outage.objects.filter(ended_ms__gt=since_ms)
    spans: list[Span] = list(rows.values_list("started_ms", "ended_ms"))
    last = ServerBeat.objects.filter(only=1).first()
    if last is not None and now_ms - last.at_ms > OUTAGE_MS:
        spans.append((last.at_ms, now_ms))
    return merge(spans)


def silences_of(kiosk: str, *, since_ms: int) -> list[Span]:
    """The silences of a kiosk that were written down and ended after since_ms."""
    rows = Silence.objects.filter(kiosk=kiosk, ended_ms__gt=since_ms).order_by("started_ms")
    return list(rows.values_list("started_ms", "ended_ms"))
