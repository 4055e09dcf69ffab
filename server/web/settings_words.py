"""Keys of settings and what is wrong with them, in a reader's words."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.fleet.chosen import write_value
from server.web.words import rating_words

KEYS = {
    "scale": N_("Thang đánh giá"),
    "locales": N_("Ngôn ngữ"),
    "question": N_("Câu hỏi"),
    "reasons": N_("Lý do hỏi sau khi chọn"),
    "show_official": N_("Hiện tên cán bộ"),
    "legal_basis": N_("Căn cứ pháp lý để hiện tên"),
    "hours": N_("Giờ mở cửa"),
    "undo_s": N_("Số giây được chọn lại"),
    "follow_up_s": N_("Số giây hiện lý do"),
    "heartbeat_every_s": N_("Số giây giữa hai lần báo về"),
    "invite": N_("Mời đánh giá khi xong việc"),
    "voice": N_("Giọng nói"),
    "stories": N_("Người dân góp ý, chúng tôi đã làm"),
    "pictures": N_("Ảnh lúc vắng"),
    "rate_url": N_("Địa chỉ đánh giá bằng điện thoại"),
    "code_url": N_("Địa chỉ tra mã đánh giá"),
    "counters": N_("Nhiều quầy trên một thiết bị"),
    "places": N_("Điểm lưu động"),
    "admin_pin": N_("Mã PIN kỹ thuật"),
}
FIELDS = {
    "question": N_("Câu hỏi và ngôn ngữ"),
    "voice": N_("Mời và giọng nói"),
    "officials": N_("Tên và ảnh cán bộ"),
    "toml": N_("Mọi mục, dạng văn bản (TOML)"),
    "pin": N_("Mã PIN kỹ thuật"),
}
_DAYS = (N_("T2"), N_("T3"), N_("T4"), N_("T5"), N_("T6"), N_("T7"), N_("CN"))
_WHY = {
    "new kiosk": N_("thiết bị mới"),
    "officials": N_("danh sách cán bộ"),
    "duty": N_("phân ca"),
    "counters": N_("tên quầy"),
    "units": N_("tên hoặc cấp trên của đơn vị"),
}
LEVELS = {"unit": N_("Đơn vị"), "counter": N_("Quầy"), "kiosk": N_("Thiết bị")}

# A sentence of protocol.configuration or fleet.choosing -> the field, and what to do.
_WRONG = (
    (r"question has no words for ([\w, ]+)", "question", N_("Chưa có câu hỏi bằng: {0}.")),
    (
        r"needs its legal_basis",
        "officials",
        N_("Muốn hiện tên cán bộ thì phải ghi căn cứ pháp lý."),
    ),
    (r"stands twice", "reasons", N_("Có lý do bị ghi hai lần.")),
    (r"Reason (\w+) has no words", "reasons", N_("Lý do {0} chưa có lời ở một ngôn ngữ.")),
    (
        r"as many reasons as the others",
        "reasons",
        N_("Mỗi mức phải có số lý do bằng nhau, để người đứng cạnh không đoán được mức đã chọn."),
    ),
    (r"Rating (\d) offers more than", "reasons", N_("Mức {0} có quá 6 lý do.")),
    (r"Rating (\d) has to offer", "reasons", N_("Mức {0} luôn phải có lý do R6 và R9.")),
    (r"neutral rating", "reasons", N_("Mức bình thường phải có số lý do R và P bằng nhau.")),
    (r"from (\S+) to (\S+) are none", "hours", N_("Giờ mở cửa từ {0} đến {1} là không có.")),
    (r"unknown field `([^`]+)`", "toml", N_("Không có mục nào tên là {0}.")),
    (r"unknown key '([^']+)'", "toml", N_("Không có mục nào tên là {0}.")),
    (r"\$\.(show_official|legal_basis)", "officials", N_("Giá trị này không dùng được.")),
    (r"\$\.(\w+)", "", N_("Giá trị này không dùng được.")),
    (r"The picture '([^']+)'", "pictures", N_("Ảnh {0} không có trên máy chủ; thêm bằng lệnh.")),
    (r"no TOML: (.+)", "toml", N_("Văn bản không đúng dạng TOML: {0}")),
)
_KIOSK = re.compile(r"^(k-[0-9a-z]+) could not work")


def key_words(key: str) -> str:
    """A key of a settings file; an unknown one stands for itself."""
    return gettext(KEYS[key]) if key in KEYS else key


def field_words(field: str) -> str:
    """A field of the form; most are named as their key."""
    return gettext(FIELDS[field]) if field in FIELDS else key_words(field)


def level_words(level: str) -> str:
    return gettext(LEVELS[level])


def explain(sentence: str) -> tuple[str, str]:
    """The field that a refusal is about ("" for all of it), and the refusal in words."""
    kiosk = _KIOSK.match(sentence)
    whose = f"{kiosk[1]}: " if kiosk else ""
    for pattern, field, words in _WRONG:
        if found := re.search(pattern, sentence):
            key = field or (found[1] if found[1] in KEYS else "")
            return key, whose + gettext(words).format(*found.groups())
    return "", whose + gettext("Không dùng được: {0}").format(sentence)


def weekday_words(day: int) -> str:
    """1 = Monday."""
    return gettext(_DAYS[day - 1])


def locale_words(locale: str) -> str:
    """A language by its own name; an unknown one by its code."""
    return {"vi": "Tiếng Việt", "en": "English"}.get(locale, locale)


def value_words(key: str, value: Any) -> list[str]:
    """A value of a settings file in lines that people read; what has no words stays as written."""
    if isinstance(value, bool):
        return [gettext("Có") if value else gettext("Không")]
    if not isinstance(value, int) and not value:
        return [gettext("Không có")]
    if key in _LINES:
        return _LINES[key](value)
    return [str(value) if isinstance(value, str | int) else write_value(value)]


def short_words(field: str, value: Any) -> str:
    """What a field of the form holds, on one line; value: of the first of its keys."""
    if field == "undo_s":
        return gettext("{0} giây").format(value)
    if field == "hours" and not value:
        return gettext("chưa ghi giờ")
    if field == "reasons" and value:
        return gettext("{0} lý do").format(len(value))
    if field == "stories" and value:
        return gettext("{0} mẩu").format(len(value))
    return " · ".join(value_words(_MAIN.get(field, field), value))


def _hours(value: list[dict[str, Any]]) -> list[str]:
    return [
        f"{', '.join(map(weekday_words, each['days']))}: {each['start']}–{each['end']}"
        for each in value
    ]


def _question(value: dict[str, str]) -> list[str]:
    return [f"{locale_words(locale)}: {text}" for locale, text in value.items()]


def _reasons(value: list[dict[str, Any]]) -> list[str]:
    ratings = sorted({rating for each in value for rating in each["ratings"]}, reverse=True)
    return [
        f"{rating_words(rating)}: "
        + ", ".join(each["code"] for each in value if rating in each["ratings"])
        for rating in ratings
    ]


def _stories(value: list[dict[str, Any]]) -> list[str]:
    return [f"{each['said'].get('vi', '')} → {each['did'].get('vi', '')}" for each in value]


def _voice(value: dict[str, Any]) -> list[str]:
    spoken = {"invite": N_("Đọc câu hỏi khi mời"), "listen": N_("Có phím “Nghe” đọc màn hình")}
    lines = [gettext(words) for key, words in spoken.items() if value.get(key, True)]
    loud = [f"{each['start']}–{each['end']}: {each['percent']} %" for each in value["volume"]]
    return [*lines, gettext("Âm lượng {0} %").format(value.get("percent", 70)), *loud]


_MAIN = {"officials": "show_official"}  # the key that stands for the whole field
_LINES: dict[str, Callable[[Any], list[str]]] = {
    "scale": lambda value: [gettext("{0} mức").format(value.removeprefix("vn"))],
    "locales": lambda value: [", ".join(locale_words(locale) for locale in value)],
    "question": _question,
    "reasons": _reasons,
    "hours": _hours,
    "voice": _voice,
    "stories": _stories,
    "pictures": lambda value: [f"{sha256[:12]}…" for sha256 in value],
    "counters": lambda value: [", ".join(value)],
    "places": lambda value: [each["name"] for each in value],
}


def change_words(why: str) -> str:
    """Why a configuration was made, as it is kept: `settings 12`, or a word of _WHY."""
    if found := re.fullmatch(r"settings (\d+)", why):
        return gettext("thay đổi số {0}").format(found[1])
    return gettext(_WHY[why]) if why in _WHY else why
