"""Drawing blocks of five from votes in order of arrival. Pure: knows no table."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

FIVE = 5
Vote = tuple[str, int]  # journal, seq


class Unseen(NamedTuple):
    """A vote that no block holds yet. apart: see models.Apart."""

    received_ms: int
    journal: str
    seq: int
    first_rating: int
    apart: bool


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
    apart: of drawn votes whose reasons came later: their blocks become part of the first five's.
    """
    blocks = _blocks(drawn)
    block_of = {vote: block for block in blocks for vote in block.votes}
    stand: dict[Vote, int] = {}
    waiting = deque(revisions)
    new: list[Drawing] = []
    for start in range(0, len(unseen), FIVE):
        five = unseen[start : start + FIVE]
        until_ms = max(until_ms, five[-1].received_ms)
        revised: set[Vote] = set() if start else {*apart}
        while waiting and waiting[0][0] <= until_ms:
            _, journal, seq, rating = waiting.popleft()
            stand[journal, seq] = rating
            revised.add((journal, seq))
        drawing = Drawing(
            until_ms,
            {(row.journal, row.seq): Drawn(row.first_rating, row.apart) for row in five},
        )
        for vote in sorted(revised & block_of.keys()):
            was = block_of[vote].votes[vote]
            if block_of[vote] is not drawing and was != _now(vote, was, stand, apart):
                taken_in = block_of[vote]
                drawing.take_in(taken_in)
                block_of |= dict.fromkeys(taken_in.votes, drawing)
                new = [block for block in new if block is not taken_in]
        drawing.votes = {vote: _now(vote, was, stand, apart) for vote, was in drawing.votes.items()}
        block_of |= dict.fromkeys(drawing.votes, drawing)
        new.append(drawing)
    return new


def _now(vote: Vote, was: Drawn, stand: Mapping[Vote, int], apart: Mapping[Vote, bool]) -> Drawn:
    return Drawn(stand.get(vote, was.rating), apart.get(vote, was.apart))


def _blocks(drawn: Mapping[Vote, tuple[int, Drawn]]) -> Iterable[Drawing]:
    blocks: dict[int, Drawing] = {}
    for vote, (block, told) in drawn.items():
        blocks.setdefault(block, Drawing(0, {}, {block})).votes[vote] = told
    return blocks.values()
