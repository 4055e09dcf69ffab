"""A unit's past as tallies alone: counted here from the story, vote by vote, and never written as
votes. For pages over a past that no disk needs to hold."""

from collections.abc import Iterator
from datetime import date

from bench.past.story import COUNTERS, Desk, Row, live

RATED = ("n1", "n2", "n3", "n4", "n5")
COLUMNS = {
    "analytics_tally": "unit, counter, first_day, last_day, official, why, basis, state, ",
    "analytics_hourtally": "unit, day, counter, hour, state, ",
    "analytics_proceduretally": "unit, first_day, last_day, procedure, state, ",
}
REASONED = (*RATED, *(f"r{n}" for n in range(10)), *(f"p{n}" for n in range(1, 7)))
SIDES = (*(f"x{n}" for n in range(1, 6)), *(f"i{n}" for n in range(1, 6)), "lo", "up")
ALL = (*REASONED, *SIDES)


def columns(table: str) -> str:
    """Those of a table of tallies, in the order of `count_unit`'s rows."""
    counts = RATED if table == "analytics_hourtally" else ALL
    return COLUMNS[table] + ", ".join(counts)


def count_unit(unit: str, days: list[date]) -> Iterator[tuple[str, list[Row]]]:
    """Rows of each table of tallies, and of cells, of a unit's whole past."""
    counted: dict[str, dict[Row, list[int]]] = {table: {} for table in COLUMNS}
    for number in range(1, COUNTERS + 1):
        for desk in live(Desk(unit, number), days):
            votes = desk.rows.get("votes_vote", [])
            for vote, verdict in zip(
                votes, desk.rows.get("attribution_attribution", []), strict=True
            ):
                _count(counted, desk, vote, verdict)
            if cells := desk.rows.get("analytics_shown"):
                yield "analytics_shown", cells
    for table, rows in counted.items():
        size = len(RATED) if table == "analytics_hourtally" else len(ALL)
        yield table, [(*key, *counts[:size]) for key, counts in rows.items()]


def _count(counted: dict[str, dict[Row, list[int]]], desk: Desk, vote: Row, verdict: Row) -> None:
    official, procedure, day = verdict[4], verdict[8], verdict[9]
    hour = (vote[4] // 3_600_000 + 7) % 24
    keys: list[tuple[str, Row]] = [
        ("analytics_tally",
         (desk.unit, desk.counter, day, day, official, "", "duty", "counted")),
        ("analytics_hourtally", (desk.unit, day, desk.counter, hour, "counted")),
    ]  # fmt: skip
    if procedure:
        keys.append(("analytics_proceduretally", (desk.unit, day, day, procedure, "counted")))
    rating, first, invited, reasons = vote[9], vote[10], vote[15], vote[19]
    names = [f"n{rating}", *reasons.lower().split()]
    names += [f"x{rating}"] * (reasons == "R9") + [f"i{rating}"] * invited
    names += ["lo"] * (first <= 2) + ["up"] * (first <= 2 and rating >= 4)
    places = [ALL.index(name) for name in names]
    for table, key in keys:
        counts = counted[table].setdefault(key, [0] * len(ALL))
        for place in places:
            counts[place] += 1
