"""A unit's days as they may well be, and the same written into the tables of tallies."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from server.signals.days import REASON_CODES, UnitDays

FIRST = date(2026, 1, 5)
WEIGHTS = np.array([0] * 7 + [2, 4, 4, 3, 1, 0, 2, 3, 2, 1] + [0] * 7) / 22
EVERY_RATING = 0b111110


def calm(
    seed: int, days: int = 120, counters: int = 4, *, a_day: float = 12.0, scatter: float = 0.0
) -> UnitDays:
    """Votes, citizens, reasons and revisions of a unit where nothing ever changes. Each counter has
    an official and a share of complaints of its own; two of five citizens vote."""
    rng = np.random.default_rng(seed)
    shape = (days, counters)
    served = rng.poisson(a_day * 2.5, shape)
    rate = np.clip(0.4 * np.exp(rng.normal(0, scatter, shape)), 0, 0.95)
    n = rng.binomial(served, rate)
    bad = rng.beta(12, 180, counters)
    ratings = np.zeros((*shape, 5), dtype=np.int64)
    for at, p in enumerate(bad):
        shares = [p * 0.4, p * 0.6, 0.1, 0.3, 0.6 - p]
        for day in range(days):
            ratings[day, at] = rng.multinomial(n[day, at], shares)
    return of_ratings(rng, ratings, served)


def of_ratings(rng: Any, ratings: Any, served: Any) -> UnitDays:
    """The same votes with everything else that a unit's days say."""
    days, counters = served.shape
    n, lows = ratings.sum(axis=2), ratings[:, :, :2].sum(axis=2)
    hours = np.zeros((days, counters), dtype=np.int64)
    for at in np.ndindex(days, counters):
        for hour in rng.choice(24, size=n[at], p=WEIGHTS):
            hours[at] |= 1 << int(hour)
    good, invited = ratings[:, :, 3:].sum(axis=2), rng.binomial(n, 0.3)
    pleased = rng.hypergeometric(good, n - good, np.minimum(invited, n))
    ups = rng.binomial(lows, 0.03)
    none = np.zeros((days, counters), dtype=np.int64)
    of_procedure = np.stack([lows, n], axis=2)[:, :2]
    return UnitDays(
        [f"c{at}" for at in range(counters)],
        [f"o{at}" for at in range(counters)],
        ["1.001", "1.002"][:counters],
        [(FIRST + timedelta(days=day)).toordinal() for day in range(days)],
        ratings,
        ratings.copy(),
        served,
        hours,
        none,
        none + EVERY_RATING,
        lows,
        ups,
        invited,
        np.stack([n, good, invited, pleased, lows, ups], axis=2),
        rng.binomial(lows.sum(axis=1)[:, None], 0.2, (days, len(REASON_CODES))),
        of_procedure,
    )


def part(days: UnitDays, first: int, last: int) -> UnitDays:
    """Only some of the days: places first to last, half-open."""
    arrays = (getattr(days, name)[first:last].copy() for name in ARRAYS)
    names = days.counters, days.officials, days.procedures
    return UnitDays(*names, days.days[first:last], *arrays)


ARRAYS = (
    "ratings", "pressed", "served", "hours", "gone", "offered", "lows", "ups", "invited",
    "of_official", "of_reason", "of_procedure",
)  # fmt: skip


def write(unit: str, days: UnitDays, gen: int = 1) -> None:
    """The days as rows of the tallies, counted at a gen, with transactions and scales."""
    from server.analytics.models import CountedUnit, HourTally, ProcedureTally, UnitMonth
    from server.attribution.models import ChangedDay, ChangedUnit
    from server.dossiers.models import Transactions

    tallies: list[Any] = []
    others: list[Any] = []
    for at, ordinal in enumerate(days.days):
        day = date.fromordinal(ordinal)
        for place, name in enumerate(days.counters):
            counter = f"{unit}-{name[1:]}"
            if days.served[at, place]:
                n = int(days.served[at, place])
                others.append(Transactions(unit=unit, counter=counter, date=day, n=n))
            if not days.ratings[at, place].sum():
                continue
            tallies.append(_tally(unit, counter, day, days, at, place))
            others += [
                HourTally(unit=unit, day=day, counter=counter, hour=hour, state="counted", n5=1)
                for hour in range(24)
                if days.hours[at, place] >> hour & 1
            ]
            others.append(
                ChangedDay(unit=unit, counter=counter, first_day=day, last_day=day, gen=gen)
            )
        for place, procedure in enumerate(days.procedures):
            bad, n = (int(v) for v in days.of_procedure[at, place])
            keys = {"unit": unit, "first_day": day, "last_day": day, "state": "counted"}
            others.append(ProcedureTally(**keys, procedure=procedure, n1=bad, n5=n - bad))
    for model in {type(row) for row in [*tallies, *others]}:
        rows = [row for row in [*tallies, *others] if type(row) is model]
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
    month = FIRST.replace(day=1)
    UnitMonth.objects.update_or_create(
        unit=unit, first_month=month, last_month=month, state="counted", defaults={"n5": 900}
    )
    for model in (CountedUnit, ChangedUnit):
        model.objects.update_or_create(unit=unit, defaults={"gen": gen})


def _tally(unit: str, counter: str, day: date, days: UnitDays, at: int, place: int) -> Any:
    from server.analytics.models import Tally

    n = {f"n{r}": int(days.ratings[at, place, r - 1]) for r in range(1, 6)}
    invited, pleased = (int(days.of_official[at, place, column]) for column in (2, 3))
    reasons = {
        code.lower(): int(days.of_reason[at, which]) if place == 0 else 0
        for which, code in enumerate(REASON_CODES)
    }
    return Tally(
        unit=unit, counter=counter, first_day=day, last_day=day, basis="duty", state="counted",
        official=f"{unit}-o{place}", i5=pleased, i1=invited - pleased,
        lo=int(days.lows[at, place]), up=int(days.ups[at, place]), **n, **reasons,
    )  # fmt: skip
