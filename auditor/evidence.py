"""Where kiosks stood, who was posted and what was ruled: from the log's deeds, in their order."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

from auditor.join import Told
from auditor.report import Report
from protocol.deeds import (
    CounterRuling,
    NotADeed,
    Placed,
    Posted,
    PostedOver,
    understand_record,
)

FOREVER: Final = 1 << 62
READ: Final = ("placed", "posted", "posted.over", "ruling")
Spot = tuple[str, str]  # unit and counter
T = TypeVar("T")


class Stand(NamedTuple):
    """Said of a kiosk: at this counter ("": none) in [low, high)."""

    counter: str
    low: int
    high: int


class Post(NamedTuple):
    """A posted duty, [low, high); high: when it was ended, FOREVER if nobody did."""

    number: int
    official: str
    basis: str
    low: int
    high: int


class Ruled(NamedTuple):
    """Who served in [low, high), "" nobody."""

    low: int
    high: int
    official: str


class Evidence(NamedTuple):
    """By kiosk; by unit and counter."""

    stands: dict[str, list[Stand]]
    posts: dict[Spot, list[Post]]
    rulings: dict[Spot, list[Ruled]]


def gather(deeds: Iterable[Told], report: Report) -> Evidence:
    """What the deeds say together; one that cannot be read, or that a server whose word counts
    would not write, is a contradiction."""
    stands: defaultdict[str, list[Stand]] = defaultdict(list)
    posts: dict[tuple[str, int], tuple[str, Post]] = {}
    rulings: dict[tuple[str, int], tuple[str, Ruled]] = {}
    for deed in deeds:
        if deed.type not in READ:
            continue
        try:
            said = understand_record(deed.type, deed.data)
        except NotADeed as error:
            report.against("bad_deed", index=deed.index, type=deed.type, why=str(error))
            continue
        match said:
            case Placed():
                high = FOREVER if said.to_ms is None else said.to_ms
                stands[said.kiosk].append(Stand(said.counter or "", said.from_ms, high))
            case Posted():
                post = Post(said.number, said.official, said.basis, said.from_ms, FOREVER)
                posts[said.unit, said.number] = said.counter, post
            case PostedOver() if (said.unit, said.number) in posts:
                counter, post = posts[said.unit, said.number]
                posts[said.unit, said.number] = counter, post._replace(high=said.to_ms)
            case CounterRuling(lifts=None):
                ruled = Ruled(said.from_ms, said.to_ms, said.official or "")
                rulings[said.unit, said.number] = said.counter, ruled
            case CounterRuling() if said.lifts is not None and (said.unit, said.lifts) in rulings:
                del rulings[said.unit, said.lifts]
            case _:
                report.against("bad_deed", index=deed.index, type=deed.type, why="number")
    return Evidence(dict(stands), _by_spot(posts), _by_spot(rulings))


def _by_spot(rows: dict[tuple[str, int], tuple[str, T]]) -> dict[Spot, list[T]]:
    found: defaultdict[Spot, list[T]] = defaultdict(list)
    for (unit, _), (counter, row) in rows.items():
        found[unit, counter].append(row)
    return dict(found)
