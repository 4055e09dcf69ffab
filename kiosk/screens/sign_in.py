"""Sign-in and sign-out of an official by PIN, below faces that stay live for the citizen."""

# mypy: disallow-subclassing-any=False
from kivy.clock import Clock
from kivy.properties import AliasProperty, BooleanProperty, NumericProperty, StringProperty

from kiosk.locale import Words
from kiosk.screens import face_choices as _face_choices  # noqa: F401 (the rules name its faces)
from kiosk.screens.pages import PAGE, Choice, KeyPage, on_page, page_after
from kiosk.screens.pin import PinPad, PinScreen
from kiosk.screens.screen import load_rules
from kiosk.screens.view import View

LEAVES_AFTER_S = 30.0
"""Without a touch, so that no half-done sign-in stands in a citizen's way."""


class SignInScreen(PinScreen):
    """First who, then the PIN; whom a badge has named needs the PIN alone."""

    chosen = StringProperty("")
    """Code of who signs in."""
    signing_out = BooleanProperty(False)
    asks_pin = AliasProperty(
        lambda self: bool(self.chosen) or self.signing_out, bind=("chosen", "signing_out")
    )
    page = NumericProperty(0)
    page_size = PAGE

    def __init__(self, **kwargs: object) -> None:
        self._filling = Clock.create_trigger(self._fill, -1)
        super().__init__(**kwargs)
        for name in ("asks_pin", "page", "view", "words", "u"):
            self.fbind(name, self._filling)
        self._fill()

    def enter(self) -> None:
        super().enter()
        self.page = 0
        self.choose(self.view.picked_official)
        self.message = self.view.message

    def leave(self) -> None:
        super().leave()
        self.choose("")
        self.ids.faces.release()

    def show(self, view: View) -> None:
        picked = self.view.picked_official
        super().show(view)
        if view.picked_official not in ("", picked):
            self.choose(view.picked_official)
            self.message = view.message
        if self.page * PAGE >= len(view.officials):
            self.page = 0

    def choose(self, code: str) -> None:
        """Asks for this official's PIN; "" asks who it is."""
        self.chosen, self.signing_out, self.pin, self.message = code, False, "", ""

    def ask_to_leave(self) -> None:
        """Asks whoever is on duty for their PIN."""
        self.choose("")
        self.signing_out = True

    def hand_over(self, pin: str) -> None:
        if self.signing_out:
            self.events.sign_out(pin)
        else:
            self.events.sign_in(self.chosen, pin)

    def back(self) -> None:
        if self.asks_pin:
            self.choose("")
        else:
            self.close()

    def close(self) -> None:
        self.events.close_sign_in()

    def patience_s(self) -> float:
        return LEAVES_AFTER_S

    def turn(self) -> None:
        self.page = page_after(self.page, len(self.view.officials))

    def title(self, words: Words, chosen: str, signing_out: bool, message: str, view: View) -> str:
        """What is asked for, or what the app says about the last PIN."""
        if message:
            return message
        if signing_out:
            return words["sign_in.pin_out"]
        if chosen:
            return words["sign_in.pin"].format(name=dict(view.officials).get(chosen, chosen))
        return words["sign_in.who" if view.officials else "sign_in.nobody"]

    def _fill(self, *_: object) -> None:
        view = self.view
        shown = (self.asks_pin, self.page, view.officials, view.last_official, view.locale, self.u)
        if shown == self._shown:
            return
        self._shown = shown
        place, spacing = self.ids.place, 6 * self.u
        place.clear_widgets()
        if self.asks_pin:
            place.add_widget(PinPad(screen=self, u=self.u, spacing=spacing))
            return
        page = on_page(self._choices(), self.page)
        columns = 2 if self.portrait else 3
        look = {"u": self.u, "cols": columns, "spacing": spacing, "choose": self.choose}
        place.add_widget(KeyPage(page, first=view.last_official, **look))

    _shown: tuple[object, ...] = ()

    def _choices(self) -> list[Choice]:
        """Every official, who was on duty last in front."""
        last, goes_on = self.view.last_official, self.words["sign_in.continue"]
        choices = [
            (code, goes_on.format(name=name) if code == last else f"{name}\n{code}")
            for code, name in self.view.officials
        ]
        return sorted(choices, key=lambda choice: choice[0] != last)


load_rules(__file__)
