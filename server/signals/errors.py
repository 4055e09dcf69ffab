"""What is refused of signals: one table, each in both languages."""

from typing import Final

# kind -> English, Vietnamese. What stands in braces is in the error's `facts`.
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "no-signal": (
        "There is no signal {number} in unit {unit}; look at the list again.",
        "Đơn vị {unit} không có tín hiệu số {number}; hãy mở lại danh sách.",
    ),
    "bad-words": (
        "Say what came of it in 1 to {most} printable characters.",
        "Hãy ghi kết quả xem xét, từ 1 đến {most} ký tự in được.",
    ),
    "not-looked": (
        "Nobody looks into signal {number} yet; begin to, then say what came of it.",
        "Chưa ai nhận xem xét tín hiệu số {number}; hãy nhận xem xét rồi ghi kết quả.",
    ),
    "bad-budget": (
        "False alarms a month lie between 0.01 and {most}; correct the number.",
        "Số báo động nhầm mỗi tháng nằm giữa 0,01 và {most}; hãy sửa lại.",
    ),
}


class SignalError(Exception):
    """Something that cannot be done as it is; str() is one sentence for whoever asked for it.

    kind: of REFUSALS; facts: what its sentence names.
    """

    def __init__(self, kind: str, **facts: object) -> None:
        self.kind, self.facts = kind, facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """The sentence in `vi` or `en`; English for any other language."""
        return REFUSALS[self.kind][1 if language.startswith("vi") else 0].format(**self.facts)
