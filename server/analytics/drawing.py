"""Drawing blocks of five from votes in order of arrival. Pure: knows no table."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

FIVE = 5
Vote = tuple[str, int]  # journal, seq


class Unseen(NamedTuple):
    """A vote that no block holds yet. apart: see models.Apart; None: its reasons may still come,
    which they do until the next vote of its journal."""

    received_ms: int
    journal: str
    seq: int
    first_rating: int
    apart: bool | None


class Drawn(NamedTuple):
    """What a block knows of a vote."""

    rating: int
    apart: bool


@dataclass
class Drawing:
    """A block to write: votes as drawn, in place of the blocks that it takes in."""

    until_ms: int
    votes: dict[Vote, Drawn]
    taken_in: set[int] = field(default_factory=set)

    def take_in(self, other: "Drawing") -> None:
        """Become one with another block."""
        self.votes |= other.votes
        self.taken_in |= other.taken_in


def draw(
    unseen: Sequence[Unseen],
    *,
    drawn: Mapping[Vote, tuple[int, Drawn]],
    until_ms: int,
    revisions: Iterable[tuple[int, str, int, int]],
    apart: Mapping[Vote, bool],
) -> list[Drawing]:
    """One block for each five of `unseen` (whole fives, in order of arrival).

    drawn: the votes that the cell shows, with their blocks, as they stood at until_ms.
    revisions: receipt, journal, vote, rating, by receipt. Ratings are those of the receipt of a
    five's last vote. A block of which a vote was revised by then becomes part of this five's.
    apart: of drawn votes that stand apart now otherwise than as drawn. Whether votes do is told of
    a five only when it is known of all five, and otherwise of five blocks or more that become one:
    the last vote of a five is mostly sent before its reasons, so that what came later would be its.
    """
    blocks = list(_blocks(drawn))
    block_of = {vote: block for block in blocks for vote in block.votes}
    stand: dict[Vote, int] = {}
    waiting = deque(revisions)
    new: list[Drawing] = []
    for start in range(0, len(unseen), FIVE):
        five = unseen[start : start + FIVE]
        until_ms = max(until_ms, five[-1].received_ms)
        revised: set[Vote] = set()
        while waiting and waiting[0][0] <= until_ms:
            _, journal, seq, rating = waiting.popleft()
            stand[journal, seq] = rating
            revised.add((journal, seq))
        drawing = Drawing(until_ms, _first_seen(five))
        settled = {} if start or len(blocks) < FIVE else apart
        together = block_of.keys() if settled else revised & block_of.keys()
        for vote in sorted(together):
            was = block_of[vote].votes[vote].rating
            if block_of[vote] is not drawing and (settled or was != stand[vote]):
                taken_in = block_of[vote]
                drawing.take_in(taken_in)
                block_of |= dict.fromkeys(taken_in.votes, drawing)
                new = [block for block in new if block is not taken_in]
        drawing.votes = {
            vote: Drawn(stand.get(vote, was.rating), settled.get(vote, was.apart))
            for vote, was in drawing.votes.items()
        }
        block_of |= dict.fromkeys(drawing.votes, drawing)
        new.append(drawing)
    return new


def _first_seen(five: Sequence[Unseen]) -> dict[Vote, Drawn]:
    known = all(row.apart is not None for row in five)
    return {
        (row.journal, row.seq): Drawn(row.first_rating, known and bool(row.apart)) for row in five
    }


def _blocks(drawn: Mapping[Vote, tuple[int, Drawn]]) -> Iterable[Drawing]:
    blocks: dict[int, Drawing] = {}
    for vote, (block, told) in drawn.items():
        blocks.setdefault(block, Drawing(0, {}, {block})).votes[vote] = told
    return blocks.values()
