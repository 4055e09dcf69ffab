"""The canonical rating 1..5, the scales that offer it, its words, and reason codes."""

from typing import Final, Literal

Rating = Literal[1, 2, 3, 4, 5]
Scale = Literal["vn5", "vn4", "vn3"]
Level = Literal["very", "satisfied", "neutral", "dissatisfied"]

RATINGS: Final[tuple[int, ...]] = (1, 2, 3, 4, 5)
SCALES: Final[dict[str, tuple[int, ...]]] = {
    "vn5": (1, 2, 3, 4, 5),
    "vn4": (1, 2, 4, 5),
    "vn3": (2, 4, 5),
}
WORDS: Final[dict[int, dict[str, str]]] = {
    5: {"vi": "Rất hài lòng", "en": "Very satisfied"},
    4: {"vi": "Hài lòng", "en": "Satisfied"},
    3: {"vi": "Bình thường", "en": "Neutral"},
    2: {"vi": "Không hài lòng", "en": "Dissatisfied"},
    1: {"vi": "Rất không hài lòng", "en": "Very dissatisfied"},
}
# Why a citizen was not satisfied. R6 is for inspectors only; R9 is no fault of the official.
REASONS: Final[dict[str, dict[str, str]]] = {
    "R1": {"vi": "Chờ đợi lâu", "en": "Long wait"},
    "R2": {"vi": "Trả kết quả trễ hẹn", "en": "Result later than promised"},
    "R3": {"vi": "Thái độ chưa lịch sự, thiếu thân thiện", "en": "Impolite, unfriendly"},
    "R4": {"vi": "Hướng dẫn không rõ, khó hiểu", "en": "Unclear guidance"},
    "R5": {
        "vi": "Phải đi lại, bổ sung giấy tờ nhiều lần",
        "en": "Many trips, repeated supplements",
    },
    "R6": {
        "vi": "Gây phiền hà, sách nhiễu, gợi ý nộp thêm tiền",
        "en": "Harassment, hint to pay extra",
    },
    "R7": {
        "vi": "Thủ tục, phí, lệ phí không niêm yết rõ",
        "en": "Procedure or fee not posted",
    },
    "R8": {"vi": "Chỗ ngồi, trang thiết bị kém", "en": "Seats or equipment poor"},
    "R9": {
        "vi": "Không đồng ý với kết quả giải quyết",
        "en": "Disagree with the decision itself",
    },
    "R0": {"vi": "Lý do khác", "en": "Other"},
}
POSITIVE_REASONS: Final[dict[str, dict[str, str]]] = {
    "P1": {"vi": "Lịch sự, thân thiện", "en": "Polite, friendly"},
    "P2": {"vi": "Hướng dẫn rõ ràng", "en": "Clear guidance"},
    "P3": {"vi": "Nhanh, đúng hẹn", "en": "Fast, on time"},
    "P4": {"vi": "Thủ tục đơn giản", "en": "Simple procedure"},
    "P5": {"vi": "Thạo việc", "en": "Competent"},
    "P6": {"vi": "Nơi chờ sạch sẽ, thuận tiện", "en": "Clean, convenient waiting area"},
}
# What is asked after each rating unless a configuration says otherwise: as many after each.
OFFERED: Final[dict[int, tuple[str, ...]]] = {
    1: ("R1", "R3", "R4", "R5", "R6", "R9"),
    2: ("R1", "R3", "R4", "R5", "R6", "R9"),
    3: ("R1", "R4", "R5", "P1", "P2", "P3"),
    4: ("P1", "P2", "P3", "P4", "P5", "P6"),
    5: ("P1", "P2", "P3", "P4", "P5", "P6"),
}
_LEVELS: Final[dict[int, Level]] = {
    5: "very",
    4: "satisfied",
    3: "neutral",
    2: "dissatisfied",
    1: "dissatisfied",
}


def roll_up(rating: int) -> Level:
    """The legal three-level word for a rating 1..5; neutral is counted apart (KeyError else)."""
    return _LEVELS[rating]
