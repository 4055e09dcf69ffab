"""The form of the everyday settings: what it shows, and the table of what was filled in."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from protocol.rating import POSITIVE_REASONS, REASONS, SCALES
from server.fleet.provenance import Value

# Fields of the form: the keys of each. What is chosen in a field is chosen for all its keys.
FIELDS = {
    "question": ("question", "locales"),
    "scale": ("scale",),
    "reasons": ("reasons",),
    "hours": ("hours",),
    "voice": ("voice", "invite"),
    "undo_s": ("undo_s",),
    "officials": ("show_official", "legal_basis"),
    "stories": ("stories",),
}
EVERYDAY = frozenset(key for keys in FIELDS.values() for key in keys)
LOCALES = ("vi", "en")
DAYS = range(1, 8)
SPARE_HOURS, SPARE_STORIES, MOST_ROWS = 2, 1, 24
CLOCK = re.compile(r"(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)")
Table = dict[str, Any]


def show_form(values: Mapping[str, Value], own: Table) -> Table:
    """What the form shows, by field: the values in force, and whether they are chosen here."""
    now = {key: value.value for key, value in values.items()}
    locales = [*dict.fromkeys([*LOCALES, *now["locales"], *now["question"]])]
    return {
        "own": {field for field, keys in FIELDS.items() if any(key in own for key in keys)},
        "question": [(locale, now["question"].get(locale, "")) for locale in locales],
        "first": now["locales"][0],
        "others": now["locales"][1:],
        "scale": now["scale"],
        "reasons": _reason_rows(now["reasons"]),
        "asks": bool(now["reasons"]),
        "hours": [*now["hours"], *[{"days": [], "start": "", "end": ""}] * SPARE_HOURS],
        "voice": now["voice"],
        "invite": now["invite"],
        "undo_s": now["undo_s"],
        "show_official": now["show_official"],
        "legal_basis": now["legal_basis"],
        "stories": [*now["stories"], *[{"said": {}, "did": {}}] * SPARE_STORIES],
    }


def read_form(given: QueryDict, values: Mapping[str, Value], own: Table) -> tuple[Table, Table]:
    """(what would be chosen, what is wrong by field). Keys that the form does not show stay."""
    wrong: Table = {}
    table = {key: value for key, value in own.items() if key not in EVERYDAY}
    for field in FIELDS:
        if given.get(f"own-{field}"):
            try:
                table |= READ[field](given, values)
            except ValueError as error:
                wrong[field] = str(error)
    return table, wrong


def _reason_rows(chosen: list[Table]) -> list[Table]:
    """A row for each code, with the ratings that offer it; chosen ones keep their words."""
    known = REASONS | POSITIVE_REASONS
    by_code = {reason["code"]: reason for reason in chosen}
    return [
        {
            "code": code,
            "label": (by_code.get(code, {}).get("label") or known.get(code, {})),
            "ratings": by_code.get(code, {}).get("ratings", []),
        }
        for code in dict.fromkeys([*known, *by_code])
    ]


def _read_question(given: QueryDict, values: Mapping[str, Value]) -> Table:
    question = {
        name.removeprefix("question-"): text.strip()
        for name, text in given.items()
        if name.startswith("question-") and isinstance(text, str) and text.strip()
    }
    first = given.get("first", "")
    chosen = list(dict.fromkeys([first, *given.getlist("others")]))
    missing = [locale for locale in chosen if locale not in question]
    if missing:
        raise ValueError(gettext("Chưa có câu hỏi bằng: {0}.").format(", ".join(missing)))
    return {"question": question, "locales": chosen}


def _read_scale(given: QueryDict, values: Mapping[str, Value]) -> Table:
    if given.get("scale") not in SCALES:
        raise ValueError(gettext("Hãy chọn một thang."))
    return {"scale": given["scale"]}


def _read_reasons(given: QueryDict, values: Mapping[str, Value]) -> Table:
    if not given.get("asks"):
        return {"reasons": []}
    before = {reason["code"]: reason for reason in values["reasons"].value}
    reasons = []
    for row in _reason_rows(values["reasons"].value):
        ratings = [int(r) for r in given.getlist(f"reason-{row['code']}") if r in set("12345")]
        if ratings:
            label = before.get(row["code"], {}).get("label", {})
            known = (REASONS | POSITIVE_REASONS).get(row["code"])
            reason = {"code": row["code"], "ratings": sorted(ratings)}
            reasons.append(reason if label == known else reason | {"label": label})
    if not reasons:
        raise ValueError(gettext("Hãy chọn lý do, hoặc bỏ dấu “Hỏi lý do”."))
    return {"reasons": reasons}


def _read_hours(given: QueryDict, values: Mapping[str, Value]) -> Table:
    hours = []
    for row in range(MOST_ROWS):
        days = sorted({int(d) for d in given.getlist(f"hours-{row}-day") if d in set("1234567")})
        start, end = (given.get(f"hours-{row}-{which}", "").strip() for which in ("start", "end"))
        if not (days or start or end):
            continue
        if not days or not CLOCK.fullmatch(start) or not CLOCK.fullmatch(end):
            raise ValueError(gettext("Mỗi dòng cần ít nhất một ngày, và giờ viết như 07:30."))
        start, end = start.rjust(5, "0"), end.rjust(5, "0")
        if start >= end:
            raise ValueError(gettext("Giờ mở cửa từ {0} đến {1} là không có.").format(start, end))
        hours.append({"days": days, "start": start, "end": end})
    return {"hours": hours}


def _read_voice(given: QueryDict, values: Mapping[str, Value]) -> Table:
    percent = _number(given, "percent", 0, 100)
    voice = {
        "invite": bool(given.get("voice-invite")),
        "listen": bool(given.get("voice-listen")),
        "percent": percent,
        "volume": values["voice"].value["volume"],
    }
    return {"voice": voice, "invite": bool(given.get("invite"))}


def _read_undo(given: QueryDict, values: Mapping[str, Value]) -> Table:
    return {"undo_s": _number(given, "undo_s", 0, 60)}


def _read_officials(given: QueryDict, values: Mapping[str, Value]) -> Table:
    shows, basis = bool(given.get("show_official")), given.get("legal_basis", "").strip()
    if shows and not basis:
        raise ValueError(gettext("Muốn hiện tên cán bộ thì phải ghi căn cứ pháp lý."))
    return {"show_official": shows, "legal_basis": basis}


def _read_stories(given: QueryDict, values: Mapping[str, Value]) -> Table:
    stories = []
    for row in range(MOST_ROWS):
        story = {
            part: {
                locale: text
                for locale in LOCALES
                if (text := given.get(f"story-{row}-{part}-{locale}", "").strip())
            }
            for part in ("said", "did")
        }
        if story["said"] or story["did"]:
            if not (story["said"].get("vi") and story["did"].get("vi")):
                raise ValueError(gettext("Mỗi mẩu cần cả hai câu bằng tiếng Việt."))
            stories.append(story)
    return {"stories": stories}


def _number(given: QueryDict, name: str, least: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not re.fullmatch("[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise ValueError(gettext("Hãy ghi một số từ {0} đến {1}.").format(least, most))
    return int(text)


READ = {
    "question": _read_question,
    "scale": _read_scale,
    "reasons": _read_reasons,
    "hours": _read_hours,
    "voice": _read_voice,
    "undo_s": _read_undo,
    "officials": _read_officials,
    "stories": _read_stories,
}
