"""What a kiosk's state, faults and answers mean, and what to do, in a reader's words."""

from typing import Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from protocol.status import Status
from server.web.words import rating_words, whole

_STANDING = {
    "live": N_("Đang kết nối"),
    "failing": N_("Ngừng nhận đánh giá"),
    "silent": N_("Mất liên lạc"),
    "never": N_("Chưa đăng ký"),
    "shut": N_("Nhật ký đã đóng"),
}
# Words under `attention` with which a kiosk is heard, and no citizen can rate as they should.
FAILING: Final = frozenset({"full", "out_of_order", "screen"})
# With these it keeps what it takes, and sends nothing until it is enrolled again.
CUT_OFF: Final = frozenset({"forked", "revoked", "old-copy", "pruned"})
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
        N_("Nhật ký rẽ nhánh (có hai bản nhật ký khác nhau)"),
        N_(
            "Từ nay lượt đánh giá vào khu cách ly, chưa được tính. Thẻ nhớ đã bị sao chép: "
            "giữ cả hai thẻ, đăng ký lại thiết bị đang dùng bằng mã mới."
        ),
    ),
    "revoked": (
        N_("Nhật ký đã bị thu hồi"),
        N_(
            "Lượt đánh giá từ sau đó vào khu cách ly, chưa được tính. "
            "Đăng ký lại thiết bị bằng mã mới nếu vẫn dùng."
        ),
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
    "contradiction": (
        N_("Máy chủ đã cho thiết bị thấy một sổ khác với sổ thiết bị giữ"),
        N_(
            "Báo thanh tra ngay; giữ nguyên thiết bị và thẻ nhớ, không sửa gì trên máy chủ. "
            "Thiết bị vẫn nhận và gửi; bằng chứng nằm trong bản xuất của thiết bị."
        ),
    ),
    "missing": (
        N_("Có bản ghi đã gửi mà máy chủ chưa chứng minh là có trong sổ"),
        N_(
            "Chạy “hailong-server check” và báo thanh tra; giữ thẻ nhớ. "
            "Dấu này tự hết khi máy chủ chứng minh được."
        ),
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


_DO = {
    "live": N_("Thiết bị hoạt động bình thường. Không cần làm gì."),
    "look": N_("Thiết bị đang nhận đánh giá; có việc cần xem bên dưới."),
    "failing": N_("Người dân không đánh giá được như thường lệ. Hãy xử lý ngay việc bên dưới."),
    "apart": N_(
        "Thiết bị vẫn nhận đánh giá, nhưng các lượt mới chưa được tính. Hãy làm việc bên dưới."
    ),
    "cut off": N_(
        "Có mạng thiết bị cũng không gửi được nữa bằng nhật ký này: hãy làm việc bên dưới trước. "
        "Lượt đánh giá đã nhận vẫn được giữ trên thẻ nhớ."
    ),
    "silent": N_(
        "Kiểm tra nguồn điện, dây mạng hoặc sóng di động tại quầy. "
        "Lượt đánh giá vẫn được giữ trong thiết bị và tự gửi khi có mạng."
    ),
    "never": N_(
        "Chưa thiết bị nào dùng mã đăng ký của vị trí này. Tạo mã, in thẻ và nhập tại thiết bị."
    ),
    "shut": N_(
        "Thiết bị không gửi được nữa bằng nhật ký này. Đăng ký lại bằng mã mới nếu vẫn dùng."
    ),
}


def do_words(standing: str, state: str, status: Status | None, *, look: bool) -> str:
    """The first sentence of what to do with a kiosk that stands so; look: there is advice."""
    if standing in ("live", "silent") and is_cut_off(state, status):
        standing = "apart" if standing == "live" else "cut off"
    return gettext(_DO["look" if standing == "live" and look else standing])


def is_cut_off(state: str, status: Status | None) -> bool:
    """Whether nothing more of this journal can count until the kiosk is enrolled again."""
    named = {state, *(status.attention if status is not None else ())}
    return not CUT_OFF.isdisjoint(named)


def standing_words(standing: str, state: str, status: Status | None) -> str:
    """How a kiosk stands (web.fleet.Stand) in a few words."""
    if standing == "failing" and status is not None and _takes_votes(status):
        return gettext("Màn hình không hiển thị")
    if standing == "shut" and state == "revoked":
        return gettext(_ATTENTION["revoked"][0])
    return gettext(_STANDING[standing])


def advice(status: Status | None, state: str, unpressed: list[int]) -> list[Advice]:
    """All that somebody should look at, the gravest first.

    state: of the journal, by the server. A word that is not known here stands for itself.
    """
    named = [state] if state in ("forked", "revoked") else []
    if status is not None:
        # Of a journal that is shut or forked, that it cannot send is no news and no fault.
        named += [word for word in status.attention if word != "sending" or state == "open"]
        if status.disk is not None and status.disk.low:
            named.append("disk")
        if "full" in named:  # that says it all
            named = [word for word in named if word != "disk"]
        if status.refused is not None:
            named.append("configuration")
    found = [_attention(word) for word in dict.fromkeys(named)]
    for fault in status.faults if status is not None else ():
        do = gettext("Kiểm tra dây và đầu nối; thay nếu vẫn hỏng.")
        found.append(Advice(fault_words(fault.part, fault.kind), do))
    if unpressed:
        found.append(_never_pressed(unpressed))
    return found


def _takes_votes(status: Status) -> bool:
    return {"full", "out_of_order"}.isdisjoint(status.attention)


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
    """A span in its two largest units: 3 ngày 4 giờ, 1 giờ 25 phút, 12 phút, 30 giây."""
    if seconds >= 86_400:
        days = gettext("%(n)s ngày") % {"n": whole(seconds // 86_400)}
        return _and(days, gettext("%(n)s giờ"), seconds // 3_600 % 24)
    if seconds >= 3_600:
        hours = gettext("%(n)s giờ") % {"n": seconds // 3_600}
        return _and(hours, gettext("%(n)s phút"), seconds // 60 % 60)
    if seconds >= 60:
        return gettext("%(n)s phút") % {"n": seconds // 60}
    return gettext("%(n)s giây") % {"n": seconds}


def _and(larger: str, smaller: str, n: int) -> str:
    return f"{larger} {smaller % {'n': n}}" if n else larger
