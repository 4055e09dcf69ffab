"""What goes wrong with a card."""


class CardError(Exception):
    """One sentence for the technician: what is wrong with the card and what to do."""
