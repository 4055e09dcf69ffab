"""Do the tallies equal the votes? A recount by other means than the one that made them."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import Model

from protocol.rating import POSITIVE_REASONS
from protocol.rating import REASONS as REASON_CODES
from server.analytics.audit_cells import find_odd_cells, read_cells
from server.analytics.hours import hour_of
from server.analytics.models import (
    COUNTED,
    HourTally,
    OfficialMonth,
    ProcedureTally,
    Shown,
    Tally,
    UnitMonth,
)
from server.analytics.pending import days_of
from server.attribution.models import ChangedUnit
from server.organisation.selectors import timezone_of

SELECT_VOTES = (
    "SELECT a.counter, a.first_day, a.last_day, a.official, a.why, a.basis, a.state, a.procedure, "
    "v.rating, v.first_rating, v.invited, v.reasons, v.low_ms, v.high_ms "
    "FROM votes_vote v JOIN attribution_attribution a "
    "ON a.unit = v.unit AND a.journal = v.journal AND a.seq = v.seq WHERE v.unit = %s"
)
AT_ONCE = 10_000
RATED = ("n1", "n2", "n3", "n4", "n5")
REASONS = (*REASON_CODES, *POSITIVE_REASONS)
SIDES = ("x1", "x2", "x3", "x4", "x5", "i1", "i2", "i3", "i4", "i5", "lo", "up")
COLUMNS = (*RATED, *(code.lower() for code in REASONS), *SIDES)
Key = tuple[str, ...]
Row = tuple[int, ...]  # in the order of COLUMNS, or of the first five


class _Table(NamedTuple):
    """A kind of tally: its key without the unit; what of a day's gen decides whether it is settled
    (an area); and in which row of it votes of one kind count, if in any."""

    name: str
    model: type[Model]
    key: tuple[str, ...]
    area: Callable[[Key], Key]
    row_of: Callable[["_Votes"], Key | None]


class _Votes(NamedTuple):
    """Votes that are alike in everything that is counted."""

    counter: str
    first: str  # days
    last: str
    official: str
    why: str
    basis: str
    state: str
    procedure: str
    rating: int
    first_rating: int
    invited: bool
    reasons: str
    hour: int | None

    @property
    def months(self) -> Key:
        return _month(self.first), _month(self.last)

    @property
    def columns(self) -> Iterator[str]:
        """In which columns they count."""
        yield from (f"n{self.rating}", *self.reasons.lower().split())
        if self.reasons == "R9":
            yield f"x{self.rating}"
        if self.invited:
            yield f"i{self.rating}"
        if self.first_rating in (1, 2):
            yield from ("lo", "up") if self.rating in (4, 5) else ("lo",)


def _month(day: str) -> str:
    return f"{day[:7]}-01"


def _hour_row(votes: _Votes) -> Key | None:
    if votes.hour is None or votes.first != votes.last:
        return None
    return votes.first, votes.counter, str(votes.hour), votes.state


def _procedure_row(votes: _Votes) -> Key | None:
    return (votes.first, votes.last, votes.procedure, votes.state) if votes.procedure else None


def _official_row(votes: _Votes) -> Key | None:
    return (*votes.months, votes.official, votes.state) if votes.official else None


TABLES = (
    _Table(
        "Tally", Tally, ("counter", "first_day", "last_day", "official", "why", "basis", "state"),
        lambda key: key[:3],
        lambda v: (v.counter, v.first, v.last, v.official, v.why, v.basis, v.state),
    ),
    _Table(
        "Hours", HourTally, ("day", "counter", "hour", "state"),
        lambda key: (key[1], key[0], key[0]), _hour_row,
    ),
    _Table(
        "Procedures", ProcedureTally, ("first_day", "last_day", "procedure", "state"),
        lambda key: ("days", *key[:2]), _procedure_row,
    ),
    _Table(
        "Month", UnitMonth, ("first_month", "last_month", "state"),
        lambda key: ("months", *key[:2]), lambda v: (*v.months, v.state),
    ),
    _Table(
        "Officials' month", OfficialMonth, ("first_month", "last_month", "official", "state"),
        lambda key: ("months", *key[:2]), _official_row,
    ),
)  # fmt: skip


def find_differences() -> list[str]:
    """One sentence for each tally that a recount does not confirm, and each fault of a cell.

    Days that changed and wait for their count are left out, as are those counted meanwhile.
    """
    units = {*ChangedUnit.objects.values_list("unit", flat=True)}
    models: list[type[Model]] = [Shown, *(table.model for table in TABLES)]
    for model in models:
        units |= {*model._default_manager.values_list("unit", flat=True).distinct()}
    return [sentence for unit in sorted(units) for sentence in _of_unit(unit)]


def _of_unit(unit: str) -> Iterator[str]:
    before = days_of(unit)
    recounted = _recount(unit)
    tallied = [_read(table, unit) for table in TABLES]
    cells = read_cells(unit)
    after = days_of(unit)
    moving = {
        day
        for day, gens in after.items()
        if gens != before.get(day) or gens.changed != gens.counted
    }
    unsettled = {area for day in moving for area in _areas(day)}
    for table, found, expected in zip(TABLES, tallied, recounted, strict=True):
        for key in sorted(found.keys() | expected.keys()):
            nothing = (0,) * len(_columns(table))
            said, counted = found.get(key, nothing), expected.get(key, nothing)
            if said != counted and table.area(key) not in unsettled:
                yield _sentence(table, unit, key, said, counted)
    votes: Counter[Key] = Counter()
    for (counter, first, last, official, *_, state), row in tallied[0].items():
        is_counted = str(state == COUNTED)
        votes[counter, official, _month(first), _month(last), is_counted] += sum(row[:5])
    spots = {(counter, _month(first), _month(last)) for counter, first, last in moving}
    yield from find_odd_cells(unit, cells, votes, spots)


def _areas(day: Key) -> Iterator[Key]:
    """All that waits with a day of a counter."""
    _, first, last = day
    yield from (day, ("days", first, last), ("months", _month(first), _month(last)))


def _recount(unit: str) -> list[dict[Key, Row]]:
    """The rows of each table, counted vote by vote."""
    counted: list[dict[Key, list[int]]] = [{} for _ in TABLES]
    for votes, n in _alike(unit).items():
        columns = [COLUMNS.index(column) for column in votes.columns]
        for table, rows in zip(TABLES, counted, strict=True):
            if (key := table.row_of(votes)) is not None:
                row = rows.setdefault(key, [0] * len(COLUMNS))
                for column in columns:
                    row[column] += n
    return [
        {key: tuple(row[: len(_columns(table))]) for key, row in rows.items()}
        for table, rows in zip(TABLES, counted, strict=True)
    ]


def _alike(unit: str) -> Counter[_Votes]:
    zone = timezone_of(unit)
    counted: Counter[_Votes] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(SELECT_VOTES, [unit])
        while rows := cursor.fetchmany(AT_ONCE):
            for counter, first, last, *rest, low_ms, high_ms in rows:
                hour = hour_of(low_ms, high_ms, zone)
                counted[_Votes._make((counter, str(first), str(last), *rest, hour))] += 1
    return counted


def _columns(table: _Table) -> tuple[str, ...]:
    return RATED if table.model is HourTally else COLUMNS


def _read(table: _Table, unit: str) -> dict[Key, Row]:
    size = len(table.key)
    rows = table.model._default_manager.filter(unit=unit).values_list(*table.key, *_columns(table))
    return {tuple(map(str, row[:size])): tuple(row[size:]) for row in rows.iterator()}


def _sentence(table: _Table, unit: str, key: Key, said: Row, counted: Row) -> str:
    name = f"{table.name} of unit {unit}, {_words(table, key)}"
    end = 5 + len(REASONS)
    if said[:5] != counted[:5]:
        what, part = "n1..n5", slice(5)
    elif said[5:end] != counted[5:end]:
        what, part = " ".join(REASONS), slice(5, end)
    else:
        what, part = " ".join(SIDES), slice(end, None)
    said, counted = said[part], counted[part]
    return f"{name}: {what} are {_list(said)}, a recount of the votes gives {_list(counted)}."


def _words(table: _Table, key: Key) -> str:
    """Where a row stands, for people."""
    of = dict(zip(table.key, key, strict=True))
    words = [f"counter {of['counter'] or '(none)'}"] if "counter" in of else []
    if "first_month" in of:
        words.append(_span(of["first_month"][:7], of["last_month"][:7]))
    else:
        words.append(of.get("day") or _span(of["first_day"], of["last_day"]))
    if "why" in of:
        words.append(of["official"] or f"nobody ({of['why']})")
    else:
        words += [f"{name} {of[name]}" for name in ("hour", "official", "procedure") if name in of]
    return ", ".join(words)


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}/{last}"


def _list(counts: Row) -> str:
    return " ".join(map(str, counts))
