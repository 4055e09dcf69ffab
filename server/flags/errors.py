"""What cannot be entered about doubts, in sentences."""

# kind: (English, Vietnamese)
REFUSALS = {
    "no-doubt": (
        "There is no doubt {number} in unit {unit}; look at the list again.",
        "Đơn vị {unit} không có nghi vấn số {number}; hãy mở lại danh sách.",
    ),
    "no-decision": (
        "There is no decision {number} in unit {unit}; look at the doubt again.",
        "Đơn vị {unit} không có quyết định số {number} về lượt nghi vấn; hãy mở lại nghi vấn.",
    ),
    "waits": (
        "Proposal {number} on this doubt waits already; confirm or refuse it first.",
        "Đề nghị số {number} về nghi vấn này đang chờ; hãy xác nhận hoặc từ chối trước.",
    ),
    "nothing-new": (
        "These votes are decided like that already, so there is nothing to propose.",
        "Các lượt này đã được quyết như vậy nên không có gì để đề nghị.",
    ),
    "decided": (
        "Decision {number} does not wait any more; look at the doubt again.",
        "Quyết định số {number} không còn chờ; hãy mở lại nghi vấn.",
    ),
    "own-proposal": (
        "Whoever proposed decision {number} does not decide on it; ask a second reviewer.",
        "Người đề nghị số {number} không tự quyết; hãy nhờ người thẩm định thứ hai.",
    ),
    "proposer-gone": (
        "{by}, who proposed decision {number}, reviews this unit no more; refuse it, and propose it"
        " yourself if it should stand.",
        "{by}, người nêu đề nghị số {number}, không còn thẩm định đơn vị này; hãy từ chối, và tự"
        " đề nghị lại nếu vẫn cần.",
    ),
    "others-proposal": (
        "Decision {number} was proposed by another; only the proposer withdraws it.",
        "Đề nghị số {number} do người khác nêu; chỉ người đó mới rút lại được.",
    ),
    "bad-words": (
        "Say why in 1 to {most} printable characters.",
        "Hãy ghi lý do, từ 1 đến {most} ký tự in được.",
    ),
}


class FlagError(Exception):
    """Something that cannot be entered as it is; str() is one sentence for whoever enters it.

    kind: of REFUSALS; facts: what its sentence names.
    """

    def __init__(self, kind: str, **facts: object) -> None:
        self.kind, self.facts = kind, facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """The sentence in `vi` or `en`; English for any other language."""
        return REFUSALS[self.kind][1 if language.startswith("vi") else 0].format(**self.facts)
