"""protocol.md 4: checkpoints, the change of a log's key, and proofs that can be kept."""

from itertools import permutations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import (
    Checkpoint,
    LogKey,
    follow_rotations,
    log_origin,
    open_checkpoint,
    open_rotation,
    read_checkpoint,
    sign_checkpoint,
    sign_rotation,
)
from protocol.keys import b64
from protocol.merkle import EMPTY_ROOT
from protocol.note import BadNote, sign_note
from protocol.tlog_proof import BadTlogProof, TlogProof
from tests.protocol.vectors import raw, vectors

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32) for i in range(4)]
ORIGIN = log_origin("dvc.example")
LOG_KEYS = [LogKey(ORIGIN, key.public_key()) for key in KEYS]
CHECKPOINT = Checkpoint(ORIGIN, 17, bytes(range(32)))


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    note = sign_checkpoint(CHECKPOINT, KEYS[:1])
    text, _, signature = note.decode().partition("\n\n")
    assert text == f"dvc.example/log\n17\n{b64(bytes(range(32)))}"
    assert signature.startswith("— dvc.example/log ")
    assert open_checkpoint(note, LOG_KEYS[:1]) == CHECKPOINT
    assert LogKey.parse(LOG_KEYS[0].vkey) == LOG_KEYS[0]


def test_during_a_change_of_keys_either_key_opens_it() -> None:
    note = sign_checkpoint(CHECKPOINT, KEYS[:2])
    for known in LOG_KEYS[:1], LOG_KEYS[1:2], LOG_KEYS[:2], LOG_KEYS[1:]:
        assert open_checkpoint(note, known) == CHECKPOINT
    with pytest.raises(BadNote, match="not signed by the log's key"):
        open_checkpoint(note, LOG_KEYS[2:])


def test_a_wrong_signature_of_a_known_key_condemns_the_note() -> None:
    good = sign_checkpoint(CHECKPOINT, KEYS[:2]).decode()
    other = sign_checkpoint(CHECKPOINT._replace(size=18), KEYS[:1]).decode()
    first = good.split("\n")[4]
    forged = good.replace(first, other.split("\n")[4])
    with pytest.raises(BadNote, match="does not fit"):
        open_checkpoint(forged.encode(), LOG_KEYS[:2])


def test_a_log_does_not_sign_for_another_origin() -> None:
    text = CHECKPOINT._replace(origin="other.example/log").text
    with pytest.raises(BadNote, match="not signed"):
        open_checkpoint(sign_note(text, [(ORIGIN, KEYS[0])]), LOG_KEYS[:1])


def test_extension_lines_are_no_obstacle() -> None:
    note = sign_note(f"{CHECKPOINT.text}more to come\n", [(ORIGIN, KEYS[0])])
    assert open_checkpoint(note, LOG_KEYS[:1]) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "one\n", "a/log\n17\n", f"a/log\n017\n{b64(bytes(32))}\n", f"a/log\n-1\n{b64(bytes(32))}\n",
        f"a/log\n1\n{b64(bytes(31))}\n", f"a/log\n1\n{b64(bytes(32))[:-2]}B=\n",
        f"\n1\n{b64(bytes(32))}\n", f"a/log\n9007199254740992\n{b64(bytes(32))}\n",
        f"a/log\n1\n{b64(bytes(32))}\n" + "x" * 4000 + "\n",
    ],
)  # fmt: skip
def test_another_text_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(sign_note(text, [("a/log", KEYS[0])]))


def test_the_checkpoints_of_others_are_read() -> None:
    found = read_checkpoint(vectors("sunlight_mirror_tiles")["mirror_checkpoint"].encode())
    assert (found.origin, found.size) == ("rome2026h1.example.org", 300)


def test_whoever_knows_the_old_key_accepts_the_new_one_by_the_note_alone() -> None:
    note = sign_rotation(ORIGIN, old=KEYS[0], new=KEYS[1])
    assert open_rotation(note, LOG_KEYS[0]) == LOG_KEYS[1]
    assert note.decode().startswith(f"dvc.example/log/rotation\n{LOG_KEYS[1].vkey}\n\n")


def test_a_rotation_needs_both_signatures_and_the_right_origin() -> None:
    text = f"{ORIGIN}/rotation\n{LOG_KEYS[1].vkey}\n"
    for signer in KEYS[:2]:
        with pytest.raises(BadNote):
            open_rotation(sign_note(text, [(ORIGIN, signer)]), LOG_KEYS[0])
    other = LogKey("other.example/log", KEYS[1].public_key())
    foreign = sign_note(
        f"{ORIGIN}/rotation\n{other.vkey}\n", [(ORIGIN, KEYS[0]), (other.origin, KEYS[1])]
    )
    with pytest.raises(BadNote, match="not of"):
        open_rotation(foreign, LOG_KEYS[0])
    with pytest.raises(BadNote, match="no note that changes"):
        open_rotation(sign_checkpoint(CHECKPOINT, KEYS[:2]), LOG_KEYS[0])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_several_rotations_are_followed_in_any_order(order: tuple[int, ...]) -> None:
    notes = [sign_rotation(ORIGIN, old=KEYS[i], new=KEYS[i + 1]) for i in range(3)]
    known = follow_rotations(LOG_KEYS[:1], [notes[i] for i in order] + [b"no note"])
    assert {key.vkey for key in known} == {key.vkey for key in LOG_KEYS}


def test_a_rotation_by_a_key_that_nobody_knows_hands_over_nothing() -> None:
    note = sign_rotation(ORIGIN, old=KEYS[2], new=KEYS[3])
    assert follow_rotations(LOG_KEYS[:1], [note]) == LOG_KEYS[:1]


@pytest.mark.parametrize("case", vectors("c2sp_tlog_proof")["marshal"])
def test_a_kept_proof_is_byte_for_byte_the_one_of_c2sp(case: dict[str, object]) -> None:
    extra = case["extra"]
    proof = TlogProof(
        int(str(case["index"])),
        tuple(raw(hash) for hash in case["hashes"]),  # type: ignore[attr-defined]
        str(case["checkpoint"]).encode(),
        None if extra is None else raw(str(extra)),
    )
    assert proof.pack() == str(case["text"]).encode()
    assert TlogProof.unpack(proof.pack()) == proof


@pytest.mark.parametrize("case", vectors("c2sp_tlog_proof")["unmarshal_must_fail"])
def test_another_text_is_no_kept_proof(case: dict[str, str]) -> None:
    with pytest.raises(BadTlogProof):
        TlogProof.unpack(case["text"].encode())


def test_an_empty_log_has_a_checkpoint_too() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), KEYS[:1])
    assert open_checkpoint(note, LOG_KEYS[:1]).size == 0
