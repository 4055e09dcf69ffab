"""What is malformed is refused and what is merely not understood is kept: bytes on a real socket.

Only the last line breaks a rule: chain and signed head are made over the bytes as they are sent, so
nothing but the rule itself can refuse them.
"""

import re

import pytest

from protocol.journal import line_hash, sign_head
from tests.server.ingest.test_line_door import enrolled, stored
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live

HUGE = b"1" + b"0" * 400
MOST = b"9007199254740991"
PAST = b"9007199254740992"


def rewritten(paper: PaperKiosk, last: bytes) -> bytes:
    """Give the journal this last line; the head note that the kiosk signs over it."""
    paper.lines[-1] = last
    return sign_head(
        kiosk=paper.kiosk,
        journal=paper.journal,
        seq=len(paper.lines),
        hash=line_hash(last),
        key=paper.key,
    )


def swap(old: bytes, new: bytes):  # type: ignore[no-untyped-def]
    def swapped(line: bytes) -> bytes:
        assert old in line
        return line.replace(old, new, 1)

    return swapped


def value(key: str, new: bytes):  # type: ignore[no-untyped-def]
    """The same line with another value of a key of the envelope."""

    def changed(line: bytes) -> bytes:
        pattern = rb'("%b":)("[^"]*"|[^,]*)' % key.encode()
        out = re.sub(pattern, lambda found: found[1] + new, line, count=1)
        assert out != line
        return out

    return changed


def data(new: bytes):  # type: ignore[no-untyped-def]
    """The same line with other data."""

    def changed(line: bytes) -> bytes:
        return line[: line.index(b'"data":') + 7] + new + b"}"

    return changed


def kind(name: bytes, content: bytes):  # type: ignore[no-untyped-def]
    return lambda line: data(content)(value("type", b'"%b"' % name)(line))


def filled(size: int):  # type: ignore[no-untyped-def]
    """Spaces inside data, before its last brace: no breach but the length."""
    return lambda line: line[:-2] + b" " * (size - len(line)) + b"}}"


def salted(line: bytes) -> bytes:
    """Salt before sync: every key is there, two have changed places."""
    found = re.search(rb'"sync":true,("salt":"\w+"),', line)
    assert found
    return line.replace(found[0], found[1] + b',"sync":true,')


INTEGERS = (PAST, HUGE, b"01", b"+1", b"-1", b"1.0", b"1e3", b'"1"', b"true", b"null", b"0x1", b"")
MALFORMED = {
    "two keys in another order": salted,
    "data that is not last": swap(b'"data":{', b'"more":1,"data":{'),
    "a key after data": lambda line: line[:-1] + b',"more":1}',
    "a key too many at the start": swap(b'{"v":1', b'{"a":1,"v":1'),
    "a key twice": swap(b'"sync":true', b'"sync":true,"sync":true'),
    "no salt": lambda line: re.sub(rb'"salt":"\w+",', b"", line),
    "no type": swap(b'"type":"vote",', b""),
    "a space before the line": lambda line: b" " + line,
    "a space after the line": lambda line: line + b" ",
    "a space after the first brace": swap(b'{"v"', b'{ "v"'),
    "a space after a colon": swap(b'"v":1', b'"v": 1'),
    "a space before a comma": swap(b'"v":1,', b'"v":1 ,'),
    "a tab after a comma": swap(b'"v":1,', b'"v":1,\t'),
    "a space before data": swap(b'"data":{', b'"data": {'),
    "a space after data": lambda line: line[:-1] + b" }",
    "a carriage return at the end": lambda line: line + b"\r",
    "a byte order mark": lambda line: b"\xef\xbb\xbf" + line,
    "an escape in a key": swap(b'"seq"', b'"\\u0073eq"'),
    "an escape in the type": value("type", b'"\\u0076ote"'),
    "an escaped slash in boot": swap(b'"boot":"', b'"boot":"\\/'),
    **{f"v of {text[:9]!r}": value("v", text) for text in INTEGERS},
    **{f"seq of {text[:9]!r}": value("seq", text) for text in (*INTEGERS, b"0")},
    **{f"mono_ms of {text[:9]!r}": value("mono_ms", text) for text in INTEGERS},
    **{f"wall_ms of {text[:9]!r}": value("wall_ms", text) for text in INTEGERS},
    **{f"sync of {text!r}": value("sync", text) for text in (b"True", b"1", b"null", b'"true"')},
    "an upper-case journal": lambda line: re.sub(
        rb'"journal":"[^"]+"', lambda found: found[0].upper().replace(b"JOURNAL", b"journal"), line
    ),
    "a boot in braces": swap(b'"boot":"', b'"boot":"{'),
    "a boot without hyphens": value("boot", b'"' + b"0" * 32 + b'"'),
    "prev of 63 digits": value("prev", b'"' + b"a" * 63 + b'"'),
    "prev in upper case": value("prev", b'"' + b"A" * 64 + b'"'),
    "salt of 31 digits": value("salt", b'"' + b"a" * 31 + b'"'),
    "salt of 33 digits": value("salt", b'"' + b"a" * 33 + b'"'),
    "salt in upper case": value("salt", b'"' + b"A" * 32 + b'"'),
    "an empty type": value("type", b'""'),
    "a type of 33 letters": value("type", b'"' + b"a" * 33 + b'"'),
    "a type that begins with a digit": value("type", b'"1vote"'),
    "an upper-case type": value("type", b'"Vote"'),
    "a type with a hyphen": value("type", b'"vote-x"'),
    "data that is a list": data(b"[]"),
    "data that is null": data(b"null"),
    "data that is a word": data(b'"{}"'),
    "no data": data(b""),
    "data that never ends": data(b'{"a":1'),
    "a byte that is no UTF-8": swap(b"button", b"butt\xffn"),
    "a slash in two bytes": swap(b"button", b"\xc0\xaf"),
    "NUL in two bytes": swap(b"button", b"\xc0\x80"),
    "a slash in three bytes": swap(b"button", b"\xe0\x80\xaf"),
    "a surrogate in UTF-8": swap(b"button", b"\xed\xa0\x80"),
    "a character past U+10FFFF": swap(b"button", b"\xf4\x90\x80\x80"),
    "a character cut short": swap(b"button", b"\xe1\xbb"),
    "a lone continuation": swap(b"button", b"\x80"),
    "NUL": swap(b"button", b"\x00"),
    "the unit separator": swap(b"button", b"\x1f"),
    "a tab in data": swap(b'{"rating"', b'{\t"rating"'),
    "a carriage return in data": swap(b'{"rating"', b'{\r"rating"'),
    "4,097 bytes": filled(4_097),
    "100,000 bytes": filled(100_000),
    "rubbish": lambda line: b"rubbish",
    "an empty object": lambda line: b"{}",
}


@pytest.fixture
def paper() -> PaperKiosk:
    return enrolled()


def test_a_malformed_line_is_refused_with_its_place_and_nothing_is_stored(live: Live) -> None:
    for what, change in MALFORMED.items():
        paper = enrolled()
        head = rewritten(paper, change(paper.lines[-1]))
        reply = live.send(paper, head=head)
        assert (reply.status, reply.word) == (422, "line"), what
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["line"] == 3, what
        assert reply.json["seq"] in (3, None), what
        assert reply.json["detail"].endswith("."), what
        assert stored(paper) == [], what


DEEP = b'{"a":' * 32 + b"1" + b"}" * 32
KEPT = {
    "4,096 bytes": (filled(4_096), True),
    "the largest times": (lambda x: value("mono_ms", MOST)(value("wall_ms", MOST)(x)), True),
    "times of zero": (lambda x: value("mono_ms", b"0")(value("wall_ms", b"0")(x)), True),
    "a byte of 0x7f": (swap(b'"locale":"vi"', b'"locale":"\x7f"'), True),
    "four-byte characters": (swap(b'"locale":"vi"', '"locale":"🙂ế"'.encode()), True),
    "white space inside data": (swap(b'{"rating":', b'{ "rating" :  '), True),
    "an unknown key in data": (swap(b'{"rating"', b'{"new":[{}],"rating"'), True),
    "a huge integer under an unknown key": (swap(b'{"rating"', b'{"new":%b,"rating"' % HUGE), True),
    "version 0": (value("v", b"0"), False),
    "version 2": (value("v", b"2"), False),
    "the last version": (value("v", MOST), False),
    "an unknown type": (value("type", b'"a.new_one2"'), False),
    "a type of 32 letters": (value("type", b'"' + b"a" * 32 + b'"'), False),
    "an unknown type with anything in it": (kind(b"future", b'{"a":[1,{"b":null}]}'), False),
    "data that is no JSON": (data(b"{]}"), False),
    "data that is two objects": (data(b'{"a":1},{"b":2}'), False),
    "an object after data": (lambda x: x[:-1] + b"{}}", False),
    "a key twice in data": (swap(b'{"rating":1', b'{"rating":1,"rating":1'), False),
    "a key twice, deeper": (swap(b'{"rating"', b'{"a":[{"b":1,"b":1}],"rating"'), False),
    "NaN": (swap(b'{"rating"', b'{"a":NaN,"rating"'), False),
    "a lone surrogate": (swap(b'{"rating"', b'{"a":"\\ud800","rating"'), False),
    "U+0000": (swap(b'{"rating"', b'{"a":"\\u0000","rating"'), False),
    "33 objects in each other": (swap(b'{"rating"', b'{"a":%b,"rating"' % DEEP), False),
    "a rating of true": (swap(b'"rating":1', b'"rating":true'), False),
    "a rating of 1.0": (swap(b'"rating":1', b'"rating":1.0'), False),
    "a rating of 1e0": (swap(b'"rating":1', b'"rating":1e0'), False),
    "a rating in quotes": (swap(b'"rating":1', b'"rating":"1"'), False),
    "a rating of 10^400": (swap(b'"rating":1', b'"rating":%b' % HUGE), False),
    "a rating that does not exist": (swap(b'"rating":1', b'"rating":6'), False),
    "a rating outside its scale": (swap(b'"vn5"', b'"vn3"'), False),
    "an unknown scale": (swap(b'"vn5"', b'"vn7"'), False),
    "no rating": (swap(b'"rating":1,', b""), False),
    "a clock without its members": (kind(b"clock", b'{"server_ms":1}'), False),
    "a clock of 2^53": (kind(b"clock", b'{"server_ms":%b,"rtt_ms":0,"wall_ms":0,'
                                          b'"mono_ms":0}' % PAST), False),
    "a day that is none": (kind(b"day", b'{"date":"2026-02-30","counts":{},"uptime_s":0,'
                                        b'"suppressed":0}'), False),
    "a vote that is revised but none": (kind(b"vote.revised", b'{"vote":9,"rating":1}'), False),
}  # fmt: skip


def test_what_is_merely_not_understood_is_kept_byte_for_byte_and_named(live: Live) -> None:
    from server.votes.models import NotUnderstood, Vote
    from server.votes.services import understand_pending

    papers: dict[str, PaperKiosk] = {}
    for number, (what, (change, _)) in enumerate(KEPT.items()):
        paper = papers[what] = enrolled(f"k-{number}")
        head = rewritten(paper, change(paper.lines[-1]))
        reply = live.send(paper, head=head)
        assert (reply.status, reply.json.get("acked")) == (200, 3), what
        assert stored(paper) == paper.lines, what
    while understand_pending():
        pass
    for what, (_, understood) in KEPT.items():
        journal = papers[what].journal
        named = NotUnderstood.objects.filter(journal=journal, seq=3).exists()
        assert (named, Vote.objects.filter(journal=journal, seq=3).exists()) == (
            not understood,
            understood,
        ), what


def test_a_kiosk_newer_than_its_server_goes_on_after_a_line_that_is_not_understood(
    live: Live, paper: PaperKiosk
) -> None:
    head = rewritten(paper, value("v", b"7")(paper.lines[-1]))
    assert live.send(paper, head=head).status == 200
    paper.vote()
    assert live.send(paper).json["acked"] == 4


def chained(paper: PaperKiosk, order: list[int]) -> bytes:
    return b"\n".join(paper.lines[seq - 1] for seq in order)


def test_lines_out_of_place_are_refused_where_the_chain_breaks(
    live: Live, paper: PaperKiosk
) -> None:
    for what, order, place in (
        ("lines in another order", [2, 1, 3], 2),
        ("the last two exchanged", [1, 3, 2], 2),
        ("a missing line", [1, 3], 2),
        ("a repeated line", [1, 2, 2, 3], 3),
        ("a repeated journal", [1, 2, 3, 1, 2, 3], 4),
        ("a line less than the head names", [1, 2], 2),
        ("one that is not the head's", [2], 1),
    ):
        reply = live.send(paper, chained(paper, order))
        assert (reply.status, reply.word, reply.json["line"]) == (422, "line", place), what
        assert reply.json["seq"] == order[place - 1], what
    assert stored(paper) == []


def test_a_seq_that_skips_or_repeats_is_refused_though_its_chain_holds(
    live: Live, paper: PaperKiosk
) -> None:
    """`prev` is right and the head is signed over just that line: only the number is wrong."""
    good = paper.lines[-1]
    for seq in (1, 2, 4, 5, 1_000):
        paper.lines[-1] = value("seq", b"%d" % seq)(good)
        head = sign_head(
            kiosk=paper.kiosk,
            journal=paper.journal,
            seq=seq,
            hash=line_hash(paper.lines[-1]),
            key=paper.key,
        )
        reply = live.send(paper, head=head)
        assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 3, seq)
    assert stored(paper) == []


def test_lines_are_joined_by_one_newline_and_nothing_else(live: Live, paper: PaperKiosk) -> None:
    for how, place in (
        (b"\n\n", 2), (b"\r\n", 1), (b"\n \n", 2), (b"\r", 1), (b"\0", 1), (b"", 1),
    ):  # fmt: skip
        reply = live.send(paper, how.join(paper.lines))
        assert (reply.status, reply.json["line"]) == (422, place), how
    assert stored(paper) == []


def test_only_nothing_or_one_newline_is_a_heartbeat(live: Live, paper: PaperKiosk) -> None:
    assert live.send(paper).status == 200
    for body in (b"\n\n", b" ", b"\n" * 1_000, b"\0", b"\r\n"):
        reply = live.send(paper, body)
        assert (reply.status, reply.word, reply.json["line"]) == (422, "line", 1), body
    assert live.send(paper, b"\n").json["acked"] == 3


def test_two_final_newlines_are_an_empty_line(live: Live, paper: PaperKiosk) -> None:
    reply = live.send(paper, paper.body() + b"\n\n")
    assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 4, None)
    assert stored(paper) == []
    assert live.send(paper, paper.body() + b"\n").json["acked"] == 3


def test_a_line_that_continues_nothing_is_refused_by_its_hash(
    live: Live, paper: PaperKiosk
) -> None:
    """Seq 2 with a `prev` of zeros: line 1 is not named, so line 2 stands nowhere."""
    head = rewritten(paper, value("prev", b'"' + b"0" * 64 + b'"')(paper.lines[-1]))
    reply = live.send(paper, head=head)
    assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 3, 3)


def test_a_first_line_that_does_not_grow_from_the_genesis_hash_is_refused(
    live: Live, paper: PaperKiosk
) -> None:
    del paper.lines[1:]
    head = rewritten(paper, value("prev", b'"' + b"0" * 64 + b'"')(paper.lines[0]))
    reply = live.send(paper, head=head)
    assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 1, 1)


def test_a_chain_of_another_journal_is_refused_under_this_ones_name(
    live: Live, paper: PaperKiosk
) -> None:
    other = enrolled("k-other")
    head = sign_head(
        kiosk=paper.kiosk, journal=paper.journal, seq=3, hash=other.hash_at(3), key=paper.key
    )
    reply = live.send(paper, other.body(), head=head)
    assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 1, 1)
    assert stored(paper) == []
