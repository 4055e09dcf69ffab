"""The watch of one unit: its days folded, one by one, into what was found and what is known.

Pure: the days of a year at once or each on its own evening give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from server.analytics.methods.cusum import score
from server.analytics.methods.run_length import changed
from server.signals.base import Base
from server.signals.days import Sight, UnitDays
from server.signals.gaps import FRESH as FRESH_BUTTON
from server.signals.gaps import Buttons, Quiet
from server.signals.kinds import GONE, INVITED, PERSON_FROM, SCORE, SILENCE, Key, kind_of
from server.signals.limits import Limits, rounded
from server.signals.sums import FRESH as FRESH_SUM
from server.signals.sums import Alarm, Sums

Rows = dict[Key, list[float]]
MILDER: Final = 1.5  # by so much the odds of the invited may be better: who is asked is pleased
FRESH_ASKED: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


class State(NamedTuple):
    """All that a unit's next day needs: rows by chart (sums.py, gaps.py, `_asked`), and the scale
    last seen on each counter."""

    sums: Rows
    buttons: Rows
    quiet: Rows
    asked: Rows
    offered: dict[str, int]


def nothing_known() -> State:
    return State({}, {}, {}, {}, {})


def watch(days: UnitDays, state: State, limits: Limits) -> tuple[State, list[Alarm]]:
    """Fold the days, each later than all before, into the state; the alarms in order of time.

    The state handed in is not changed.
    """
    offered = _carry(days, state.offered)
    sights, gaps = days.sums(), days.gaps()
    sum_keys, x, n = _columns(sights, state.sums, len(days.days))
    gap_keys, gap_x, gap_n = _columns(gaps, state.buttons, len(days.days))
    sums = Sums(sum_keys, _rows(sum_keys, state.sums, FRESH_SUM), limits)
    buttons = Buttons(gap_keys, _rows(gap_keys, state.buttons, FRESH_BUTTON), limits)
    quiet = _quiet(days, state.quiet, limits)
    asked = {key: list(row) for key, row in state.asked.items()}
    gone = {key.counter: at for at, key in enumerate(sum_keys) if key.kind == GONE}
    alarms: list[Alarm] = []
    pressed, served = days.pressed.sum(axis=2).tolist(), days.served.tolist()
    hours, unheard = days.hours.tolist(), days.gone.tolist()
    for at, day in enumerate(days.days):
        for place, counter in enumerate(days.counters):
            watched = quiet[counter]
            if unheard[at][place] and watched.weights:
                _note_gone(watched, unheard[at][place] & ~hours[at][place], sums, gone[counter],
                           x[at], n[at])  # fmt: skip
            if alarm := watched.step(day, hours[at][place], pressed[at][place], served[at][place]):
                alarms.append(alarm)
        alarms += sums.step(day, x[at], n[at])
        alarms += buttons.step(day, gap_x[at], gap_n[at])
        alarms += _asked(days, at, asked, limits)
    known = {watched.key: watched.row for watched in quiet.values()}
    return State(
        dict(zip(sum_keys, sums.rows(), strict=True)),
        dict(zip(gap_keys, buttons.rows(), strict=True)),
        state.quiet | known,
        asked,
        offered,
    ), alarms


def _columns(
    sights: Sequence[Sight], known: Iterable[Key], days: int
) -> tuple[list[Key], Any, Any]:
    """The charts in order, those without anything new among them; their x and n by day."""
    import numpy as np

    keys = sorted({*known, *(key for key, _, _ in sights)})
    place = {key: at for at, key in enumerate(keys)}
    x, n = np.zeros((days, len(keys))), np.zeros((days, len(keys)))
    for key, events, of in sights:
        x[:, place[key]], n[:, place[key]] = np.minimum(events, of), of
    return keys, x, n


def _rows(
    keys: Sequence[Key], known: Mapping[Key, list[float]], fresh: Sequence[float]
) -> list[Sequence[float]]:
    return [known.get(key, fresh) for key in keys]


def _quiet(days: UnitDays, known: Rows, limits: Limits) -> dict[str, Quiet]:
    keys = [Key(SILENCE, counter) for counter in days.counters]
    return {key.counter: Quiet(key, known.get(key, Quiet.FRESH), limits) for key in keys}


def _carry(days: UnitDays, before: Mapping[str, int]) -> dict[str, int]:
    """The scale of a day on which the kiosk did not tell it is that of the day before."""
    found = dict(before)
    for place, counter in enumerate(days.counters):
        newest = found.get(counter, 0)
        for at in range(len(days.days)):
            newest = int(days.offered[at, place]) or newest
            days.offered[at, place] = newest
        found[counter] = newest
    return found


def _note_gone(watched: Quiet, unheard: int, sums: Sums, at: int, x: Any, n: Any) -> None:
    """A day on which the kiosk was away for an hour or more that it is usually pressed in: whether
    that was mostly at the busiest hours."""
    away, rush = unheard & watched.open_hours(), watched.rush_hours()
    if not away:
        return
    if not sums.has_base(at):
        part = rush.bit_count() / watched.open_hours().bit_count()
        sums.set_base(at, Base(rounded(part, kind_of(sums.keys[at])), 1.0))
    n[at] = 1
    x[at] = 2 * (away & rush).bit_count() > away.bit_count()


def _asked(days: UnitDays, at: int, asked: Rows, limits: Limits) -> list[Alarm]:
    """Officials whose invited citizens are more satisfied than those who came by themselves.

    row: satisfied and votes of the uninvited; sum, since, satisfied and votes of the invited since,
    whether it may alarm. The uninvited up to the day before say what is expected, with odds MILDER.
    """
    found = []
    for official, (n, good, invited, pleased, _, _) in zip(
        days.officials, days.of_official[at].tolist(), strict=True
    ):
        key = Key(INVITED, official=official, side=SCORE)
        row = asked.get(key)
        if row is None:
            if not n:
                continue
            row = asked[key] = list(FRESH_ASKED)
        kind = kind_of(key)
        if invited and row[1] >= kind.needs:
            p0 = rounded(changed((row[0] + 0.5) / (row[1] + 1), MILDER), kind)
            if alarm := _step_asked(key, row, days.days[at], pleased, invited, p0, limits):
                found.append(alarm)
        row[0] += good - pleased
        row[1] += n - invited
    return found


def _step_asked(
    key: Key, row: list[float], day: int, x: int, n: int, p0: float, limits: Limits
) -> Alarm | None:
    odds, h = kind_of(key).odds, limits.threshold(key, p0)
    if row[2] == 0:
        row[3], row[4], row[5] = float(day), 0.0, 0.0
    row[2] = max(0.0, row[2] + x * score(p0, True, odds) + (n - x) * score(p0, False, odds))
    row[4] += x
    row[5] += n
    if row[2] == 0:
        row[6] = 1.0
    if row[2] <= h or not row[6] or row[5] < PERSON_FROM:
        return None
    alarm = Alarm(key, day, int(row[3]), row[2], h, row[4], row[5], p0)
    row[2], row[6] = min(row[2], 2 * h), 0.0
    return alarm
