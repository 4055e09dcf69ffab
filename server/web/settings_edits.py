"""What came back from the form: as it was filled in, and what was edited without being ticked."""

from typing import Any

from django.http import QueryDict

from server.web.settings_form import FIELDS, LOCALES

TOLD = "told"  # what the page sends with a field that was named already as edited and not ticked
Table = dict[str, Any]


def edited_unticked(shown: Table, given: QueryDict) -> set[str]:
    """Fields of which the page showed something else than was sent, though nothing chooses them.

    Only of a page that sent them (it says so); one that was told of it once means it.
    """
    before, after = _plain(shown), _plain(filled_in(shown, given))
    return {
        field
        for field in FIELDS
        if given.get(f"shown-{field}", TOLD) != TOLD
        and not given.get(f"own-{field}")
        and before[field] != after[field]
    }


def filled_in(form: Table, given: QueryDict) -> Table:
    """The form with what somebody filled in, so that only the wrong field is written again."""
    own = {field for field in FIELDS if given.get(f"own-{field}")}
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
            part: {locale: given.get(f"story-{row}-{part}-{locale}", "") for locale in LOCALES}
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
        "told": {field for field in FIELDS if given.get(f"shown-{field}") == TOLD},
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


def _plain(form: Table) -> Table:
    """What each field of the form holds, whatever the browser does to spaces and order."""
    return {
        "question": (
            [(locale, _spaced(text)) for locale, text in form["question"]],
            form["first"],
            {*form["others"]} - {form["first"]},
        ),
        "scale": form["scale"],
        "reasons": (form["asks"], [sorted({*row["ratings"]}) for row in form["reasons"]]),
        "hours": [(sorted({*row["days"]}), row["start"], row["end"]) for row in form["hours"]],
        "voice": (
            form["invite"],
            form["voice"]["invite"],
            form["voice"]["listen"],
            _spaced(form["voice"]["percent"]),
        ),
        "undo_s": _spaced(form["undo_s"]),
        "officials": (form["show_official"], _spaced(form["legal_basis"])),
        "stories": [
            [_spaced(story[part].get(locale, "")) for part in ("said", "did") for locale in LOCALES]
            for story in form["stories"]
        ],
    }


def _spaced(value: str | int) -> str:
    return " ".join(str(value).split())
