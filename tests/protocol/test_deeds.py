"""The server's own records, read back: envelope, types, and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.deeds import DEEDS, Duty, NotADeed, Received, understand_record
from protocol.server_record import (
    BadServerRecord,
    build_received,
    build_server_record,
    read_server_record,
)

ENTRY = build_server_record("duty", {"kiosk": "k-1", "official": None, "by": "x"}, 5, bytes(16))


def test_a_record_is_read_as_it_was_written() -> None:
    found = read_server_record(ENTRY)
    assert (found.wall_ms, found.type) == (5, "duty")
    assert understand_record(*found[1:]) == Duty(kiosk="k-1", official=None, by="x")


def test_received_is_understood() -> None:
    entry = build_received(journal="j", first=1, last=3, head=b"note", ms=9)
    deed = understand_record("received", read_server_record(entry).data)
    assert deed == Received(journal="j", first=1, last=3, head="bm90ZQ==", ms=9)


@pytest.mark.parametrize(
    "entry",
    [
        b"", b"{}", ENTRY + b"\n", ENTRY[:-1], ENTRY.replace(b'"v":1', b'"v":2'),
        ENTRY.replace(b'"wall_ms":5', b'"wall_ms":05'), ENTRY.replace(b"server", b"other"),
        ENTRY.replace(b'"wall_ms":5', b'"wall_ms":9999999999999999'),
        ENTRY.replace(b'"by":"x"', b'"by":"x","by":"y"'), ENTRY.replace(b"null", b"nul"),
        ENTRY.replace(b"x", b"\xff"), ENTRY.replace(b'"x"', b'"%s"' % (b"x" * 4096)),
    ],
)  # fmt: skip
def test_bytes_that_are_no_record_are_refused(entry: bytes) -> None:
    with pytest.raises(BadServerRecord):
        read_server_record(entry)


@given(st.binary(max_size=200))
def test_garbage_is_no_record(entry: bytes) -> None:
    with pytest.raises(BadServerRecord):
        read_server_record(entry)


@pytest.mark.parametrize("type", [*DEEDS, "weather"])
def test_what_lacks_its_keys_is_kept_but_not_understood(type: str) -> None:
    with pytest.raises(NotADeed, match=type):
        understand_record(type, {})


def test_a_later_version_may_say_more() -> None:
    assert understand_record("viewed", {"by": "a", "what": "b", "why": "c"})
