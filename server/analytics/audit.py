"""Do the tallies equal the votes? A recount by other means than the one that made them."""

from collections import Counter
from collections.abc import Iterator

from django.db import connection

from server.analytics.cells import FIVE
from server.analytics.models import Shown, Tally
from server.analytics.pending import counted_days

SELECT_VOTES = (
    "SELECT a.unit, a.counter, a.first_day, a.last_day, a.official, a.why, v.rating "
    "FROM votes_vote v LEFT JOIN attribution_attribution a "
    "ON a.unit = v.unit AND a.journal = v.journal AND a.seq = v.seq"
)
Key = tuple[str, ...]  # unit, counter, first day, last day, official, why


def find_differences() -> list[str]:
    """One sentence for each tally that a recount does not confirm, and each cell of odd size.

    Days that changed and wait for their count are left out, as are those counted meanwhile.
    """
    before = counted_days()
    recounted, tallied = _recount(), _tallies()
    shown = _shown()
    unchanged = {day for day, gen in counted_days().items() if before.get(day) == gen}
    keys = {key for key, _ in recounted.keys() | tallied.keys() if key[:4] in unchanged}
    found = [
        _sentence(key, tallied_row, recounted_row)
        for key in sorted(keys)
        if (tallied_row := _row(tallied, key)) != (recounted_row := _row(recounted, key))
    ]
    return found + list(_odd_cells(shown, tallied, before.keys() - unchanged))


def _recount() -> Counter[tuple[Key, int]]:
    counted: Counter[tuple[Key, int]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(SELECT_VOTES)
        for *key, rating in cursor.fetchall():
            if key[0] is not None:  # else the vote still waits for its attribution
                counted[tuple(map(str, key)), rating] += 1
    return counted


def _tallies() -> Counter[tuple[Key, int]]:
    fields = ("unit", "counter", "first_day", "last_day", "official", "why")
    tallied: Counter[tuple[Key, int]] = Counter()
    for *key, n1, n2, n3, n4, n5 in Tally.objects.values_list(
        *fields, "n1", "n2", "n3", "n4", "n5"
    ):
        for rating, n in enumerate((n1, n2, n3, n4, n5), 1):
            tallied[tuple(map(str, key)), rating] = n
    return tallied


def _row(counts: Counter[tuple[Key, int]], key: Key) -> tuple[int, ...]:
    return tuple(counts[key, rating] for rating in range(1, 6))


def _sentence(key: Key, tallied: tuple[int, ...], recounted: tuple[int, ...]) -> str:
    unit, counter, first, last, official, why = key
    day = first if first == last else f"{first}/{last}"
    who = official or f"nobody ({why})"
    return (
        f"Tally of unit {unit}, counter {counter or '(none)'}, {day}, {who}: "
        f"n1..n5 are {_list(tallied)}, a recount of the votes gives {_list(recounted)}."
    )


def _list(counts: tuple[int, ...]) -> str:
    return " ".join(map(str, counts))


def _shown() -> dict[Key, int]:
    fields = ("unit", "counter", "official", "first_month", "last_month")
    rows = Shown.objects.values_list(*fields, "n1", "n2", "n3", "n4", "n5")
    return {tuple(map(str, row[:5])): sum(row[5:]) for row in rows}


def _odd_cells(
    shown: dict[Key, int], tallied: Counter[tuple[Key, int]], changed: set[Key]
) -> Iterator[str]:
    """Cells that do not hold as many whole fives as there are votes."""
    votes: Counter[Key] = Counter()
    for (key, _), n in tallied.items():
        unit, counter, first, last, official, _ = key
        votes[unit, counter, official, f"{first[:7]}-01", f"{last[:7]}-01"] += n
    moving = {(day[0], day[1], f"{day[2][:7]}-01", f"{day[3][:7]}-01") for day in changed}
    for key in sorted(votes.keys() | shown.keys()):
        unit, counter, official, first, last = key
        whole = votes[key] // FIVE * FIVE
        if shown.get(key, 0) != whole and (unit, counter, first, last) not in moving:
            yield (
                f"Shown of unit {unit}, counter {counter or '(none)'}, {official or 'nobody'}, "
                f"{first[:7]}: {shown.get(key, 0)} votes, there should be {whole}."
            )
