"""Every sentence of a report, in English and Vietnamese; codes are what programs read."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from auditor.sentences import SENTENCES

Lang = Literal["en", "vi"]
Value = int | str


def say(lang: Lang, code: str, values: Mapping[str, Value], zone: ZoneInfo | None = None) -> str:
    """The sentence; values that end in _ms are shown as local time."""

    english, vietnamese = SENTENCES[code]
    shown = {key: show_value(key, value, zone) for key, value in values.items()}
    return (vietnamese if lang == "vi" else english).format_map(shown)


def show_value(key: str, value: object, zone: ZoneInfo | None) -> str:
    """As a reader sees it; under a key that ends in _ms a local time."""
    if key.endswith("_ms") and isinstance(value, int):
        try:
            at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=value)
            return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        except (OverflowError, ValueError):  # no calendar has it, so the number itself
            return f"{value} ms"
    return plain(str(value)).replace("\n", "\ufffd")


def plain(text: str) -> str:
    """What others wrote, to be shown: it must not steer the reader's terminal. Lines stay lines."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def plain_json(text: str) -> str:
    """JSON that says the same, with escapes for whatever could steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
