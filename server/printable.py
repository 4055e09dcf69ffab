"""Text of others for terminals and spreadsheets: what would steer them is shown as a sign."""

import re

# Control characters, and those that turn the direction of what follows (Unicode's bidi controls).
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]"
)


def printable(text: str) -> str:
    """The text with U+FFFD for every character that moves a cursor or turns a line around."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)
