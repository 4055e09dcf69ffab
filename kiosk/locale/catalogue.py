"""One gettext file: its words, and what keeps it from being offered to citizens."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from unicodedata import normalize

import polib

from kiosk.locale.fonts import BUILT_IN, find_font, missing_letters

Words = Mapping[str, str]
"""Key ("thanks.title", "rating.5") to words in one language. Also "name", "voice" (espeak-ng's
name for it) and "font" (a file); the last two may be "": none, and the built-in one."""

_CODE = re.compile(r"(?!vi$)[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_LARGEST = 1_000_000
"""Bytes; a finished file has about 20,000."""


@dataclass(frozen=True)
class Translation:
    """A language file as read. Every fault is a sentence; with one, the language is not offered."""

    words: Words
    faults: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What is odd, but no reason to keep the language from citizens."""


def read_source(template: Path) -> Words:
    """The words of the template, which are Vietnamese."""
    catalogue = polib.pofile(str(template), encoding="utf-8")
    return _header(catalogue) | {entry.msgctxt: entry.msgid for entry in catalogue}


def read_translation(path: Path, source: Words) -> Translation:
    """A .po file; one that cannot be read is a translation with that fault."""
    if not _CODE.fullmatch(path.stem):
        return Translation({}, ("Its name is not a language's code, such as en.po or blt.po",))
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it is larger than {_LARGEST} bytes")
        catalogue = polib.pofile(str(path), encoding="utf-8")
    except (OSError, ValueError, IndexError) as error:  # what polib raises for broken files
        return Translation({}, (f"It is not readable: {error}",))
    header = _header(catalogue)
    entries = {entry.msgctxt: entry for entry in catalogue if not entry.obsolete}
    keys = [key for key in source if "." in key]
    words = {key: normalize("NFC", entries[key].msgstr) for key in keys if key in entries}
    faults = [] if header["name"] else ["X-Name: the header does not name the language"]
    for key in keys:
        if fault := _fault(entries.get(key), source[key]):
            faults.append(f"{key}: {fault}")
    remarks: list[str] = []
    if font := header["font"]:
        header["font"] = find_font(font, beside=path.parent)
        if not header["font"]:
            remarks.append(f"X-Font: there is no usable font file {font}")
    if not faults:
        faults.extend(_unshowable(header | words))
    return Translation(header | words, tuple(faults), tuple(remarks))


def _fault(entry: polib.POEntry | None, text: str) -> str:
    """Why an entry is no translation of today's words; "" if it is one."""
    if entry is None or not entry.msgstr.strip():
        return "not translated"
    if entry.msgid != text:
        return f"outdated, the Vietnamese is now “{text}”"
    if entry.fuzzy:
        return "marked as fuzzy, to be looked at again"
    try:
        places = _places(entry.msgstr)
    except ValueError as error:
        return f"a brace is open or closed alone ({error})"
    if places != _places(text):
        return f"the Vietnamese has {_in_words(_places(text))}, this has {_in_words(places)}"
    return ""


def _unshowable(words: Words) -> Iterator[str]:
    """A fault for all letters that neither the language's font nor the built-in one has."""
    text = "".join(text for key, text in words.items() if "." in key or key == "name")
    missing = missing_letters(text, str(BUILT_IN))
    if words["font"]:
        missing &= missing_letters(text, words["font"])
    if missing:
        letters = " ".join(sorted(missing)[:12])
        yield f"X-Font: {len(missing)} letters are in no font, among them {letters}"


def _places(text: str) -> set[str]:
    """The {places} of a text, as they stand; ValueError if a brace has no partner."""
    parts = Formatter().parse(text)
    return {f"{{{name}{spec}{how or ''}}}" for _, name, spec, how in parts if name is not None}


def _in_words(places: set[str]) -> str:
    return " ".join(sorted(places)) or "no {place}"


def _header(catalogue: polib.POFile) -> dict[str, str]:
    """The font and voice are names, never paths."""
    meta = catalogue.metadata
    return {key: os.path.basename(meta.get(f"X-{key.title()}", "")) for key in _HEADERS}


_HEADERS = ("name", "font", "voice")
