"""The RFC 6962 tree: hashes, which subtrees a proof is made of, and whether a proof proves.

A subtree is named by the entries [low, high) that it covers. Whoever builds proofs reads *nodes*:
node (level, number) covers the 2**level entries from number * 2**level on, all of them there.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from protocol.errors import ProtocolError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
_sha256 = hashlib.sha256


class BadProof(ProtocolError):
    """A proof that does not prove what it is shown for."""


class Node(NamedTuple):
    """A complete subtree of 2**level entries, the `number`-th of its level from 0."""

    level: int
    number: int


Nodes = Callable[[int, int], bytes]
"""The hash (32 bytes) of node (level, number)."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00, entry): 32 bytes."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01, left, right): 32 bytes."""
    return _sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of neighboring subtrees of one size (RFC 6962, 2.1)."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        pairs = zip(row[::2], row[1::2], strict=False)
        # node_hash, written out: most of a growing tree's time is spent here.
        row = [_sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return row[0]


def nodes_of(low: int, high: int) -> Iterator[Node]:
    """The nodes that make up the subtree [low, high) of a tree, from left to right.

    low is a multiple of a power of two that is not below high - low, as in every subtree of RFC
    6962: then the largest node stands first.
    """
    while low < high:
        level = (high - low).bit_length() - 1
        yield Node(level, low >> level)
        low += 1 << level


def subtree_hash(low: int, high: int, nodes: Nodes) -> bytes:
    """The hash of the subtree [low, high), from its nodes."""
    found = [nodes(*node) for node in nodes_of(low, high)]
    if not found:
        return EMPTY_ROOT
    hash = found.pop()
    while found:
        hash = node_hash(found.pop(), hash)
    return hash


def inclusion_subtrees(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees whose hashes prove entry `index` in the tree of `size`, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"There is no entry {index} in a tree of {size}.")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_subtrees(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees whose hashes prove that the tree of `new` extends that of `old` (RFC 6962)."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of {new} does not extend one of {old}.")
    if old in (0, new):
        return []
    path, low, high = [], 0, new
    whole = True  # whether [low, high) begins where the old tree does, which the asker has
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, whole = middle, False
    if not whole:
        path.append((low, high))
    return path[::-1]


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The audit path of entry `index` in the tree of `size`, in RFC order."""
    return [subtree_hash(low, high, nodes) for low, high in inclusion_subtrees(index, size)]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """That the tree of `new` entries extends that of `old`, in RFC order."""
    return [subtree_hash(low, high, nodes) for low, high in consistency_subtrees(old, new)]


def verify_inclusion(
    *, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """BadProof unless the entry with this leaf hash is the one at `index` of the tree."""
    if not 0 <= index < size:
        raise BadProof(f"There is no entry {index} in a tree of {size}.")
    _check_hashes(proof, leaf, root)
    inner = _levels_below_edge(index, size)
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise BadProof(f"The proof has {len(proof)} hashes and needs {inner + border}.")
    hash = _climb(leaf, proof[:inner], index)
    for left in proof[inner:]:
        hash = node_hash(left, hash)
    if hash != root:
        raise BadProof(f"The proof does not lead from entry {index} to the root.")


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """BadProof unless the tree of `new` entries begins with all `old` ones, unchanged (RFC 9162,
    2.1.4.2). Of an empty tree (old 0) nothing can be proved: every tree extends it."""
    if not 1 <= old <= new:
        raise BadProof(f"A tree of {new} entries does not extend one of {old}.")
    if old == new:
        if proof:
            raise BadProof("Between equal sizes nothing is proved, but the proof is not empty.")
        if old_root != new_root:
            raise BadProof(f"Two roots are shown for one tree of {old} entries.")
        return
    _check_hashes(proof, old_root, new_root)
    shift = (old & -old).bit_length() - 1
    inner = _levels_below_edge(old - 1, new) - shift
    border = ((old - 1) >> (inner + shift)).bit_count()
    start = 0 if old == 1 << shift else 1
    if len(proof) != start + inner + border:
        raise BadProof(f"The proof has {len(proof)} hashes and needs {start + inner + border}.")
    seed = proof[0] if start else old_root
    middle, edge = proof[start : start + inner], proof[start + inner :]
    before = _climb_right(seed, middle, (old - 1) >> shift)
    after = _climb(seed, middle, (old - 1) >> shift)
    for left in edge:
        before, after = node_hash(left, before), node_hash(left, after)
    if before != old_root:
        raise BadProof(f"The proof does not lead to the root of the {old} entries seen before.")
    if after != new_root:
        raise BadProof(f"The proof does not lead to the root of the {new} entries shown now.")


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _levels_below_edge(index: int, size: int) -> int:
    """On how many levels the path of `index` has a full neighbor: above, it is the right edge."""
    return (index ^ (size - 1)).bit_length()


def _climb(hash: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for level, beside in enumerate(proof):
        right = index >> level & 1
        hash = node_hash(beside, hash) if right else node_hash(hash, beside)
    return hash


def _climb_right(hash: bytes, proof: Sequence[bytes], index: int) -> bytes:
    """As _climb, but without what stands to the right: the tree as it ended at `index`."""
    for level, beside in enumerate(proof):
        if index >> level & 1:
            hash = node_hash(beside, hash)
    return hash


def _check_hashes(proof: Sequence[bytes], *hashes: bytes) -> None:
    if any(len(hash) != HASH_BYTES for hash in (*proof, *hashes)):
        raise BadProof(f"Every hash has {HASH_BYTES} bytes.")
