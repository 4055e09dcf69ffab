"""protocol.md 1, 2, 4 and check 5 of 6: the chain, the head note, the export."""

import base64
import hashlib
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.journal import (
    Head,
    MalformedLine,
    build_export,
    build_line,
    check_ends,
    check_lines,
    genesis_hash,
    line_hash,
    open_head,
    sign_head,
    split_body,
    split_export,
)
from protocol.keys import BadKey, public_bytes
from protocol.names import BadName
from protocol.note import BadNote, sign_note

JOURNAL = "0b9e3a7e-1111-4222-8333-444455556666"
OTHER = "99999999-1111-4222-8333-444455556666"
BOOT = "c0ffee00-aaaa-4bbb-8ccc-dddddddddddd"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_bytes(KEY)


def lines(
    count: int, *, first: int = 1, prev: bytes | None = None, journal: str = JOURNAL
) -> list[bytes]:
    prev = genesis_hash(journal, PUBLIC) if prev is None else prev
    out = []
    for seq in range(first, first + count):
        raw = build_line(
            journal=journal, seq=seq, prev=prev, boot=BOOT, mono_ms=seq, wall_ms=seq, sync=True,
            type="test", data={"rating": 4, "note": "Hồ sơ"},
        )  # fmt: skip
        out.append(raw)
        prev = line_hash(raw)
    return out


def refusal(body: bytes, journal: str = JOURNAL) -> MalformedLine:
    with pytest.raises(MalformedLine) as caught:
        check_lines(body, journal=journal)
    return caught.value


def test_the_genesis_hash_is_bound_to_journal_and_key() -> None:
    text = f"hailong/journal/v1\n{JOURNAL}\n{base64.b64encode(PUBLIC).decode()}\n"
    assert genesis_hash(JOURNAL, PUBLIC) == hashlib.sha256(text.encode()).digest()
    assert genesis_hash(OTHER, PUBLIC) != genesis_hash(JOURNAL, PUBLIC)
    with pytest.raises(BadKey):
        genesis_hash(JOURNAL, PUBLIC[:-1])
    with pytest.raises(BadName):
        genesis_hash(JOURNAL.upper(), PUBLIC)


@pytest.mark.parametrize("final_newline", [b"", b"\n"])
def test_a_body_of_good_lines_gives_each_with_its_hash(final_newline: bytes) -> None:
    sent = lines(5)
    checked = check_lines(b"\n".join(sent) + final_newline, journal=JOURNAL)
    assert [c.seq for c in checked] == [1, 2, 3, 4, 5]
    assert [c.line for c in checked] == sent
    assert [c.hash for c in checked] == [hashlib.sha256(raw).digest() for raw in sent]
    assert [c.prev for c in checked] == [
        genesis_hash(JOURNAL, PUBLIC),
        *[c.hash for c in checked[:-1]],
    ]


def test_a_body_may_begin_at_any_seq() -> None:
    checked = check_lines(b"\n".join(lines(3, first=40, prev=b"\x01" * 32)), journal=JOURNAL)
    assert checked[0].seq == 40
    assert checked[0].prev == b"\x01" * 32


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_zero_bytes_after_one_final_newline_are_the_heartbeat(body: bytes) -> None:
    assert check_lines(body, journal=JOURNAL) == []
    assert split_body(body) == []


def test_an_empty_line_among_others_is_malformed() -> None:
    one, two = lines(2)
    assert refusal(one + b"\n\n" + two).place == 2
    assert refusal(b"\n" + one).place == 1
    assert refusal(one + b"\n\n").place == 2
    assert refusal(b"\n\n").place == 1


def test_a_line_of_another_journal_is_refused_with_its_place() -> None:
    error = refusal(b"\n".join([*lines(2), *lines(1, first=3, journal=OTHER)]))
    assert (error.place, error.seq) == (3, 3)
    assert OTHER in str(error)
    assert refusal(b"\n".join(lines(2, journal=OTHER))).place == 1


def test_a_gap_or_a_repeat_between_seqs_is_refused() -> None:
    sent = lines(4)
    assert refusal(b"\n".join([sent[0], sent[2]])).place == 2
    assert refusal(b"\n".join([sent[0], sent[0]])).place == 2
    assert refusal(b"\n".join([sent[1], sent[0]])).seq == 1


def test_a_prev_that_is_not_the_hash_of_the_line_before_is_refused() -> None:
    sent = lines(4)
    sent[1] = sent[1].replace(b'"rating":4', b'"rating":1')
    error = refusal(b"\n".join(sent))
    assert (error.place, error.seq) == (3, 3)
    assert "not the hash of seq 2" in str(error)


def test_the_first_malformed_line_is_named_with_place_and_seq() -> None:
    sent = lines(6)
    sent[3] = sent[3].replace(b'"sync":true', b'"sync":1')
    sent[4] = sent[4] + b"\xff"
    error = refusal(b"\n".join(sent))
    assert (error.place, error.seq) == (4, 4)


@pytest.mark.parametrize("bad", [b"\xff", b"\x00", b"\r", b"\t"])
def test_bad_bytes_are_named_with_their_place(bad: bytes) -> None:
    sent = lines(3)
    sent[1] = sent[1].replace(b'"rating"', b'"' + bad + b'"')
    assert refusal(b"\n".join(sent)).place == 2


def test_carriage_returns_between_lines_are_malformed() -> None:
    assert refusal(b"\r\n".join(lines(2))).place == 1


def test_a_character_cut_in_two_by_a_newline_is_malformed() -> None:
    one, two = lines(2)
    cut = one.index("ồ".encode()) + 1
    assert refusal(one[:cut] + b"\n" + one[cut:] + b"\n" + two).place == 1


def test_lines_of_a_later_version_pass_among_ours() -> None:
    one = lines(1)[0].replace(b'{"v":1,', b'{"v":2,')
    rest = lines(2, first=2, prev=line_hash(one))
    assert [c.seq for c in check_lines(b"\n".join([one, *rest]), journal=JOURNAL)] == [1, 2, 3]
    newer = rest[1].replace(b'{"v":1,', b'{"v":9,')
    assert len(check_lines(b"\n".join([one, rest[0], newer]), journal=JOURNAL)) == 3


def test_a_line_of_4097_bytes_is_refused_in_a_body() -> None:
    one = lines(1)[0]
    long = one.replace(b'"rating":4', b'"a":"' + b"x" * (4097 - len(one) + 5 - 1) + b'"')
    assert len(long) == 4097
    assert "4,097" in str(refusal(long))


@given(st.data())
def test_a_changed_byte_anywhere_in_a_body_is_seen_by_the_chain_or_the_head(
    data: st.DataObject,
) -> None:
    sent = BODY
    place = data.draw(st.integers(0, len(sent) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != sent[place]))
    changed = sent[:place] + bytes([byte]) + sent[place + 1 :]
    with pytest.raises(MalformedLine) as caught:
        check_ends(check_lines(changed, journal=JOURNAL), genesis=GENESIS, head=HEAD)
    assert caught.value.place is not None


GENESIS = genesis_hash(JOURNAL, PUBLIC)
BODY = b"\n".join(lines(3))
HEAD = Head(3, line_hash(BODY.split(b"\n")[-1]))


def test_seq_1_must_grow_from_the_genesis_hash() -> None:
    grafted = check_lines(b"\n".join(lines(2, prev=b"\x01" * 32)), journal=JOURNAL)
    head = Head(2, grafted[-1].hash)
    with pytest.raises(MalformedLine, match="genesis") as caught:
        check_ends(grafted, genesis=GENESIS, head=head)
    assert (caught.value.place, caught.value.seq) == (1, 1)
    later = check_lines(b"\n".join(lines(2, first=2, prev=b"\x01" * 32)), journal=JOURNAL)
    check_ends(later, genesis=GENESIS, head=Head(3, later[-1].hash))


def test_the_last_line_must_be_the_signed_head() -> None:
    checked = check_lines(BODY, journal=JOURNAL)
    check_ends(checked, genesis=GENESIS, head=HEAD)
    for wrong in (Head(2, checked[1].hash), Head(4, HEAD.hash), Head(3, b"\x00" * 32)):
        with pytest.raises(MalformedLine, match="head") as caught:
            check_ends(checked, genesis=GENESIS, head=wrong)
        assert caught.value.place == 3
    check_ends([], genesis=GENESIS, head=HEAD)


def head_note(**changed: object) -> bytes:
    values = {"kiosk": "k-17", "journal": JOURNAL, "seq": 17, "hash": b"\x07" * 32, "key": KEY}
    return sign_head(**(values | changed))  # type: ignore[arg-type]


def opened(note: bytes) -> Head:
    return open_head(note, kiosk="k-17", journal=JOURNAL, public_key=KEY.public_key())


def test_a_head_note_is_three_lines_a_blank_line_and_one_signature_line() -> None:
    rows = head_note().decode().split("\n")
    assert rows[:4] == [
        f"k-17/journal/{JOURNAL}",
        "17",
        base64.b64encode(b"\x07" * 32).decode(),
        "",
    ]
    mark, name, encoded = rows[4].split(" ")
    assert (mark, name, rows[5:]) == ("—", "k-17", [""])
    raw = base64.b64decode(encoded)
    assert raw[:4] == hashlib.sha256(b"k-17\n\x01" + PUBLIC).digest()[:4]
    KEY.public_key().verify(raw[4:], ("\n".join(rows[:3]) + "\n").encode())
    assert opened(head_note()) == Head(17, b"\x07" * 32)


def test_the_head_of_an_empty_journal_is_seq_0_with_the_genesis_hash() -> None:
    assert opened(head_note(seq=0, hash=GENESIS)) == Head(0, GENESIS)


def test_a_head_of_another_kiosk_journal_or_key_is_refused() -> None:
    other_key = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    for note in (head_note(kiosk="k-18"), head_note(journal=OTHER), head_note(key=other_key)):
        with pytest.raises(BadNote):
            opened(note)


def test_any_changed_byte_of_a_head_note_is_refused() -> None:
    note = head_note()
    for place in range(len(note)):
        with pytest.raises(BadNote):
            opened(note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :])


def test_a_head_note_has_no_second_signature_and_no_fourth_line() -> None:
    text = head_note().decode().partition("\n\n")[0] + "\n"
    other = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    with pytest.raises(BadNote, match="one signature"):
        opened(sign_note(text, [("k-17", KEY), ("k-18", other)]))
    with pytest.raises(BadNote, match="head note"):
        opened(sign_note(text + "more\n", [("k-17", KEY)]))
    for odd in (text.replace("\n17\n", "\n017\n"), text.replace("\n17\n", f"\n{2**53}\n"), "a\n",
                text.replace("=\n", "\n"), text.replace("BwcHBwc=", "BwcHBwd=")):  # fmt: skip
        with pytest.raises(BadNote):
            opened(sign_note(odd, [("k-17", KEY)]))


@pytest.mark.parametrize("kiosk", ["", "-a", "A", "a" * 33, "a b", "a+b", "a\n"])
def test_a_kiosk_id_is_32_of_a_to_z_digits_and_hyphen(kiosk: str) -> None:
    with pytest.raises(BadName):
        head_note(kiosk=kiosk)
    head_note(kiosk="a" * 32)


def test_a_head_that_cannot_be_is_not_signed() -> None:
    for changed in ({"seq": -1}, {"seq": 2**53}, {"hash": b"short"}):
        with pytest.raises(BadNote):
            head_note(**changed)
    with pytest.raises(BadName):
        head_note(journal=str(uuid.UUID(JOURNAL)).upper())


def test_an_export_is_lines_one_empty_line_and_the_head_note() -> None:
    sent, note = lines(2), head_note()
    whole = build_export(sent, note)
    assert whole == b"\n".join(sent) + b"\n\n" + note
    assert split_export(whole) == (b"\n".join(sent), note)
    assert split_export(build_export([], note)) == (b"", note)
    with pytest.raises(BadNote, match="empty line"):
        split_export(b"\n".join(sent) + b"\n")
