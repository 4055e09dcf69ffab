"""C2SP tlog-cosignature, the request of tlog-witness, and how many bodies it takes."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.checkpoint import Checkpoint, LogKey, open_checkpoint, sign_checkpoint
from protocol.cosignature import (
    BadPolicy,
    Cosigned,
    ToCosign,
    Witness,
    cosign,
    k_of,
    open_cosignatures,
    parse_policy,
)
from protocol.keys import BadKey, b64
from protocol.note import BadNote, add_signatures
from tests.protocol.vectors import vectors

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32) for i in range(5)]
NAMES = ["", "thanh-tra.example", "hdnd.example", "mat-tran.example", "bao-chi.example"]
WITNESSES = [Witness(NAMES[i], KEYS[i].public_key()) for i in range(1, 5)]
NOTE = sign_checkpoint(Checkpoint("dvc.example/log", 17, bytes(32)), KEYS[:1])


def cosigned(*bodies: int, at_s: int = 1_800_000_000) -> bytes:
    lines = [cosign(NOTE, name=NAMES[i], key=KEYS[i], at_s=at_s + i) for i in bodies]
    return add_signatures(NOTE, lines)


@pytest.mark.parametrize("who", ["mirror", "witness"])
def test_the_cosignatures_of_others_are_opened(who: str) -> None:
    """The witness's stands beside a log's signature of a kind that nobody here knows."""
    found = vectors("sunlight_mirror_tiles")
    witness = Witness.parse(found[f"{who}_vkey"])
    assert witness.vkey == found[f"{who}_vkey"]
    note = found[f"{who}_checkpoint"].encode()
    ((name, at_s),) = open_cosignatures(note, [witness])
    assert name == f"{who}.example.org"
    assert at_s == 1_767_138_183 or at_s > 1_700_000_000
    with pytest.raises(BadNote, match="does not fit"):
        open_cosignatures(note.replace(b"\n300\n", b"\n301\n"), [witness])


def test_a_cosignature_says_who_and_when_and_leaves_the_logs_own_alone() -> None:
    note = cosigned(1, 2)
    assert open_cosignatures(note, WITNESSES) == [
        Cosigned(NAMES[1], 1_800_000_001),
        Cosigned(NAMES[2], 1_800_000_002),
    ]
    assert open_checkpoint(note, [LogKey("dvc.example/log", KEYS[0].public_key())]).size == 17
    assert cosigned(1) == add_signatures(cosigned(1), [cosign(
        NOTE, name=NAMES[1], key=KEYS[1], at_s=1_800_000_001
    )])  # fmt: skip


def test_a_bodys_changed_time_is_noticed() -> None:
    one = cosign(NOTE, name=NAMES[1], key=KEYS[1], at_s=5)
    later = one._replace(signature=(6).to_bytes(8) + one.signature[8:])
    for bad in later, one._replace(signature=one.signature[:-1]):
        with pytest.raises(BadNote, match="does not fit"):
            open_cosignatures(add_signatures(NOTE, [bad]), WITNESSES)


def test_a_logs_key_is_no_witnesss() -> None:
    log = LogKey("dvc.example/log", KEYS[0].public_key()).vkey
    with pytest.raises(BadKey, match="where a witness's is needed"):
        Witness.parse(log)
    with pytest.raises(BadKey, match="where a log's"):
        LogKey.parse(WITNESSES[0].vkey)


def test_what_travels_to_a_body_is_the_request_of_tlog_witness() -> None:
    for step in vectors("witness_protocol")["steps"]:
        body = step["body"].encode()
        assert ToCosign.unpack(body).pack() == body
    assert ToCosign.unpack(NOTE) == ToCosign(0, (), NOTE)


@pytest.mark.parametrize(
    "body",
    [b"old x\n\n", b"old 01\n\n", b"old 1\n" + b64(bytes(31)).encode() + b"\n\n", b"old 1\n"],
)
def test_another_text_does_not_go_to_a_body(body: bytes) -> None:
    with pytest.raises(BadNote):
        ToCosign.unpack(body + (NOTE if body.endswith(b"\n\n") else b""))


POLICY = f"""
# any two of the province, and the newspaper
witness inspectorate {WITNESSES[0].vkey}
witness council      {WITNESSES[1].vkey} https://hdnd.example/
witness front        {WITNESSES[2].vkey}
witness newspaper    {WITNESSES[3].vkey}   # since 2026
group province 2 inspectorate council front
group all-of-it all province newspaper
quorum all-of-it
"""


@pytest.mark.parametrize(
    ("bodies", "met"),
    [((), False), ((1, 2), False), ((1, 2, 4), True), ((3, 4), False), ((1, 2, 3, 4), True)],
)
def test_a_policy_says_how_many_it_takes(bodies: tuple[int, ...], met: bool) -> None:
    found = open_cosignatures(cosigned(*bodies), WITNESSES)
    assert parse_policy(POLICY).is_met(found) is met


def test_k_of_n_is_the_usual_policy() -> None:
    found = open_cosignatures(cosigned(1, 3), WITNESSES)
    assert k_of(WITNESSES, 2).is_met(found)
    assert not k_of(WITNESSES, 3).is_met(found)
    assert k_of([], 0).is_met([])


def test_one_body_counts_once_however_often_it_signs() -> None:
    twice = open_cosignatures(cosigned(1), WITNESSES) * 2
    assert not k_of(WITNESSES, 2).is_met(twice)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no line `quorum"),
        ("quorum nobody", "no witness or group"),
        ("quorum none\nquorum none", "Line 2"),
        (f"witness a {WITNESSES[0].vkey}\nwitness a {WITNESSES[1].vkey}", "named twice"),
        (f"witness a {WITNESSES[0].vkey[:-1]}\nquorum a", "Line 1"),
        (f"witness a {WITNESSES[0].vkey}\ngroup g 2 a\nquorum g", "cannot be"),
        (f"witness a {WITNESSES[0].vkey}\ngroup g 2 a a\nquorum g", "cannot be"),
        (f"witness a {WITNESSES[0].vkey}\ngroup g any g\nquorum g", "no witness or group"),
        ("wittness a b\nquorum none", "there are log, witness"),
        (f"witness none {WITNESSES[0].vkey}\nquorum none", "named twice"),
    ],
)
def test_a_policy_that_cannot_be_read_names_its_line(text: str, says: str) -> None:
    with pytest.raises(BadPolicy, match=says):
        parse_policy(text)
