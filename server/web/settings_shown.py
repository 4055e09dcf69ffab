"""Settings as pages show them: each value with where it comes from, and a kiosk's versions."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.http import QueryDict

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


def filled_in(form: dict[str, Any], given: QueryDict) -> dict[str, Any]:
    """The form with what somebody filled in, so that only the wrong field is written again."""
    own = {field for field in settings_form.FIELDS if given.get(f"own-{field}")}
    hours = [
        {
            "days": [int(d) for d in given.getlist(f"hours-{row}-day") if d in set("1234567")],
            "start": given.get(f"hours-{row}-start", ""),
            "end": given.get(f"hours-{row}-end", ""),
        }
        for row in range(max(len(form["hours"]), 1))
    ]
    reasons = [
        row
        | {"ratings": [int(r) for r in given.getlist(f"reason-{row['code']}") if r in set("12345")]}
        for row in form["reasons"]
    ]
    stories = [
        {
            part: {locale: given.get(f"story-{row}-{part}-{locale}", "") for locale in ("vi", "en")}
            for part in ("said", "did")
        }
        for row in range(len(form["stories"]))
    ]
    voice = form["voice"] | {
        "invite": bool(given.get("voice-invite")),
        "listen": bool(given.get("voice-listen")),
        "percent": given.get("percent", ""),
    }
    return form | {
        "own": own,
        "question": [(each, given.get(f"question-{each}", "")) for each, _ in form["question"]],
        "first": given.get("first", form["first"]),
        "others": given.getlist("others"),
        "scale": given.get("scale", form["scale"]),
        "asks": bool(given.get("asks")),
        "reasons": reasons,
        "hours": hours,
        "voice": voice,
        "invite": bool(given.get("invite")),
        "undo_s": given.get("undo_s", ""),
        "show_official": bool(given.get("show_official")),
        "legal_basis": given.get("legal_basis", ""),
        "stories": stories,
    }


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
