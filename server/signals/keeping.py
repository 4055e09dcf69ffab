"""Writing down how far a unit is watched, and what was found."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from server.signals.fold import Rows, State, nothing_known
from server.signals.gaps import kind_is_known
from server.signals.kinds import Key
from server.signals.limits import Limits
from server.signals.models import Signal
from server.signals.sums import Alarm

VERSION = 3  # of how a state is written and folded: another one means watching anew
APART = timedelta(days=45)  # an episode that a corrected past moves by less is the same one


def written(state: State) -> str:
    rows = [
        [[*key, *row] for key, row in sorted(part.items())]
        for part in (state.sums, state.buttons, state.quiet, state.asked)
    ]
    return json.dumps([VERSION, *rows, state.offered], separators=(",", ":"), sort_keys=True)


def read(text: str) -> State | None:
    """None where another version wrote it."""
    version, *parts, offered = json.loads(text)
    if version != VERSION:
        return None
    sums, buttons, quiet, asked = (_rows(part) for part in parts)
    return State(sums, buttons, quiet, asked, offered)


def _rows(part: list[list[Any]]) -> Rows:
    width = len(Key._fields)
    keyed = ((Key(*row[:width]), row[width:]) for row in part)
    return {key: row for key, row in keyed if kind_is_known(key)}


def signals_of(unit: str, alarms: Iterable[Alarm], limits: Limits) -> list[Signal]:
    """Alarms as they are kept, without their numbers."""
    return [
        Signal(
            unit=unit,
            **alarm.key._asdict(),
            since_date=date.fromordinal(alarm.since),
            found_date=date.fromordinal(alarm.day),
            statistic_m=round(alarm.statistic * 1000),
            threshold_m=round(alarm.threshold * 1000),
            arl=round(limits.arl(alarm.key)),
            evidence={"x": round(alarm.x), "n": round(alarm.n, 1), "p0": alarm.p0},
        )
        for alarm in alarms
    ]


def keep(unit: str, found: Sequence[Signal], *, anew: bool) -> None:
    """Add what was found; anew: what was known before and is not found any more stands no longer,
    and is forgotten where nobody has looked at it. The unit is held."""
    before = list(Signal.objects.filter(unit=unit).order_by("number"))
    number = max((row.number for row in before), default=0)
    left = list(before) if anew else []
    made, changed = [], []
    for signal in found:
        same = _same(signal, left)
        if same is not None:
            left.remove(same)
            changed.append(_renewed(same, signal))
            continue
        number += 1
        signal.number = number
        made.append(signal)
    gone = [row for row in left if row.state != "new"]
    for row in gone:
        row.stands = False
    forgotten = [row.number for row in left if row.state == "new"]
    if forgotten:
        Signal.objects.filter(unit=unit, number__in=forgotten).delete()
    Signal.objects.bulk_create(made)
    if changed or gone:
        Signal.objects.bulk_update(changed + gone, RENEWED)


RENEWED = [
    "since_date", "found_date", "statistic_m", "threshold_m", "arl", "evidence", "stands",
]  # fmt: skip


def _same(signal: Signal, among: Sequence[Signal]) -> Signal | None:
    """The one that tells of the same: of one chart, found at about the same time."""
    alike = [row for row in among if _key(row) == _key(signal)]
    near = min(alike, key=lambda row: abs(row.found_date - signal.found_date), default=None)
    return near if near and abs(near.found_date - signal.found_date) <= APART else None


def _renewed(row: Signal, by: Signal) -> Signal:
    for field in RENEWED:
        setattr(row, field, getattr(by, field))
    return row


def _key(row: Signal) -> tuple[str, ...]:
    return tuple(getattr(row, field) for field in Key._fields)


def state_of(text: str | None) -> State:
    """What is known; nothing, where nothing was written."""
    found = None if text is None else read(text)
    return found or nothing_known()
