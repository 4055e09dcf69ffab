"""The technician's page: behind a PIN, how this unit is doing, its self-test, its enrolment."""

# mypy: disallow-subclassing-any=False
from kivy.properties import ObjectProperty, OptionProperty

from kiosk.locale import Words
from kiosk.screens.enrol_form import EnrolForm
from kiosk.screens.pin import PinPad, PinScreen
from kiosk.screens.screen import Part, load_rules, part_of
from kiosk.screens.technician_tabs import Codes, FactsTable, SelfTest
from kiosk.screens.view import View
from kiosk.screens.widgets import Key

LEAVES_AFTER_S = 60.0
FORM_LEAVES_AFTER_S = 120.0
"""Without a touch: an address takes longer to look up than a fact."""


class TechnicianScreen(PinScreen):
    """A PIN pad until the app has unlocked it; then one tab at a time. It knows no votes."""

    tab = OptionProperty("facts", options=("facts", "codes", "test", "enrol"))

    def __init__(self, **kwargs: object) -> None:
        self._pages: dict[type[Part], Part] = {}
        super().__init__(**kwargs)
        self._turn()

    def enter(self) -> None:
        super().enter()
        self.message = self.view.message

    def leave(self) -> None:
        self.open_tab("facts")
        super().leave()

    def show(self, view: View) -> None:
        before = self.view.technician
        super().show(view)
        if not view.technician.unlocked:
            self.tab = "facts"
        if view.technician.seen != before.seen or before.busy:
            self.stay()  # somebody presses the buttons, or waited for an answer
        self._turn()

    def open_tab(self, tab: str) -> None:
        """Shows a tab; the self-test is on while its tab is up."""
        if tab == self.tab:
            return
        before, self.tab = self.tab, tab
        if "test" in (before, tab):
            self.events.self_test(tab == "test")
        self.stay()
        self._turn()

    def hand_over(self, pin: str) -> None:
        self.events.unlock(pin)

    def close(self) -> None:
        if self.view.technician.busy:
            self.stay()
            return
        self.open_tab("facts")
        self._leaving.cancel()
        self.events.close_technician()

    def patience_s(self) -> float:
        return FORM_LEAVES_AFTER_S if self.tab == "enrol" else LEAVES_AFTER_S

    def _turn(self) -> None:
        """Puts the page up that is asked for."""
        if not self.view.technician.unlocked:
            self._put(LockedPage)
        elif self.tab == "enrol":
            self._put(EnrolForm)
        else:
            self._put(OpenPage)

    def _put(self, kind: type[Part]) -> None:
        if kind not in self._pages:
            self._pages[kind] = part_of(self, kind, screen=self)
        page = self._pages[kind]
        if page.parent is None:
            self.clear_widgets()
            self.add_widget(page)
            page.begin()


class LockedPage(Part):
    """Asks for the technician's PIN."""

    screen = ObjectProperty(None, rebind=True)

    def begin(self) -> None:
        """A pad in today's language."""
        self.ids.pad.clear_widgets()
        self.ids.pad.add_widget(PinPad(screen=self.screen, u=self.u, spacing=6 * self.u))

    def title(self, words: Words, message: str, busy: bool) -> str:
        return words["technician.wait"] if busy else message or words["technician.pin"]


class OpenPage(Part):
    """The tabs' keys, and what the chosen tab shows."""

    screen = ObjectProperty(None, rebind=True)

    def __init__(self, **kwargs: object) -> None:
        self._bodies: dict[str, Part] = {}
        super().__init__(**kwargs)
        self._place_key = self.ids.place.__self__  # kept here while the page does not show it
        self.screen.fbind("tab", self._put)
        self.fbind("view", self._offer_place)

    def begin(self) -> None:
        """Shows the chosen tab."""
        self._offer_place()
        self._put()

    def _put(self, *_: object) -> None:
        made = {"facts": FactsTable, "codes": Codes, "test": SelfTest}
        tab = self.screen.tab
        if tab not in made:
            return  # the form has the whole screen
        if tab not in self._bodies:
            self._bodies[tab] = part_of(self, made[tab])
        if self._bodies[tab].parent is None:
            self.ids.body.clear_widgets()
            self.ids.body.add_widget(self._bodies[tab])

    def _offer_place(self, *_: object) -> None:
        """Only a mobile kiosk has a key to change its place."""
        tabs, key = self.ids.tabs, self._place_key
        if self.view.places and key.parent is None:
            tabs.add_widget(key, index=1)
        elif not self.view.places and key.parent is not None:
            tabs.remove_widget(key)


class TabKey(Key):
    """Leads to a tab."""


load_rules(__file__)
