"""`prove`: that the vote with a code is in the log, without saying what the vote was."""

from collections.abc import Iterator
from typing import NamedTuple

from auditor.errors import Unable
from auditor.place import Place
from protocol.checkpoint import LogKey, open_checkpoint
from protocol.crockford import VOTE_CODE_CHARACTERS, read_code, vote_code
from protocol.merkle import leaf_hash, verify_inclusion
from protocol.tiles import TiledTree
from protocol.tlog_proof import TlogProof


class Found(NamedTuple):
    """The vote's line and its proof."""

    entry: bytes
    proof: TlogProof


def find_vote(code: str, place: Place, keys: list[LogKey]) -> Found:
    """Look through the entries and prove the one with this code under the newest checkpoint, the
    cosigned one if the vote is under it. Unable, BadNote, BadProof, BadTile."""
    wanted = read_code(code, VOTE_CODE_CHARACTERS)
    note = place.note("checkpoint") or b""
    checkpoint = open_checkpoint(note, keys)
    for index, entry in entries_of(place, checkpoint.size):
        if b'"type":"vote",' not in entry or read_code(vote_code(entry), 12) != wanted:
            continue
        tree = TiledTree(checkpoint.size, place.tile)
        cosigned = place.note("cosigned")
        if cosigned is not None and open_checkpoint(cosigned, keys).size > index:
            note, checkpoint = cosigned, open_checkpoint(cosigned, keys)
        hashes = tree.inclusion(index, checkpoint.size)
        verify_inclusion(
            index=index, size=checkpoint.size, leaf=leaf_hash(entry), proof=hashes,
            root=checkpoint.root,
        )  # fmt: skip
        return Found(entry, TlogProof(index, tuple(hashes), note))
    raise Unable("no_such_vote", vote=code)


def entries_of(place: Place, size: int) -> Iterator[tuple[int, bytes]]:
    """Every entry that is here, with its index."""
    if not place.has_entries():
        raise Unable("no_entries")
    if place.sealed is None:
        for number in range(-(-size // 256)):
            for at, entry in enumerate(place.bundle(number, size)):
                yield number * 256 + at, entry
        return
    with place.listed.open("rb") as file:
        for text in file:
            index, _, entry = text.rstrip(b"\n").partition(b" ")
            if not index.isdigit() or int(index) >= size:
                raise Unable("unreadable", file=str(place.listed), why=f"{text[:20]!r}")
            yield int(index), entry
