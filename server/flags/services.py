"""What changes flags, doubts and decisions; and the look at single votes, which is recorded."""

from server.flags.decisions import (
    confirm_decision,
    note_looked,
    propose_decision,
    refuse_decision,
    withdraw_decision,
)
from server.flags.looking import open_doubt
from server.flags.stage import flag_pending, forget_flags

__all__ = [
    "confirm_decision",
    "flag_pending",
    "forget_flags",
    "note_looked",
    "open_doubt",
    "propose_decision",
    "refuse_decision",
    "withdraw_decision",
]
