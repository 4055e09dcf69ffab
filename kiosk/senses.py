"""What the unit does besides showing: lamps, buzzer and voice, the same whatever was pressed."""

from hardware.panel import Panel
from kiosk.clock import Clock
from kiosk.core import Lights
from kiosk.hours import volume_at
from kiosk.locale import SOURCE, load_catalogues
from kiosk.screens.view import View
from kiosk.showing import Counter
from kiosk.voice import PROMPTS, Voice

_READ_OUT: dict[str, tuple[str, ...]] = {
    "asking": ("question", "listen_faces"),
    "follow_up": ("thanks", "follow_up"),
    "choose_counter": ("choose_counter",),
}
"""View.state to the prompts that the *listen* key says."""


class UnitSenses:
    """Panel and voice as one. Implements kiosk.core.Senses; has no place for a rating."""

    def __init__(self, panel: Panel, voice: Voice, clock: Clock, counter: Counter) -> None:
        self._panel, self._voice, self._clock, self._counter = panel, voice, clock, counter

    def set_counter(self, counter: Counter) -> None:
        """A new configuration."""
        self._counter = counter

    def thank(self) -> None:
        """A vote or revision is on the disk."""
        self._panel.acknowledge()
        self._panel.beep()
        if not self._panel.has_buzzer:
            self._voice.chime(self._percent())

    def invite(self, locale: str) -> None:
        """Now is the moment to ask: light, and the question unasked where that is wanted."""
        self._panel.invite()
        if not self._panel.has_buzzer:
            self._voice.chime(self._percent())
        if self._counter.config.voice.invite:
            self._say(("question",), locale)

    def light(self, how: Lights) -> None:
        """The lamps while nobody presses: headless, they alone say whether a press would count."""
        self._panel.idle(how != "dark")
        self._panel.breathe(how == "resting")

    def duty(self, signed_in: bool) -> None:
        """The lamp on the official's side."""
        self._panel.duty(signed_in)

    def listen(self, view: View) -> None:
        """Reads out what is shown; never a rating alone, and never the reasons: who stands by
        could hear whether they are complaints."""
        self._say(_READ_OUT.get(view.state, ()), view.locale)

    def hush(self) -> None:
        """The citizen has left: what is still being said is for nobody."""
        self._voice.stop()

    def _say(self, prompts: tuple[str, ...], locale: str) -> None:
        words = load_catalogues().get(locale) or load_catalogues()[SOURCE]
        texts = {prompt: words[PROMPTS[prompt]] for prompt in prompts}
        if "question" in texts:
            texts["question"] = self._counter.config.question.get(locale) or texts["question"]
        self._voice.say_all(list(texts.items()), locale, percent=self._percent())

    def _percent(self) -> int:
        voice, now = self._counter.config.voice, self._clock.local(self._counter.zone)
        return volume_at(voice.volume, voice.percent, now)
