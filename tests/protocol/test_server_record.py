"""protocol.md 4: the server's own entries."""

import base64
import json

import pytest

from protocol.server_record import BadServerRecord, build_received, build_server_record

SALT = bytes(range(16))


def test_a_server_record_has_its_keys_in_order() -> None:
    entry = build_server_record("enrolled", {"kiosk": "k-17", "unit": "99001"}, 5, SALT)
    assert entry == (
        b'{"v":1,"journal":"server","wall_ms":5,"salt":"000102030405060708090a0b0c0d0e0f",'
        b'"type":"enrolled","data":{"kiosk":"k-17","unit":"99001"}}'
    )


def test_received_names_lines_head_note_and_receipt_time() -> None:
    entry = json.loads(build_received(journal="j", first=12, last=17, head=b"note\n", ms=99))
    assert entry["type"] == "received"
    assert entry["wall_ms"] == 99
    assert list(entry["data"]) == ["journal", "from", "to", "head", "ms"]
    assert entry["data"]["head"] == base64.b64encode(b"note\n").decode()
    assert (entry["data"]["from"], entry["data"]["to"], entry["data"]["ms"]) == (12, 17, 99)


def test_every_server_record_gets_a_fresh_salt() -> None:
    assert build_server_record("rules", {}, 5) != build_server_record("rules", {}, 5)


@pytest.mark.parametrize(
    ("kind", "data", "wall_ms", "salt"),
    [
        ("Rules", {}, 5, SALT),
        ('a","x":"', {}, 5, SALT),
        ("rules", {"a": "x" * 4096}, 5, SALT),
        ("rules", [1], 5, SALT),
        ("rules", {}, -1, SALT),
        ("rules", {}, 2**53, SALT),
        ("rules", {}, 5, b"short"),
        ("rules", {"a": "\ud800"}, 5, SALT),
        ("rules", {"a": len}, 5, SALT),
        ("rules", {}, 5.5, SALT),
    ],
    ids=repr,
)
def test_what_is_no_server_record_is_not_written(
    kind: str, data: object, wall_ms: int, salt: bytes
) -> None:
    with pytest.raises(BadServerRecord):
        build_server_record(kind, data, wall_ms, salt)  # type: ignore[arg-type]
