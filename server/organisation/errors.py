"""What the organisation refuses: one table, each refusal in both languages of its readers."""

from datetime import date, datetime
from typing import Final

# kind -> English, Vietnamese. What stands in braces is in the error's `facts`.
REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "bad-code": (
        "{code!r} is no code; write letters, digits, dots and hyphens, at most {most}.",
        "{code!r} không phải là mã; viết chữ không dấu, số, dấu chấm, gạch nối, nhiều nhất {most}.",
    ),
    "bad-display": (
        "This number lies between {low} and {high}; leave it empty for that of the unit above.",
        "Số này từ {low} đến {high}; để trống thì theo đơn vị cấp trên.",
    ),
    "bad-name": (
        "A name has 1 to {most} printable characters.",
        "Tên phải có từ 1 đến {most} ký tự in được.",
    ),
    "bad-text": (
        "A text here has at most {most} printable characters.",
        "Nội dung ở đây có nhiều nhất {most} ký tự in được.",
    ),
    "bad-zone": (
        "{zone!r} is no time zone; write one such as Asia/Ho_Chi_Minh.",
        "{zone!r} không phải là múi giờ; viết chẳng hạn Asia/Ho_Chi_Minh.",
    ),
    "bad-days": (
        "The end {ended} is not after the beginning {started}; the end is the first day after it.",
        "Ngày kết thúc {ended} không sau ngày bắt đầu {started}; ngày kết thúc là ngày đầu tiên "
        "không còn hiệu lực.",
    ),
    "code-used": (
        "Code {code} was {name}'s until {ended}; a code is never given again, take another.",
        "Mã {code} là của {name} đến {ended}; mã đã dùng không cấp lại, chọn mã khác.",
    ),
    "not-there": (
        "Unit {unit} does not stand on {date}; correct the day, or the unit's own days first.",
        "Đơn vị {unit} không tồn tại vào ngày {date}; sửa ngày này, hoặc sửa thời gian tồn tại của "
        "đơn vị trước.",
    ),
    "serves-elsewhere": (
        "{official} does not serve at counter {counter} on {date}: have an administrator enter "
        "where they sit, or the shift.",
        "Ngày {date} {official} không phục vụ ở quầy {counter}: hãy nhờ quản trị ghi chỗ ngồi của "
        "người đó, hoặc xếp ca này.",
    ),
    "cycle": (
        "{unit} cannot stand beneath {parent}: from {date} on {parent} would stand beneath itself.",
        "{unit} không thể trực thuộc {parent}: từ ngày {date} {parent} sẽ trực thuộc chính mình.",
    ),
    "units-beneath": (
        "{unit} cannot end on {date}: {beneath} still stands beneath it; end or move it first.",
        "{unit} không thể kết thúc ngày {date}: {beneath} vẫn trực thuộc; kết thúc hoặc chuyển đơn "
        "vị đó trước.",
    ),
    "changes-after": (
        "{unit} cannot end on {date}: it changes on {later}; take the later day.",
        "{unit} không thể kết thúc ngày {date}: còn thay đổi vào ngày {later}; lấy ngày sau đó.",
    ),
    "succession-stands": (
        "{unit} cannot end on {date}: the succession {predecessor} → {successor} of {on} rests on "
        "its days; remove that first.",
        "{unit} không thể kết thúc ngày {date}: kế thừa {predecessor} → {successor} ngày {on} dựa "
        "vào thời gian này; bỏ kế thừa đó trước.",
    ),
    "not-ended": (
        "{predecessor} has not ended, so nothing succeeds it; end it first.",
        "{predecessor} chưa kết thúc nên chưa có đơn vị kế thừa; kết thúc đơn vị đó trước.",
    ),
    "too-early": (
        "{successor} cannot succeed {predecessor} on {on}, before its end on {ended}.",
        "{successor} không thể kế thừa {predecessor} ngày {on}, trước khi kết thúc ngày {ended}.",
    ),
    "successor-absent": (
        "{successor} does not stand on {on}, so it cannot succeed {predecessor} then.",
        "{successor} không tồn tại ngày {on} nên không thể kế thừa {predecessor} khi đó.",
    ),
    "succession-cycle": (
        "{successor} cannot succeed {predecessor}: it is itself succeeded by {predecessor}.",
        "{successor} không thể kế thừa {predecessor}: {predecessor} đã kế thừa chính đơn vị đó.",
    ),
    "counter-elsewhere": (
        "Counter {counter} belongs to unit {unit}; choose another.",
        "Quầy {counter} thuộc đơn vị {unit}; chọn quầy khác.",
    ),
    "bad-number": (
        "The number of a counter is 1 to {most}.",
        "Số quầy từ 1 đến {most}.",
    ),
    "no-official": (
        "There is no official {official}; make them first.",
        "Không có cán bộ {official}; thêm cán bộ trước.",
    ),
    "days-overlap": (
        "{what} would overlap: {who} has {started} to {ended} already; end that first.",
        "{what} bị chồng lên nhau: {who} đã có từ {started} đến {ended}; kết thúc phần đó trước.",
    ),
    "counter-planned": (
        "Counter {counter} is {official}'s from {started} to {ended}; shifts of a counter never "
        "overlap.",
        "Quầy {counter} đã xếp {official} từ {started} đến {ended}; ca ở một quầy không được chồng "
        "lên nhau.",
    ),
    "official-planned": (
        "{official} is planned at counter {counter} from {started} to {ended}; nobody is at two "
        "counters at once.",
        "{official} đã được xếp ở quầy {counter} từ {started} đến {ended}; không ai ở hai quầy "
        "cùng lúc.",
    ),
    "planned-elsewhere": (
        "{official} is planned in another unit at that time; agree with that unit on another.",
        "Vào giờ đó {official} đã được xếp ở đơn vị khác; hãy thống nhất giờ khác với đơn vị đó.",
    ),
    "bad-shift": (
        "A shift ends after it begins, and within {hours} hours.",
        "Ca phải kết thúc sau khi bắt đầu và không quá {hours} giờ.",
    ),
    "bad-pin": (
        "A PIN has {least} to 12 digits; write digits only.",
        "Mã PIN có từ {least} đến 12 chữ số; chỉ viết chữ số.",
    ),
    "old-pin": (
        "This is the PIN of {official} that has to be changed; take another.",
        "Đây là mã PIN phải đổi của {official}; chọn mã khác.",
    ),
    "bad-badge": (
        "A badge reads {least} to {most} printable characters.",
        "Thẻ đọc ra từ {least} đến {most} ký tự in được.",
    ),
    "badge-taken": (
        "This badge is already {official}'s; take it away there.",
        "Thẻ này đang là của {official}; gỡ ở đó trước.",
    ),
    "cannot-open": (
        "The {what} of {official} cannot be opened with this server's key; set a new one.",
        "{what} của {official} không mở được bằng khóa của máy chủ này; đặt lại cái mới.",
    ),
    "account-needs-unit": (
        "A supervisor heads a unit; name the unit of {account}.",
        "Người phụ trách phải có đơn vị; ghi đơn vị của {account}.",
    ),
    "account-needs-official": (
        "An official's account is one official's; name the official of {account}.",
        "Tài khoản cán bộ là của một cán bộ; ghi cán bộ của {account}.",
    ),
    "account-taken": (
        "{account} is another account already ({role} of {of}); choose another name.",
        "{account} là tên của tài khoản khác ({role}, {of}); chọn tên khác.",
    ),
    "official-has-account": (
        "{official} signs in as {account} already; end that account first.",
        "{official} đã có tài khoản {account}; khóa tài khoản đó trước.",
    ),
    "account-no-official": (
        "An inspector or reviewer is no official at a counter; leave {account}'s official out.",
        "Thanh tra và người thẩm định không phải cán bộ tại quầy; bỏ cán bộ của {account}.",
    ),
    "no-account": (
        "There is no account {account}; make it first.",
        "Không có tài khoản {account}; hãy tạo trước.",
    ),
    "grant-needs-role": (
        "Only inspectors and reviewers are granted units, and {account} is neither; choose one.",
        "Chỉ giao đơn vị cho thanh tra hay người thẩm định; {account} không phải, hãy chọn lại.",
    ),
    "grant-to-oneself": (
        "Nobody grants units to themselves; ask another administrator.",
        "Không ai tự giao đơn vị cho mình; hãy nhờ quản trị khác.",
    ),
    "grant-own-unit": (
        "{account} works in {own}, which is {unit} or stands beneath it; choose somebody from "
        "outside.",
        "{account} làm việc ở {own}, thuộc {unit}; hãy chọn người ngoài đơn vị này.",
    ),
    "granted-already": (
        "{account} is granted {unit} already; end that first to change its days.",
        "{account} đã được giao {unit}; muốn đổi thời hạn thì kết thúc lần giao đó trước.",
    ),
    "grant-past": (
        "A grant ends after today; choose a later day.",
        "Việc giao phải kết thúc sau hôm nay; hãy chọn ngày sau đó.",
    ),
    "no-grant": (
        "{account} is not granted {unit}, so there is nothing to end; look at the list again.",
        "{account} không được giao {unit} nên không có gì để kết thúc; hãy mở lại danh sách.",
    ),
    "bad-account": ("{sentence}", "{sentence}"),
}
NOT_SAID = {"en": "no set day", "vi": "không xác định"}


class OrganisationError(Exception):
    """Something that cannot be entered as it is; str() is one sentence for the administrator.

    kind: of REFUSALS; facts: what its sentence names. Days stand as dates (None: open), instants
    as local datetimes.
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
    if value is None:
        return NOT_SAID["vi" if vietnamese else "en"]
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if vietnamese else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if vietnamese else value.isoformat()
    return value
