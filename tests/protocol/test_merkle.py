"""protocol.md 4: the RFC 6962 tree, against the vectors of transparency-dev/merkle."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.merkle import (
    EMPTY_ROOT,
    BadProof,
    Node,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    nodes_of,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.protocol.vectors import raw, vectors

TREE = vectors("merkle_reference_tree")
ENTRIES = [bytes.fromhex(text) for text in TREE["leaf_inputs"]]


def plain_root(entries: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there."""
    if not entries:
        return EMPTY_ROOT
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(plain_root(entries[:k]), plain_root(entries[k:]))


def nodes(entries: list[bytes]) -> Any:
    def read(level: int, number: int) -> bytes:
        low = number << level
        assert low + (1 << level) <= len(entries), "a node that is not complete was asked for"
        return plain_root(entries[low : low + (1 << level)])

    return read


@pytest.mark.parametrize("probe", vectors("merkle_inclusion")["probes"], ids=lambda p: p["id"])
def test_an_inclusion_probe_fails_exactly_where_it_must(probe: dict[str, Any]) -> None:
    def verify() -> None:
        verify_inclusion(
            index=probe["leafIdx"],
            size=probe["treeSize"],
            leaf=raw(probe["leafHash"]),
            proof=[raw(hash) for hash in probe["proof"] or ()],
            root=raw(probe["root"]),
        )

    if probe["wantErr"]:
        with pytest.raises(BadProof):
            verify()
    else:
        verify()


@pytest.mark.parametrize("probe", vectors("merkle_consistency")["probes"], ids=lambda p: p["id"])
def test_a_consistency_probe_fails_exactly_where_it_must(probe: dict[str, Any]) -> None:
    def verify() -> None:
        verify_consistency(
            old=probe["size1"],
            new=probe["size2"],
            old_root=raw(probe["root1"]),
            new_root=raw(probe["root2"]),
            proof=[raw(hash) for hash in probe["proof"] or ()],
        )

    if probe["wantErr"]:
        with pytest.raises(BadProof):
            verify()
    else:
        verify()


def test_the_reference_tree_has_its_published_nodes_and_roots() -> None:
    for level, hashes in enumerate(TREE["node_hashes_by_level"]):
        for number, hash in enumerate(hashes):
            assert nodes(ENTRIES)(level, number).hex() == hash
    assert (
        root_of([leaf_hash(entry) for entry in ENTRIES]).hex()
        == (TREE["node_hashes_by_level"][-1][0])
    )


@given(st.integers(0, 70))
def test_the_root_over_leaf_hashes_is_the_one_of_the_rfc(size: int) -> None:
    entries = [bytes([i]) for i in range(size)]
    assert root_of([leaf_hash(entry) for entry in entries]) == plain_root(entries)


@given(st.data())
def test_every_entry_proves_itself_and_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    entries = [bytes([i]) for i in range(size)]
    proof = inclusion_proof(index, size, nodes(entries))
    root, leaf = plain_root(entries), leaf_hash(entries[index])
    verify_inclusion(index=index, size=size, leaf=leaf, proof=proof, root=root)
    other = data.draw(st.integers(0, size).filter(lambda i: i != index))
    with pytest.raises(BadProof):
        verify_inclusion(index=other, size=size, leaf=leaf, proof=proof, root=root)
    with pytest.raises(BadProof):
        verify_inclusion(index=index, size=size, leaf=leaf_hash(b"another"), proof=proof, root=root)


@given(st.data())
def test_a_tree_extends_what_it_was_and_nothing_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 40))
    old = data.draw(st.integers(1, new))
    entries = [bytes([i]) for i in range(new)]
    before, after = plain_root(entries[:old]), plain_root(entries)
    proof = consistency_proof(old, new, nodes(entries))
    verify_consistency(old=old, new=new, old_root=before, new_root=after, proof=proof)
    forged = [b"\xff", *entries[1:]]
    with pytest.raises(BadProof):
        verify_consistency(
            old=old, new=new, old_root=plain_root(forged[:old]), new_root=after,
            proof=consistency_proof(old, new, nodes(forged)),
        )  # fmt: skip


def test_of_the_empty_tree_there_is_nothing_to_prove() -> None:
    root = plain_root(ENTRIES)
    assert consistency_proof(0, 8, nodes(ENTRIES)) == []
    with pytest.raises(BadProof, match="does not extend"):
        verify_consistency(old=0, new=8, old_root=EMPTY_ROOT, new_root=root, proof=[])


def test_a_subtree_is_made_of_its_largest_nodes_from_the_left() -> None:
    assert list(nodes_of(0, 7)) == [Node(2, 0), Node(1, 2), Node(0, 6)]
    assert list(nodes_of(4, 7)) == [Node(1, 2), Node(0, 6)]
    assert list(nodes_of(0, 0)) == []


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_what_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no entry"):
        inclusion_proof(index, size, nodes(ENTRIES))
