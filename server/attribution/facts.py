"""What decides the votes of some units beside where they were cast, read at once for all of them:
rulings in force, dossiers, and who was on duty at their counters."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.attribution.desk import Desk, Placed
from server.attribution.effective import FREE, Hold, Stand, Watch
from server.attribution.models import CounterDuty, Objection, PostedDuty, Ruling
from server.dossiers.models import Dossier
from server.organisation.models import Shift
from server.organisation.selectors import every_unit, known_officials, rules_of_units, shifts_of
from server.stages import in_groups

AT_ONCE = 500
DUTY = ("high_ms", "low_ms", "journal", "seq", "official", "until_low_ms", "until_ms")
Spot = tuple[str, str]  # a unit and a counter of it
Moment = tuple[str, int]  # a counter and an instant
Work = Sequence[tuple[Desk, Sequence[Placed]]]


class Ruled(NamedTuple):
    """A ruling in force: who served in [from_ms, to_ms); "" nobody of the organisation."""

    from_ms: int
    to_ms: int
    official: str
    number: int


class Filed(NamedTuple):
    """Who handled a dossier, and its procedure; "" if that is not known."""

    official: str
    procedure: str


class Facts(NamedTuple):
    """rulings and watches by unit and counter, dossiers by unit and number."""

    rulings: dict[Spot, list[Ruled]]
    dossiers: dict[tuple[str, str], Filed]
    watches: dict[Spot, Watch]
    officials: set[str]

    def ruling_on(self, unit: str, placed: Placed) -> Ruled | None:
        """The ruling whose interval holds the whole time of a vote."""
        low, high = placed.cast.low_ms, placed.cast.high_ms
        for ruled in self.rulings.get((unit, placed.counter), ()):
            if ruled.from_ms <= low and high < ruled.to_ms:
                return ruled
        return None

    def hold_at(self, desk: Desk, counter: str, ms: int) -> Hold | None:
        """Who was on duty at a counter, FREE, or None: the clocks leave it open."""
        watch = self.watches.get((desk.unit, counter))
        return FREE if watch is None else watch.hold_at(ms, since=desk.day_begin(ms))


def read_facts(work: Work) -> Facts:
    """Five queries at most, however many units and votes."""
    rulings, dossiers = _rulings(work), _dossiers(work)
    stands = _stands([(desk, p) for desk, each in work for p in each if needs_clock(p)])
    named = {placed.cast.official or "" for _, each in work for placed in each}
    named |= {stand.official for each in stands.values() for stand in each}
    named |= {filed.official for filed in dossiers.values()}
    named.discard("")
    return Facts(
        rulings,
        dossiers,
        {spot: Watch(each) for spot, each in stands.items()},
        known_officials(sorted(named)) if named else set(),
    )


def needs_clock(placed: Placed) -> bool:
    """Whether only its time can tell whom the vote is about, if no ruling and no dossier does."""
    cast = placed.cast
    return bool(
        placed.counter
        and cast.official is None
        and not cast.not_official
        and cast.quality != "interval"
    )


def _rulings(work: Work) -> dict[Spot, list[Ruled]]:
    casts = [placed.cast for _, each in work for placed in each if placed.counter]
    if not casts:
        return {}
    last = max(cast.high_ms for cast in casts)
    units = [desk.unit for desk, _ in work]
    return rulings_between(units, min(cast.low_ms for cast in casts), last + 1)


def rulings_between(units: Sequence[str], from_ms: int, to_ms: int) -> dict[Spot, list[Ruled]]:
    """The rulings in force that are about an instant of [from_ms, to_ms)."""
    found: dict[Spot, list[Ruled]] = {}
    rows = Ruling.objects.filter(
        unit__in=units, state="force", lifts=None, from_ms__lt=to_ms, to_ms__gt=from_ms
    )
    for row in rows.order_by("-number"):
        ruled = Ruled(row.from_ms, row.to_ms, row.official, row.number)
        found.setdefault((row.unit, row.counter), []).append(ruled)
    return found


def _dossiers(work: Work) -> dict[tuple[str, str], Filed]:
    wanted = {(desk.unit, p.cast.dossier) for desk, each in work for p in each if p.cast.dossier}
    units = sorted({unit for unit, _ in wanted})
    found = {}
    for some in in_groups(sorted({number for _, number in wanted}), AT_ONCE):
        rows = Dossier.objects.filter(unit__in=units, number__in=some)
        for unit, number, *filed in rows.values_list("unit", "number", "official", "procedure"):
            found[unit, number] = Filed(*filed)
    return found


def _stands(needing: list[tuple[Desk, Placed]]) -> dict[Spot, list[Stand]]:
    """The duties that can matter to these votes, of kiosks and posted ones on one timeline."""
    if not needing:
        return {}
    desks = {desk.unit: desk for desk, _ in needing}
    counters = sorted({placed.counter for _, placed in needing})
    since = min(desk.day_begin(placed.cast.low_ms) for desk, placed in needing)
    return stands_of(desks, counters, since, max(placed.cast.low_ms for _, placed in needing))


def stands_of(
    desks: Mapping[str, Desk], counters: Sequence[str], since: int, last: int
) -> dict[Spot, list[Stand]]:
    """The duties at some counters of some units that began in [since, last], or may have."""
    found: dict[Spot, list[Stand]] = {}
    of_kiosks = CounterDuty.objects.filter(
        unit__in=list(desks), counter__in=counters, high_ms__gte=since, low_ms__lte=last
    )
    for unit, counter, *row in of_kiosks.values_list("unit", "counter", *DUTY):
        found.setdefault((unit, counter), []).append(Stand(*row))
    posted = PostedDuty.objects.filter(
        unit__in=list(desks), counter__in=counters, started_ms__gte=since, started_ms__lte=last
    )
    for duty in posted:
        spot = duty.unit, duty.counter
        found.setdefault(spot, []).append(posted_stand(desks[duty.unit], duty))
    return found


def posted_stand(desk: Desk, duty: PostedDuty) -> Stand:
    """A posted duty on the counter's timeline; it, too, ends at midnight at the latest."""
    until = desk.day_end(duty.started_ms)
    if duty.ended_ms is not None:
        until = min(until, duty.ended_ms)
    return Stand(
        duty.started_ms, duty.started_ms, "", duty.number, duty.official, until, until, duty.basis
    )


def units_naming(official: str) -> list[str]:
    """The units where the official was on duty, was ruled on or objected, be it long ago."""
    found: set[str] = set()
    for model in (CounterDuty, PostedDuty, Ruling, Objection):
        rows = model._default_manager.filter(unit__in=every_unit(), official=official)
        found.update(rows.values_list("unit", flat=True).distinct())
    return sorted(found)


def planned_at(wanted: Mapping[str, Sequence[Moment]]) -> dict[Moment, str]:
    """Who was planned at each of some counters and instants, by unit, by a shift that counts."""
    if not any(wanted.values()):
        return {}
    rules = rules_of_units([unit for unit, moments in wanted.items() if moments])
    found = {}
    for unit, moments in wanted.items():
        if not moments or not rules[unit].counting:
            continue
        times = [ms for _, ms in moments]
        shifts: dict[str, list[Shift]] = {}
        for shift in shifts_of(unit, None, min(times), max(times) + 1):
            if rules[unit].counts(shift.started_ms):
                shifts.setdefault(shift.counter, []).append(shift)
        for counter, ms in moments:
            for shift in shifts.get(counter, ()):
                if shift.started_ms <= ms < shift.ended_ms:
                    found[counter, ms] = shift.official
    return found
