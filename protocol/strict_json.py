"""JSON with one reading only: duplicate keys, NaN, lone surrogates, U+0000, depth are refused."""

import json
from typing import NoReturn

MAX_DEPTH = 32


def parse_object(data: bytes) -> dict[str, object]:
    """The object that `data` is, itself depth 1; ValueError with a sentence otherwise."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError("It is not valid UTF-8.") from None
    if _may_be_deep(text):
        _check_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_refuse_doubles, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ValueError(f"It is not JSON: {error.msg} at character {error.pos}.") from None
    if not isinstance(value, dict):
        raise ValueError("It is not a JSON object.")
    if "\\" in text:  # only an escape can write what UTF-8 and a line's bytes forbid
        _check_strings(value)
    return value


def _may_be_deep(text: str) -> bool:
    return text.count("{") + text.count("[") > MAX_DEPTH


def _check_depth(text: str) -> None:
    depth, inside, escaped = 0, False, False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside, escaped = True, False
        elif character in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"It is nested deeper than {MAX_DEPTH}.")
        elif character in "}]":
            depth -= 1


def _refuse_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("It holds a key twice.")
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"It holds {word}, which is not JSON.")


def _check_strings(value: object) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("It holds U+0000.")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("It holds a lone surrogate.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_strings(key)
            _check_strings(item)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
