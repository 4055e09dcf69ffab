"""Proofs for whoever asks: where lines stand, and that they are under a signed checkpoint."""

from protocol.checkpoint import open_checkpoint
from protocol.inclusion import Inclusion, LineProof
from protocol.keys import b64
from protocol.merkle import leaf_hash, verify_inclusion
from protocol.tlog_proof import TlogProof
from server.ledger.keys import read_log
from server.ledger.models import SignedCheckpoint
from server.ledger.signing import newest_checkpoint, stopped
from server.ledger.tree import find_index, find_indices, open_tree


def prove_lines(
    *, unit: str, journal: str, enrolled_ms: int, first: int, last: int, now_ms: int
) -> Inclusion:
    """The answer of the inclusion door for lines first … last (protocol.md 7)."""
    log = read_log(now_ms=now_ms)
    newest = newest_checkpoint(log.origin)
    if newest is None or stopped() is not None or enrolled_ms < log.since_ms:
        return Inclusion(None, ())
    indices = find_indices(unit=unit, journal=journal, first=first, last=last)
    tree = open_tree(newest.size)
    lines = [
        LineProof(seq, index, tuple(b64(hash) for hash in tree.inclusion(index)))
        for seq, index in sorted(indices.items())
        if index < newest.size
    ]
    return Inclusion(bytes(newest.note).decode(), tuple(lines))


def prove_line(*, unit: str, journal: str, seq: int, now_ms: int) -> TlogProof | None:
    """That a line is in the log, under the newest checkpoint that others have cosigned and that
    covers it, else under the newest; None while it is under none."""
    index = find_index(unit=unit, journal=journal, seq=seq)
    if index is None:
        return None
    log = read_log(now_ms=now_ms)
    covering = SignedCheckpoint.objects.filter(origin=log.origin, size__gt=index)
    chosen = covering.order_by("-cosigned", "-size").first()
    if chosen is None:
        return None
    hashes = tuple(open_tree(chosen.size).inclusion(index))
    return TlogProof(index, hashes, bytes(chosen.note))


def check_proof(proof: TlogProof, *, entry: bytes, now_ms: int) -> None:
    """What its reader will check: BadNote or BadProof if the proof does not show this entry under
    a checkpoint of ours."""
    checkpoint = open_checkpoint(proof.checkpoint, read_log(now_ms=now_ms).known)
    verify_inclusion(
        index=proof.log_index, size=checkpoint.size, leaf=leaf_hash(entry), proof=proof.hashes,
        root=checkpoint.root,
    )  # fmt: skip
