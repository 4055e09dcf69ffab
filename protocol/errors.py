"""The root of everything that protocol refuses; str(error) is one sentence for the sender."""


class ProtocolError(Exception):
    """Something that travelled, or was about to, breaks the protocol."""
