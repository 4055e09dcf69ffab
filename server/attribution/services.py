"""Attributing votes: new and changed ones, and those whom anything that came late says more of."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from django.db import transaction

from server.attribution import selectors
from server.attribution.corrections import (
    look_again,
    look_again_at_dossiers,
    look_again_at_officials,
)
from server.attribution.desk import desks_of
from server.attribution.duties import Span, move_duties
from server.attribution.judging import judge
from server.attribution.models import AttributedJournal, Attribution, ChangedDay, CounterDuty
from server.attribution.objections import answer_objection, object_to
from server.attribution.posted import end_duty, set_duty, start_duty
from server.attribution.rulings import (
    confirm_ruling,
    lift_ruling,
    propose_ruling,
    refuse_ruling,
    withdraw_ruling,
)
from server.attribution.selectors import Waiting
from server.attribution.states import set_states
from server.organisation.models import RosterChange
from server.organisation.services import lock_unit, lock_units
from server.stages import all_of, do_groups, in_groups

__all__ = [  # what people enter beside the lines, and the stage that follows it
    "answer_objection",
    "attribute_pending",
    "confirm_ruling",
    "end_duty",
    "forget_attributions",
    "lift_ruling",
    "object_to",
    "propose_ruling",
    "reattribute",
    "refuse_ruling",
    "set_duty",
    "set_states",
    "start_duty",
    "withdraw_ruling",
]
T = TypeVar("T")
AT_ONCE = 100  # journals in one transaction
LINES_AT_ONCE = 20_000  # of these together: a rebuild finds all their years waiting
CHANGES_AT_ONCE = 20
DOSSIERS_AT_ONCE = 500
DOSSIERS_A_TURN = 2_000  # a file may bring a million: new votes have their turn in between


def attribute_pending() -> bool:
    """Attribute what was understood or corrected since the last time; True if there was something.

    One transaction for some journals, or some corrections of a unit. Their units are held
    meanwhile, so that of two workers each sees what the other has done.
    """
    return all_of(
        lambda: do_groups(_in_rounds(selectors.waiting_journals()), _attribute_journals),
        _correct_waiting,
        _correct_waiting,  # what the first told other units of an official
        _file_some,
    )


def reattribute(*, unit: str, counter: str, from_ms: int, to_ms: int) -> int:
    """Attribute a counter's votes of [from_ms, to_ms) anew after a correction; how many changed.

    For what the lines do not say: a placement or an official entered late, or wrongly.
    """
    with transaction.atomic():
        lock_unit(unit=unit)
        return look_again(unit=unit, spans={counter: [Span(from_ms, to_ms)]})


def forget_attributions() -> None:
    """Drop every attribution, so that all votes are attributed again. What people decided, and what
    was posted, is evidence and stays."""
    with transaction.atomic():
        for model in (Attribution, CounterDuty, AttributedJournal, ChangedDay):
            model.objects.all().delete()


def _in_rounds(waiting: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    """The journals in groups of not too many lines; one journal is never cut."""
    group: list[Waiting] = []
    lines = 0
    for journal in waiting:
        if group and (lines + journal.lines > LINES_AT_ONCE or len(group) == AT_ONCE):
            yield group
            group, lines = [], 0
        group.append(journal)
        lines += journal.lines
    if group:
        yield group


@transaction.atomic
def _attribute_journals(waiting: Sequence[Waiting]) -> None:
    """A crash before the commit leaves the marks as they were: the journals still wait."""
    lock_units(units=sorted({unit for unit, *_ in waiting}))
    # Read before the rows: what is understood meanwhile has a later gen and its own turn.
    found = selectors.targets([(unit, journal) for unit, journal, _ in waiting])
    targets = [target for target in found if target.gen > target.mark]
    if not targets:
        return
    changed = selectors.changed_casts(targets)
    desks = desks_of({unit: [cast for cast, _ in casts] for unit, casts in changed.items()})
    duties = selectors.changed_duties(targets)
    spans = {unit: move_duties(desks[unit], duties[unit]) for unit in duties}
    judge(desks, changed, votes_changed=True)
    concerned = {
        unit: [
            known
            for counter, span in of_unit.items()
            for known in selectors.casts_at(desks[unit], counter, span, signed=False)
        ]
        for unit, of_unit in spans.items()
    }
    judge(desks, concerned)
    AttributedJournal.objects.bulk_create(
        [AttributedJournal(unit=t.unit, journal=t.journal, gen=t.gen, seq=t.seq) for t in targets],
        update_conflicts=True,
        unique_fields=["unit", "journal"],
        update_fields=["gen", "seq"],
    )


def _correct_waiting() -> bool:
    return do_groups(_by_unit(selectors.waiting_changes(), CHANGES_AT_ONCE), _correct)


@transaction.atomic
def _correct(waiting: Sequence[tuple[str, int]]) -> None:
    """Corrections of one unit. A crash before the commit leaves them waiting."""
    unit = waiting[0][0]
    lock_unit(unit=unit)
    changes = RosterChange.objects.filter(unit=unit, id__in=[id for _, id in waiting])
    rows = list(changes.order_by("counter", "from_ms"))
    spans = {
        counter: [Span(row.from_ms, row.to_ms) for row in each if not row.official]
        for counter, each in groupby(rows, key=lambda row: row.counter)
    }
    look_again(unit=unit, spans=spans)
    if officials := sorted({row.official for row in rows} - {""}):
        look_again_at_officials(unit=unit, officials=officials)
        # Other units where an official helps out have their own turn, and tell nobody (to_ms 0).
        told = {row.official for row in rows if row.official and row.to_ms}
        RosterChange.objects.bulk_create(
            RosterChange(unit=other, counter="", from_ms=0, to_ms=0, official=official)
            for other, official in selectors.others_naming(told, but=unit)
        )
    changes.delete()


def _file_some() -> bool:
    waiting = selectors.waiting_dossiers(DOSSIERS_A_TURN)
    return do_groups(_by_unit(waiting, DOSSIERS_AT_ONCE), _file)


@transaction.atomic
def _file(waiting: Sequence[tuple[str, str]]) -> None:
    """Dossiers of one unit, likewise."""
    unit = waiting[0][0]
    lock_unit(unit=unit)
    look_again_at_dossiers(unit=unit, numbers=[number for _, number in waiting])


def _by_unit(waiting: Sequence[tuple[str, T]], at_once: int) -> Iterator[Sequence[tuple[str, T]]]:
    """In groups of one unit each."""
    for _, each in groupby(waiting, key=lambda one: one[0]):
        yield from in_groups(list(each), at_once)
