"""The tree of units as rows of a page: as many whole levels as it takes, and what is over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from server.organisation.selectors import Ended, Standing, codes_beneath, ended_by, successions

MOST = 400  # rows of one page; deeper units are reached through the one above them


class Row(NamedTuple):
    """A unit of the tree. depth: 0 at the top of the page; beneath: units at any depth; open:
    whether the reader may open its page; folded: it has units that this page leaves out."""

    unit: Standing
    depth: int
    beneath: int
    open: bool
    folded: bool


class Gone(NamedTuple):
    """A unit that ended, and the links to what it became."""

    unit: Ended
    links: Sequence[Any]


def tree_rows(standing: Sequence[Standing], top: Iterable[str]) -> list[Row]:
    """As many whole levels as the page takes, each unit before those beneath it."""
    by_code = {row.code: row for row in standing}
    children: dict[str | None, list[str]] = {}
    for row in standing:
        children.setdefault(row.parent, []).append(row.code)
    levels, level = [list(top)], list(top)
    while level := [code for above in level for code in children.get(above, ())]:
        levels.append(level)
    count, deep = 0, 0
    for level in levels:
        count += len(level)
        deep += count <= MOST or deep == 0
    sizes = _sizes(levels, by_code)
    found: list[Row] = []
    waiting = [(code, 0) for code in reversed(levels[0])]
    while waiting:
        code, depth = waiting.pop()
        beneath, folded = sizes[code] - 1, depth + 1 >= deep and code in children
        found.append(Row(by_code[code], depth, beneath, False, folded))
        if depth + 1 < deep:
            waiting += [(each, depth + 1) for each in reversed(children.get(code, []))]
    return found


def _sizes(levels: Sequence[Sequence[str]], by_code: Mapping[str, Standing]) -> dict[str, int]:
    """How many units each holds, itself included."""
    sizes = {code: 1 for level in levels for code in level}
    for level in reversed(levels[1:]):
        for code in level:
            parent = by_code[code].parent
            if parent in sizes:
                sizes[parent] += sizes[code]
    return sizes


def ended_rows(day: date, tops: Collection[str] | None) -> tuple[list[Gone], int]:
    """Units that ended by the day, one of `tops` or beneath it (None: all), by the last that stood
    above them; and how many more than the page takes."""
    ended = ended_by(day)
    if tops is not None:
        beneath = {code for top in tops for code in codes_beneath(top, day)} | {*tops}
        parents = {row.code: row.parent for row in ended}
        ended = [row for row in ended if row.code in beneath or _under(row.code, parents, beneath)]
    shown = ended[:MOST]
    links: dict[str, list[Any]] = {}
    for link in successions([row.code for row in shown]) if shown else []:
        links.setdefault(link.predecessor_id, []).append(link)
    return [Gone(row, links.get(row.code, [])) for row in shown], len(ended) - len(shown)


def _under(code: str, parents: Mapping[str, str | None], beneath: set[str]) -> bool:
    above: str | None = parents.get(code)
    steps = 0
    while above is not None and above not in beneath and steps < len(parents):
        above, steps = parents.get(above), steps + 1
    return above in beneath
