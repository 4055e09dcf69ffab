"""What codes, names and texts have to look like before they are kept."""

import re

from server.organisation.errors import OrganisationError

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_code(text: str, *, most: int = 40) -> bool:
    """Whether `text` can be a code at all, of at most `most` characters.

    Ask before a query with a code that somebody typed: PostgreSQL refuses a text with U+0000.
    """
    return len(text) <= most and CODE.fullmatch(text) is not None


def check_code(code: str, *, most: int) -> None:
    """OrganisationError unless this can be a code."""
    if not is_code(code, most=most):
        raise OrganisationError("bad-code", code=code, most=most)


def check_name(name: str, *, most: int = 200) -> str:
    """The name without blanks around it; OrganisationError if it is none."""
    name = name.strip()
    if not name or len(name) > most or not name.isprintable():
        raise OrganisationError("bad-name", most=most)
    return name


def check_text(text: str, *, most: int) -> str:
    """A text that may be empty, without blanks around it; OrganisationError if it is none."""
    text = text.strip()
    if len(text) > most or not text.isprintable():
        raise OrganisationError("bad-text", most=most)
    return text
