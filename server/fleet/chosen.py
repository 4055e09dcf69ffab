"""What an administrator may choose for a unit or a kiosk, and the TOML file that it is written in.

A key left out keeps what lies beneath: the unit's for a kiosk, the built-in one for a unit.
"""

import json
import tomllib
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from protocol.configuration import (
    ConfigHours,
    ConfigPlace,
    ConfigReason,
    ConfigStory,
    ConfigVoice,
    WebAddress,
)
from protocol.rating import Scale
from server.fleet.errors import FleetError


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a settings file; what each means stands at protocol.configuration.Config.

    counters: codes, at least two; pictures: files as they are written, hashes as they are kept;
    admin_pin: digits as it is written, sealed as it is kept, "" for none.
    """

    scale: Scale | UnsetType = UNSET
    locales: tuple[str, ...] | UnsetType = UNSET
    question: dict[str, str] | UnsetType = UNSET
    reasons: tuple[ConfigReason, ...] | UnsetType = UNSET
    show_official: bool | UnsetType = UNSET
    legal_basis: str | UnsetType = UNSET
    hours: tuple[ConfigHours, ...] | UnsetType = UNSET
    undo_s: int | UnsetType = UNSET
    follow_up_s: int | UnsetType = UNSET
    heartbeat_every_s: int | UnsetType = UNSET
    invite: bool | UnsetType = UNSET
    voice: ConfigVoice | UnsetType = UNSET
    stories: tuple[ConfigStory, ...] | UnsetType = UNSET
    pictures: tuple[str, ...] | UnsetType = UNSET
    rate_url: WebAddress | UnsetType = UNSET
    code_url: WebAddress | UnsetType = UNSET
    counters: Annotated[tuple[str, ...], Meta(min_length=2)] | UnsetType = UNSET
    places: tuple[ConfigPlace, ...] | UnsetType = UNSET
    admin_pin: str | UnsetType = UNSET


def read_toml(text: str) -> Chosen:
    """The settings that a file's text holds; FleetError with a sentence if it cannot be used."""
    try:
        table = tomllib.loads(text)
    except ValueError as error:  # a TOMLDecodeError, or a number of thousands of digits
        raise FleetError(f"The settings are no TOML: {error}.") from None
    except RecursionError:
        raise FleetError("The settings are no TOML: brackets within brackets.") from None
    return read_table(table)


def read_table(table: dict[str, Any]) -> Chosen:
    """The settings that a table holds, as it was written or kept. Raises FleetError."""
    try:
        chosen = msgspec.convert(table, Chosen)
    except msgspec.ValidationError as error:
        raise FleetError(f"The settings cannot be used: {error}.") from None
    if (stranger := _unknown(table, as_table(chosen))) is not None:
        raise FleetError(f"The settings have an unknown key {stranger!r}.")
    return chosen


def as_table(chosen: Chosen) -> dict[str, Any]:
    """The keys that were chosen, as JSON can keep them; the same settings give the same table."""
    # Through JSON, so that it compares as equal to what was kept before.
    table: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(chosen, order="deterministic"))
    return table


def write_toml(table: dict[str, Any]) -> str:
    """One line for each key, readable by `read_toml`."""
    return "".join(f"{key} = {write_value(value)}\n" for key, value in table.items())


def write_value(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, dict):
        inner = ", ".join(
            f"{write_value(key)} = {write_value(item)}" for key, item in value.items()
        )
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(write_value(item) for item in value)}]"
    # JSON's strings, numbers and truth are TOML's, but for one character that TOML escapes.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _unknown(given: Any, kept: Any) -> str | None:
    """The first key of a table within, such as reasons[0].lable, that nothing was made of."""
    if isinstance(given, dict):
        pairs = [(value, kept.get(key)) for key, value in given.items()]
        if stranger := next((key for key in given if key not in kept), None):
            return str(stranger)
    elif isinstance(given, list):
        pairs = list(zip(given, kept, strict=True))
    else:
        return None
    return next((found for pair in pairs if (found := _unknown(*pair)) is not None), None)
