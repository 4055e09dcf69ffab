"""What auditors' reports conclude, in a reader's words."""

from typing import Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.ledger.reports import Findings, Report

_VERDICTS: Final = {
    "proved": (
        N_("Khớp, trong phạm vi đã kiểm tra"),
        N_("Mọi điều kiểm tra được đều đúng. Báo cáo nêu cả điều không thấy được."),
    ),
    "contradicted": (
        N_("Có mâu thuẫn"),
        N_("Có chỗ không thể đúng cùng nhau. Báo cáo nêu chính xác chỗ nào; hãy giữ mọi tệp."),
    ),
    "unchecked": (
        N_("Chưa kiểm tra được hết"),
        N_("Không thấy mâu thuẫn, nhưng có phần đáng lẽ phải kiểm tra mà chưa kiểm tra được."),
    ),
}
_AGREES: Final = {
    "same": N_("Trùng với sổ ở đây"),
    "other root": N_("KHÁC với sổ ở đây"),
    "other log": N_("Của một sổ khác tên"),
    "longer": N_("Dài hơn sổ ở đây: máy chủ này thiếu dữ liệu"),
    "unreadable": N_("Sổ ở đây không đọc được để so"),
}
# The report's own headings (auditor/tell.py); a list that is not known here stands for itself.
_SECTIONS: Final = {
    "contradictions": N_("Điều không đúng, và ở đâu"),
    "unchecked": N_("Chưa kiểm tra"),
    "limits": N_("Điều mà lần kiểm tra này không thấy được"),
    "proved": N_("Điều đúng"),
    "exclusions": N_("Loại ra, đưa vào, quyết định"),
    "erasures": N_("Ý kiến đã xóa"),
    "views": N_("Ai đã xem lượt đánh giá của cán bộ cụ thể, ai được giao thanh tra, thẩm định"),
    "breaks": N_("Đứt đoạn của sổ"),
    "restored": N_("Khôi phục từ bản sao lưu"),
    "keys": N_("Thay khóa của sổ"),
    "ended": N_("Nhật ký đóng, thu hồi, rẽ nhánh, cách ly"),
    "silent": N_("Ngày không có dấu hiệu hoạt động"),
    "clocks": N_("Đồng hồ không chắc chắn"),
    "late": N_("Lượt đánh giá đến muộn"),
    "not_understood": N_("Giữ lại nhưng không hiểu"),
    "absent": N_("Phần không có trong bản trích"),
}


class Section(NamedTuple):
    """A heading and its sentences."""

    words: str
    findings: Findings


def verdict_words(verdict: str) -> str:
    """A verdict in a few words; never more than what was checked."""
    return gettext(_VERDICTS[verdict][0])


def verdict_meaning(verdict: str) -> str:
    """What follows from a verdict."""
    return gettext(_VERDICTS[verdict][1])


def agrees_words(agrees: str) -> str:
    """Whether a report's root is the one of our tree (ledger.reports.Agrees)."""
    return gettext(_AGREES[agrees])


def sections(report: Report) -> list[Section]:
    """What is the matter first, then what was not checked and cannot be seen, then the rest."""
    named = {name: getattr(report, name) for name in list(_SECTIONS)[:4]} | report.lists
    return [
        Section(gettext(_SECTIONS[name]) if name in _SECTIONS else name, findings)
        for name, findings in named.items()
        if findings
    ]
