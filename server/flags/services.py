"""What changes flags, doubts and decisions."""

from server.flags.stage import flag_pending, forget_flags

__all__ = ["flag_pending", "forget_flags"]
