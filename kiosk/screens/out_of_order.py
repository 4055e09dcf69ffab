"""Out of order, or not enrolled yet: says so calmly, and what to do instead."""

# mypy: disallow-subclassing-any=False
from kivy.uix.widget import Widget

from kiosk.screens import qr as _qr  # noqa: F401 (the rules name its QrCode)
from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import Screen, load_rules


class OutOfOrderScreen(Screen):
    """The one screen without faces: a vote that cannot be kept is not asked for."""


class PauseMark(Widget):
    """Two bars in a disc."""


load_rules(__file__)
