"""A small log made with protocol/, for kiosks to witness; it can be told to lie."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from protocol.inclusion import Inclusion, LineProof, encode_inclusion
from protocol.keys import b64
from protocol.merkle import consistency_proof, inclusion_proof, leaf_hash, root_of


class SmallLog:
    """Entries in order; `dropped` seqs of the kiosk never become entries."""

    def __init__(self, origin: str, key: Ed25519PrivateKey, entries: int = 5) -> None:
        self.origin, self.keys = origin, [key]
        self.rotations: list[str] = []
        self.leaves = [leaf_hash(b"somebody's line %d" % n) for n in range(entries)]
        self.index: dict[bytes, int] = {}  # line -> its entry
        self.dropped: set[int] = set()

    def take(self, lines: list[Any]) -> None:
        """Whatever of these accepted lines is not in it yet."""
        for line in lines:
            if line.line not in self.index and line.seq not in self.dropped:
                self.index[line.line] = len(self.leaves)
                self.leaves.append(leaf_hash(line.line))

    def grow(self, count: int, what: str = "another") -> None:
        self.leaves += [leaf_hash(f"{what} {len(self.leaves)} {n}".encode()) for n in range(count)]

    def fork(self, at: int) -> SmallLog:
        """Another history from entry `at` on, under the same key."""
        other = SmallLog(self.origin, self.keys[0], 0)
        other.keys, other.rotations = list(self.keys), list(self.rotations)
        other.leaves = self.leaves[:at] + [leaf_hash(b"forged" + leaf) for leaf in self.leaves[at:]]
        return other

    def node(self, level: int, number: int) -> bytes:
        return root_of(self.leaves[number << level : (number + 1) << level])

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        root = root_of(self.leaves[:size])
        return sign_checkpoint(Checkpoint(self.origin, size, root), self.keys)

    def show(self, held: bytes | None) -> dict[str, Any]:
        """What a receipt says of it to a kiosk that holds this checkpoint."""
        old = read_checkpoint(held).size if held else 0
        found: dict[str, Any] = {"checkpoint": self.checkpoint().decode()}
        if 0 < old <= len(self.leaves):
            proof = consistency_proof(old, len(self.leaves), self.node)
            found["consistency"] = tuple(map(b64, proof))
        if self.rotations:
            found["log_keys"] = tuple(self.rotations)
        return found

    def prove(self, lines: list[Any], size: int | None = None) -> bytes:
        """The answer of the inclusion door."""
        size = len(self.leaves) if size is None else size
        found = [(line.seq, self.index[line.line]) for line in lines if line.line in self.index]
        proofs = tuple(
            LineProof(seq, at, tuple(map(b64, inclusion_proof(at, size, self.node))))
            for seq, at in found
            if at < size
        )
        return encode_inclusion(Inclusion(self.checkpoint(size).decode(), proofs))
