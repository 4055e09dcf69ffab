"""The vote code, for those who asked for it: to photograph, or to write down."""

# mypy: disallow-subclassing-any=False
from kiosk.screens import qr as _qr  # noqa: F401 (the rules name its QrCode)
from kiosk.screens import widgets as _widgets  # noqa: F401 (their rules come first)
from kiosk.screens.screen import Screen, load_rules


class CodeScreen(Screen):
    """The code in large letters, as a QR where there is an address to check it."""


load_rules(__file__)
