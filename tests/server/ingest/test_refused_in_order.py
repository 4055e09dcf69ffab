"""Of several faults the first in protocol.md 6's order is the answer; sizes and gzip."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from protocol.journal import MAX_BODY_BYTES, sign_head
from protocol.keys import b64, new_key
from tests.server.doors import signature
from tests.server.ingest.test_line_door import enrolled, stored
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live

# A fault changes what is sent: body, head, ms, headers; or the journal's state beforehand.
Fault = Callable[[PaperKiosk, dict[str, Any]], None]


def too_large(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["body"] = b"x" * (MAX_BODY_BYTES + 1)


def other_media(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["Content_Type"] = "application/json"


def bad_gzip(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["Content_Encoding"] = "gzip"


def too_many_lines(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["body"] = b"x\n" * 1_001


def unknown_journal(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    paper.journal = "00000000-0000-4000-8000-000000000000"


def no_head(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["Hailong_Head"] = None


def forged_head(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["head"] = sign_head(
        kiosk=paper.kiosk, journal=paper.journal, seq=3, hash=paper.hash_at(3), key=new_key()
    )


def no_signature(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["Hailong_Signature"] = None


def forged_signature(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    target = f"/api/v1/journals/{paper.journal}/lines"
    ms = sent.pop("ms", None)
    sent["Hailong_Signature"] = signature(paper.kiosk, new_key(), "POST", target, b"", ms=ms)


def wrong_clock(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["ms"] = 1_000


def state(name: str) -> Fault:
    def changed(paper: PaperKiosk, sent: dict[str, Any]) -> None:
        from server.ingest.models import Journal

        note = b64(paper.head()).encode()
        Journal.objects.filter(journal=paper.journal).update(
            state=name, fork_seq=1, fork_note=note, head_note=note
        )

    changed.__name__ = name
    return changed


def malformed(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["body"] = b"rubbish"


def a_gap(paper: PaperKiosk, sent: dict[str, Any]) -> None:
    sent["body"] = paper.body(2)


# In the order of the checks, with what each one alone is answered.
FAULTS: list[tuple[Fault, int, str]] = [
    (too_large, 413, "size"),
    (other_media, 415, "media"),
    (bad_gzip, 400, "body"),
    (too_many_lines, 413, "size"),
    (unknown_journal, 401, "key"),
    (no_head, 400, "body"),
    (forged_head, 401, "key"),
    (no_signature, 400, "body"),
    (forged_signature, 401, "key"),
    (wrong_clock, 401, "clock"),
    (state("closed"), 403, "closed"),
    (malformed, 422, "line"),
    (state("forked"), 409, "fork"),
    (a_gap, 409, "gap"),
]
# These two cannot stand in one request: the first has taken the second one's place.
APART = {
    ("too_large", "bad_gzip"), ("closed", "forked"), ("malformed", "a_gap"),
    ("no_signature", "forged_signature"), ("no_signature", "wrong_clock"),
}  # fmt: skip


def knock_with(live: Live, faults: list[Fault]) -> tuple[int, str]:
    paper, sent = enrolled(), dict[str, Any]()
    journal = paper.journal
    for fault in faults:
        fault(paper, sent)
    reply = live.send(paper, sent.pop("body", None), **sent)
    paper.journal = journal
    assert stored(paper) == []
    return reply.status, reply.word


def test_each_fault_alone_has_its_answer(live: Live) -> None:
    for fault, status, word in FAULTS:
        assert knock_with(live, [fault]) == (status, word), fault.__name__


def test_of_two_faults_the_one_that_is_checked_first_is_the_answer(live: Live) -> None:
    for place, (first, status, word) in enumerate(FAULTS):
        for later, *_ in FAULTS[place + 1 :]:
            if (first.__name__, later.__name__) not in APART:
                found = knock_with(live, [later, first])
                assert found == (status, word), f"{first.__name__} before {later.__name__}"


# -- sizes and gzip -----------------------------------------------------------------------------


@pytest.fixture
def paper() -> PaperKiosk:
    return enrolled()


def grown(paper: PaperKiosk, lines: int) -> None:
    while len(paper.lines) < lines:
        paper.vote(3)


def test_a_thousand_lines_are_taken_and_one_more_is_too_many(live: Live, paper: PaperKiosk) -> None:
    grown(paper, 1_001)
    for end in (b"", b"\n"):
        reply = live.send(paper, paper.body() + end)
        assert (reply.status, reply.word) == (413, "size")
    assert stored(paper) == []
    reply = live.send(paper, paper.body(1, 1_000) + b"\n", head=paper.head(1_000))
    assert reply.json["acked"] == 1_000


def mebibyte(paper: PaperKiosk, size: int) -> bytes:
    """A body of so many bytes: full lines, the last one as long as is left."""
    del paper.lines[:]
    left = size
    while left > 0:
        paper.add("filler", {"x": ""})
        room = 4_096 if left > 8_300 else left - 1 if left <= 4_097 else left // 2
        short = room - len(paper.lines[-1])
        paper.lines.pop()
        paper.add("filler", {"x": "x" * short}, after_ms=0)
        left -= room + 1
    return paper.body() + b"\n"


@pytest.mark.parametrize("packed", [False, True], ids=["as sent", "decompressed"])
def test_a_mebibyte_is_taken_and_a_byte_more_is_too_large(
    live: Live, paper: PaperKiosk, packed: bool
) -> None:
    headers = {"Content_Encoding": "gzip"} if packed else {}

    def send_so_many(size: int) -> tuple[int, int]:
        body = mebibyte(paper, size)
        assert len(body) == size
        sent = gzip.compress(body) if packed else body
        return live.send(paper, sent, **headers).status, len(stored(paper))

    assert send_so_many(MAX_BODY_BYTES + 1) == (413, 0)
    assert send_so_many(MAX_BODY_BYTES) == (200, len(paper.lines))


def test_gzip_itself_may_be_a_mebibyte_and_no_more(live: Live, paper: PaperKiosk) -> None:
    stored_only = gzip.compress(b"\0" * MAX_BODY_BYTES, compresslevel=0)
    assert len(stored_only) > MAX_BODY_BYTES
    assert live.send(paper, stored_only, Content_Encoding="gzip").word == "size"


def member(body: bytes, *, wbits: int = 31) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(body) + packer.flush()


def named(body: bytes) -> bytes:
    """gzip with a file's name, a comment and a header's checksum (RFC 1952)."""
    start = b"\x1f\x8b\x08\x1a" + b"\0" * 6 + b"name\0comment\0"
    head = start + (zlib.crc32(start) & 0xFFFF).to_bytes(2, "little")
    return head + member(body)[10:]


def put(packed: bytes, at: int, new: bytes) -> bytes:
    """The same bytes with others at a place; -8 is where the checksum stands."""
    at %= len(packed)
    return packed[:at] + new + packed[at + len(new) :]


BOMB = gzip.compress(b"\0" * (64 << 20))
PACKED: dict[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "a bomb": (lambda body: BOMB, 413, "size"),
    "a bomb behind good lines": (lambda body: member(body + b"\0" * (8 << 20)), 413, "size"),
    "a bomb that breaks off": (lambda body: BOMB[:-9], 413, "size"),
    "gzip in gzip": (lambda body: member(member(body)), 422, "line"),
    "a bomb in a bomb": (lambda body: member(BOMB), 422, "line"),
    "two members": (lambda body: member(body[:9]) + member(body[9:]), 400, "body"),
    "an empty member behind": (lambda body: member(body) + member(b""), 400, "body"),
    "trailing bytes": (lambda body: member(body) + b"\0", 400, "body"),
    "a byte short": (lambda body: member(body)[:-1], 400, "body"),
    "half": (lambda body: member(body)[: len(member(body)) // 2], 400, "body"),
    "the header alone": (lambda body: member(body)[:10], 400, "body"),
    "nothing": (lambda body: b"", 400, "body"),
    "a wrong checksum": (lambda body: put(member(body), -8, b"\0\0\0\0"), 400, "body"),
    "a wrong length": (lambda body: put(member(body), -4, b"\0\0\0"), 400, "body"),
    "a flag that is reserved": (lambda body: put(member(body), 3, b"\xe0"), 400, "body"),
    "another method": (lambda body: put(member(body), 2, b"\x09"), 400, "body"),
    "zlib, not gzip": (lambda body: member(body, wbits=15), 400, "body"),
    "deflate alone": (lambda body: member(body, wbits=-15), 400, "body"),
    "no gzip at all": (lambda body: body, 400, "body"),
}  # fmt: skip


def test_gzip_that_is_no_single_whole_member_is_refused(live: Live, paper: PaperKiosk) -> None:
    for what, (pack, status, word) in PACKED.items():
        reply = live.send(paper, pack(paper.body()), Content_Encoding="gzip")
        assert (reply.status, reply.word) == (status, word), what
        assert stored(paper) == [], what


@pytest.mark.parametrize("pack", [member, named, lambda b: gzip.compress(b, 0)])
def test_good_gzip_is_taken_whatever_its_header_says(
    live: Live, paper: PaperKiosk, pack: Callable[[bytes], bytes]
) -> None:
    assert live.send(paper, pack(paper.body()), Content_Encoding="gzip").json["acked"] == 3
    assert live.send(paper, pack(b""), Content_Encoding="GZIP").json["acked"] == 3
    assert stored(paper) == paper.lines


def test_another_encoding_is_refused(live: Live, paper: PaperKiosk) -> None:
    for coding in ("br", "deflate", "gzip, gzip", "x-gzip", "*", "gzip;q=1"):
        reply = live.send(paper, Content_Encoding=coding)
        assert (reply.status, reply.word) == (415, "media"), coding


def test_the_content_type_is_one_whatever_its_parameters(live: Live, paper: PaperKiosk) -> None:
    for media, status in (
        ("application/x-ndjson", 200),
        ("application/x-ndjson;charset=utf-8", 200),
        ("Application/X-NDJSON ; anything", 200),
        ("application/x-ndjson, application/x-ndjson", 415),
        ("application/ndjson", 415),
        ("application/json", 415),
        ("text/plain", 415),
        ("", 415),
        (None, 415),
    ):
        assert live.send(paper, Content_Type=media).status == status, media
