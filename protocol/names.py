"""Names that stand inside signed bytes: journal and boot UUIDs, kiosk ids, server names."""

import re

from protocol.errors import ProtocolError

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KIOSK_ID = r"[a-z0-9][a-z0-9-]{0,31}"
MAX_SERVER_NAME = 64

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_uuid = re.compile(UUID)
_kiosk_id = re.compile(KIOSK_ID)
_server_name = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class BadName(ProtocolError):
    """A journal, kiosk id or server name that may not stand in signed bytes."""


def check_journal(journal: str) -> str:
    """Return a lower-case UUID (8-4-4-4-12) as it is, or raise BadName."""
    if not _uuid.fullmatch(journal):
        raise BadName(f"A journal is named by a lower-case UUID, not by {journal[:60]!r}.")
    return journal


def check_kiosk_id(kiosk: str) -> str:
    """Return a kiosk id as it is, or raise BadName."""
    if not _kiosk_id.fullmatch(kiosk):
        raise BadName(
            "A kiosk id is 1 to 32 of a-z, 0-9 and hyphen and starts with no hyphen; "
            f"{kiosk[:60]!r} is not."
        )
    return kiosk


def check_server_name(server: str) -> str:
    """Return a server name (lower-case DNS name, at most 64 characters), or raise BadName."""
    if len(server) > MAX_SERVER_NAME or not _server_name.fullmatch(server):
        raise BadName(
            f"A server name is a lower-case DNS name of at most {MAX_SERVER_NAME} characters; "
            f"{server[:80]!r} is not."
        )
    return server
