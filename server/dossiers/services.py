"""Keeping dossiers and counts of transactions; twice changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from server.dossiers.models import Channel, Dossier, DossierChange, ServedChange, Transactions
from server.keeping import Change, Keeper
from server.organisation.selectors import timezones_of
from server.organisation.services import lock_units


class Facts(NamedTuple):
    """What is known of a dossier; see models.Dossier. unit, number: its key."""

    unit: str
    number: str
    procedure: str
    official: str
    counter: str
    channel: str
    received_ms: int
    due_ms: int | None = None
    resolved_ms: int | None = None


class Count(NamedTuple):
    """How many were served at a counter on a day. unit, counter, date: its key."""

    unit: str
    counter: str
    date: date
    n: int


class DossierError(Exception):
    """A dossier that cannot be; str() is one sentence for the operator."""


class _Key(NamedTuple):
    unit: str
    number: str


class _Served(NamedTuple):
    unit: str
    counter: str
    date: date


_dossiers: Keeper[Facts] = Keeper(Dossier, Facts, 2)
_marks: Keeper[_Key] = Keeper(DossierChange, _Key, 2)
_counts: Keeper[Count] = Keeper(Transactions, Count, 3)
_served: Keeper[_Served] = Keeper(ServedChange, _Served, 3)


@transaction.atomic
def keep_dossiers(*, rows: Sequence[Facts]) -> list[Change]:
    """Keep dossiers, no number twice; those that are new or other, with what was before.

    An empty official leaves whoever is known. Votes that name a dossier whose official or procedure
    is new or other are attributed anew by the next run. Raises DossierError for one that was
    resolved before it was received.
    """
    channels = set(Channel.values)
    for row in rows:
        if row.resolved_ms is not None and row.resolved_ms < row.received_ms:
            raise DossierError(f"Dossier {row.number} was resolved before it was received.")
        if row.channel not in channels:
            raise DossierError(f"{row.channel!r} is no channel; there are {sorted(channels)}.")
    lock_units(units=sorted({row.unit for row in rows}))
    silent = _dossiers.find([(row.unit, row.number) for row in rows if not row.official])
    changes = _dossiers.keep(
        [
            row._replace(official=silent[row.unit, row.number].official)
            if not row.official and (row.unit, row.number) in silent
            else row
            for row in rows
        ]
    )
    _mark(changes)
    return changes


@transaction.atomic
def put_back_dossiers(*, changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Undo what keep_dossiers did; the keys of those that changed since, then nothing is done."""
    lock_units(units=sorted({change.after.unit for change in changes}))
    touched = _dossiers.put_back(changes)
    if not touched:
        _mark(changes)
    return touched


def keep_transactions(*, rows: Sequence[Count]) -> list[Change]:
    """Keep counts, no counter and day twice; those that are new or other."""
    with transaction.atomic():
        lock_units(units=sorted({row.unit for row in rows}))
        changes = _counts.keep(rows)
        _mark_counted(changes)
        return changes


def put_back_transactions(*, changes: Sequence[Change]) -> list[tuple[str, str, date]]:
    """Undo what keep_transactions did, as put_back_dossiers."""
    with transaction.atomic():
        lock_units(units=sorted({change.after.unit for change in changes}))
        touched = _counts.put_back(changes)
        if not touched:
            _mark_counted(changes)
        return touched


def _mark(changes: Sequence[Change]) -> None:
    """Have the votes looked at again that name a dossier whose official or procedure differs."""
    wanted = [
        _Key(change.after.unit, change.after.number)
        for change in changes
        if _says(change.before) != _says(change.after)
    ]
    _marks.keep(wanted)
    zones = timezones_of(sorted({change.after.unit for change in changes}))
    days: set[_Served] = set()
    for change in changes:
        zone = zones[change.after.unit]
        days |= _served_on(change.before, zone) ^ _served_on(change.after, zone)
    _served.keep(sorted(days))


def _mark_counted(changes: Iterable[Change]) -> None:
    _served.keep([_Served(*change.after[:3]) for change in changes])


def _served_on(facts: Facts | None, zone: ZoneInfo) -> set[_Served]:
    """The counter's days on which this dossier brought somebody there."""
    if facts is None or not facts.counter:
        return set()
    return {
        _Served(
            facts.unit,
            facts.counter,
            datetime.fromtimestamp(ms // 1000, UTC).astimezone(zone).date(),
        )
        for ms in (facts.received_ms, facts.resolved_ms)
        if ms is not None
    }


def _says(facts: Facts | None) -> tuple[str, str]:
    return ("", "") if facts is None else (facts.official, facts.procedure)
