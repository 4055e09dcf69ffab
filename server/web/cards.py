"""The card that goes with a new kiosk: code, address and a QR of both."""

from dataclasses import dataclass
from datetime import datetime

import segno
from django.utils.safestring import SafeString

from server.fleet.enrolling import KioskPlace


@dataclass(frozen=True)
class Card:
    """What is printed. until: on the unit's clock; made_ms tells it from a newer one."""

    place: KioskPlace
    code: str
    address: str
    until: datetime
    made_ms: int

    @property
    def lines(self) -> str:
        """The first two lines of a prepared card's file, hailong.toml."""
        return f'server = "{self.address}"\ncode = "{self.code}"\n'

    @property
    def qr(self) -> SafeString:
        """Those lines, to be scanned by whoever writes the file."""
        code = segno.make(self.lines, error="m", micro=False)
        # Drawn by segno from modules alone: no text of ours is in it.
        return SafeString(code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True))
