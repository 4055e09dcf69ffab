"""Keeping complaints that were received elsewhere; twice changes nothing."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction

from server.complaints.models import Elsewhere
from server.keeping import Change, Keeper
from server.organisation.services import lock_units


class Facts(NamedTuple):
    """A complaint without anybody's name; see models.Elsewhere. unit, ref: its key."""

    unit: str
    ref: str
    date: date
    field: str
    reason: str
    channel: str


_elsewhere: Keeper[Facts] = Keeper(Elsewhere, Facts, 2)


@transaction.atomic
def keep_elsewhere(*, rows: Sequence[Facts]) -> list[Change]:
    """Keep complaints, no reference twice; those that are new or other, with what was before."""
    lock_units(units=sorted({row.unit for row in rows}))
    return _elsewhere.keep(rows)


@transaction.atomic
def put_back_elsewhere(*, changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Undo what keep_elsewhere did; the keys of those that changed since, then nothing is done."""
    lock_units(units=sorted({change.after.unit for change in changes}))
    return _elsewhere.put_back(changes)
