"""protocol.md 4: C2SP signed notes and verifier keys, against golang.org/x/mod's own vectors."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.keys import BadKey, public_bytes
from protocol.note import BadNote, key_id, open_note, parse_vkey, sign_note, split_note, vkey

# github.com/golang/mod sumdb/note/note_test.go (BSD-3-Clause), commit fe2ec04f7c3c.
SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
BY_ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33W"
    "Wd1RvMc+QQ=\n"
)


def opened(note: str, key: str) -> str:
    name, public_key = parse_vkey(key)
    return open_note(note.encode(), name=name, public_key=public_key)


def test_a_signed_note_is_byte_for_byte_the_one_of_x_mod() -> None:
    name, identity, raw = SIGNER.removeprefix("PRIVATE+KEY+").split("+", 2)
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(raw)[1:])
    assert sign_note(TEXT, [(name, key)]) == f"{TEXT}\n{BY_PETER}".encode()
    assert vkey(name, public_bytes(key)) == PETER
    assert key_id(name, public_bytes(key)).hex() == identity


def test_one_known_and_one_unknown_signature() -> None:
    assert opened(f"{TEXT}\n{BY_PETER}{BY_ENOCH}", PETER) == TEXT
    assert opened(f"{TEXT}\n{BY_PETER}{BY_ENOCH}", ENOCH) == TEXT
    assert opened(f"{TEXT}\n{BY_PETER}{BY_PETER}", PETER) == TEXT
    names = [s.name for s in split_note(f"{TEXT}\n{BY_PETER}{BY_ENOCH}".encode())[1]]
    assert names == ["PeterNeumann", "EnochRoot"]


def test_a_note_without_the_known_key_is_refused() -> None:
    with pytest.raises(BadNote, match="no signature of EnochRoot"):
        opened(f"{TEXT}\n{BY_PETER}", ENOCH)
    with pytest.raises(BadNote, match="no signature of EnochRoot"):
        opened(f"{TEXT}\n{BY_PETER}".replace("PeterNeumann", "EnochRoot"), ENOCH)


def test_a_wrong_signature_of_the_known_key_refuses_the_whole_note() -> None:
    with pytest.raises(BadNote, match="does not fit"):
        opened(f"{TEXT}\n{BY_PETER}{BY_ENOCH}".replace("answer", "Answer"), PETER)
    wrong = BY_PETER.replace("ZJku", "ZJkv")
    with pytest.raises(BadNote, match="does not fit"):
        opened(f"{TEXT}\n{BY_PETER}{wrong}", PETER)


def test_a_hundred_signatures_are_read_and_a_hundred_and_one_are_not() -> None:
    assert opened(f"{TEXT}\n{BY_PETER * 100}", PETER) == TEXT
    with pytest.raises(BadNote, match="100"):
        opened(f"{TEXT}\n{BY_PETER * 101}", PETER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + BY_PETER,
        f"{TEXT}\n{BY_PETER}"[:-1],
        f"{TEXT}\n{BY_PETER}\n",
        f"{TEXT}\n{BY_PETER}x\n",
        f"{TEXT}\n— PeterNeumann\n{BY_PETER}",
        f"{TEXT}\n" + BY_PETER.replace("— ", "- "),
        f"{TEXT}\n" + BY_PETER.replace("— ", "—  "),
        f"{TEXT}\n" + BY_PETER.replace("— Peter", "— Peter+"),
        f"{TEXT}\n" + BY_PETER.replace("AM=", "AM"),
        f"{TEXT}\n" + BY_PETER.replace("AM=", "AN="),
        f"{TEXT}\n— PeterNeumann x08go\n",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\t\n{BY_PETER}",
        f"{TEXT}\r\n{BY_PETER}",
        f"{TEXT}\n" + BY_PETER.replace("\n", "\r\n"),
    ],
)
def test_a_note_of_another_form_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        opened(note, PETER)


def test_a_note_that_is_not_utf_8_or_too_long_is_refused() -> None:
    name, public_key = parse_vkey(PETER)
    for note in (f"{TEXT}\n{BY_PETER}".encode() + b"\xff", b"a" * 1_000_001):
        with pytest.raises(BadNote):
            open_note(note, name=name, public_key=public_key)


def test_a_text_that_is_no_notes_text_is_not_signed() -> None:
    key = Ed25519PrivateKey.generate()
    for text in ("", "no newline", "a\tb\n", "a\0\n", "\ud800\n"):
        with pytest.raises(BadNote):
            sign_note(text, [("name", key)])
    with pytest.raises(BadNote, match="signer"):
        sign_note("a\n", [])
    for name in ("", "a b", "a+b", "a\u00a0b", "a\n", "a\x01"):
        with pytest.raises(BadKey):
            sign_note("a\n", [(name, key)])


def test_two_signers_make_two_lines_that_both_hold() -> None:
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    note = sign_note("s/log/rotation\nkey\n", [("s/log", old), ("s/log", new)])
    for key in (old, new):
        assert open_note(note, name="s/log", public_key=key.public_key()).startswith("s/log")


def test_a_text_may_itself_hold_a_blank_line() -> None:
    key = Ed25519PrivateKey.generate()
    note = sign_note("a\n\nb\n", [("n", key)])
    assert open_note(note, name="n", public_key=key.public_key()) == "a\n\nb\n"


def test_a_verifier_key_is_read_back() -> None:
    name, public_key = parse_vkey(PETER)
    assert name == "PeterNeumann"
    assert isinstance(public_key, Ed25519PublicKey)
    assert vkey(name, public_bytes(public_key)) == PETER


def test_no_part_of_a_verifier_key_passes_for_one() -> None:
    for start in range(len(PETER)):
        for end in range(start, len(PETER) + 1):
            if end - start < len(PETER):
                with pytest.raises(BadKey):
                    parse_vkey(PETER[start:end])


def test_no_verifier_key_with_one_character_changed_passes() -> None:
    for i, character in enumerate(PETER):
        with pytest.raises(BadKey):
            parse_vkey(PETER[:i] + chr(ord(character) + 1) + PETER[i + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER + "\n",
        "",
    ],
)
def test_a_bad_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        parse_vkey(text)


def test_a_verifier_key_of_low_order_is_refused() -> None:
    with pytest.raises(BadKey, match="low order"):
        parse_vkey(vkey("n", bytes(32)))
