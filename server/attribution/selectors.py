"""Reading for attribution: what waits, and votes with their present verdict."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from server.attribution.decisions import (
    objections,
    objections_of,
    objections_to,
    ruling,
    rulings,
    rulings_concerning,
    waiting_rulings,
)
from server.attribution.desk import Cast, Desk
from server.attribution.duties import Span
from server.attribution.facts import units_naming
from server.attribution.judging import Known
from server.attribution.models import AttributedJournal, Attribution
from server.attribution.verdicts import Verdict
from server.attribution.watches import board, duties_of, watch_of_day
from server.clock import FOREVER_MS
from server.database import as_day, as_rows
from server.dossiers.models import Dossier, DossierChange
from server.fleet.models import Placement
from server.organisation.models import RosterChange
from server.organisation.selectors import every_unit
from server.votes.models import Duty

__all__ = [  # what pages read; the rest of this module is for the stage itself
    "AttributedVote",
    "attributed_up_to",
    "attributed_votes",
    "board",
    "duties_of",
    "objections",
    "objections_of",
    "objections_to",
    "ruling",
    "rulings",
    "rulings_concerning",
    "units_naming",
    "waiting_rulings",
    "watch_of_day",
]
SELECT_WAITING = (
    "SELECT u.unit, u.journal, j.understood - coalesce(a.seq, 0) FROM votes_understanding u "
    "JOIN ingest_journal j ON j.unit = u.unit AND j.journal = u.journal "  # as SELECT_TARGETS
    "LEFT JOIN attribution_attributedjournal a ON a.unit = u.unit AND a.journal = u.journal "
    "WHERE a.gen IS NULL OR a.gen < u.gen ORDER BY u.unit, u.journal"
)
SELECT_CASTS = (
    "SELECT v.journal, v.seq, v.kiosk, v.counter, v.low_ms, v.high_ms, v.quality, v.duty_named, "
    "v.not_official, v.dossier, d.official, "
    "a.counter, a.official, a.basis, a.why, a.procedure, a.first_day, a.last_day "
    "FROM {source} "
    "LEFT JOIN votes_duty d ON d.unit = v.unit AND d.journal = v.journal AND d.seq = v.duty "
)
OF_VOTES = (
    "votes_vote v LEFT JOIN attribution_attribution a "
    "ON a.unit = v.unit AND a.journal = v.journal AND a.seq = v.seq"
)
OF_ATTRIBUTIONS = (
    "attribution_attribution a JOIN votes_vote v "
    "ON v.unit = a.unit AND v.journal = a.journal AND v.seq = a.seq"
)
SELECT_TARGETS = (
    "SELECT j.unit, j.journal, u.gen, j.understood, coalesce(a.gen, 0) FROM ingest_journal j "
    "JOIN votes_understanding u ON u.unit = j.unit AND u.journal = j.journal "
    "LEFT JOIN attribution_attributedjournal a ON a.unit = j.unit AND a.journal = j.journal "
    "WHERE (j.unit, j.journal) IN (VALUES {rows}) ORDER BY j.unit, j.journal"
)
SINCE_MARK = (
    "ingest_journal j LEFT JOIN attribution_attributedjournal m "
    "ON m.unit = j.unit AND m.journal = j.journal "
    "JOIN {table} ON v.unit = j.unit AND v.journal = j.journal AND v.gen > coalesce(m.gen, 0)"
)
NEW_VOTES = (
    SINCE_MARK.format(table="votes_vote v") + " LEFT JOIN attribution_attribution a "
    "ON a.unit = v.unit AND a.journal = v.journal AND a.seq = v.seq"
)
# Of the two each has an index: what lasted one day, and the few of an uncertain time.
ONE_DAY = "a.first_day = a.last_day AND a.first_day BETWEEN %s AND %s"
SEVERAL_DAYS = "a.first_day < a.last_day AND a.last_day >= %s AND a.first_day <= %s"
NEW_DUTIES = "SELECT DISTINCT v.journal FROM {source} WHERE (j.unit, j.journal) IN (VALUES {rows})"


class Target(NamedTuple):
    """How far a journal is understood: its round, and its newest understood line. mark: the round
    up to which it is attributed, 0 before the first."""

    unit: str
    journal: str
    gen: int
    seq: int
    mark: int


class Waiting(NamedTuple):
    """A journal that is understood further than it is attributed, by so many lines; 0: older ones
    have other times."""

    unit: str
    journal: str
    lines: int


def waiting_journals() -> list[Waiting]:
    """The journals that are understood further than they are attributed, by unit."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT_WAITING)
        return [Waiting(*row) for row in cursor.fetchall()]


def targets(journals: Sequence[tuple[str, str]]) -> list[Target]:
    """How far these journals (unit, journal) are understood and attributed, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT_TARGETS.format(rows=as_rows(journals)), _flat(journals))
        return [Target(*row) for row in cursor.fetchall()]


def changed_duties(targets: list[Target]) -> dict[str, list[Duty]]:
    """The duties of these journals that are new or other since their marks, by unit."""
    journals = [(target.unit, target.journal) for target in targets]
    with connection.cursor() as cursor:
        source = SINCE_MARK.format(table="votes_duty v")
        cursor.execute(NEW_DUTIES.format(source=source, rows=as_rows(journals)), _flat(journals))
        concerned = {journal for (journal,) in cursor.fetchall()}
    found: dict[str, list[Duty]] = {}
    for unit, journal, _, _, mark in targets:
        if journal in concerned:
            rows = Duty.objects.filter(unit=unit, journal=journal, gen__gt=mark).order_by("seq")
            found.setdefault(unit, []).extend(rows)
    return found


def kiosks_at(*, unit: str, counter: str) -> list[str]:
    """The kiosks that ever stood at a counter."""
    rows = Placement.objects.filter(unit=unit, counter=counter).order_by("kiosk")
    return list(rows.values_list("kiosk", flat=True).distinct())


def changed_casts(targets: list[Target]) -> dict[str, list[Known]]:
    """The votes of these journals that are new or other since their marks, with their verdict so
    far; of each unit, whether it has any or not."""
    unit_of = {target.journal: target.unit for target in targets}
    found: dict[str, list[Known]] = {unit: [] for unit in unit_of.values()}
    journals = [(target.unit, target.journal) for target in targets]
    where = f"(j.unit, j.journal) IN (VALUES {as_rows(journals)})"
    for cast, verdict in _casts(NEW_VOTES, where, _flat(journals)):
        found[unit_of[cast.journal]].append((cast, verdict))
    return found


def _flat(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Their values, one after the other."""
    return [value for row in rows for value in row]


def _marks(values: Collection[object]) -> str:
    """As many placeholders."""
    return ", ".join(["%s"] * len(values))


def waiting_changes() -> list[tuple[str, int]]:
    """(unit, id) of the corrections that wait, by unit."""
    return list(RosterChange.objects.order_by("unit", "id").values_list("unit", "id"))


def waiting_dossiers(most: int) -> list[tuple[str, str]]:
    """(unit, number) of the dossiers that changed, by unit; the first of them."""
    rows = DossierChange.objects.order_by("unit", "number").values_list("unit", "number")
    return list(rows[:most])


def casts_of_kiosks(desk: Desk, kiosks: Sequence[str], span: Span) -> list[Known]:
    """The attributed votes of some kiosks that may have been cast in a stretch."""
    found = []
    for kiosk in kiosks:
        mine = "v.unit = %s AND v.kiosk = %s AND "
        at, values = "v.low_ms >= %s AND v.low_ms < %s", [span.from_ms, span.to_ms]
        found += _casts(OF_VOTES, mine + at, [desk.unit, kiosk, *values])
        # Begun before it: those of an uncertain time, found by an index of their own.
        at = "v.quality = 'interval' AND v.high_ms >= %s AND v.low_ms < %s"
        found += _casts(OF_VOTES, mine + at, [desk.unit, kiosk, span.from_ms, span.from_ms])
    return [(cast, verdict) for cast, verdict in found if verdict is not None]


def casts_of_journal(desk: Desk, journal: str) -> list[Known]:
    """The votes of a journal, attributed or not."""
    return _casts(OF_VOTES, "v.unit = %s AND v.journal = %s", [desk.unit, journal])


def casts_of_dossiers(desk: Desk, numbers: Sequence[str]) -> list[Known]:
    """The attributed votes that name one of these dossiers."""
    where = f"v.unit = %s AND NOT (v.dossier = '') AND v.dossier IN ({_marks(numbers)})"
    found = _casts(OF_VOTES, where, [desk.unit, *numbers])
    return [(cast, verdict) for cast, verdict in found if verdict is not None]


def is_waiting(unit: str, journal: str) -> bool:
    """Whether something that may concern a journal's votes is not looked at yet."""
    return (
        any((row.unit, row.journal) == (unit, journal) for row in waiting_journals())
        or RosterChange.objects.filter(unit=unit).exists()
        or DossierChange.objects.filter(unit=unit).exists()
    )


def casts_of_nobody_known(desk: Desk) -> list[Known]:
    """The votes of whose official the organisation knew nothing."""
    where = "a.unit = %s AND a.why = 'unknown-official'"
    return _casts(OF_ATTRIBUTIONS, where, [desk.unit])


def others_naming(officials: Collection[str], *, but: str) -> list[tuple[str, str]]:
    """(unit, official) of the other units where a vote or a dossier may name one of them."""
    if not officials:
        return []
    unknown = Attribution.objects.filter(why="unknown-official").exclude(unit=but)
    units = {*unknown.values_list("unit", flat=True).distinct()}
    others = every_unit().exclude(code=but)
    filed = Dossier.objects.filter(unit__in=others, official__in=list(officials))
    named = {*filed.values_list("unit", "official").distinct()}
    return sorted(named | {(unit, official) for unit in units for official in officials})


def casts_at(desk: Desk, counter: str, span: Span, *, signed: bool) -> list[Known]:
    """The votes that now stand at a counter and may be of `span`; without `signed` only those
    that no duty of their own may speak for. Votes not attributed yet have their own turn."""
    # A day more on both sides: an instant too far for a calendar is some day all the same.
    first = desk.day(max(span.from_ms, 0)) - timedelta(days=1)
    last = date.max if span.to_ms >= FOREVER_MS else desk.day(span.to_ms) + timedelta(days=1)
    mine = "a.unit = %s AND a.counter = %s AND "
    then = " AND v.low_ms < %s AND v.high_ms >= %s"
    then += "" if signed else " AND (v.duty IS NULL OR v.counter <> '')"
    values: list[str | int] = [desk.unit, counter, str(first), str(last), span.to_ms, span.from_ms]
    return [
        *_casts(OF_ATTRIBUTIONS, f"{mine}{ONE_DAY}{then}", values),
        *_casts(OF_ATTRIBUTIONS, f"{mine}{SEVERAL_DAYS}{then}", values),
    ]


def _casts(source: str, where: str, values: Sequence[str | int]) -> list[Known]:
    with connection.cursor() as cursor:
        cursor.execute(
            SELECT_CASTS.format(source=source) + f"WHERE {where} ORDER BY v.journal, v.seq", values
        )
        return [(_cast(row[:11]), _verdict(row[11:])) for row in cursor.fetchall()]


def _cast(row: tuple[Any, ...]) -> Cast:
    cast = Cast(*row)
    return cast._replace(duty_named=bool(cast.duty_named), not_official=bool(cast.not_official))


def _verdict(row: tuple[Any, ...]) -> Verdict | None:
    if row[0] is None:
        return None
    verdict = Verdict(*row)
    return verdict._replace(first_day=as_day(row[-2]), last_day=as_day(row[-1]))


def attributed_up_to() -> dict[str, int]:
    """The newest attributed line of each journal that has one."""
    return dict(AttributedJournal.objects.values_list("journal", "seq"))


class AttributedVote(NamedTuple):
    """A vote and its verdict; counter, official, basis and why are empty while it waits for one."""

    unit: str
    journal: str
    seq: int
    kiosk: str
    counter: str
    official: str
    basis: str
    why: str
    rating: int
    scale: str
    low_ms: int
    high_ms: int
    quality: str
    flags: str


SELECT_ATTRIBUTED = (
    "SELECT v.unit, v.journal, v.seq, v.kiosk, coalesce(a.counter, ''), "
    "coalesce(a.official, ''), coalesce(a.basis, ''), coalesce(a.why, ''), "
    "v.rating, v.scale, v.low_ms, v.high_ms, v.quality, v.flags "
    "FROM " + OF_VOTES + " WHERE v.unit = %s AND v.journal = %s ORDER BY v.seq"
)


def attributed_votes(*, unit: str, journal: str) -> list[AttributedVote]:
    """A journal's votes by seq."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT_ATTRIBUTED, [unit, journal])
        return [AttributedVote(*row) for row in cursor.fetchall()]
