"""What a form of a page asks: read, carried out once, and a sentence where it cannot be."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as N_

from server.attribution.errors import AttributionError
from server.clock import midnight_ms
from server.flags.errors import FlagError
from server.fleet.errors import FleetError
from server.inspection.errors import InspectionError
from server.organisation.services import OrganisationError
from server.signals.errors import SignalError

CLOCK = re.compile(  # 7:30, 07h30, 11h, 7g30
    r"([01]?[0-9]|2[0-3])(?::([0-5][0-9])|[hg]([0-5][0-9])?)"
)
YEARS = range(1900, 2200)
# What the forms call the fields whose refusals name them.
LABELS = {
    "counter": N_("Quầy"),
    "field": N_("Lĩnh vực"),
    "from": N_("Từ giờ"),
    "level": N_("Cấp"),
    "official": N_("Cán bộ"),
    "shifts_count": N_("Dùng ca đã xếp khi không ai đăng nhập"),
    "to": N_("Đến giờ"),
    "two_for_rulings": N_("Quyết định cần người thứ hai xác nhận"),
}
MOST = 2_000
HIDDEN = "\N{ZERO WIDTH SPACE}\N{BYTE ORDER MARK}"


class Unreadable(ValueError):
    """field: the input that cannot be read; str(): what to do, in the reader's words."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Refused(NamedTuple):
    """A form that was not carried out: which, what was filled in, and why. field: "" if the whole
    of it is at fault."""

    do: str
    given: QueryDict
    field: str
    sentence: str


@dataclass(frozen=True)
class Given:
    """What was filled in; every reader raises Unreadable."""

    post: QueryDict

    def text(self, name: str, most: int = MOST) -> str:
        """Without blanks around it; control characters are left out, line ends stay."""
        kept = self.post.get(name, "").replace("\r\n", "\n")[: most + 1]
        return "".join(c for c in kept if c == "\n" or c.isprintable()).strip(f" \n{HIDDEN}")

    def day(self, name: str) -> date:
        found = self.day_or_none(name)
        if found is None:
            raise Unreadable(name, gettext("Hãy chọn ngày."))
        return found

    def day_or_none(self, name: str) -> date | None:
        """None where nothing is filled in."""
        text = self.text(name)
        found = read_day(text)
        if text and found is None:
            raise Unreadable(name, gettext("Ngày không đọc được; hãy viết như 01/07/2025."))
        return found

    def after(self, name: str) -> date | None:
        """The day after the last one that is filled in: the end of a half-open stretch."""
        last = self.day_or_none(name)
        return None if last is None else last + timedelta(days=1)

    def instant(self, day: str, clock: str, zone: ZoneInfo) -> int:
        """A local day and a time of it, as unix ms; 24:00 is the end of the day."""
        on = self.day(day)
        if self.text(clock) == "24:00":
            return midnight_ms(on + timedelta(days=1), zone)
        return int(datetime.combine(on, self.clock(clock), zone).timestamp()) * 1000

    def clock(self, name: str) -> time:
        """A time of day; 24:00 is 00:00."""
        text = self.text(name).lower()
        found = CLOCK.fullmatch("00:00" if text == "24:00" else text)
        if found is None:
            words = gettext("Giờ không đọc được ở ô “%(label)s”; hãy viết như 07:30.")
            raise Unreadable(name, words % {"label": gettext(LABELS[name])})
        return time(int(found[1]), int(found[2] or found[3] or 0))

    def number(self, name: str) -> int:
        text = self.text(name)
        if not re.fullmatch("[0-9]{1,15}", text):
            raise Unreadable(name, gettext("Hãy ghi một số."))
        return int(text)

    def choice(self, name: str, among: Collection[str], label: str = "") -> str:
        """One of these. label: what the form calls the field, where that is none of LABELS."""
        text = self.text(name)
        if text not in among:
            words = gettext("Hãy chọn một mục trong danh sách “%(label)s”.")
            raise Unreadable(name, words % {"label": label or gettext(LABELS[name])})
        return text


Action = Callable[[Given], str]


def read_day(text: str) -> date | None:
    """2025-07-01 or 1/7/2025, or None where that is no day of our times."""
    if written := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text, re.ASCII):
        text = f"{written[3]}-{written[2]:0>2}-{written[1]:0>2}"
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def carry_out(request: HttpRequest, actions: Mapping[str, Action]) -> Refused | None:
    """Do what the form that was sent asks. None: done, and the next page says so in the words that
    the action returned; else why nothing was done."""
    do = request.POST.get("do", "")
    if do not in actions:
        sentence = gettext("Máy chủ không hiểu biểu mẫu này; hãy mở lại trang rồi làm lại.")
        return Refused("", request.POST, "", sentence)
    try:
        told = actions[do](Given(request.POST))
    except Unreadable as error:
        return Refused(do, request.POST, error.field, str(error))
    except (
        OrganisationError, AttributionError, FlagError, InspectionError, SignalError
    ) as error:  # fmt: skip
        return Refused(do, request.POST, "", error.say(get_language() or "vi"))
    except FleetError as error:
        text = gettext("Đã lưu, nhưng có thiết bị chưa nhận được danh sách mới: {0}")
        messages.error(request, text.format(error))
        return None
    messages.success(request, told)
    return None
