"""Which font shows a text: Kivy has one font a label, and no language's font has every letter."""

import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from kivy.core.text import Label, LabelBase

from kiosk.locale import load_catalogues
from kiosk.locale.fonts import BUILT_IN, bold_of, missing_letters

_FALLBACK = "Roboto"
"""Comes with Kivy, and has the Vietnamese letters too."""
_log = logging.getLogger(__name__)


class Run(NamedTuple):
    """A piece of a text that one font can show."""

    font: str
    """Kivy's name of it."""
    text: str


@lru_cache(maxsize=1000)
def runs_of(text: str) -> tuple[Run, ...]:
    """The text in as few pieces as there are fonts needed for it: the built-in font where it has
    the letters, so that names look the same in every language, else the font of the language that
    has them. A letter that no font has is shown as a box."""
    own = (words["font"] for words in load_catalogues().values() if words["font"])
    fonts = tuple(dict.fromkeys((str(BUILT_IN), *own)))
    runs: list[Run] = []
    for font, piece in _pieces(text, fonts):
        if runs and runs[-1].font == font:
            piece = runs.pop().text + piece
        runs.append(Run(font, piece))
    return tuple(Run(_registered(font), piece) for font, piece in runs)


def _pieces(text: str, fonts: Sequence[str]) -> Iterator[Run]:
    """All in one font if there is one for it, else each word, else each letter."""
    if font := _font_with(text, fonts):
        yield Run(font, text)
        return
    for word in re.findall(r"\S+\s*|\s+", text):
        font = _font_with(word, fonts)
        for piece in [word] if font else word:
            yield Run(font or _font_with(piece, fonts) or fonts[0], piece)


def _font_with(text: str, fonts: Sequence[str]) -> str:
    return next((font for font in fonts if not missing_letters(text, font)), "")


@cache
def _registered(font: str) -> str:
    """Makes a font file known to Kivy by its path. One that it cannot open is replaced."""
    try:
        LabelBase.register(font, fn_regular=font, fn_bold=bold_of(font) or font)
        for bold in (False, True):
            Label(font_name=font, bold=bold).get_extents("a")
    except (OSError, ValueError) as error:
        _log.error("the font %s cannot be used, another takes its place: %s", font, error)
        return _FALLBACK if font == str(BUILT_IN) else _registered(str(BUILT_IN))
    return font
