"""What is refused of posted duties, rulings and objections: one table, each in both languages."""

from datetime import date, datetime
from typing import Final

# kind -> English, Vietnamese. What stands in braces is in the error's `facts`.
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "no-counter": (
        "There is no counter {counter} in unit {unit}; choose one of its counters.",
        "Đơn vị {unit} không có quầy {counter}; hãy chọn một quầy của đơn vị.",
    ),
    "no-official": (
        "There is no official {official}; choose one from the list.",
        "Không có cán bộ {official}; hãy chọn trong danh sách.",
    ),
    "not-there": (
        "{official} did not serve in unit {unit} on {date}: correct the day, or have an "
        "administrator enter where they sat.",
        "Ngày {date} {official} không phục vụ ở đơn vị {unit}: hãy sửa ngày, hoặc nhờ quản trị ghi "
        "chỗ ngồi của người đó.",
    ),
    "bad-day": (
        "{date} is no day to object to: it is to come, or {official} did not serve yet or any "
        "more; correct it.",
        "Không phản đối được về ngày {date}: ngày này chưa đến, hoặc lúc đó {official} chưa hay "
        "không còn công tác; hãy sửa ngày.",
    ),
    "not-own": (
        "This is another's duty: begin at that counter to take it over, or ask the supervisor.",
        "Đây là ca của người khác: hãy bắt đầu trực quầy đó để nhận, hoặc nhờ người phụ trách.",
    ),
    "no-duty": (
        "There is no posted duty {number} in unit {unit}; look at the board again.",
        "Đơn vị {unit} không có ca trực số {number} trên bảng; hãy mở lại bảng trực.",
    ),
    "no-ruling": (
        "There is no ruling {number} in unit {unit}; look at the list again.",
        "Đơn vị {unit} không có quyết định số {number}; hãy mở lại danh sách.",
    ),
    "no-objection": (
        "There is no objection {number} in unit {unit}; look at the list again.",
        "Đơn vị {unit} không có ý kiến phản đối số {number}; hãy mở lại danh sách.",
    ),
    "bad-words": (
        "Say why in 1 to {most} printable characters.",
        "Hãy ghi lý do, từ 1 đến {most} ký tự in được.",
    ),
    "bad-interval": (
        "A ruling is about {shortest} minutes to {longest} days that are over; correct the times.",
        "Quyết định phải nói về khoảng thời gian đã qua, từ {shortest} phút đến {longest} ngày; "
        "hãy sửa giờ.",
    ),
    "overlap": (
        "Ruling {number} is about this counter from {started} to {ended}; lift it first.",
        "Quyết định số {number} đã nói về quầy này từ {started} đến {ended}; hãy hủy nó trước.",
    ),
    "not-in-force": (
        "Ruling {number} is not in force, so there is nothing to lift.",
        "Quyết định số {number} không có hiệu lực nên không có gì để hủy.",
    ),
    "lift-waits": (
        "That ruling {number} be lifted is proposed already; confirm or refuse proposal {lift}.",
        "Đã có đề nghị hủy quyết định số {number}; hãy xác nhận hoặc từ chối đề nghị số {lift}.",
    ),
    "decided": (
        "Ruling {number} does not wait for a decision any more; look at the list again.",
        "Quyết định số {number} không còn chờ quyết; hãy mở lại danh sách.",
    ),
    "own-proposal": (
        "Whoever proposed ruling {number} does not decide on it; ask a second person.",
        "Người đề nghị quyết định số {number} không tự quyết; hãy nhờ người thứ hai.",
    ),
    "others-proposal": (
        "Ruling {number} was proposed by another; only the proposer withdraws it.",
        "Quyết định số {number} do người khác đề nghị; chỉ người đề nghị mới rút lại được.",
    ),
    "object-to-what": (
        "Say what the objection is to: a ruling, or a counter and a day.",
        "Hãy cho biết phản đối điều gì: một quyết định, hoặc một quầy và một ngày.",
    ),
    "too-many": (
        "{most} objections of {official} wait for an answer; wait for these first.",
        "{most} ý kiến phản đối của {official} đang chờ trả lời; hãy chờ trả lời trước.",
    ),
    "answered": (
        "Objection {number} is answered already.",
        "Ý kiến phản đối số {number} đã được trả lời.",
    ),
}


class AttributionError(Exception):
    """Something that cannot be entered as it is; str() is one sentence for whoever enters it.

    kind: of REFUSALS; facts: what its sentence names, days as dates, instants as local datetimes.
    """

    def __init__(self, kind: str, **facts: object) -> None:
        self.kind, self.facts = kind, facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """The sentence in `vi` or `en`; English for any other language."""
        vietnamese = language.startswith("vi")
        words = REFUSALS[self.kind][1 if vietnamese else 0]
        return words.format(**{name: _in(value, vietnamese) for name, value in self.facts.items()})


def _in(value: object, vietnamese: bool) -> object:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if vietnamese else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if vietnamese else value.isoformat()
    return value
