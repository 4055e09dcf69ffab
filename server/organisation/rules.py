"""What units chose about attribution and display, each for itself and all beneath that did not."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Min

from server.clock import FOREVER_MS
from server.ledger.services import record_next_deed
from server.organisation.errors import OrganisationError
from server.organisation.locks import hold_rules
from server.organisation.models import CountingSpell, RosterChange, Shift, Unit, UnitRules

FEWEST = 5  # votes; no choice shows a share of fewer
# The rules of display, and from where to where each may be chosen.
DISPLAY = {
    "show_from": (FEWEST, 1_000),
    "person_from": (FEWEST, 1_000),
    "verdict_from": (FEWEST, 10_000),
    "reliability_from": (0, 99),
    "response_from": (0, 100),
}


class Rules(NamedTuple):
    """shifts_count: who is planned counts where nobody signed in, now. two_for_rulings: a
    correction needs a second person. counting: the stretches of unix ms in which shifts that count
    began: what was planned, or taken back, while they did not was nobody's to watch. The rest: from
    how much on figures show what (models.UnitRules, analytics.display)."""

    shifts_count: bool = False
    two_for_rulings: bool = False
    counting: tuple[tuple[int, int], ...] = ()
    show_from: int = FEWEST
    person_from: int = 10
    verdict_from: int = 30
    reliability_from: int = 70
    response_from: int = 20

    def counts(self, started_ms: int) -> bool:
        """Whether a shift that began then counts."""
        return any(low <= started_ms < high for low, high in self.counting)

    def is_fixed(self, started_ms: int, since_ms: int) -> bool:
        """Whether a shift that began then, before since_ms, is for a ruling to correct."""
        return started_ms < since_ms and (self.shifts_count or self.counts(started_ms))


def rules_of(unit: str) -> Rules:
    """What holds in a unit: each rule from the nearest unit, itself first, that chose it."""
    return rules_of_units([unit])[unit]


def rules_of_units(units: Collection[str]) -> dict[str, Rules]:
    """What holds in each of some units: three queries at most."""
    chosen = {row.unit_id: row for row in UnitRules.objects.all()}
    if not chosen:
        return dict.fromkeys(units, Rules())
    parents = dict(Unit.objects.values_list("code", "parent_id"))
    spells = _spells(units)
    return {unit: _with_spells(_nearest(unit, parents, chosen), spells.get(unit)) for unit in units}


@transaction.atomic
def set_rules(
    *,
    unit: Unit,
    shifts_count: bool | None,
    two_for_rulings: bool | None,
    by: str,
    now_ms: int,
) -> None:
    """Choose for the unit and for all beneath it; None: as the unit above it, at the top: no.

    Shifts that began before now_ms go on to count, or not to. A deed, unless it was chosen before.
    """
    wish = {"shifts_count": shifts_count, "two_for_rulings": two_for_rulings}
    with noting_rules([unit.code], now_ms):
        _choose(unit, wish, by, now_ms)


@transaction.atomic
def set_display(*, unit: Unit, wish: Mapping[str, int | None], by: str, now_ms: int) -> None:
    """Choose from how much on figures of the unit and of all beneath it show what; None: as the
    unit above it, at the top: the default. wish: all of DISPLAY. A deed, if it is new.

    Raises OrganisationError outside the bounds: no choice shows a share of fewer than five votes.
    """
    for name, (low, high) in DISPLAY.items():
        value = wish[name]
        if value is not None and not low <= value <= high:
            raise OrganisationError("bad-display", low=low, high=high)
    hold_rules(to_change=True)
    _choose(unit, wish, by, now_ms)


def _choose(unit: Unit, wish: Mapping[str, int | None], by: str, now_ms: int) -> None:
    if UnitRules.objects.filter(unit=unit, **wish).exists():
        return
    row, _ = UnitRules.objects.update_or_create(unit=unit, defaults=wish)
    record_next_deed(
        unit=unit.code, journal=unit.code, type="unit.rules", now_ms=now_ms,
        data={**deed_of(row), "by": by},
    )  # fmt: skip


def deed_of(row: UnitRules) -> dict[str, object]:
    """What the ledger says of a choice, but whose it was."""
    return {
        "unit": row.unit_id,
        "shifts_count": row.shifts_count,
        "two_for_rulings": row.two_for_rulings,
        **{n: value for n in DISPLAY if (value := getattr(row, n)) is not None},
    }


@contextmanager
def noting_rules(units: Collection[str], now_ms: int) -> Iterator[None]:
    """Around a change of these units' rules, or of what stands above them: where shifts begin to
    count, or end to, that is kept with the instant, and the votes under the shifts are attributed
    anew. In the caller's transaction.
    """
    hold_rules(to_change=True)
    before = _counting(units)
    yield
    after = _counting(units)
    differing = sorted(
        unit
        for unit in before.keys() | after.keys()
        if before.get(unit, False) != after.get(unit, False)
    )
    for start in range(0, len(differing), 500):
        some = differing[start : start + 500]
        _switch({unit: after.get(unit, False) for unit in some}, now_ms)
        rows = Shift.objects.filter(unit__in=some)
        spans = rows.values("unit_id", "counter").order_by("unit_id", "counter")
        RosterChange.objects.bulk_create(
            RosterChange(
                unit=span["unit_id"],
                counter=span["counter"],
                from_ms=span["first"],
                to_ms=span["last"],
            )
            for span in spans.annotate(first=Min("started_ms"), last=Max("ended_ms"))
        )


def _counting(units: Collection[str]) -> dict[str, bool]:
    """Whether shifts count, for these units and all beneath them now; empty: nobody chose so."""
    if not UnitRules.objects.filter(shifts_count=True).exists():
        return {}
    rules = rules_of_units(_with_beneath(units))
    return {code: found.shifts_count for code, found in rules.items()}


def _switch(counts: Mapping[str, bool], now_ms: int) -> None:
    """From now on shifts count in these units or no longer do, though they did, or did not. A
    clock that went back reaches into no stretch before."""
    spells: dict[str, CountingSpell] = {}
    for spell in CountingSpell.objects.filter(unit__in=counts).order_by("id"):
        spells[spell.unit_id] = spell
    for unit in Unit.objects.filter(code__in=counts).order_by("code"):
        last = spells.get(unit.code)
        if counts[unit.code]:
            from_ms = max(now_ms, last.to_ms or 0) if last else now_ms
            CountingSpell.objects.create(unit=unit, from_ms=from_ms)
            continue
        last = last or CountingSpell(unit=unit, from_ms=0)
        last.to_ms = max(now_ms, last.from_ms)
        last.save()


def _spells(units: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    rows = CountingSpell.objects.filter(unit__in=units).order_by("id")
    for unit, low, high in rows.values_list("unit_id", "from_ms", "to_ms"):
        found.setdefault(unit, []).append((low, FOREVER_MS if high is None else high))
    return found


def _with_spells(rules: Rules, spells: list[tuple[int, int]] | None) -> Rules:
    always = [(0, FOREVER_MS)] if rules.shifts_count else []
    return rules._replace(counting=tuple(always if spells is None else spells))


def _with_beneath(units: Collection[str]) -> set[str]:
    children: dict[str | None, list[str]] = {}
    for code, parent in Unit.objects.values_list("code", "parent_id"):
        children.setdefault(parent, []).append(code)
    found, waiting = set(units), list(units)
    while waiting:
        new = [code for code in children.get(waiting.pop(), ()) if code not in found]
        found.update(new)
        waiting += new
    return found


def _nearest(
    unit: str, parents: Mapping[str, str | None], chosen: Mapping[str, UnitRules]
) -> Rules:
    above: list[UnitRules] = []
    code: str | None = unit
    seen = set()
    while code is not None and code not in seen:
        seen.add(code)
        if code in chosen:
            above.append(chosen[code])
        code = parents.get(code)
    names = ("shifts_count", "two_for_rulings", *DISPLAY)
    chosen_here = {
        name: next((value for row in above if (value := getattr(row, name)) is not None), None)
        for name in names
    }
    return Rules(**{name: value for name, value in chosen_here.items() if value is not None})
