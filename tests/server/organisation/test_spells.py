"""Units through time against a naive reading: day by day, one parent at a time."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAYS = [date(2025, 1, 1) + timedelta(days=step) for step in range(10)]
LAST = date(2025, 3, 1)
CODES = ["a", "b", "c", "d", "e"]
Tree = dict[str, tuple[str, str | None]]  # unit -> name, parent

Step = tuple[str, str, str | None, date | None, str | None]


def steps(seed: int) -> list[Step]:
    """First a tree, each unit beneath an earlier one or none; then whatever comes. Drawn evenly:
    left to itself, hypothesis likes the same unit on the same day again and again."""
    draw = random.Random(seed)
    some: list[Step] = [
        ("make", code, draw.choice([*CODES[:n], None]), draw.choice([None, DAYS[0], DAYS[3]]), "An")
        for n, code in enumerate(CODES)
    ]
    for _ in range(14):
        unit, above, on = draw.choice(CODES), draw.choice([*CODES, None]), draw.choice(DAYS)
        name = draw.choice(["An", "Bình", "Chợ"])
        some.append(
            draw.choices(
                [
                    ("move", unit, above, on, None),
                    ("rename", unit, None, on, name),
                    ("end", unit, None, draw.choice([on, on, on, None]), None),
                    ("make", unit, above, draw.choice([None, DAYS[0]]), name),
                ],
                weights=[5, 2, 5, 1],
            )[0]
        )
    return some


class Spell(NamedTuple):
    name: str
    parent: str | None
    started: date
    ended: date


class Naive:
    """The same steps on lists of spells; whether they may be is asked of every single day."""

    def __init__(self) -> None:
        self.spells: dict[str, list[Spell]] = {}

    def tree(self, on: date) -> Tree:
        return {
            code: (spell.name, spell.parent)
            for code, spells in self.spells.items()
            for spell in spells
            if spell.started <= on < spell.ended
        }

    def above(self, code: str, on: date) -> list[str]:
        tree, found = self.tree(on), [code]
        while (parent := tree[found[-1]][1]) is not None:
            assert parent not in found, "a cycle"
            found.append(parent)
        return found

    def holds(self) -> bool:
        """Every parent stands, and nobody stands beneath themselves, on any day."""
        for on in [date.min, *DAYS, LAST]:
            tree = self.tree(on)
            for _, parent in tree.values():
                seen = []
                while parent is not None:
                    if parent not in tree or parent in seen:
                        return False
                    seen.append(parent)
                    parent = tree[parent][1]
        return True

    def do(self, step: Step) -> bool:
        """Whether the step may be; if not, nothing is changed."""
        before = {code: list(spells) for code, spells in self.spells.items()}
        if getattr(self, step[0])(*step[1:]) and self.holds():
            return True
        self.spells = before
        return False

    def make(self, code: str, parent: str | None, on: date | None, name: str) -> bool:
        if parent is not None and parent not in self.spells:
            return False
        known = self.spells.get(code)
        if known:
            first = (known[0].name, known[0].started)
            return known[-1].ended == date.max or first == (name, on or date.min)
        self.spells[code] = [Spell(name, parent, on or date.min, date.max)]
        return True

    def rename(self, code: str, parent: None, on: date, name: str) -> bool:
        return self._change(code, on, name=name)

    def move(self, code: str, parent: str | None, on: date, name: None) -> bool:
        if parent is not None and parent not in self.spells:
            return False
        return self._change(code, on, parent=parent)

    def _change(self, code: str, on: date, **to: str | None) -> bool:
        spells = self.spells.get(code, [])
        for place, spell in enumerate(spells):
            if spell.started <= on < spell.ended:
                changed = spell._replace(**to)
                if changed != spell:
                    kept = [] if spell.started == on else [spell._replace(ended=on)]
                    spells[place : place + 1] = [*kept, changed._replace(started=on)]
                return True
        return False

    def end(self, code: str, parent: None, on: date | None, name: None) -> bool:
        spells = self.spells.get(code)
        if not spells or spells[-1].started >= (on or date.max):
            return False
        spells[-1] = spells[-1]._replace(ended=on or date.max)
        return True


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is gone afterwards: the next example begins with nothing."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def act(step: Step) -> bool:
    """The step done by the services; False if it was refused."""
    from django.db import transaction

    from server.organisation.models import Unit
    from server.organisation.services import OrganisationError, change_unit, end_unit, make_unit

    what, code, parent, on, name = step
    units = {row.code: row for row in Unit.objects.all()}
    named = {parent} if what == "make" else {parent, code}
    if not named - {None} <= units.keys():
        return False
    try:
        with transaction.atomic():
            if what == "make":
                make_unit(code=code, name=name, parent=units.get(parent), started_date=on)
            elif what == "move":
                change_unit(unit=units[code], on_date=on, parent=units.get(parent))
            elif what == "rename":
                change_unit(unit=units[code], on_date=on, name=name)
            else:
                end_unit(unit=units[code], on_date=on)
    except OrganisationError:
        return False
    return True


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_whatever_is_entered_the_closure_is_what_a_walk_on_each_day_finds(
    server_folder: Any, seed: int
) -> None:
    from server.organisation.models import Unit
    from server.organisation.selectors import ancestors_of, beneath, spells_of, tree_on
    from server.organisation.services import rebuild_tree

    with undone():
        naive = Naive()
        for step in steps(seed):
            assert act(step) is naive.do(step), step
        kept_rows = closure()
        for on in [*DAYS, LAST]:
            tree = naive.tree(on)
            standing = tree_on(on)
            assert {row.code: (row.name, row.parent) for row in standing} == tree
            assert len(standing) == len(tree)  # one name and one parent each
            assert {
                (code, above, depth)
                for code, above, depth, started, ended in kept_rows
                if (started or date.min) <= on < (ended or date.max)
            } == {(c, up, n) for c in tree for n, up in enumerate(naive.above(c, on))}
        on = DAYS[seed % len(DAYS)]
        tree = naive.tree(on)
        for code in CODES:
            assert ancestors_of(code, on) == (naive.above(code, on) if code in tree else [])
            found = {row.unit for row in beneath(code, on, on)}
            assert found == {each for each in tree if code in naive.above(each, on)}
        for code, spells in naive.spells.items():
            kept = spells_of(code)
            assert [row.started_date or date.min for row in kept] == [s.started for s in spells]
            row = Unit.objects.get(code=code)
            assert (row.name, row.parent_id) == (spells[-1].name, spells[-1].parent)
        rebuild_tree()
        assert closure() == kept_rows


def closure() -> set[tuple[Any, ...]]:
    from server.organisation.models import UnitAncestor

    rows = list(UnitAncestor.objects.values_list("unit", "ancestor", "depth", "started_date",
                                                 "ended_date"))  # fmt: skip
    assert len(rows) == len(set(rows))
    return set(rows)


def refused(kind: str, work: Any, **how: Any) -> None:
    from server.organisation.services import OrganisationError

    before = closure()
    with pytest.raises(OrganisationError) as caught:
        work(**how)
    assert caught.value.kind == kind, caught.value
    for language in ("vi", "en"):
        assert "{" not in caught.value.say(language)
    assert closure() == before


def test_a_unit_cannot_come_to_stand_beneath_itself_by_way_of_others() -> None:
    from server.organisation.services import change_unit, make_unit

    province = make_unit(code="97", name="Tỉnh (mẫu)")
    district = make_unit(code="971", name="Huyện (mẫu)", parent=province)
    commune = make_unit(code="97001", name="Xã (mẫu)", parent=district)
    for parent in (province, district, commune):
        refused("cycle", change_unit, unit=province, on_date=DAYS[3], parent=parent)
    # At another time the same two may stand the other way round.
    change_unit(unit=commune, on_date=DAYS[3], parent=None)
    change_unit(unit=district, on_date=DAYS[3], parent=commune)
    refused("cycle", change_unit, unit=commune, on_date=DAYS[5], parent=district)


def test_a_parent_has_to_stand_as_long_as_its_children_do() -> None:
    from server.organisation.services import change_unit, end_unit, make_unit

    province = make_unit(code="97", name="Tỉnh (mẫu)", started_date=DAYS[2])
    refused("not-there", make_unit, code="97001", name="Xã (mẫu)", parent=province)
    commune = make_unit(code="97001", name="Xã (mẫu)", parent=province, started_date=DAYS[2])
    refused("units-beneath", end_unit, unit=province, on_date=DAYS[5])
    refused("not-there", change_unit, unit=province, on_date=DAYS[1], name="Tỉnh khác (mẫu)")
    change_unit(unit=commune, on_date=DAYS[5], parent=None)
    end_unit(unit=province, on_date=DAYS[5])
    refused("not-there", change_unit, unit=commune, on_date=DAYS[6], parent=province)
    # A move on a day on which the parent still stands, to where it does not stand long enough.
    other = make_unit(code="97002", name="Xã Hai (mẫu)", started_date=DAYS[2])
    refused("not-there", change_unit, unit=other, on_date=DAYS[3], parent=province)
    end_unit(unit=other, on_date=DAYS[4])
    change_unit(unit=other, on_date=DAYS[3], parent=province)
    refused("units-beneath", end_unit, unit=province, on_date=DAYS[3])  # other ends a day later
    end_unit(unit=province, on_date=None)  # it was a slip
    change_unit(unit=commune, on_date=DAYS[6], parent=province)
    refused("changes-after", end_unit, unit=commune, on_date=DAYS[6])


def test_a_code_once_used_is_never_given_again() -> None:
    from server.organisation.services import end_unit, make_unit

    old = make_unit(code="97001", name="Xã Cũ (mẫu)", started_date=DAYS[0])
    end_unit(unit=old, on_date=DAYS[4])
    refused("code-used", make_unit, code="97001", name="Xã Mới (mẫu)", started_date=DAYS[4])
    refused("code-used", make_unit, code="97001", name="Xã Cũ (mẫu)", started_date=DAYS[4])
    # The same file again is no other unit.
    again = make_unit(code="97001", name="Xã Cũ (mẫu)", started_date=DAYS[0])
    assert again == old and len(closure()) == 1


def test_a_change_entered_before_its_day_shows_from_that_day_on() -> None:
    from server.organisation.models import Unit
    from server.organisation.services import change_unit, make_unit, settle_units

    province = make_unit(code="97", name="Tỉnh (mẫu)")
    commune = make_unit(code="97001", name="Xã (mẫu)")
    change_unit(unit=commune, on_date=DAYS[4], name="Phường (mẫu)", parent=province, today=DAYS[2])
    assert Unit.objects.get(code="97001").name == "Xã (mẫu)"
    assert settle_units(today=DAYS[3]) == []
    assert settle_units(today=DAYS[4]) == ["97001"]
    assert settle_units(today=DAYS[4]) == []
    row = Unit.objects.get(code="97001")
    assert (row.name, row.parent_id) == ("Phường (mẫu)", "97")


def test_two_moves_at_the_same_moment_make_no_cycle_together() -> None:
    from threading import Barrier, Thread

    from django.db import connection

    from server.organisation.models import Unit
    from server.organisation.services import OrganisationError, change_unit, make_unit

    for code in ("a", "b"):
        make_unit(code=code, name="Xã mẫu")
    start, ends = Barrier(2), []

    def move(code: str, parent: str) -> None:
        try:
            units = Unit.objects.in_bulk([code, parent])
            start.wait()
            change_unit(unit=units[code], on_date=DAYS[3], parent=units[parent])
            ends.append("moved")
        except OrganisationError as error:
            ends.append(error.kind)
        finally:
            connection.close()

    threads = [Thread(target=move, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["cycle", "moved"]
