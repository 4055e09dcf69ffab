"""What is refused of inspectors' work: one table, each in both languages."""

from datetime import date
from typing import Final

# kind -> English, Vietnamese. What stands in braces is in the error's `facts`.
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "bad-words": (
        "Write 1 to {most} printable characters.",
        "Hãy ghi từ 1 đến {most} ký tự in được.",
    ),
    "no-votes": (
        "No votes at this counter on these days name harassment; look at the list again.",
        "Quầy không có lượt đánh giá nào nêu sách nhiễu trong những ngày đó; hãy mở lại danh sách.",
    ),
    "bad-dates": (
        "A visit ends on or after the day it begins, and lasts at most {most} days; correct them.",
        "Ngày kết thúc không trước ngày bắt đầu và không quá {most} ngày; hãy sửa lại.",
    ),
    "bad-due": (
        "A measure is due on or after the first day of the visit, {first}; correct the day.",
        "Hạn của biện pháp không trước ngày đầu kiểm tra, {first}; hãy sửa ngày.",
    ),
    "bad-done": (
        "A measure is done between {first} and today; correct the day.",
        "Ngày làm xong phải từ {first} đến hôm nay; hãy sửa ngày.",
    ),
    "no-visit": (
        "There is no visit {number} to unit {unit}; look at the list again.",
        "Không có đợt kiểm tra số {number} ở đơn vị {unit}; hãy mở lại danh sách.",
    ),
    "no-measure": (
        "Visit {visit} has no measure {number}; look at the page again.",
        "Đợt kiểm tra số {visit} không có biện pháp số {number}; hãy mở lại trang.",
    ),
    "bad-view": (
        "Only a page of the desk can be saved as a view; open it from there.",
        "Chỉ lưu được trang của bàn thanh tra; hãy mở trang từ đó.",
    ),
    "too-many-views": (
        "There are {most} saved views already; forget one first.",
        "Đã có {most} trang được lưu; hãy bỏ bớt một trang.",
    ),
}


class InspectionError(Exception):
    """Something that cannot be entered as it is; str() is one sentence for whoever enters it.

    kind: of REFUSALS; facts: what its sentence names, days as dates.
    """

    def __init__(self, kind: str, **facts: object) -> None:
        self.kind, self.facts = kind, facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """The sentence in `vi` or `en`; English for any other language."""
        vietnamese = language.startswith("vi")
        words = REFUSALS[self.kind][1 if vietnamese else 0]
        return words.format(**{name: _in(value, vietnamese) for name, value in self.facts.items()})


def checked_words(text: str, *, most: int) -> str:
    """What somebody wrote, without blanks around it; InspectionError unless it says something."""
    text = text.strip()
    if not text or len(text) > most or not text.replace("\n", " ").isprintable():
        raise InspectionError("bad-words", most=most)
    return text


def _in(value: object, vietnamese: bool) -> object:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if vietnamese else value.isoformat()
    return value
