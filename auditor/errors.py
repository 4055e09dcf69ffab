"""Why a check could not be made, in the reader's language."""

from auditor.words import Value, say
from protocol.errors import ProtocolError


class CannotCheck(ProtocolError):
    """What was given does not let anything be checked; str() is one sentence in English."""


class Unable(CannotCheck):
    """The same by a code of words.py, so that it can be said in either language."""

    def __init__(self, code: str, **values: Value) -> None:
        super().__init__(say("en", code, values))
        self.code = code
        self.values = values


class Contradicted(Unable):
    """What was shown is not what was vouched for; nothing of it was used."""
