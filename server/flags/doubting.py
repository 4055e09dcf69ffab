"""Flagged votes that belong together become doubts, which keep their numbers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from server.database import as_rows
from server.flags.judging import Doubted, Judged
from server.flags.models import Doubt, DoubtVote
from server.flags.rules import OVER_SERVED
from server.flags.standing import EXCLUDE
from server.stages import in_groups

JOIN_MS = 600_000  # flagged votes of a kiosk closer than this are one doubt
AT_ONCE = 500
NEW, LOOKED, EXCLUDED, INCLUDED = "new", "looked", "excluded", "included"
# LEFT, in both: SQLite then keeps to this order, in which each finds its few rows.
SELECT_OF_VOTES = (
    "SELECT d.unit, d.number FROM (VALUES {rows}) AS w LEFT JOIN flags_doubtvote d "
    "ON d.unit = w.column1 AND d.journal = w.column2 AND d.seq = w.column3"
)
SELECT_OF_DAYS = (
    "SELECT d.unit, d.number FROM (VALUES {rows}) AS w LEFT JOIN flags_doubt d "
    "ON d.unit = w.column1 AND d.day = w.column2 AND d.counter = w.column3"
)
Key = tuple[str, int]  # unit and number
Member = tuple[str, int]  # journal and seq
Members = dict[Member, bool]  # with whether a rule holds it


class Cluster(NamedTuple):
    """Flagged votes of one kiosk without a long pause, or (kiosk empty) of a counter's day."""

    unit: str
    counter: str
    kiosk: str
    day: date
    first_ms: int
    last_ms: int
    flags: str
    votes: Members


def keep_doubts(judged: Judged, decided: Mapping[tuple[str, str, int], str]) -> None:
    """Let the doubts of the judged days be what the flags say. The units are held."""
    clusters = list(_clusters(judged))
    doubts = _doubts_of(judged, clusters)
    if not clusters and not doubts:
        return
    members = members_of(doubts)
    taken = _match(clusters, doubts, members)
    _keep_members(taken, members)
    for key, cluster in taken.items():
        doubt = doubts.get(key) or Doubt(unit=key[0], number=key[1])
        for name in ("counter", "kiosk", "day", "first_ms", "last_ms", "flags"):
            setattr(doubt, name, getattr(cluster, name))
        doubt.n, doubt.held = len(cluster.votes), sum(cluster.votes.values())
        doubt.state = state_of_doubt(doubt, cluster.votes, decided)
        doubts[key] = doubt
    for key, doubt in doubts.items():
        if key not in taken:  # no rule doubts these votes any more; what was decided stands
            doubt.n = doubt.held = 0
    write_doubts(doubts.values())


def at_stake(votes: Members) -> list[Member]:
    """What a decision on these votes is about: those that a rule holds, or all if none does."""
    return sorted(vote for vote, held in votes.items() if held) or sorted(votes)


def state_of_doubt(
    doubt: Doubt, votes: Members, decided: Mapping[tuple[str, str, int], str]
) -> str:
    """How it stands: decided if every vote at stake is, else looked at if nothing came since."""
    said = {decided.get((doubt.unit, *vote)) for vote in at_stake(votes)}
    if len(said) == 1 and None not in said:
        return EXCLUDED if EXCLUDE in said else INCLUDED
    looked = doubt.looked_ms is not None and doubt.looked_n == len(votes)
    return LOOKED if looked else NEW


def members_of(keys: Iterable[Key]) -> dict[Key, Members]:
    """The votes of doubts."""
    found: dict[Key, Members] = {key: {} for key in keys}
    for unit, each in groupby(sorted(found), key=lambda key: key[0]):
        for some in in_groups([number for _, number in each], AT_ONCE):
            rows = DoubtVote.objects.filter(unit=unit, number__in=some)
            for number, journal, seq, held in rows.values_list("number", "journal", "seq", "held"):
                found[unit, number][journal, seq] = held
    return found


def write_doubts(doubts: Iterable[Doubt]) -> None:
    """New ones, and those that are other than they were."""
    Doubt.objects.bulk_create(
        doubts,
        update_conflicts=True,
        unique_fields=["unit", "number"],
        update_fields=[
            "counter", "kiosk", "day", "first_ms", "last_ms", "flags", "n", "held", "state",
            "looked_by", "looked_ms", "looked_n", "note",
        ],
        batch_size=500,
    )  # fmt: skip


def _clusters(judged: Judged) -> Iterator[Cluster]:
    moments: dict[tuple[Any, ...], list[tuple[int, Member, Doubted]]] = {}
    loads: dict[tuple[Any, ...], list[tuple[int, Member, Doubted]]] = {}
    for (unit, journal, seq), doubted in judged.doubted.items():
        one = doubted.at_ms, (journal, seq), doubted
        place = unit, doubted.day.counter, doubted.kiosk, doubted.day.first_day
        if doubted.flags.keys() - {OVER_SERVED}:
            moments.setdefault(place, []).append(one)
        if OVER_SERVED in doubted.flags:
            loads.setdefault((*place[:2], "", place[3]), []).append(one)
    for place, votes in moments.items():
        votes.sort(key=lambda one: one[:2])
        for run in _runs(votes):
            flags = {flag for *_, doubted in run for flag in doubted.flags} - {OVER_SERVED}
            yield _cluster(place, run, flags)
    for place, votes in loads.items():
        yield _cluster(place, sorted(votes, key=lambda one: one[:2]), {OVER_SERVED})


def _runs(
    votes: Sequence[tuple[int, Member, Doubted]],
) -> Iterator[Sequence[tuple[int, Member, Doubted]]]:
    start = 0
    for at in range(1, len(votes) + 1):
        if at == len(votes) or votes[at][0] - votes[at - 1][0] > JOIN_MS:
            yield votes[start:at]
            start = at


def _cluster(
    place: tuple[Any, ...], run: Sequence[tuple[int, Member, Doubted]], flags: Collection[str]
) -> Cluster:
    votes = {
        vote: any(held for flag, held in doubted.flags.items() if flag in flags)
        for _, vote, doubted in run
    }
    unit, counter, kiosk, day = place
    names = " ".join(sorted(flags))
    return Cluster(unit, counter, kiosk, day, run[0][0], run[-1][0], names, votes)


def _doubts_of(judged: Judged, clusters: Sequence[Cluster]) -> dict[Key, Doubt]:
    """The doubts that stand on these days, or hold a vote that is flagged there now."""
    days = sorted({(day.unit, day.first_day, day.counter) for day in judged.days})
    votes = sorted({(each.unit, *vote) for each in clusters for vote in each.votes})
    keys = {*_select(SELECT_OF_DAYS, days), *_select(SELECT_OF_VOTES, votes)}
    found: dict[Key, Doubt] = {}
    for unit, each in groupby(sorted(keys), key=lambda key: key[0]):
        for some in in_groups([number for _, number in each], AT_ONCE):
            for doubt in Doubt.objects.filter(unit=unit, number__in=some):
                found[unit, doubt.number] = doubt
    return found


def _select(sql: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Key]:
    with connection.cursor() as cursor:
        for some in in_groups(rows, AT_ONCE):
            cursor.execute(sql.format(rows=as_rows(some)), [value for row in some for value in row])
            yield from (row for row in cursor.fetchall() if row[0] is not None)


def _match(
    clusters: Sequence[Cluster], doubts: Mapping[Key, Doubt], members: Mapping[Key, Members]
) -> dict[Key, Cluster]:
    """Each cluster under the number of the doubt that it has most votes of, else a new one."""
    of_vote: dict[tuple[str, str, int], list[Key]] = {}
    for key, votes in members.items():
        for vote in votes:
            of_vote.setdefault((key[0], *vote), []).append(key)
    found: dict[Key, Cluster] = {}
    newest: dict[str, int] = {}
    for cluster in sorted(clusters, key=lambda each: (each.unit, each.first_ms, each.counter)):
        shared: dict[Key, int] = {}
        for vote in cluster.votes:
            for key in of_vote.get((cluster.unit, *vote), ()):
                if key not in found and bool(doubts[key].kiosk) == bool(cluster.kiosk):
                    shared[key] = shared.get(key, 0) + 1
        if shared:
            key = min(shared, key=lambda key: (-shared[key], key))
        else:
            number = newest.get(cluster.unit) or _newest(cluster.unit)
            newest[cluster.unit] = number + 1
            key = cluster.unit, number + 1
        found[key] = cluster
    return found


def _newest(unit: str) -> int:
    """The unit is held: nobody else takes the next."""
    return int(Doubt.objects.filter(unit=unit).aggregate(n=Max("number"))["n"] or 0)


def _keep_members(taken: Mapping[Key, Cluster], members: Mapping[Key, Members]) -> None:
    gone, rows = [], []
    for (unit, number), cluster in taken.items():
        before = members.get((unit, number), {})
        gone += [(unit, number, *vote) for vote in before if vote not in cluster.votes]
        rows += [
            DoubtVote(unit=unit, number=number, journal=journal, seq=seq, held=held)
            for (journal, seq), held in cluster.votes.items()
            if before.get((journal, seq)) != held
        ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM flags_doubtvote "
            "WHERE unit = %s AND number = %s AND journal = %s AND seq = %s",
            gone,
        )
    DoubtVote.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["unit", "number", "journal", "seq"],
        update_fields=["held"],
        batch_size=500,
    )
