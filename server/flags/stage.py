"""The stage between attribution and tallies: whole days through the rules wherever one changed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import QuerySet

from server.attribution.services import set_states
from server.dossiers.served import forget_changes, take_changes
from server.flags import reading
from server.flags.doubting import keep_doubts
from server.flags.judging import Judged, judge_days
from server.flags.models import Flag, FlaggedDay, FlaggedUnit, KnownHoliday
from server.flags.reading import Day, Since
from server.flags.rules import RULES_VERSION
from server.flags.standing import decided_votes, state_of
from server.organisation.models import Holiday
from server.organisation.selectors import every_unit
from server.organisation.services import lock_units
from server.stages import all_of, do_groups, in_groups

UNITS_AT_ONCE, DAYS_AT_ONCE = 100, 500
COUNTED = "counted"


def flag_pending() -> bool:
    """Put every day that changed since through the rules; True if there was something.

    One transaction for some days of some units, which are held meanwhile. What a vote's state
    becomes raises its day once more, at which it is flagged already: so this comes to an end.
    """
    return all_of(
        lambda: do_groups(in_groups(take_changes(), DAYS_AT_ONCE), _note_served),
        _note_holidays,
        lambda: do_groups(_in_groups(reading.changed_units()), _flag_units),
    )


def forget_flags() -> None:
    """Drop every flag, so that all days are flagged again. Doubts keep their numbers, and what
    people decided is evidence and stays."""
    with transaction.atomic():
        for model in (Flag, FlaggedDay, FlaggedUnit):
            model.objects.all().delete()


def _in_groups(since: Sequence[Since]) -> Iterator[Sequence[Since]]:
    """Units that wait as a whole come alone: they may have years of days."""
    known = [each for each in since if each.version == RULES_VERSION]
    yield from in_groups(known, UNITS_AT_ONCE)
    yield from in_groups([each for each in since if each.version != RULES_VERSION], 1)


@transaction.atomic
def _note_served(spots: Sequence[tuple[str, str, date]]) -> None:
    lock_units(units=sorted({unit for unit, *_ in spots}))
    _look_again(_on(*spot) for spot in spots)
    forget_changes(spots)


def _on(unit: str, counter: str, day: date) -> QuerySet[FlaggedDay]:
    return FlaggedDay.objects.filter(unit=unit, counter=counter, first_day=day, last_day=day)


def holidays_wait() -> bool:
    """Whether holidays were entered or taken back that the rules do not know yet."""
    known, now = _holidays()
    return known != now


def _holidays() -> tuple[set[tuple[str, date]], set[tuple[str, date]]]:
    """Unit ("": everywhere) and day of each holiday, as known and as it is."""
    known = set(KnownHoliday.objects.values_list("unit", "date"))
    rows = Holiday.objects.values_list("unit_id", "date")
    return known, {(unit or "", day) for unit, day in rows}


def _note_holidays() -> bool:
    """Days that became holidays since, or no longer are; a table of a few hundred rows."""
    known, now = _holidays()
    if known == now:
        return False
    with transaction.atomic():
        dates = sorted({day for _, day in known ^ now})
        units = every_unit()
        lock_units(units=list(units.values_list("code", flat=True)))
        _look_again(
            FlaggedDay.objects.filter(unit__in=units, first_day=day, last_day=day) for day in dates
        )
        KnownHoliday.objects.all().delete()
        KnownHoliday.objects.bulk_create(KnownHoliday(unit=u, date=day) for u, day in sorted(now))
    return True


def _look_again(found: Iterable[QuerySet[FlaggedDay]]) -> None:
    """Have these days flagged once more. Their units are held."""
    units: set[str] = set()
    for rows in found:
        units |= set(rows.values_list("unit", flat=True))
        rows.update(gen=0)
    for some in in_groups(sorted(units), UNITS_AT_ONCE):
        FlaggedUnit.objects.filter(unit__in=some).update(gen=0)


def _flag_units(since: Sequence[Since]) -> None:
    _begin_rules([each for each in since if each.version != RULES_VERSION])
    units = [each.unit for each in since]
    do_groups(in_groups(reading.waiting_days(units), DAYS_AT_ONCE), _flag_days)
    _end_units(units)


@transaction.atomic
def _begin_rules(since: Sequence[Since]) -> None:
    """Rules of another version: every day waits."""
    if not since:
        return
    units = [each.unit for each in since]
    lock_units(units=units)
    FlaggedDay.objects.filter(unit__in=units).update(gen=0)
    _note_units(dict.fromkeys(units, 0))


@transaction.atomic
def _end_units(units: Sequence[str]) -> None:
    """Where nothing waits any more, the next run need not look at the unit's days. A crash before
    this means looking at them again."""
    lock_units(units=sorted(units))
    waiting = {day.unit for day in reading.waiting_days(units)}
    changed = {each.unit: each.changed for each in reading.changed_units()}
    _note_units({u: changed[u] for u in units if u in changed and u not in waiting})


def _note_units(gens: dict[str, int]) -> None:
    FlaggedUnit.objects.bulk_create(
        [FlaggedUnit(unit=unit, gen=gen, version=RULES_VERSION) for unit, gen in gens.items()],
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["gen", "version"],
    )


@transaction.atomic
def _flag_days(days: Sequence[Day]) -> None:
    units = sorted({day.unit for day in days})
    lock_units(units=units)
    waiting = [day for day, gens in reading.gens_of(days).items() if gens.changed != gens.flagged]
    if not waiting:
        return  # another process was quicker
    judged = judge_days([*waiting, *sorted(reading.crowded_after(waiting))])
    _keep_flags(judged)
    decided = decided_votes(units)
    raised = set_states(states=_states(judged, decided))
    keep_doubts(judged, decided)
    gens = {day: each.changed for day, each in reading.gens_of(judged.days).items()}
    FlaggedDay.objects.bulk_create(
        [
            FlaggedDay(**day._asdict(), gen=raised.get(day, gen), crowded=day in judged.crowded)
            for day, gen in gens.items()
        ],
        update_conflicts=True,
        unique_fields=["unit", "counter", "first_day", "last_day"],
        update_fields=["gen", "crowded"],
        batch_size=500,
    )


def _states(
    judged: Judged, decided: dict[tuple[str, str, int], str]
) -> dict[tuple[str, str, int], str]:
    """The state of each vote that is not simply counted, before or now."""
    found = {}
    for vote in judged.votes:
        key = (judged.days[vote.place].unit, vote.journal, vote.seq)
        doubted = judged.doubted.get(key)
        if doubted is None and vote.state == COUNTED and key not in decided:
            continue
        state = state_of(decided.get(key), doubted.flags.values() if doubted else ())
        if state != vote.state:
            found[key] = state
    return found


def _keep_flags(judged: Judged) -> None:
    wanted = {
        (*vote, flag): Flag(
            unit=vote[0], journal=vote[1], seq=vote[2], flag=flag, version=RULES_VERSION,
            held=held, counter=doubted.day.counter, day=doubted.day.first_day,
        )
        for vote, doubted in judged.doubted.items()
        for flag, held in doubted.flags.items()
    }  # fmt: skip
    known = _flags_of(judged.days)
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM flags_flag WHERE unit = %s AND journal = %s AND seq = %s AND flag = %s",
            [key for key in known if key not in wanted],
        )
    Flag.objects.bulk_create(
        [row for key, row in wanted.items() if known.get(key) != _said(row)],
        update_conflicts=True,
        unique_fields=["unit", "journal", "seq", "flag"],
        update_fields=["version", "held", "counter", "day"],
        batch_size=500,
    )


def _said(row: Flag) -> tuple[object, ...]:
    return row.version, bool(row.held), row.counter, row.day


def _flags_of(days: Collection[Day]) -> dict[tuple[str, str, int, str], tuple[object, ...]]:
    """The flags that stand on these days. A day that an uncertain time spans has none."""
    found: dict[tuple[str, str, int, str], tuple[object, ...]] = {}
    for row in reading.flags_on(days):
        found[row[:4]] = row[4:]
    return found
