"""protocol.md 2: every rule of the line, one test each."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.journal import MalformedLine, build_line, line_hash, read_line

JOURNAL = "0b9e3a7e-1111-4222-8333-444455556666"
BOOT = "c0ffee00-aaaa-4bbb-8ccc-dddddddddddd"
FIELDS = {
    "v": "1",
    "journal": f'"{JOURNAL}"',
    "seq": "17",
    "prev": '"' + "ab" * 32 + '"',
    "boot": f'"{BOOT}"',
    "mono_ms": "123456",
    "wall_ms": "1763800530123",
    "sync": "true",
    "salt": '"' + "0c" * 16 + '"',
    "type": '"vote"',
    "data": '{"rating":4}',
}
MAX = 2**53 - 1


def line(**changed: str) -> bytes:
    fields = FIELDS | changed
    return ("{" + ",".join(f'"{key}":{value}' for key, value in fields.items()) + "}").encode()


def is_refused(raw: bytes) -> bool:
    try:
        read_line(raw)
    except MalformedLine:
        return True
    return False


def test_the_line_of_the_specification_is_read() -> None:
    read = read_line(line())
    assert read.v == 1
    assert read.journal == JOURNAL
    assert read.seq == 17
    assert read.prev == "ab" * 32
    assert read.boot == BOOT
    assert read.mono_ms == 123456
    assert read.wall_ms == 1763800530123
    assert read.sync is True
    assert read.salt == "0c" * 16
    assert read.type == "vote"
    assert read.data == b'{"rating":4}'


@pytest.mark.parametrize("key", list(FIELDS))
def test_a_missing_key_is_malformed(key: str) -> None:
    kept = {k: v for k, v in FIELDS.items() if k != key}
    raw = ("{" + ",".join(f'"{k}":{v}' for k, v in kept.items()) + "}").encode()
    with pytest.raises(MalformedLine, match=f'"{key}"'):
        read_line(raw)


def test_keys_in_another_order_are_malformed() -> None:
    keys = list(FIELDS)
    for i in range(len(keys) - 1):
        swapped = [*keys[:i], keys[i + 1], keys[i], *keys[i + 2 :]]
        raw = ("{" + ",".join(f'"{k}":{FIELDS[k]}' for k in swapped) + "}").encode()
        assert is_refused(raw), swapped


def test_another_key_in_the_envelope_is_malformed() -> None:
    assert is_refused(line().replace(b',"type"', b',"extra":1,"type"'))


def test_a_space_anywhere_up_to_data_is_malformed() -> None:
    raw = line()
    end = raw.index(b'"data":') + len(b'"data":')
    assert all(is_refused(raw[:i] + b" " + raw[i:]) for i in range(end + 1))


def test_a_space_after_data_is_malformed() -> None:
    assert is_refused(line()[:-1] + b" }")
    assert is_refused(line() + b" ")


def test_white_space_inside_data_is_no_breach() -> None:
    assert read_line(line(data='{ "rating" : 4 }')).data == b'{ "rating" : 4 }'


@pytest.mark.parametrize(
    "data", ["[1]", '"x"', "null", "4", "{", "}", "", "{}x", "x{}", ' {"a":1}', "[{}]"]
)
def test_data_that_does_not_begin_and_end_with_braces_is_malformed(data: str) -> None:
    with pytest.raises(MalformedLine):
        read_line(line(data=data))


@pytest.mark.parametrize("data", ["{}", "{not json}", '{"a":1,"a":2}', '{"a":NaN}', "{}{}"])
def test_data_in_braces_is_not_the_envelopes_concern(data: str) -> None:
    assert read_line(line(data=data)).data == data.encode()


@pytest.mark.parametrize("key", ["v", "seq", "mono_ms", "wall_ms"])
@pytest.mark.parametrize(
    "value",
    ["-1", "+1", "01", "00", "1.0", "1e3", "0x1", '"1"', "true", "null", "", "١", "１",
     str(MAX + 1), str(10**16), str(MAX) + "0"],
)  # fmt: skip
def test_an_integer_is_digits_without_sign_or_leading_zero(key: str, value: str) -> None:
    with pytest.raises(MalformedLine, match=f'"{key}"'):
        read_line(line(**{key: value}))


@pytest.mark.parametrize("key", ["v", "seq", "mono_ms", "wall_ms"])
@given(value=st.integers(1, MAX) | st.integers(MAX - 2000, MAX))
def test_every_integer_up_to_2_to_53_minus_1_is_read(key: str, value: int) -> None:
    assert getattr(read_line(line(**{key: str(value)})), key) == value


@pytest.mark.parametrize("key", ["v", "seq", "mono_ms", "wall_ms"])
@given(value=st.integers(MAX + 1, 10**20) | st.integers(MAX + 1, MAX + 2000))
def test_no_integer_above_2_to_53_minus_1_is_read(key: str, value: int) -> None:
    assert is_refused(line(**{key: str(value)}))


def test_seq_begins_at_1_while_times_begin_at_0() -> None:
    assert is_refused(line(seq="0"))
    assert read_line(line(mono_ms="0", wall_ms="0")).mono_ms == 0


def test_another_version_keeps_the_envelope() -> None:
    assert read_line(line(v="0")).v == 0
    assert read_line(line(v="2")).v == 2


UPPER = JOURNAL.replace("e", "E")


@pytest.mark.parametrize("key", ["journal", "boot"])
@pytest.mark.parametrize(
    "value", [UPPER, JOURNAL[:-1], JOURNAL + "0", JOURNAL.replace("-", ""), "server", ""]
)
def test_journal_and_boot_are_lower_case_uuids(key: str, value: str) -> None:
    with pytest.raises(MalformedLine, match=f'"{key}"'):
        read_line(line(**{key: f'"{value}"'}))


@pytest.mark.parametrize(("key", "digits"), [("prev", 64), ("salt", 32)])
def test_hashes_and_salts_are_lower_case_hex_of_full_length(key: str, digits: int) -> None:
    for value in ("A" * digits, "a" * (digits - 1), "a" * (digits + 1), "g" * digits, ""):
        with pytest.raises(MalformedLine, match=f'"{key}"'):
            read_line(line(**{key: f'"{value}"'}))


@pytest.mark.parametrize("value", ["True", "1", "0", "null", '"true"', ""])
def test_sync_is_true_or_false(value: str) -> None:
    assert read_line(line(sync="false")).sync is False
    with pytest.raises(MalformedLine, match='"sync"'):
        read_line(line(sync=value))


@pytest.mark.parametrize("value", ["", "Vote", "1a", "_a", ".a", "a-b", "a b", "a" * 33, "é"])
def test_a_type_is_32_of_a_to_z_digits_underscore_and_dot(value: str) -> None:
    for good in ("a", "vote.revised", "a" * 32, "x_1.y"):
        assert read_line(line(type=f'"{good}"')).type == good
    with pytest.raises(MalformedLine, match='"type"'):
        read_line(line(type=f'"{value}"'))


@pytest.mark.parametrize("byte", [*range(0x20)])
def test_no_byte_below_0x20(byte: int) -> None:
    for data in (f'{{"a":"{chr(byte)}"}}', f"{{{chr(byte)}}}"):
        assert is_refused(line(data=data))
    assert is_refused(line() + bytes([byte]))


@pytest.mark.parametrize(
    "raw", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe1\xba", b"\x80"]
)
def test_invalid_utf_8_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedLine, match="UTF-8"):
        read_line(line(data='{"a":"@"}').replace(b"@", raw))


@pytest.mark.parametrize("text", ["Hồ sơ số 7", "😀", "\x7f", "\x85", "\u2028"])
def test_other_utf_8_stands_as_it_is(text: str) -> None:
    data = f'{{"a":"{text}"}}'
    assert read_line(line(data=data)).data == data.encode()


def test_4096_bytes_are_a_line_and_4097_are_not() -> None:
    room = 4096 - len(line(data='{"a":""}'))
    full = line(data='{"a":"' + "x" * room + '"}')
    assert len(full) == 4096
    assert read_line(full).seq == 17
    with pytest.raises(MalformedLine, match="4,097 bytes"):
        read_line(line(data='{"a":"' + "x" * (room + 1) + '"}'))


def test_an_empty_line_is_malformed() -> None:
    with pytest.raises(MalformedLine, match="empty"):
        read_line(b"")


def test_a_refusal_names_the_seq_if_it_can_be_read() -> None:
    with pytest.raises(MalformedLine) as late:
        read_line(line(salt='"x"'))
    assert late.value.seq == 17
    with pytest.raises(MalformedLine) as early:
        read_line(line(journal='"x"'))
    assert early.value.seq is None


def test_a_newline_after_the_line_is_malformed() -> None:
    assert is_refused(line() + b"\n")


BUILD = {
    "journal": JOURNAL,
    "seq": 17,
    "prev": b"\xab" * 32,
    "boot": BOOT,
    "mono_ms": 5,
    "wall_ms": 6,
    "sync": True,
    "type": "vote",
    "data": {"rating": 4},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"journal": UPPER},
        {"boot": "x"},
        {"seq": 0},
        {"seq": 1.0},
        {"seq": True},
        {"seq": MAX + 1},
        {"prev": b"\xab" * 31},
        {"mono_ms": -1},
        {"wall_ms": -1},
        {"type": "Vote"},
        {"salt": b"x"},
        {"data": {"a": "x" * 4096}},
        {"data": {"a": "\ud800"}},
        {"data": [1]},
        {"sync": "false"},
        {"data": {"a": len}},
        {"journal": f'{JOURNAL}","seq":1'},
        {"type": 'vote","data":{},"x":"y'},
        {
            "boot": f'{BOOT}","mono_ms":1,"wall_ms":2,"sync":true,"salt":"{"0c" * 16}",'
            '"type":"a","data":{"b":"'
        },
    ],
    ids=repr,
)
def test_what_would_be_refused_is_never_built(changed: dict[str, object]) -> None:
    with pytest.raises(MalformedLine):
        build_line(**(BUILD | changed))  # type: ignore[arg-type]


def test_every_line_gets_a_fresh_salt() -> None:
    salts = {read_line(build_line(**BUILD)).salt for _ in range(50)}  # type: ignore[arg-type]
    assert len(salts) == 50


UUIDS = st.uuids().map(str)
INTS = st.integers(0, MAX)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX, MAX) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    UUIDS,
    st.integers(1, MAX),
    st.binary(min_size=32, max_size=32),
    UUIDS,
    INTS,
    INTS,
    st.booleans(),
    st.from_regex(r"[a-z][a-z0-9_.]{0,31}", fullmatch=True),
    st.dictionaries(st.text(max_size=10), JSON, max_size=4),
    st.binary(min_size=16, max_size=16),
)
def test_what_is_built_reads_back_as_it_was_meant(
    journal: str, seq: int, prev: bytes, boot: str, mono: int, wall: int, sync: bool, kind: str,
    data: dict[str, object], salt: bytes,
) -> None:  # fmt: skip
    raw = build_line(
        journal=journal, seq=seq, prev=prev, boot=boot, mono_ms=mono, wall_ms=wall, sync=sync,
        type=kind, data=data, salt=salt,
    )  # fmt: skip
    read = read_line(raw)
    assert (read.v, read.journal, read.seq, read.prev) == (1, journal, seq, prev.hex())
    assert (read.boot, read.mono_ms, read.wall_ms, read.sync) == (boot, mono, wall, sync)
    assert (read.salt, read.type, json.loads(read.data)) == (salt.hex(), kind, data)
    # An ordinary JSON parser sees the very same line.
    whole = json.loads(raw)
    assert list(whole) == list(FIELDS)
    assert whole["data"] == data


@settings(max_examples=300)
@given(st.data())
def test_a_changed_byte_of_the_envelope_is_refused_or_changes_the_hash(data: st.DataObject) -> None:
    raw = line()
    place = data.draw(st.integers(0, raw.index(b'{"rating"')))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != raw[place]))
    changed = raw[:place] + bytes([byte]) + raw[place + 1 :]
    if is_refused(changed):
        return
    assert line_hash(changed) != line_hash(raw)
    assert read_line(changed) != read_line(raw)  # nor does any change go unseen


REFERENCE = re.compile(
    r'\{"v":(\d+),"journal":"U","seq":(\d+),"prev":"[0-9a-f]{64}","boot":"U","mono_ms":(\d+),'
    r'"wall_ms":(\d+),"sync":(?:true|false),"salt":"[0-9a-f]{32}","type":"[a-z][a-z0-9_.]{0,31}",'
    r'"data":\{.*\}\}'.replace("U", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    re.ASCII | re.DOTALL,
)


def reference_accepts(raw: bytes) -> bool:
    """The rules written down a second time, slowly and plainly."""
    if len(raw) > 4096 or any(byte < 0x20 for byte in raw):
        return False
    try:
        found = REFERENCE.fullmatch(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return False
    if not found:
        return False
    integers_fit = all(
        str(int(digits)) == digits and int(digits) <= MAX for digits in found.groups()
    )
    return integers_fit and int(found[2]) >= 1


@settings(max_examples=400)
@given(st.data())
def test_a_mangled_line_is_judged_as_the_rules_written_a_second_time_say(
    data: st.DataObject,
) -> None:
    raw = bytearray(line(data='{"a":"Hồ sơ {}"}'))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        other = data.draw(st.binary(max_size=2) | st.sampled_from([b"0", b"1", b"}", b'"', b" "]))
        raw[place : place + data.draw(st.integers(0, 2))] = other
    assert is_refused(bytes(raw)) is not reference_accepts(bytes(raw))
