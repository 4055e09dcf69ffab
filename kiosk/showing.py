"""From what the kiosk knows to what a screen shows: one counter, one frozen view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kiosk.config import HeldConfig
from kiosk.locale import SOURCE, load_catalogues
from kiosk.screens.view import Reason, State, Story, Technician, View
from kiosk.sync import Health
from kiosk.voting import Scene
from protocol.configuration import (
    Config,
    ConfigCounter,
    ConfigKiosk,
    ConfigOfficial,
    ConfigReason,
    ConfigUnit,
    default_reasons,
)
from protocol.rating import POSITIVE_REASONS, REASONS, SCALES

DEFAULT_UNDO_S = 10.0
DEFAULT_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Counter:
    """What the kiosk asks and who may sign in: its configuration or, before it has had one, what
    enrolment told and the built-in words. `file_of` finds a picture by its SHA-256."""

    config: Config
    configured: bool
    locales: tuple[str, ...]  # those of the configuration that are finished here
    undo_s: float
    zone: ZoneInfo
    photos: Mapping[str, str]  # official's code to a file
    pictures: tuple[str, ...]
    version: int | None = None  # of the configuration

    def offered(self) -> dict[int, tuple[str, ...]]:
        """The reasons' codes by rating, in the configured order."""
        reasons = self.config.reasons
        return {
            rating: tuple(r.code for r in reasons if rating in r.ratings)
            for rating in SCALES[self.config.scale]
        }


def read_counter(
    held: HeldConfig | None,
    *,
    kiosk: str,
    name: str,
    undo_s: float | None,
    scripted: bool,
    file_of: Callable[[str], str] = lambda _: "",
) -> Counter:
    """The counter as configured; `undo_s` of kiosk.toml overrides. Without undo time every press
    is a vote, which only scripts may ask for, never a configuration."""
    known = tuple(load_catalogues())
    config = held.config if held else _unconfigured(kiosk, name, known)
    if undo_s is None:
        undo_s = config.undo_s if config.undo_s or scripted else DEFAULT_UNDO_S
    found = {o.code: file_of(o.photo) for o in config.officials if o.photo}
    return Counter(
        config=config,
        configured=held is not None,
        locales=tuple(code for code in config.locales if code in known) or known,
        undo_s=undo_s,
        zone=ZoneInfo(config.timezone),
        photos={code: file for code, file in found.items() if file},
        pictures=tuple(file for file in map(file_of, config.pictures) if file),
        version=held.version if held else None,
    )


def _unconfigured(kiosk: str, name: str, locales: tuple[str, ...]) -> Config:
    words = load_catalogues()
    return Config(
        v=1,
        kiosk=ConfigKiosk(id=kiosk, name=name),
        unit=ConfigUnit(code="", name=""),
        counter=ConfigCounter(code="", number="", name=name),
        timezone=DEFAULT_ZONE,
        scale="vn5",
        locales=locales,
        question={code: words[code]["asking.question"] for code in locales},
        reasons=default_reasons(),
    )


class Situation(NamedTuple):
    """All that a view depends on; cheap to compare, as it is after every press."""

    counter: Counter
    scene: Scene
    choosing_again: bool
    can_undo: bool
    offered: tuple[str, ...]
    chosen: frozenset[str]
    locale: str
    resting: bool
    invited: bool
    counter_asked: bool
    counter_chosen: str | None
    disowned: bool
    code: str
    on_duty: ConfigOfficial | None
    last_official: str
    signing_in: bool
    picked_official: str
    choosing_place: bool
    place: str
    technician: Technician | None
    out_of_order: str  # a key of in_words, or ""
    health: Health
    faulty: bool  # a part such as a button is broken
    filling: bool  # four fifths of the card are used
    message: str


def compose(now: Situation) -> View:
    """The view; of several states the one that matters most to who stands before the kiosk."""
    config = now.counter.config
    state = _state(now)
    shown = now.on_duty if config.show_official and _is_at_home(now) else None
    resting = now.resting and state == "asking" and not now.invited
    return View(
        state=state,
        scale=config.scale,
        locale=now.locale,
        locales=now.counter.locales,
        question=config.question.get(now.locale, "") if now.counter.configured else "",
        unit=config.unit.name,
        counter=_counter_name(now),
        official=_with_title(shown) if shown else None,
        signed_in=now.on_duty is not None,
        officials=tuple((o.code, o.name) for o in config.officials if o.pin),
        offline=now.health.offline,
        attention=now.health.state != "open"
        or bool(now.health.defect or now.health.log or now.faulty or now.filling),
        can_undo=now.can_undo,
        message=in_words(now.out_of_order, now.locale) if now.out_of_order else now.message,
        photo=now.counter.photos.get(shown.code, "") if shown else "",
        # Where a name belongs beside the faces it stays there.
        resting=resting and not shown and bool(config.stories or now.counter.pictures),
        invited=now.invited,
        disowned=now.disowned,
        can_listen=config.voice.listen,
        counters=tuple((c.code, str(c.number)) for c in config.counters),
        places=tuple((p.place, p.name) for p in config.places),
        reasons=tuple(_reason(code, now) for code in now.offered),
        chosen=now.chosen,
        code=now.code if state == "code" else "",
        code_qr=config.code_url + now.code if config.code_url and state == "code" else "",
        rate_qr=config.rate_url,
        stories=tuple(
            Story(_in(s.said, now.locale), _in(s.did, now.locale)) for s in config.stories
        ),
        pictures=now.counter.pictures,
        last_official=now.last_official,
        picked_official=now.picked_official,
        technician=now.technician or Technician(),
    )


def _state(now: Situation) -> State:
    if now.technician is not None:
        return "technician"
    if now.health.state == "old-copy":
        return "needs_enrolment"
    if now.out_of_order:
        return "out_of_order"
    if now.scene == "follow_up":
        return "code" if now.code else "follow_up"
    if now.scene == "thanks":
        return "thanks"
    if now.choosing_again:
        return "asking"
    if now.signing_in:
        return "sign_in"
    if now.choosing_place:
        return "choose_place"
    asks = len(now.counter.config.counters) > 1 and not now.counter_asked
    return "choose_counter" if asks else "asking"


def _is_at_home(now: Situation) -> bool:
    """Whether the vote would be about the counter where the kiosk stands: whoever signs in here
    is on duty there, and not at the other counters in reach."""
    config = now.counter.config
    return len(config.counters) < 2 or now.counter_chosen == config.counter.code


def _counter_name(now: Situation) -> str:
    """The counter in words: the one chosen, where a mobile kiosk stands, else the configured."""
    config = now.counter.config
    if len(config.counters) > 1:
        names = [c.name for c in config.counters if c.code == now.counter_chosen]
        return names[0] if names else ""
    if now.place:
        return next((p.name for p in config.places if p.place == now.place), now.place)
    return config.counter.name


def _with_title(official: ConfigOfficial) -> str:
    return ", ".join(part for part in (official.name, official.title) if part)


def _reason(code: str, now: Situation) -> Reason:
    configured: ConfigReason = next(
        r for r in now.counter.config.reasons if r.code == code
    )  # offered are only those of the configuration
    words = load_catalogues().get(now.locale, {})
    label = configured.label.get(now.locale, "")
    if not label or label == (REASONS | POSITIVE_REASONS).get(code, {}).get(now.locale):
        label = words.get(f"reason.{code}", "")  # the same words, with their line breaks
    return Reason(code, label or _in(configured.label, now.locale))


def _in(words: Mapping[str, str], locale: str) -> str:
    """Configured words in this language, else in the source language, else in any."""
    return words.get(locale) or words.get(SOURCE) or next(iter(words.values()), "")


def in_words(what: str, locale: str, **values: object) -> str:
    """A short message of the kiosk to its officials, by its key under "message."."""
    words = load_catalogues()
    return words.get(locale, words[SOURCE])[f"message.{what}"].format(**values)
