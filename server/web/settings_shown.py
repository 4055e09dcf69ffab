"""Settings as pages show them: each value with where it comes from, and a kiosk's versions."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from protocol.status import BadStatus, read_status
from server.fleet import tree
from server.fleet.levels import Holder
from server.fleet.provenance import Value
from server.organisation.selectors import timezone_of as zone_of
from server.web import months, settings_form, settings_words


class Row(NamedTuple):
    """A key with its value. of: who chose it, None for the built-in one; here: this level did."""

    key: str
    words: str
    value: Any
    of: Holder | None
    here: bool


class Complaint(NamedTuple):
    """place: the id of the input where it is mended, "" for none on the page."""

    place: str
    words: str
    sentence: str


def rows(values: Mapping[str, Value], holder: Holder) -> list[Row]:
    """Every key in the order of the example file."""
    return [
        Row(
            value.key,
            settings_words.key_words(value.key),
            value.value,
            value.of,
            value.of == holder,
        )
        for value in values.values()
    ]


def shorts(values: Mapping[str, Value]) -> dict[str, str]:
    """By field of the form: what is in force there, on one line."""
    return {
        field: settings_words.short_words(field, values[keys[0]].value)
        for field, keys in settings_form.FIELDS.items()
    }


def complaints(wrong: Mapping[str, str], form: Mapping[str, Any]) -> list[Complaint]:
    """What is wrong with which field, in the order of the page, with where to mend it."""
    places = {
        "question": f"question-{form['question'][0][0]}",
        "hours": "hours-0-start",
        "voice": "percent",
        "undo_s": "undo_s",
        "officials": "legal_basis",
        "toml": "toml",
        "pin": "pin",
    }
    fields = [*settings_form.FIELDS, "toml", "pin"]
    first = [field for field in fields if field in wrong]
    return [
        Complaint(
            places.get(field, f"own-{field}") if field in fields else "",
            settings_words.field_words(field) if field else "",
            wrong[field],
        )
        for field in [*first, *(field for field in wrong if field not in first)]
    ]


def sources(values: Mapping[str, Value]) -> dict[str, Holder | None]:
    """By field of the form: who chose what is inherited there; None is the built-in choice."""
    return {
        field: next((of for key in keys if (of := values[key].of) is not None), None)
        for field, keys in settings_form.FIELDS.items()
    }


def field_of(key: str) -> str:
    """The field of the form that shows a key; the key itself if none does."""
    found = (field for field, keys in settings_form.FIELDS.items() if key in keys)
    return next(found, key)


def published(holder: Holder) -> dict[str, Any]:
    """The versions of a kiosk, and which one it has said that it shows; None: nobody knows."""
    zone = timezone_of(holder)
    status = tree.status_of(holder.code)
    reported = refused = at = None
    if status is not None:
        try:
            found = read_status(status[1])
            reported, refused = found.config, found.refused
            at = months.local_time(status[0], zone)
        except BadStatus:
            pass  # a kiosk newer than this server: its version is not known here
    return {
        "versions": [
            (version, months.local_time(version.made_ms, zone))
            for version in tree.versions_of(holder.code)
        ],
        "reported": reported,
        "refused": refused,
        "reported_at": at,
    }


def timezone_of(holder: Holder) -> str:
    """The time zone of the holder's unit, by name."""
    return str(zone_of(holder.unit))
