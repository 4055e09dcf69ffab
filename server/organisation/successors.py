"""What units became: links between units that stay as they were, never a rewritten row."""

from datetime import date

from django.db import transaction

from server.organisation.checks import check_text
from server.organisation.closure import Spells, hold_tree
from server.organisation.errors import OrganisationError
from server.organisation.models import Successor, Unit


@transaction.atomic
def add_successor(
    *, predecessor: Unit, successor: Unit, on_date: date, note: str = ""
) -> Successor:
    """From on_date on the successor, perhaps with others, is what the predecessor was. The same
    pair again corrects day and note.

    OrganisationError if the predecessor has not ended by then, the successor does not stand on
    that day, or the links would go round in a circle.
    """
    hold_tree()
    note = check_text(note, most=300)
    _check_days(predecessor.code, successor.code, on_date)
    if predecessor.code == successor.code or predecessor.code in _leading_on(successor.code):
        raise OrganisationError(
            "succession-cycle", predecessor=predecessor.code, successor=successor.code
        )
    link, _ = Successor.objects.update_or_create(
        predecessor=predecessor, successor=successor, defaults={"on_date": on_date, "note": note}
    )
    return link


@transaction.atomic
def remove_successor(*, predecessor: Unit, successor: Unit) -> None:
    """It never became that; twice changes nothing."""
    hold_tree()
    Successor.objects.filter(predecessor=predecessor, successor=successor).delete()


def _check_days(predecessor: str, successor: str, on_date: date) -> None:
    spells = Spells([predecessor, successor])
    names = {"predecessor": predecessor, "successor": successor}
    ended = spells.days_of(predecessor)[-1].ended_date
    if ended is None:
        raise OrganisationError("not-ended", **names)
    if on_date < ended:
        raise OrganisationError("too-early", on=on_date, ended=ended, **names)
    if not any(days.holds(on_date) for days in spells.days_of(successor)):
        raise OrganisationError("successor-absent", on=on_date, **names)


def _leading_on(unit: str) -> set[str]:
    """Every unit that the links lead to from this one."""
    found: set[str] = set()
    waiting = {unit}
    while waiting:
        rows = Successor.objects.filter(predecessor__in=waiting)
        waiting = set(rows.values_list("successor_id", flat=True)) - found
        found |= waiting
    return found
