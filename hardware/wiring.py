"""Which GPIO is which button, lamp and buzzer: data (TOML), read once, refused when odd."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Literal

from .panel import HardwareError

DEFAULT = "5-buttons"
BOXES = ("3-buttons", "4-buttons", "5-buttons")
HIGH = "-high"  # the same box, its buttons connected to 3.3 V instead of ground
READY_MADE = (*BOXES, *(box + HIGH for box in BOXES))
USABLE_GPIOS = range(2, 28)  # 0 and 1 belong to the HAT's identity chip
PULLED_UP_GPIOS = (2, 3)  # resistors soldered on the board
_KEYS = {"title", "active", "lamps_active", "brightness", "buzzer_active", "buttons", "lamps",
         "buzzer", "invite", "duty_lamp", "duty_lamp_active"}  # fmt: skip

Level = Literal["low", "high"]


class BadWiring(HardwareError):
    """A wiring file that cannot be used."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """GPIO (BCM) numbers. Buttons carry their rating as number; all but buttons may be absent."""

    title: str
    buttons: dict[int, int]  # button -> GPIO, in the file's order
    active: Level = "low"  # level of a pressed input; the opposite pull resistor is switched on
    lamps: dict[int, int] = field(default_factory=dict)  # button -> GPIO
    lamps_active: Level = "high"
    brightness: float = 1.0  # of lit lamps, above 0 up to 1; below 1 needs pins with PWM
    buzzer: int | None = None
    buzzer_active: Level = "high"
    invite: int | None = None  # input on the official's side that invites the next citizen
    duty_lamp: int | None = None  # seen from the official's side only: lit = signed in
    duty_lamp_active: Level = "high"


def load_wiring(source: str | Path | None = None) -> Wiring:
    """The wiring in a TOML file, or a ready-made one by name; None is DEFAULT.

    Raises BadWiring with a sentence that names the file and the fault.
    """
    if source is None or source in READY_MADE:
        return _load_ready_made(str(source or DEFAULT))
    try:
        text = Path(source).read_text("utf-8")
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) and e.strerror else "it is not UTF-8 text"
        raise BadWiring(
            f"The wiring {source} cannot be read ({why}); name a TOML file or one of "
            f"{', '.join(READY_MADE)}."
        ) from e
    return parse_wiring(text, name=str(source))


def _load_ready_made(name: str) -> Wiring:
    box = name.removesuffix(HIGH)
    resource = resources.files(__package__).joinpath("wirings", f"{box}.toml")
    wiring = parse_wiring(resource.read_text("utf-8"), name=name)
    if box == name:
        return wiring
    return replace(wiring, active="high", title=f"{wiring.title}, pressed = 3.3 V")


def parse_wiring(text: str, *, name: str = "wiring") -> Wiring:
    """The wiring in `text`; `name` stands in the sentence of a BadWiring."""
    try:
        table = tomllib.loads(text)
        return _build(table, name)
    except (tomllib.TOMLDecodeError, ValueError) as e:
        raise BadWiring(f"The wiring {name} is not usable: {e}.".replace("..", ".")) from e


def _build(table: dict[str, object], name: str) -> Wiring:
    if unknown := sorted(table.keys() - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}, known are {', '.join(sorted(_KEYS))}")
    buttons = _pins(table.get("buttons"), "buttons")
    if not buttons:
        raise ValueError("[buttons] names no button")
    lamps = _pins(table.get("lamps", {}), "lamps")
    if strays := sorted(lamps.keys() - buttons.keys()):
        raise ValueError(f"lamp {strays[0]} belongs to no button")
    title = table.get("title", name)
    if not isinstance(title, str):
        raise ValueError("title is not text")
    wiring = Wiring(
        title=title,
        buttons=buttons,
        active=_level(table, "active", "low"),
        lamps=lamps,
        lamps_active=_level(table, "lamps_active", "high"),
        brightness=_brightness(table.get("brightness", 1.0)),
        buzzer=_optional(table, "buzzer"),
        buzzer_active=_level(table, "buzzer_active", "high"),
        invite=_optional(table, "invite"),
        duty_lamp=_optional(table, "duty_lamp"),
        duty_lamp_active=_level(table, "duty_lamp_active", "high"),
    )
    _check_pins(wiring)
    return wiring


def _check_pins(wiring: Wiring) -> None:
    users: dict[int, str] = {}
    for gpio, use in pin_uses(wiring):
        if gpio in users:
            raise ValueError(f"GPIO {gpio} is both {users[gpio]} and {use}")
        users[gpio] = use
    if wiring.active == "high":
        for gpio, use in users.items():
            if gpio in PULLED_UP_GPIOS and not is_output(use):
                raise ValueError(f"{use} is active high on GPIO {gpio}, which the board pulls up")


def pin_uses(wiring: Wiring) -> list[tuple[int, str]]:
    """(GPIO, "button 5" | "lamp 5" | "buzzer" | "invite" | "duty lamp") for all that is wired."""
    uses = [(gpio, f"button {b}") for b, gpio in wiring.buttons.items()]
    uses += [(gpio, f"lamp {b}") for b, gpio in wiring.lamps.items()]
    others = ((wiring.buzzer, "buzzer"), (wiring.invite, "invite"), (wiring.duty_lamp, "duty lamp"))
    return uses + [(gpio, use) for gpio, use in others if gpio is not None]


def is_output(use: str) -> bool:
    """Whether this use of pin_uses() is a lamp or the buzzer."""
    return not use.startswith(("button", "invite"))


def _pins(table: object, what: str) -> dict[int, int]:
    if not isinstance(table, dict):
        raise ValueError(f"[{what}] is missing or no table of number = GPIO")
    pins = {}
    for key, gpio in table.items():
        if key not in ("1", "2", "3", "4", "5"):
            raise ValueError(f"[{what}] has {key!r}, but buttons are numbered 1 to 5")
        pins[int(key)] = _gpio(gpio, f"{what} {key}")
    return pins


def _optional(table: dict[str, object], key: str) -> int | None:
    return _gpio(table[key], key) if key in table else None


def _gpio(value: object, what: str) -> int:
    if type(value) is not int or value not in USABLE_GPIOS:
        raise ValueError(f"{what} = {value!r} is no GPIO number from 2 to 27")
    return value


def _level(table: dict[str, object], key: str, default: Level) -> Level:
    value = table.get(key, default)
    if value == "low":
        return "low"
    if value == "high":
        return "high"
    raise ValueError(f'{key} is {value!r}, not "low" or "high"')


def _brightness(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError(f"brightness is {value!r}, not above 0 and up to 1")
    return float(value)
