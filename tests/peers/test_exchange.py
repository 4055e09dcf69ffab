"""Signatures, cosignatures, proofs and whole logs that others wrote, read here, and ours there."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from tlog_scales.signing import MLDSA44CosignatureSigner, PlainEd25519Signer, Vkey
from tlog_scales.tlog import Checkpoint as ScalesCheckpoint
from tlog_scales.writer import TilesWriter

from protocol.checkpoint import Checkpoint, LogKey, open_checkpoint, sign_checkpoint
from protocol.cosignature import Cosigned, Witness, cosign, open_cosignatures
from protocol.keys import public_bytes
from protocol.merkle import leaf_hash, verify_inclusion
from protocol.note import BadNote, add_signatures, vkey
from protocol.tlog_proof import TlogProof
from tests.peers import ours, scales_peer
from tests.peers.go_peer import Go
from tests.peers.made import KEY, ORIGIN, VKEY, Asked, Refused, entry, interesting, write_log

NEW_KEY = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
BODY = Ed25519PrivateKey.from_private_bytes(bytes([10]) * 32)
WITNESS = Witness("thanh-tra.example", BODY.public_key())
AT_S = 1_800_000_000


def cosigned(note: bytes) -> bytes:
    return add_signatures(note, [cosign(note, name=WITNESS.name, key=BODY, at_s=AT_S)])


def test_tlog_scales_opens_the_cosignature_of_one_of_our_bodies(tmp_path: Path) -> None:
    write_log(tmp_path, [b"a", b"b"])
    note = cosigned((tmp_path / "checkpoint").read_bytes())
    assert open_cosignatures(note, [WITNESS]) == [Cosigned(WITNESS.name, AT_S)]
    verifier = Vkey.from_string(WITNESS.vkey).get_verifier()
    opened = ScalesCheckpoint.from_text(note.decode())
    _, line = opened.signatures
    verifier.verify_note(line, opened)
    assert verifier.get_timestamp(line.payload) == AT_S
    other = ScalesCheckpoint(ORIGIN, 3, opened.root_hash, opened.signatures)
    with pytest.raises(InvalidSignature):
        verifier.verify_note(line, other)


def test_a_cosigned_checkpoint_still_opens_under_the_logs_key(go: Go, tmp_path: Path) -> None:
    write_log(tmp_path, [b"a", b"b"])
    path = tmp_path / "checkpoint"
    path.write_bytes(cosigned(path.read_bytes()))
    assert go.read(tmp_path, VKEY) == scales_peer.read(tmp_path, VKEY) == ours.read(tmp_path, VKEY)


@pytest.mark.parametrize("key", [KEY, NEW_KEY], ids=["old", "new"])
def test_while_the_key_is_changed_either_key_opens(
    key: Ed25519PrivateKey, go: Go, tmp_path: Path
) -> None:
    held = write_log(tmp_path, [b"a", b"b"])
    (tmp_path / "checkpoint").write_bytes(sign_checkpoint(held, [KEY, NEW_KEY]))
    known = vkey(ORIGIN, public_bytes(key.public_key()))
    assert go.read(tmp_path, known) == scales_peer.read(tmp_path, known)
    assert go.read(tmp_path, known) == ours.read(tmp_path, known)
    (tmp_path / "checkpoint").write_bytes(sign_checkpoint(held, [BODY]))
    for read in (go.read, scales_peer.read, ours.read):
        with pytest.raises(Refused):
            read(tmp_path, known)


def test_a_cosignature_of_a_kind_that_is_new_here_is_passed_over() -> None:
    """ML-DSA-44, which C2SP tlog-cosignature has beside Ed25519."""
    signers = [
        PlainEd25519Signer(ORIGIN, KEY),
        MLDSA44CosignatureSigner("later.example", MLDSA44PrivateKey.generate()),
    ]
    note = ScalesCheckpoint.make_signed(ORIGIN, 5, bytes(32), signers).serialize().encode()
    log = LogKey.parse(VKEY)
    assert open_checkpoint(note, [log]) == Checkpoint(ORIGIN, 5, bytes(32))
    assert open_cosignatures(cosigned(note), [WITNESS]) == [Cosigned(WITNESS.name, AT_S)]
    with pytest.raises(BadNote):
        open_checkpoint(note.replace(b"\n5\n", b"\n6\n"), [log])


def test_a_log_that_tlog_scales_wrote_in_batches_is_read_here(go: Go, tmp_path: Path) -> None:
    log, written = tmp_path / "theirs", 0
    writer = TilesWriter.create(log, ORIGIN)
    for size in (1, 3, 255, 256, 257, 600, 70_000):
        for index in range(written, size):
            writer.add_leaf(entry(index))
        writer.commit([PlainEd25519Signer(ORIGIN, KEY)])
        written = size
        seen = ours.read(log, VKEY, interesting(size))
        assert (seen.size, seen.entries) == (size, go.read(log, VKEY).entries)
    ours_written = tmp_path / "ours"
    write_log(ours_written, [entry(index) for index in range(written)])
    assert ours.read(ours_written, VKEY, interesting(written)) == seen
    for path in (path for path in ours_written.rglob("*") if path.is_file()):
        assert (log / path.relative_to(ours_written)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("index", [0, 255, 256, 599])
def test_the_proof_that_tlog_scales_prints_is_the_one_we_give(index: int, tmp_path: Path) -> None:
    held = write_log(tmp_path, [entry(index) for index in range(600)])
    command = [sys.executable, "-m", "tlog_scales.cli", "gen-proof", tmp_path, str(index)]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    seen = ours.read(tmp_path, VKEY, Asked([index]))
    proof = TlogProof(index, tuple(seen.inclusion[index]), (tmp_path / "checkpoint").read_bytes())
    assert printed == proof.pack()
    read = TlogProof.unpack(printed)
    assert read == proof
    verify_inclusion(
        index=index, size=held.size, leaf=leaf_hash(entry(index)), proof=read.hashes, root=held.root
    )
