"""Rows handed one by one to the organisation's services, each refusal told at its row."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import get_language, gettext

from server.importing.work import Given, Work, no_such_unit
from server.organisation.models import Unit
from server.organisation.services import OrganisationError

MOST_ROWS = 20_000  # each is looked at with several queries, while nobody else can write

# The column that a refusal is about, where a kind has it; else the row as a whole.
_COLUMN = {
    "bad-days": "to", "days-overlap": "from", "not-there": "from", "cycle": "parent",
    "code-used": "code", "units-beneath": "to", "changes-after": "to", "succession-stands": "to",
    "not-ended": "successors", "too-early": "successors", "successor-absent": "successors",
    "succession-cycle": "successors", "counter-elsewhere": "unit", "bad-number": "number",
    "counter-planned": "counter", "official-planned": "official", "bad-shift": "end",
    "serves-elsewhere": "official", "planned-elsewhere": "official",
}  # fmt: skip

# What a row did: nothing was there, something else was there, or the same was there.
ADDED, CHANGED, UNCHANGED = (False, True), (True, True), (True, False)
Done = tuple[bool, bool]


def each(rows: Iterable[Given], work: Work, do: Callable[[Given], Done]) -> None:
    """Do every row and count it; one that raises Refused has said what is wrong with it."""
    for given in rows:
        done = attempt(given, work, do)
        if done is not None:
            work.count(*done)


def attempt(given: Given, work: Work, do: Callable[[Given], Done | None]) -> Done | None:
    """Do one row, or nothing of it and a problem."""
    try:
        with transaction.atomic():
            return do(given)
    except Refused:
        return None
    except OrganisationError as error:
        refuse(given, work, error)
        return None


def refuse(given: Given, work: Work, error: OrganisationError) -> None:
    """The organisation's own sentence, at the column it is about."""
    column = _COLUMN.get(error.kind, "")
    work.wrong(given, column if column in given.cells else "", error.say(get_language() or "vi"))


def find_unit(given: Given, work: Work, key: str) -> Unit | None:
    """The unit that a column names, None if it is empty; a problem and Refused else."""
    code = given.cells[key]
    if not code:
        return None
    found = Unit.objects.filter(code=code).first()
    if found is None:
        work.wrong(given, key, no_such_unit(code, _codes(code)))
        raise Refused
    return found


class Refused(Exception):
    """The row has said what is wrong."""


def after(last: date | None) -> date | None:
    """People write the last day; periods are half-open."""
    return None if last is None else last + timedelta(days=1)


def check_order(given: Given, work: Work) -> None:
    """Refused unless the last day is not before the first."""
    first, last = given.cells["from"], given.cells["to"]
    if first is not None and last is not None and last < first:
        work.wrong(given, "to", gettext("trước ngày bắt đầu."))
        raise Refused


def _codes(code: str) -> list[str]:
    padded = [code.zfill(2), code.zfill(5)]
    return list(Unit.objects.filter(code__in=padded).values_list("code", flat=True))
