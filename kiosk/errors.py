"""What went wrong, as one sentence for a person: the root of every refusal of the kiosk."""


class KioskError(Exception):
    """A refusal whose text says what is wrong and what to do; commands print it and exit 2."""
