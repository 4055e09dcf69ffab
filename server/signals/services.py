"""The watch over every unit, and what people do with a signal."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from server import clock
from server.analytics.selectors import rebuilding
from server.clock import midnight_ms
from server.ledger.looks import record_view
from server.ledger.services import record_next_deed
from server.organisation.selectors import timezones_of
from server.organisation.services import lock_unit, lock_units
from server.signals import keeping
from server.signals.errors import SignalError
from server.signals.fold import State, nothing_known, watch
from server.signals.gathering import gather
from server.signals.limits import Limits
from server.signals.models import Budget, Signal, WatchedUnit
from server.signals.waiting import (
    Waiting,
    limits_now,
    served_marks,
    waiting_units,
    with_other_limits,
)
from server.stages import do_groups, in_groups

UNITS_AT_ONCE = 25
MOST_WORDS = 500
NEW, LOOKED, CLOSED = "new", "looked", "closed"
MOST_ALARMS = 10_000  # hundredths a month


def watch_pending(*, now_ms: int | None = None) -> bool:
    """Watch every unit of which a day is over or the past changed; True if there was one.

    One transaction for some units, which are held meanwhile. A crash leaves the others waiting.
    """
    now_ms = clock.now_ms() if now_ms is None else now_ms
    if rebuilding() is not None:
        return False  # half of the votes would say that the other half stayed away
    waiting = waiting_units(now_ms)
    if not waiting:
        return False
    limits = limits_now()
    changed = with_other_limits(limits)
    names = sorted({each.unit for each in waiting} | changed)
    return do_groups(in_groups(names, UNITS_AT_ONCE), lambda units: _watch(units, limits, now_ms))


@transaction.atomic
def _watch(units: Sequence[str], limits: Limits, now_ms: int) -> None:
    lock_units(units=units)
    # Asked again: another process may have been quicker with some of them.
    waiting = {each.unit: each for each in waiting_units(now_ms, among=set(units))}
    before = {row.unit: row for row in WatchedUnit.objects.filter(unit__in=units)}
    for unit, row in before.items():
        if (row.volume, row.budget) != limits:
            through = waiting[unit].through if unit in waiting else row.through
            waiting[unit] = Waiting(unit, row.gen, through, True)
    if not waiting:
        return
    zones = timezones_of(sorted(waiting))
    known = {unit: row.through for unit, row in before.items() if unit in waiting}
    old, new = (
        served_marks(days, {u: midnight_ms(day, zones[u]) + 86_400_000 for u, day in days.items()})
        for days in (known, {unit: each.through for unit, each in waiting.items()})
    )
    states: dict[str, State] = {}
    for unit, each in waiting.items():
        known_row = before.get(unit)
        if known_row is None or each.anew or known_row.served != old[unit]:
            continue
        if (found := keeping.read(known_row.state)) is not None:
            states[unit] = found
    _fold(waiting, states, known, new, limits, now_ms)


def _fold(
    waiting: dict[str, Waiting], states: dict[str, State], known: dict[str, date],
    marks: dict[str, str], limits: Limits, now_ms: int,
) -> None:  # fmt: skip
    """Units that go on from the same day are gathered together, and so are all that begin anew."""
    zones = timezones_of(sorted(waiting))
    groups: dict[tuple[date, date], list[str]] = {}
    for unit, each in waiting.items():
        after = known[unit] if unit in states else date.min
        groups.setdefault((after, each.through), []).append(unit)
    rows = []
    for (after, through), units in sorted(groups.items()):
        counting = {unit for unit in units if marks[unit].startswith("t")}
        for unit, days in gather({u: zones[u] for u in units}, counting, after, through):
            anew = unit not in states
            state, alarms = watch(days, nothing_known() if anew else states[unit], limits)
            keeping.keep(unit, keeping.signals_of(unit, alarms, limits), anew=anew)
            rows.append(
                WatchedUnit(
                    unit=unit, gen=waiting[unit].gen, through=through, volume=limits.volume,
                    budget=limits.budget, served=marks[unit], watched_ms=now_ms,
                    state=keeping.written(state),
                )
            )  # fmt: skip
    WatchedUnit.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["gen", "through", "volume", "budget", "served", "watched_ms", "state"],
    )


def forget_watch() -> None:
    """Watch every unit anew next time; signals stand until then."""
    WatchedUnit.objects.all().delete()


def look_at(*, unit: str, number: int, by: str, now_ms: int) -> None:
    """Somebody looks into a signal; the first one stands in it, each in the log. SignalError."""
    with transaction.atomic():
        signal = _held(unit, number)
        if signal.state == NEW:
            signal.state, signal.looked_by, signal.looked_ms = LOOKED, by, now_ms
            signal.save(force_update=True)
        _tell(signal, "looked", by, "", now_ms)


def close(*, unit: str, number: int, outcome: str, by: str, now_ms: int) -> None:
    """What came of a signal, in words; a closed one may be closed again with others. SignalError
    unless the words say something."""
    words = " ".join(outcome.split())
    if not words or len(words) > MOST_WORDS or not words.isprintable():
        raise SignalError("bad-words", most=MOST_WORDS)
    with transaction.atomic():
        signal = _held(unit, number)
        if signal.state == NEW:
            raise SignalError("not-looked", number=number)
        if signal.state == CLOSED and (signal.outcome, signal.closed_by) == (words, by):
            return
        signal.state, signal.outcome = CLOSED, words
        signal.closed_by, signal.closed_ms = by, now_ms
        signal.save(force_update=True)
        _tell(signal, "closed", by, words, now_ms)


def set_budget(*, alarms: int, by: str, now_ms: int) -> None:
    """How many false alarms a month (hundredths) the province looks into; every unit is watched
    anew. SignalError."""
    if not 1 <= alarms <= MOST_ALARMS:
        raise SignalError("bad-budget", most=MOST_ALARMS // 100)
    with transaction.atomic():
        values = {"alarms": alarms, "by": by, "set_ms": now_ms}
        Budget.objects.update_or_create(id=1, defaults=values)
        forget_watch()


def record_looks(*, signals: Iterable[Signal], by: str, now_ms: int) -> None:
    """The same of a list: nothing where it names no official."""
    named = sorted({(each.unit, each.official) for each in signals if each.official})
    if named:
        whom = ", ".join(f"{official} of unit {unit}" for unit, official in named)
        record_view(by=by, what=f"signals about officials: {whom}", now_ms=now_ms)


def record_look(*, unit: str, number: int, official: str, by: str, now_ms: int) -> None:
    """Before a page about a person is shown: who read it stands in the log."""
    what = f"signal {number} of unit {unit}, which is about official {official}"
    record_view(by=by, what=what, now_ms=now_ms)


def _held(unit: str, number: int) -> Signal:
    lock_unit(unit=unit)
    signal = Signal.objects.filter(unit=unit, number=number).first()
    if signal is None:
        raise SignalError("no-signal", unit=unit, number=number)
    return signal


def _tell(signal: Signal, what: str, by: str, outcome: str, now_ms: int) -> None:
    data = {
        "unit": signal.unit,
        "number": signal.number,
        "kind": signal.kind,
        "counter": signal.counter or None,
        "official": signal.official or None,
        "what": what,
        "outcome": outcome or None,
        "by": by,
    }
    record_next_deed(unit=signal.unit, journal=signal.unit, type="signal", now_ms=now_ms, data=data)
