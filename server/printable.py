"""Text of others for terminals and spreadsheets: what would steer them is shown as a sign."""

import re
import unicodedata

# Control characters, and those that turn the direction of what follows (Unicode's bidi controls).
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
)

_FORMULA = "=+-@\N{MINUS SIGN}"
_BREAKS = ("\t", "\r", "\n")  # some spreadsheets begin another cell after them
# Letters and signs by their category, yet nothing is drawn for them.
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"


def printable(text: str) -> str:
    """The text with U+FFFD for every character that moves a cursor or turns a line around."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text: it begins with = + - @, whatever hides that."""
    return text.lstrip(" ").startswith(_BREAKS) or _first_seen(text) in _FORMULA


def _first_seen(text: str) -> str:
    """The first character that is neither space nor invisible, in its plain width; \0 if none."""
    for character in text:
        # Z: spaces; C: controls, zero-width and byte order marks; M: marks on what is before.
        if unicodedata.category(character)[0] not in "ZCM" and character not in _BLANKS:
            return unicodedata.normalize("NFKC", character)[0]
    return "\0"
