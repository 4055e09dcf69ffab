"""Signals in sentences: what changed, how sure that is, and what it does not say."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N_

from protocol.rating import REASONS, WORDS
from server.web import words

KINDS = {
    "complaints": N_("Tỷ lệ không hài lòng tăng"),
    "response": N_("Tỷ lệ đánh giá trên lượt phục vụ thay đổi"),
    "silence": N_("Quầy im lặng"),
    "up-while-down": N_("Điểm tăng trong khi ít người đánh giá hơn"),
    "never-pressed": N_("Một mức không ai bấm"),
    "gone": N_("Thiết bị vắng vào giờ đông"),
    "revised-up": N_("Sửa từ không hài lòng thành hài lòng"),
    "invited": N_("Lượt được mời khác lượt tự đến"),
}
STATES = {
    "new": N_("Chưa xem xét"),
    "looked": N_("Đang xem xét"),
    "closed": N_("Đã có kết quả"),
}
# What else may explain each: an alarm says that something changed, never why.
ELSE = {
    "complaints": N_(
        "Thủ tục mới, tháng đông người hay hỏng hệ thống gọi số cũng làm tăng tỷ lệ này, không "
        "chỉ do cán bộ."
    ),
    "response": N_(
        "Nhập số lượt phục vụ khác cách trước đây, chuyển chỗ đặt thiết bị hay mời đánh giá "
        "nhiều hơn cũng làm đổi tỷ lệ này."
    ),
    "silence": N_(
        "Mất điện, thiết bị hỏng, quầy tạm đóng hay số lượt phục vụ nhập nhầm đều cho kết quả "
        "như vậy."
    ),
    "up-while-down": N_(
        "Cải tiến thật sự cùng lúc với việc bớt mời đánh giá cũng cho kết quả như vậy."
    ),
    "never-pressed": N_("Nút hỏng, mức bị che, hoặc thiết bị dùng thang điểm khác mà chưa báo về."),
    "gone": N_("Mạng nghẽn hay mất điện vào đúng giờ đông cũng cho kết quả như vậy."),
    "revised-up": N_(
        "Người dân bấm nhầm rồi sửa là bình thường; ở đây việc sửa theo một chiều nhiều hơn hẳn."
    ),
    "invited": N_(
        "Cán bộ có thể mời đúng những người vừa được phục vụ xong; hãy xem ai được mời và lúc nào."
    ),
}


class About(NamedTuple):
    """What a signal is about, in words: the counter, official or procedure, or the unit; and which
    reason or level."""

    place: str
    detail: str


def kind_words(kind: str) -> str:
    """A kind of signal; an unknown one stands for itself."""
    return gettext(KINDS[kind]) if kind in KINDS else kind


def state_words(state: str) -> str:
    return gettext(STATES[state]) if state in STATES else state


def else_words(kind: str) -> str:
    return gettext(ELSE[kind]) if kind in ELSE else ""


def about(row: Any, counters: Mapping[str, str], officials: Mapping[str, str],
          procedures: Mapping[str, str]) -> About:  # fmt: skip
    """Names of what a signal is about; codes where there is no name."""
    language = "vi" if (get_language() or "vi").startswith("vi") else "en"
    detail = ""
    if row.reason:
        detail = REASONS.get(row.reason, {}).get(language, row.reason)
    elif row.kind == "never-pressed" and row.side.isdecimal():
        detail = WORDS.get(int(row.side), {}).get(language, row.side)
    if row.official:
        return About(officials.get(row.official, row.official), detail)
    if row.procedure:
        return About(procedures.get(row.procedure, row.procedure), detail)
    if row.counter:
        return About(counters.get(row.counter, row.counter), detail)
    return About(gettext("Cả đơn vị"), detail)


def sentence(row: Any, told: About) -> str:
    """What changed, in one sentence, with its numbers."""
    evidence = row.evidence
    x, n = evidence.get("x", 0), evidence.get("n", 0)
    values = {
        "place": told.place, "detail": told.detail, "since": day_words(row.since_date),
        "x": words.whole(round(x)), "n": words.whole(round(n)),
        "share": words.percent(x / n if n else 0), "usual": words.percent(evidence.get("p0", 0)),
    }  # fmt: skip
    return gettext(_template(row)) % values


def _template(row: Any) -> str:
    if row.kind == "response":
        return (
            N_(
                "%(place)s: từ %(since)s có %(x)s lượt đánh giá trên %(n)s lượt phục vụ "
                "(%(share)s), nhiều hơn mức thường thấy là %(usual)s."
            )
            if row.side == "up"
            else N_(
                "%(place)s: từ %(since)s chỉ có %(x)s lượt đánh giá trên %(n)s lượt phục vụ "
                "(%(share)s), ít hơn mức thường thấy là %(usual)s."
            )
        )
    if row.kind == "invited" and row.side != "score":
        return N_(
            "%(place)s: từ %(since)s có %(x)s trong %(n)s lượt là được mời (%(share)s); trước đó "
            "là khoảng %(usual)s."
        )
    if row.kind == "complaints" and row.reason:
        return N_(
            "%(place)s: từ %(since)s có %(x)s trong %(n)s lượt nêu lý do “%(detail)s” "
            "(%(share)s), nhiều hơn mức thường thấy là %(usual)s."
        )
    return SENTENCES.get(row.kind, N_("%(place)s: có thay đổi từ %(since)s."))


SENTENCES = {
    "complaints": N_(
        "%(place)s: từ %(since)s có %(x)s trong %(n)s lượt không hài lòng (%(share)s), nhiều hơn "
        "mức thường thấy là %(usual)s."
    ),
    "silence": N_(
        "%(place)s: từ %(since)s có người đến nhưng không có lượt đánh giá nào; bình thường đã "
        "phải có khoảng %(n)s lượt."
    ),
    "up-while-down": N_(
        "%(place)s: từ %(since)s tỷ lệ hài lòng lên %(share)s (thường thấy %(usual)s) trong khi "
        "tỷ lệ đánh giá trên lượt phục vụ giảm."
    ),
    "never-pressed": N_(
        "%(place)s: mức “%(detail)s” không ai bấm trong %(n)s lượt gần nhất; thường thấy là "
        "%(usual)s."
    ),
    "gone": N_(
        "%(place)s: trong %(n)s ngày thiết bị mất liên lạc từ %(since)s, %(x)s ngày là chủ yếu "
        "vào giờ đông; nếu ngẫu nhiên chỉ khoảng %(usual)s số ngày."
    ),
    "revised-up": N_(
        "%(place)s: từ %(since)s, %(x)s trong %(n)s lượt ban đầu không hài lòng được sửa thành "
        "hài lòng (%(share)s); thường thấy là %(usual)s."
    ),
    "invited": N_(
        "%(place)s: từ %(since)s, %(x)s trong %(n)s lượt được mời là hài lòng (%(share)s); theo "
        "các lượt tự đến thì chỉ chờ khoảng %(usual)s."
    ),
}


def false_words(budget: int) -> str:
    """How often such an alarm is false."""
    alarms = number_format(budget / 100, 2 if budget % 100 else 0)
    text = gettext(
        "Ngưỡng được đặt để cả tỉnh có khoảng %(alarms)s báo động nhầm mỗi tháng, tính chung mọi "
        "loại tín hiệu."
    )
    return text % {"alarms": alarms}


def day_words(day: Any) -> str:
    return date_format(day, "d/m/Y") if (get_language() or "vi").startswith("vi") else str(day)
