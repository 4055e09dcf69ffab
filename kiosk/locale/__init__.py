"""The kiosk's words: one TOML catalogue per language; adding a language is adding a file."""

import logging
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SOURCE = "vi"
"""The language in which the words are written first; the others must have exactly its keys."""

log = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent

Words = Mapping[str, str]
"""Key ("thanks.title", "rating.5") to words in one language."""


class _NoWords(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return ""


NO_WORDS: Words = _NoWords()
"""Empty text for every key: what a widget says before it is handed a language."""


@cache
def load_words(locale: str, folder: Path = _FOLDER) -> Words:
    """One language's words. Raises KeyError if there is no such complete catalogue."""
    return load_catalogues(folder)[locale]


@cache
def load_catalogues(folder: Path = _FOLDER) -> Mapping[str, Words]:
    """Every complete language, the source first. Unfinished ones are left out."""
    source = _read(folder / f"{SOURCE}.toml")
    others = sorted(path for path in folder.glob("*.toml") if path.stem != SOURCE)
    found = {path.stem: _read(path) for path in others}
    complete = {code: words for code, words in found.items() if is_complete(words, source)}
    return {SOURCE: source} | complete


def is_complete(words: Words, source: Words) -> bool:
    """Same keys as the source, nothing empty, and the same {places} to fill in."""
    return words.keys() == source.keys() and all(
        words[key].strip() and _places(words[key]) == _places(source[key]) for key in source
    )


def _places(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}


def _read(path: Path) -> Words:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        log.error("%s is not readable, so this language is not offered: %s", path.name, error)
        return {}
    words: dict[str, str] = {}
    for key, value in tables.items():
        if isinstance(value, dict):
            words |= {f"{key}.{inner}": str(text) for inner, text in value.items()}
        else:
            words[key] = str(value)
    return words
