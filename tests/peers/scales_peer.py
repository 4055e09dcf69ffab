"""tlog-scales (PyPI, by Florian Larysch) as it reads a log; what it raises is a refusal."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import (
    Checkpoint,
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from tests.peers.made import NOTHING, Asked, Refused, Seen, digest

# It has no one kind of error; these are what bad files are seen to raise in it.
ITS_ERRORS = (
    ConsistencyProofInvalid, InclusionProofInvalid, InvalidSignature, AssertionError, IndexError,
    OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip
ALL = 2_000  # up to this size every entry's inclusion is proved


def read(folder: Path, vkey: str, asked: Asked = NOTHING) -> Seen:
    try:
        return _read(folder, vkey, asked)
    except ITS_ERRORS as error:
        raise Refused(f"{type(error).__name__}: {error}") from None


def _read(folder: Path, vkey: str, asked: Asked) -> Seen:
    reader = TilesReader(LocalBackend(folder))
    checkpoint = open_checkpoint(reader, vkey)
    size, root = checkpoint.size, checkpoint.root_hash
    if reader.calculate_root_hash() != root:
        raise Refused("its root is another")
    leaves = [leaf_hash(reader.get_entry(index)) for index in range(size)]
    for index, leaf in enumerate(leaves):
        if reader.mth(index, index + 1) != leaf:
            raise Refused(f"entry {index} is not what its tile says")
        if size <= ALL:
            reader.get_inclusion_proof(index, size).check(leaf, root)
    seen = Seen(size, root, digest(leaves), {}, {}, {})
    for index in asked.included:
        proof: InclusionProof = reader.get_inclusion_proof(index, size)
        proof.check(leaves[index], root)
        seen.inclusion[index] = proof.node_hashes
    for old in asked.consistent:
        before = reader.mth(0, old)
        extends: ConsistencyProof = reader.get_consistency_proof(old, size)
        extends.check(before, root)
        seen.roots[old], seen.consistency[old] = before, extends.node_hashes
    return seen


def open_checkpoint(reader: TilesReader, vkey: str) -> Checkpoint:
    """It verifies the signature and leaves the name to whoever calls it."""
    checkpoint, key = reader.get_checkpoint(), Vkey.from_string(vkey)
    checkpoint.verify(key)
    if checkpoint.origin != key.name:
        raise Refused(f"this is a checkpoint of {checkpoint.origin}")
    return checkpoint
