"""What a kiosk tells of itself, as rows: its days, boots, faults, tests, and answers to orders."""

from typing import Any

import msgspec
from django.db import connection

from protocol.rating import SCALES
from protocol.records import TYPE_OF, Day, Fault, FaultCleared, Order
from server.fleet.orders import answer_order
from server.votes.models import KioskDay, KioskEvent, Vote
from server.votes.rows import Round, fit, stamp
from server.votes.story import ReadLine

WORD, TEXT, FINDINGS = 100, 200, 40  # as long as a column, a fact and a list may be here
RETIME = (
    "UPDATE votes_kioskevent SET low_ms = %s, high_ms = %s, quality = %s, gen = %s "
    "WHERE unit = %s AND journal = %s AND seq = %s"
)


def write_events(found: Round) -> None:
    """Write what the round's lines tell of the kiosk, in the caller's transaction."""
    lines = found.story.of_itself
    KioskEvent.objects.bulk_create(
        _event(found, line) for line in lines if not isinstance(line.record, Day)
    )
    KioskDay.objects.bulk_create(
        _day(found, line.seq, line.record) for line in lines if isinstance(line.record, Day)
    )
    for line in lines:
        if isinstance(line.record, Order):
            answer_order(
                kiosk=found.journal.kiosk,
                number=line.record.order,
                outcome=line.record.outcome,
                findings=_short(line.record.findings),
                at_ms=line.received_ms,
            )
    _retime(found)


def _event(found: Round, line: ReadLine) -> KioskEvent:
    record = line.record
    return KioskEvent(
        **stamp(found, line),
        type=TYPE_OF[type(record)],  # type: ignore[index]  # Story keeps understood ones only
        part=fit(record.part, WORD) if isinstance(record, Fault | FaultCleared) else "",
        data=_short(msgspec.to_builtins(record)),
    )


def _day(found: Round, seq: int, day: Day) -> KioskDay:
    counts: Any = day.counts
    return KioskDay(
        unit=found.journal.unit,
        journal=found.journal.journal,
        seq=seq,
        kiosk=found.journal.kiosk,
        date=day.date,
        scale=_scale_before(found, seq),
        uptime_s=day.uptime_s,
        suppressed=day.suppressed,
        **{f"n{rating}": counts.get(str(rating), 0) for rating in SCALES["vn5"]},
    )


def _scale_before(found: Round, seq: int) -> str:
    """The scale of the newest vote before a line: what a rating of no votes may be held against."""
    told = [vote for vote in found.story.votes if vote < seq]
    if told:
        return found.story.votes[max(told)].record.scale
    rows = Vote.objects.filter(unit=found.journal.unit, journal=found.journal.journal, seq__lt=seq)
    return rows.order_by("-seq").values_list("scale", flat=True).first() or ""


def _retime(found: Round) -> None:
    """Older events of this journal that are timed anew and now differ."""
    if found.timed_again >= found.first:
        return
    key = (found.journal.unit, found.journal.journal)
    rows = KioskEvent.objects.filter(
        unit=key[0], journal=key[1], seq__gte=found.timed_again, seq__lt=found.first
    )
    changed = []
    for seq, *old in rows.values_list("seq", "low_ms", "high_ms", "quality"):
        cast = found.times.casts[seq]
        new = [cast.low_ms, cast.high_ms, cast.quality]
        if new != old:
            changed.append((*new, found.gen, *key, seq))
    if changed:
        with connection.cursor() as cursor:
            cursor.executemany(RETIME, changed)


def _short(value: Any) -> Any:
    """A record's values with long texts and lists cut; the line itself keeps them whole."""
    if isinstance(value, str):
        return fit(value, TEXT)
    if isinstance(value, dict):
        pairs = list(value.items())[:FINDINGS]
        return {fit(str(name), WORD): _short(item) for name, item in pairs}
    return value
