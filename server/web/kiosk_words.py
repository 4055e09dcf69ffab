"""What a kiosk's state, faults and answers mean, and what to do, in a reader's words."""

from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from protocol.status import Status
from server.web.words import rating_words, whole

_STANDING = {
    "live": N_("Đang kết nối"),
    "silent": N_("Mất liên lạc"),
    "never": N_("Chưa đăng ký"),
    "shut": N_("Nhật ký đã đóng"),
}
# What a kiosk's status may name under `attention`, and what somebody does about it.
_ATTENTION = {
    "disk": (
        N_("Thẻ nhớ sắp đầy"),
        N_("Thay thẻ nhớ lớn hơn; dữ liệu đã gửi vẫn an toàn trên máy chủ."),
    ),
    "clock": (
        N_("Đồng hồ chưa được đồng bộ"),
        N_("Kiểm tra kết nối mạng; giờ được lấy từ mạng."),
    ),
    "configuration": (
        N_("Không dùng được cấu hình mới"),
        N_("Xem lại cấu hình vừa công bố; thiết bị vẫn dùng bản trước."),
    ),
    "sending": (
        N_("Không gửi được dữ liệu"),
        N_("Dữ liệu được giữ lại và gửi sau; xem trang kỹ thuật của thiết bị."),
    ),
    "evidence": (
        N_("Có dữ liệu của nhật ký trước được cất riêng"),
        N_("Không xóa thẻ nhớ; thiết bị tự chuyển phần dữ liệu đó."),
    ),
    "forked": (
        N_("Có hai bản nhật ký khác nhau"),
        N_("Thẻ nhớ đã bị sao chép: giữ cả hai thẻ, đăng ký lại thiết bị đang dùng bằng mã mới."),
    ),
    "revoked": (
        N_("Nhật ký đã bị thu hồi"),
        N_("Đăng ký lại thiết bị bằng mã mới nếu vẫn dùng."),
    ),
    "old-copy": (
        N_("Thẻ nhớ là bản sao cũ"),
        N_("Không xóa thẻ nhớ; đăng ký lại thiết bị bằng mã mới."),
    ),
    "pruned": (
        N_("Máy chủ thiếu dữ liệu mà thiết bị không còn giữ"),
        N_("Đăng ký lại thiết bị bằng mã mới."),
    ),
    "out_of_order": (
        N_("Đang ngừng nhận đánh giá"),
        N_("Khởi động lại thiết bị; nếu vẫn vậy, gửi chẩn đoán và xem tại chỗ."),
    ),
    "full": (
        N_("Thẻ nhớ đầy, đang ngừng nhận đánh giá"),
        N_("Thay thẻ nhớ lớn hơn."),
    ),
    "screen": (
        N_("Màn hình không hiển thị; nút bấm vẫn nhận"),
        N_("Khởi động lại thiết bị; nếu vẫn vậy, kiểm tra dây màn hình."),
    ),
}
_KINDS = {
    "stuck": N_("bị kẹt"),
    "missing": N_("không thấy"),
    "noisy": N_("chập chờn"),
}
# What a self-test says of a part.
_FINDINGS = {
    "ok": N_("tốt"),
    "none": N_("không có"),
    "silent": N_("không trả lời"),
    "broken": N_("hỏng"),
    "full": N_("đầy"),
    "low": N_("sắp đầy"),
    "synchronized": N_("đã đồng bộ"),
    "unsynchronized": N_("chưa đồng bộ"),
    "damaged": N_("hư hại"),
    "unwritable": N_("không ghi được"),
}
_PARTS = {
    "button": N_("Nút %(number)s"),
    "lamp": N_("Đèn %(number)s"),
    "duty-lamp": N_("Đèn trực %(number)s"),
    "lamps": N_("Đèn"),
    "invite": N_("Nút mời"),
    "buzzer": N_("Còi"),
    "sound": N_("Âm thanh"),
    "keypad": N_("Bàn phím số"),
    "panel": N_("Bảng nút"),
    "screen": N_("Màn hình"),
    "core": N_("Chương trình"),
    "journal": N_("Nhật ký"),
    "disk": N_("Thẻ nhớ"),
    "clock": N_("Đồng hồ"),
    "server": N_("Máy chủ"),
}
_ORDERS = {
    "diagnostics": N_("Gửi chẩn đoán"),
    "restart": N_("Khởi động lại"),
    "selftest": N_("Tự kiểm tra"),
}
_OUTCOMES = {
    "": N_("Chờ thiết bị nhận"),
    "taken": N_("Thiết bị đã nhận, đang làm"),
    "done": N_("Đã xong"),
    "failed": N_("Không làm được"),
    "expired": N_("Quá hạn một ngày, không làm"),
    "unknown": N_("Thiết bị không biết yêu cầu này"),
}
_CAUSES = {
    "start": N_("Bật máy"),
    "crash": N_("Chương trình hỏng và tự chạy lại"),
    "watchdog": N_("Bị treo, được khởi động lại"),
}
_SUPPRESSED = {
    "bounce": N_("nút rung"),
    "repeat": N_("bấm lặp"),
    "burst": N_("bấm dồn dập"),
}


class Advice(NamedTuple):
    """What is the matter, and what to do about it."""

    what: str
    do: str


def standing_words(standing: str, state: str) -> str:
    """How a kiosk stands (web.fleet.Stand) in two words."""
    if standing == "shut" and state == "revoked":
        return gettext(_ATTENTION["revoked"][0])
    return gettext(_STANDING[standing])


def advice(status: Status | None, state: str, unpressed: list[int]) -> list[Advice]:
    """All that somebody should look at, the gravest first.

    state: of the journal, by the server. A word that is not known here stands for itself.
    """
    named = [state] if state in ("forked", "revoked") else []
    if status is not None:
        named += status.attention
        if status.disk is not None and status.disk.low:
            named.append("disk")
        if status.refused is not None:
            named.append("configuration")
    found = [_attention(word) for word in dict.fromkeys(named)]
    for fault in status.faults if status is not None else ():
        do = gettext("Kiểm tra dây và đầu nối; thay nếu vẫn hỏng.")
        found.append(Advice(fault_words(fault.part, fault.kind), do))
    if unpressed:
        found.append(_never_pressed(unpressed))
    return found


def _attention(word: str) -> Advice:
    what, do = _ATTENTION.get(word, (word, ""))
    return Advice(gettext(what) if do else what, gettext(do) if do else "")


def _never_pressed(ratings: list[int]) -> Advice:
    names = ", ".join(f"“{rating_words(rating)}”" for rating in sorted(ratings, reverse=True))
    what = gettext("Lâu không ai bấm %(names)s") % {"names": names}
    do = gettext("Bấm thử nút đó tại thiết bị: nút hỏng trông như người dân luôn hài lòng.")
    return Advice(what, do)


def marks(status: Status | None, state: str, unpressed: list[int]) -> list[str]:
    """The same, only what is the matter."""
    return [one.what for one in advice(status, state, unpressed)]


def part_words(part: str) -> str:
    """A part as the kiosk names it, such as button-3; an unknown one stands for itself."""
    name, _, number = part.rpartition("-")
    known = _PARTS.get(name if number.isdigit() else part)
    if known is None or ("%" in known) != number.isdigit():
        return part
    return gettext(known) % {"number": number}


def finding_words(word: str) -> str:
    """What a self-test found of a part."""
    known = _FINDINGS.get(word) or _KINDS.get(word)
    return gettext(known) if known else word


def fault_words(part: str, kind: str) -> str:
    """Nút 3: bị kẹt"""
    known = _KINDS.get(kind)
    return f"{part_words(part)}: {gettext(known) if known else kind}"


def order_words(what: str) -> str:
    known = _ORDERS.get(what)
    return gettext(known) if known else what


def outcome_words(outcome: str) -> str:
    known = _OUTCOMES.get(outcome)
    return gettext(known) if known else outcome


def cause_words(cause: str) -> str:
    known = _CAUSES.get(cause)
    return gettext(known) if known else cause


def suppressed_words(why: str) -> str:
    known = _SUPPRESSED.get(why)
    return gettext(known) if known else why


def span_words(seconds: int) -> str:
    """A span in its largest whole unit: 3 ngày, 5 giờ, 12 phút, 30 giây."""
    if seconds >= 86_400:
        return gettext("%(n)s ngày") % {"n": whole(seconds // 86_400)}
    if seconds >= 3_600:
        return gettext("%(n)s giờ") % {"n": seconds // 3_600}
    if seconds >= 60:
        return gettext("%(n)s phút") % {"n": seconds // 60}
    return gettext("%(n)s giây") % {"n": seconds}
