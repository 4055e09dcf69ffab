"""The bytes of version 1, pinned: golden.json was made once and may never need to change."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.configuration import open_config, sign_config
from protocol.enrolment import TARGET, hash_code
from protocol.journal import (
    Head,
    build_line,
    check_ends,
    check_lines,
    genesis_hash,
    open_head,
    read_line,
    sign_head,
)
from protocol.keys import check_public_key, public_bytes
from protocol.note import parse_vkey, vkey
from protocol.records import NotUnderstood, encode_data, understand
from protocol.request import parse_signature, sign_request, verify_request
from protocol.server_record import build_received
from protocol.verifiers import pin_verifier

PATH = Path(__file__).with_name("golden.json")
GOLDEN: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GOLDEN["private_key"]))
PUBLIC = bytes.fromhex(GOLDEN["public_key"])
KIOSK, JOURNAL = GOLDEN["kiosk"], GOLDEN["journal"]
LINES = [row["line"].encode() for row in GOLDEN["lines"]]
HASHES = [bytes.fromhex(row["sha256"]) for row in GOLDEN["lines"]]
BODY = b"\n".join(LINES)


def test_the_file_itself_is_the_one_that_was_made() -> None:
    assert (
        hashlib.sha256(PATH.read_bytes()).hexdigest()
        == "b27ad616b3e94ccc218bd06720eab1eaf11497fad265c0eb76997a14677a950f"
    )


def test_the_keys_fit() -> None:
    assert public_bytes(KEY) == PUBLIC
    assert vkey(KIOSK, PUBLIC) == GOLDEN["verifier_key"]
    assert parse_vkey(GOLDEN["verifier_key"])[0] == KIOSK
    identity = hashlib.sha256(KIOSK.encode() + b"\n\x01" + PUBLIC).digest()[:4]
    tail = base64.b64encode(b"\x01" + PUBLIC).decode()
    assert GOLDEN["verifier_key"] == f"{KIOSK}+{identity.hex()}+{tail}"


def test_the_chain_holds_by_sha_256_and_a_json_parser_alone() -> None:
    text = f"hailong/journal/v1\n{JOURNAL}\n{base64.b64encode(PUBLIC).decode()}\n"
    prev = hashlib.sha256(text.encode()).hexdigest()
    assert prev == GOLDEN["genesis"]
    for seq, raw in enumerate(LINES, 1):
        content = json.loads(raw)
        assert (content["seq"], content["prev"]) == (seq, prev)
        prev = hashlib.sha256(raw).hexdigest()
        assert prev == HASHES[seq - 1].hex()


def test_the_chain_holds_by_our_own_reader() -> None:
    checked = check_lines(BODY, journal=JOURNAL)
    assert [c.hash for c in checked] == HASHES
    check_ends(checked, genesis=genesis_hash(JOURNAL, PUBLIC), head=Head(len(LINES), HASHES[-1]))


@pytest.mark.parametrize("raw", LINES, ids=lambda raw: read_line(raw).type)
def test_a_line_is_built_again_to_the_byte(raw: bytes) -> None:
    read = read_line(raw)
    built = build_line(
        journal=read.journal, seq=read.seq, prev=bytes.fromhex(read.prev), boot=read.boot,
        mono_ms=read.mono_ms, wall_ms=read.wall_ms, sync=read.sync, type=read.type,
        data=json.loads(read.data), salt=bytes.fromhex(read.salt),
    )  # fmt: skip
    assert built == raw


@pytest.mark.parametrize("raw", LINES, ids=lambda raw: read_line(raw).type)
def test_a_record_is_written_again_to_the_byte(raw: bytes) -> None:
    read = read_line(raw)
    if read.type == "later.type":
        with pytest.raises(NotUnderstood):
            understand(read.type, read.data)
    else:
        assert encode_data(understand(read.type, read.data)) == read.data


def test_the_head_notes_are_signed_again_to_the_byte() -> None:
    for seq, digest, name in (
        (len(LINES), HASHES[-1], "head_note"),
        (0, genesis_hash(JOURNAL, PUBLIC), "empty_head_note"),
    ):
        note = GOLDEN[name].encode()
        assert sign_head(kiosk=KIOSK, journal=JOURNAL, seq=seq, hash=digest, key=KEY) == note
        opened = open_head(note, kiosk=KIOSK, journal=JOURNAL, public_key=check_public_key(PUBLIC))
        assert opened == Head(seq, digest)


def test_the_request_signatures_are_made_again_to_the_byte() -> None:
    asked = GOLDEN["request"]
    parts = {key: asked[key] for key in ("server", "method", "target")}
    header = sign_request(kiosk=KIOSK, ms=asked["ms"], body=BODY, key=KEY, **parts)
    assert header == asked["header"]
    signature = parse_signature(asked["header"])
    assert verify_request(signature, body=BODY, public_key=KEY.public_key(), **parts)
    first = GOLDEN["enrolment_request"]
    made = sign_request(
        kiosk="-", server="", method="POST", target=TARGET, ms=first["ms"],
        body=first["body"].encode(), key=KEY,
    )  # fmt: skip
    assert made == first["header"]


def test_the_received_record_is_built_again_to_the_byte() -> None:
    made = build_received(
        journal=JOURNAL, first=1, last=len(LINES), head=GOLDEN["head_note"].encode(),
        ms=1795312830050, salt=bytes(16),
    )  # fmt: skip
    assert made == GOLDEN["received"].encode()


def test_the_configuration_note_is_signed_again_to_the_byte() -> None:
    config = GOLDEN["config"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(config["private_key"]))
    server, body = GOLDEN["request"]["server"], config["body"].encode()
    note = sign_config(server=server, kiosk=KIOSK, version=config["version"], body=body, key=key)
    assert note == config["note"].encode()
    held = {"server": server, "kiosk": KIOSK, "config_key": config["key"]}
    assert open_config(note, body, **held) == config["version"]


def test_the_pin_verifier_and_the_codes_hash_are_made_again() -> None:
    pin, code = GOLDEN["pin"], GOLDEN["code"]
    made = pin_verifier(
        kiosk=KIOSK, official=pin["official"], pin=pin["pin"], salt=bytes.fromhex(pin["salt"])
    )
    assert made == pin["verifier"]
    assert hash_code(code["typed"]) == code["sha256"]
