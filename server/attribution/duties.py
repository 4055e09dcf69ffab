"""Duties where they were served: kept at their counter, and whose votes a changed one concerns."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.attribution.desk import Desk
from server.attribution.models import CounterDuty
from server.stages import in_groups
from server.votes.models import Duty

AT_ONCE = 500

FIELDS = ("counter", "official", "low_ms", "high_ms", "until_low_ms", "until_ms")


class Span(NamedTuple):
    """Instants [from_ms, to_ms) at a counter."""

    from_ms: int
    to_ms: int

    def joined(self, other: "Span | None") -> "Span":
        """The stretch that holds both."""
        if other is None:
            return self
        return Span(min(self.from_ms, other.from_ms), max(self.to_ms, other.to_ms))


def move_duties(desk: Desk, duties: Iterable[Duty]) -> dict[str, Span]:
    """Keep new and changed duties of one unit at their counters.

    Returns, for each counter, the stretch in which who was on duty may now be another: from the
    first of the changed sign-ins, as it stood and as it stands, to the end of the last one's day.
    """
    changed = list(duties)
    known = _known(desk.unit, changed)
    touched: dict[str, Span] = {}
    for duty in changed:
        old, new = known.get((duty.journal, duty.seq)), _at_counter(desk, duty)
        if _same(old, new):
            continue
        if new is not None:
            new.save(force_insert=old is None, force_update=old is not None)
        elif old is not None:
            CounterDuty.objects.filter(unit=desk.unit, journal=duty.journal, seq=duty.seq).delete()
        for row in (old, new):
            if row is not None:
                span = Span(row.low_ms, desk.day_end(row.high_ms))
                touched[row.counter] = span.joined(touched.get(row.counter))
    return touched


def refresh_duties(
    desk: Desk, *, counter: str, kiosks: Sequence[str], span: Span
) -> dict[str, Span]:
    """Look again at every duty that may have stood at `counter` then, after a correction.

    kiosks: those that ever stood there. What began on an earlier day was over by midnight.
    """
    since = desk.day_begin(max(span.from_ms, 0))
    standing = CounterDuty.objects.filter(unit=desk.unit, counter=counter, high_ms__gte=since)
    journals = {*standing.filter(low_ms__lt=span.to_ms).values_list("journal", flat=True)}
    duties = Duty.objects.filter(unit=desk.unit, high_ms__gte=since, low_ms__lt=span.to_ms)
    mine = duties.filter(kiosk__in=kiosks) | duties.filter(journal__in=journals)
    return move_duties(desk, mine.order_by("journal", "seq"))


def differing_duties(desk: Desk, journal: str) -> list[int]:
    """The seqs of a journal's duties that are not kept where they would be now."""
    of_journal = {"unit": desk.unit, "journal": journal}
    kept = {row.seq: row for row in CounterDuty.objects.filter(**of_journal)}
    wanted = {duty.seq: _at_counter(desk, duty) for duty in Duty.objects.filter(**of_journal)}
    return sorted(
        seq for seq in kept.keys() | wanted.keys() if not _same(kept.get(seq), wanted.get(seq))
    )


def _known(unit: str, duties: Sequence[Duty]) -> dict[tuple[str, int], CounterDuty]:
    """Those of the duties that stand at a counter already."""
    of_journal: dict[str, list[int]] = {}
    for duty in duties:
        of_journal.setdefault(duty.journal, []).append(duty.seq)
    found = {}
    for journal, seqs in of_journal.items():
        for some in in_groups(seqs, AT_ONCE):
            for row in CounterDuty.objects.filter(unit=unit, journal=journal, seq__in=some):
                found[row.journal, row.seq] = row
    return found


def _at_counter(desk: Desk, duty: Duty) -> CounterDuty | None:
    """The duty at the counter where its kiosk stood when it began; None if that is not known.

    It lasts there no longer than the kiosk does, nor than the day on which it began.
    """
    stay, _ = desk.stay(duty.kiosk, duty.low_ms, duty.high_ms)
    if stay is None:
        return None
    ends = [(desk.day_end(duty.low_ms), desk.day_end(duty.high_ms)), (stay.ended_ms,) * 2]
    if duty.ended_low_ms is not None and duty.ended_ms is not None:
        ends.append((duty.ended_low_ms, duty.ended_ms))
    return CounterDuty(
        unit=desk.unit,
        journal=duty.journal,
        seq=duty.seq,
        counter=stay.counter,
        official=duty.official,
        low_ms=duty.low_ms,
        high_ms=duty.high_ms,
        until_low_ms=min(low for low, _ in ends),
        until_ms=min(high for _, high in ends),
    )


def _same(old: CounterDuty | None, new: CounterDuty | None) -> bool:
    if old is None or new is None:
        return old is new
    return all(getattr(old, field) == getattr(new, field) for field in FIELDS)
