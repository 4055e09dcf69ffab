"""In which code page a text file was written: told by its first bytes, or by what reads well."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext

from server.importing import tcvn3
from server.importing.errors import BadFile

CHUNK = 1 << 20
WORDS_LOOKED_AT = 5_000
OLD = ("cp1258", tcvn3.NAME)  # what Windows and offices wrote before Unicode
LEAST_PLAUSIBLE = 0.8  # of the words with an accent; names of foreigners may be among them

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_HEAP = re.compile(f"[{_TONES}]{{9}}")  # putting a long one in order takes its length squared
_WORD = re.compile(r"[^\s,;:\t\"'()\[\]/.?!0-9_-]+")
# A syllable without its tone: letters before, one to three vowels, letters after.
_SYLLABLE = re.compile(
    "(ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(ch|ng|nh|[cmnpt])?"
    "|[a-z]*đ[a-z]*"  # abbreviations: QĐ, HĐND
)


def find_encoding(path: Path) -> str:
    """The name of a codec for the file's text; BadFile if none reads as Vietnamese."""
    with path.open("rb") as file:
        first = file.read(4096)
    for mark, name in _BOMS:
        if first.startswith(mark):
            return name
    if first[1::2].count(0) > len(first) // 4:
        return "utf-16-le"
    if first[::2].count(0) > len(first) // 4:
        return "utf-16-be"
    if _is_utf8(path):
        return "utf-8"
    return _most_plausible(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _most_plausible(path: Path) -> str:
    raw = _accented_lines(path)
    share, name = max((_plausible_share(raw, name), name) for name in OLD)
    if share < LEAST_PLAUSIBLE:
        raise BadFile(
            gettext(
                "Không nhận ra bảng mã chữ của tệp. Hãy lưu lại thành CSV UTF-8 hoặc Excel (.xlsx)."
            )
        )
    return name


def _accented_lines(path: Path) -> bytes:
    """Lines that hold more than ASCII, as many as it takes to judge."""
    found, size = [], 0
    with path.open("rb") as file:
        while size < WORDS_LOOKED_AT * 8 and (line := file.readline(CHUNK)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)


def _plausible_share(raw: bytes, encoding: str) -> float:
    """The part of the accented words that can be Vietnamese; 0 where a byte means nothing."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    if _HEAP.search(text):
        return 0.0
    text = unicodedata.normalize("NFC", text)
    words = [word for word in _WORD.findall(text) if not word.isascii()][:WORDS_LOOKED_AT]
    return share_of(words)


def share_of(words: Iterable[str]) -> float:
    """The part of `words` that are Vietnamese syllables."""
    looked = [is_syllable(word) for word in words]
    return sum(looked) / len(looked) if looked else 0.0


def is_syllable(word: str) -> bool:
    """Whether this can be a Vietnamese syllable: one tone at most, and letters in their places."""
    parts = unicodedata.normalize("NFD", word.lower())
    tones = sum(character in _TONES for character in parts)
    bare = unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None
