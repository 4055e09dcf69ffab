"""What goes wrong with an installation."""


class InstallError(Exception):
    """One sentence: what is in the way and what to do."""
