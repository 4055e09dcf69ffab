"""What the screen shows right now, as one frozen value handed in by the app; imports no Kivy."""

from dataclasses import dataclass
from typing import Literal, Protocol

State = Literal["asking", "thanks", "sign_in", "out_of_order", "needs_enrolment"]


@dataclass(frozen=True)
class View:
    """Everything a screen may show; it has no place for the rating that was pressed."""

    state: State
    scale: str
    """One of protocol.rating.SCALES: which faces are offered."""
    locale: str
    locales: tuple[str, ...]
    """The languages on offer, in the order in which the language key goes through them."""
    question: str
    """In the view's language; empty means the catalogue's own question."""
    unit: str
    counter: str
    """In words, such as "Quầy số 1"."""
    official: str | None
    """Only where there is a legal basis for showing who serves; else None."""
    signed_in: bool
    officials: tuple[tuple[str, str], ...]
    """(code, name) of those who may sign in here."""
    offline: bool
    attention: bool
    can_undo: bool
    message: str = ""
    """Sign-in feedback, or why the kiosk is out of order, in plain words."""


BLANK = View(
    state="asking",
    scale="vn5",
    locale="",
    locales=(),
    question="",
    unit="",
    counter="",
    official=None,
    signed_in=False,
    officials=(),
    offline=False,
    attention=False,
    can_undo=False,
)
"""What a widget has before it is handed the real one."""


class WindowEvents(Protocol):
    """What the window reports. Every call comes from the window's own thread: return at once."""

    def face(self, rating: int, via: Literal["touch", "keyboard"]) -> None: ...
    def undo(self) -> None: ...
    def locale(self, code: str) -> None: ...
    def open_sign_in(self) -> None: ...
    def close_sign_in(self) -> None: ...
    def sign_in(self, code: str, pin: str) -> None: ...
    def sign_out(self) -> None: ...
    def closed(self) -> None: ...
