"""The technician's form: at which server this device enrols, and with which code."""

# mypy: disallow-subclassing-any=False
from kivy.properties import ObjectProperty, OptionProperty, StringProperty

from kiosk.screens import keyboard as _keyboard  # noqa: F401 (the rules name its Keyboard)
from kiosk.screens.screen import Part, load_rules
from kiosk.screens.widgets import Key

HTTPS = "https://"
LONGEST = {"server": 200, "code": 20}
_SHOWN = 56
"""The last so many letters of an address are shown."""


class EnrolForm(Part):
    """Two fields and the keys to fill them."""

    server = StringProperty(HTTPS)
    code = StringProperty("")
    screen = ObjectProperty(None)
    field = OptionProperty("server", options=tuple(LONGEST))
    """Which one is being written."""

    def begin(self) -> None:
        """Empty but for the server, if one is known."""
        self.code = ""
        self.server = dict(self.view.technician.facts).get("server", HTTPS)
        self.field = "server" if self.server == HTTPS else "code"
        self.ids.keyboard.signs = False

    def type(self, text: str) -> None:
        """Adds to the field; a whole "https://" begins the address anew."""
        if text.endswith("://"):
            self.server, self.field = text, "server"
            return
        written = getattr(self, self.field) + (text.upper() if self.field == "code" else text)
        if len(written) <= LONGEST[self.field]:
            setattr(self, self.field, written)

    def erase(self) -> None:
        setattr(self, self.field, getattr(self, self.field)[:-1])

    def is_ready(self, server: str, code: str, busy: bool) -> bool:
        """Whether there is something to send."""
        return bool(code) and "://" in server and not server.endswith("://") and not busy

    def send(self) -> None:
        if self.is_ready(self.server, self.code, self.view.technician.busy):
            self.events.enrol(self.server, self.code)


class Field(Key):
    """What has been written, under its name."""

    name = StringProperty("")
    value = StringProperty("")

    def line(self, value: str, chosen: bool) -> str:
        """The end of it, with a line where the next letter comes."""
        end = value if len(value) <= _SHOWN else "…" + value[-_SHOWN:]
        return end + "_" if chosen else end


load_rules(__file__)
