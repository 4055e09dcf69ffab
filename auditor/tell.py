"""The report for people: plain words, bounded, and always with what cannot be seen."""

import sys
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from auditor.report import Finding, Report
from auditor.words import Lang, plain, plain_json, say

HEADLINE = {
    "proved": ("PROVED, within these bounds", "ĐÃ CHỨNG MINH, trong phạm vi sau"),
    "contradicted": ("CONTRADICTED", "CÓ MÂU THUẪN"),
    "unchecked": ("NOT EVERYTHING COULD BE CHECKED", "CHƯA KIỂM TRA ĐƯỢC HẾT"),
}
TITLES = {
    "contradictions": ("What does not hold, and where", "Điều không đúng, và ở đâu"),
    "proved": ("What holds", "Điều đúng"),
    "unchecked": ("Not checked", "Chưa kiểm tra"),
    "limits": ("What this check cannot see", "Điều mà lần kiểm tra này không thấy được"),
    "notes": (
        "Signed notes that contradict one another (keep them: they convince anybody)",
        "Các bản ghi đã ký mâu thuẫn nhau (hãy giữ lại: chúng thuyết phục được bất kỳ ai)",
    ),
    "exclusions": ("Exclusions, inclusions, rulings", "Loại ra, đưa vào, quyết định"),
    "objections": ("Objections of officials", "Ý kiến phản đối của cán bộ"),
    "entered": ("Units' rules, files imported", "Quy tắc của đơn vị, tệp đã nhập"),
    "shifts": ("Shifts planned or taken back", "Ca đã xếp, ca đã bỏ"),
    "duties": ("Duties set on a board or at a work PC", "Ca trực đặt trên bảng trực, máy làm việc"),
    "erasures": ("Comments erased", "Ý kiến đã xóa"),
    "views": (
        "Who read votes of named officials, or may inspect and review",
        "Ai đã xem phiếu của cán bộ cụ thể, ai được giao thanh tra, thẩm định",
    ),
    "breaks": ("Breaks of the log", "Đứt đoạn của sổ"),
    "restored": ("Restored from backups", "Khôi phục từ bản sao lưu"),
    "keys": ("Changes of the log's key", "Thay khóa của sổ"),
    "ended": (
        "Journals closed, revoked, forked, kept apart", "Sổ kiosk đóng, thu hồi, rẽ nhánh, cách ly"
    ),
    "open_twice": ("Kiosks with two open journals", "Kiosk có hai sổ cùng mở"),
    "silent": ("Days without a sign of life", "Ngày không có dấu hiệu hoạt động"),
    "clocks": ("Uncertain clocks", "Đồng hồ không chắc chắn"),
    "late": ("Late votes", "Phiếu đến muộn"),
    "left_out": ("Votes that are not counted", "Phiếu không được tính"),
    "imported": ("Rests on imported data", "Dựa trên dữ liệu nhập"),
    "not_understood": ("Kept but not understood", "Giữ lại nhưng không hiểu"),
    "kiosk_pins": (
        "Checkpoints in kiosks' chains of which nothing can be told here",
        "Điểm mốc trong chuỗi của kiosk mà ở đây không biết được gì",
    ),
    "absent": ("Parts that the export does not hold", "Phần không có trong bản trích"),
}  # fmt: skip
SHOWN = 20


def tell(report: Report, lang: Lang) -> str:
    """The whole report, ending with a newline."""
    at = lang == "vi"
    rows = [f"{HEADLINE[report.verdict][at]}: {report.log}"]
    zone = ZoneInfo(report.timezone)
    said = [say(lang, one.code, one.values, zone) for one in report.statement[: SHOWN + 1]]
    if said and not report.contradictions:
        rows.append("; ".join(said) + ".")
    rows += _section("contradictions", report.contradictions, lang, zone)
    rows += _section("proved", report.proved, lang, zone)
    for title, findings in report.lists.items():
        rows += _section(title, findings, lang, zone)
    rows += _section("unchecked", report.unchecked, lang, zone)
    rows += _section("limits", report.limits, lang, zone)
    if report.notes:
        rows.append(f"{TITLES['notes'][at]}:")
        rows += [f"\n{note}" for note in dict.fromkeys(report.notes[:SHOWN])]
    rows.append(_signed_line(report))
    return plain("\n".join(rows)) + "\n"


def _signed_line(report: Report) -> str:
    return f"[{report.log} {report.size} {report.root}; {report.timezone}]"


def _section(title: str, findings: Sequence[Finding], lang: Lang, zone: ZoneInfo) -> list[str]:
    if not findings:
        return []
    at = lang == "vi"
    rows = [f"{TITLES[title][at]} ({len(findings)}):"]
    rows += [f"  - {say(lang, one.code, one.values, zone)}" for one in findings[:SHOWN]]
    more = len(findings) - SHOWN
    if more > 0:
        rows.append(f"  … +{more} (--json)")
    return rows


def as_json(report: Report, lang: Lang) -> str:
    """The same for programs: codes, values and the sentences."""
    whole = msgspec.to_builtins(report)
    zone = ZoneInfo(report.timezone)

    def add_text(findings: list[dict[str, object]], of: Sequence[Finding]) -> None:
        for row, one in zip(findings, of, strict=True):
            row["text"] = say(lang, one.code, one.values, zone)

    for name in ("statement", "contradictions", "proved", "unchecked", "limits"):
        add_text(whole[name], getattr(report, name))
    for name, findings in report.lists.items():
        add_text(whole["lists"][name], findings)
    whole = {"verdict": report.verdict} | whole
    return plain_json(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode())


class Bar:
    """Progress on stderr, if that is a terminal."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """So much of it is done."""
        if self.shown and total:
            part = done * 40 // total
            sys.stderr.write(f"\r[{'#' * part}{'.' * (40 - part)}] {done * 100 // total:3d} %")
            if done >= total:
                sys.stderr.write("\r" + " " * 60 + "\r")
            sys.stderr.flush()
