"""The kiosk's words: gettext catalogues, one .po file a language; adding a language is adding data.

`kiosk.pot` holds the Vietnamese words under their keys (msgctxt); a .po file translates them and
names the language, its font and its voice in the header (X-Name, X-Font, X-Voice).
"""

import logging
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from kiosk.locale.catalogue import Words as Words
from kiosk.locale.catalogue import read_source, read_translation

SOURCE = "vi"
"""The language in which the words are written first; the others must have exactly its keys."""

_BUILT_IN = Path(__file__).parent
_TOLD = 3
"""Faults of an unfinished language that the log tells; `python -m kiosk.locale` tells them all."""
_log = logging.getLogger(__name__)


class _NoWords(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return ""


NO_WORDS: Words = _NoWords()
"""Empty text for every key: what a widget says before it is handed a language."""

_added: list[Path] = []


def use_folder(folder: Path | None) -> None:
    """Offers the languages of this folder too (.po files, fonts beside them), none with None. A
    finished file there goes before the built-in one of its language; Vietnamese is fixed."""
    _added[:] = [folder] if folder else []
    load_catalogues.cache_clear()


def load_words(locale: str) -> Words:
    """One language's words. Raises KeyError if there is no such complete catalogue."""
    return load_catalogues()[locale]


@cache
def load_catalogues() -> Mapping[str, Words]:
    """Every complete language, the source first. Unfinished ones are left out, and logged."""
    source = load_source()
    found = {SOURCE: source}
    for folder in (_BUILT_IN, *_added):
        found.update(_finished(sorted(folder.glob("*.po")), source))
    return found


@cache
def load_source() -> Words:
    """The Vietnamese words, of which all others are translations."""
    return read_source(_BUILT_IN / "kiosk.pot")


def _finished(files: Iterable[Path], source: Words) -> Mapping[str, Words]:
    found = {}
    for path in files:
        translation = read_translation(path, source)
        for remark in translation.remarks:
            _log.warning("%s: %s", path.name, remark)
        if translation.faults:
            more = len(translation.faults) - _TOLD
            told = "; ".join(translation.faults[:_TOLD]) + (f"; {more} more" if more > 0 else "")
            _log.warning("%s is not offered. %s", path.name, told)
        else:
            found[path.stem] = translation.words
    return found
