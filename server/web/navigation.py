"""Which pages a reader may open: the top of every page, and the pages of one unit."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext

from server.organisation import access
from server.organisation.access import Account

ORGANISATION = ("organisation", "counters", "officials", "unit-holidays")
RULINGS = ("rulings", "ruling-new", "ruling")
DUTY = ("duty", "duty-day")
GLANCE = ("desk", "desk-unit", "desk-votes", "desk-why")
VISITS = ("desk-visits", "desk-visit-new", "desk-visit")


class Entry(NamedTuple):
    """A link; current: the reader is there."""

    url: str
    words: str
    current: bool


def main_entries(account: Account, page: str) -> list[Entry]:
    """The top of every page, for those who signed in. page: the name of its address."""
    return [Entry(reverse(name), words, current) for name, words, current in _main(account, page)]


def unit_entries(account: Account, unit: str, page: str) -> list[Entry]:
    """The pages of a unit that the account may open."""
    found = []
    if access.may_see_unit(account, unit):
        found.append(("unit", gettext("Số liệu"), page == "unit"))
    if access.may_set_duty(account, unit):
        found.append(("duty", gettext("Bảng trực"), page in DUTY))
    if access.may_import(account, "shifts", unit):
        found.append(("roster", gettext("Lịch trực"), page == "roster"))
    if access.may_rule(account, unit):
        found.append(("rulings", gettext("Quyết định"), page in RULINGS))
    if access.may_see_unit(account, unit):
        found.append(("dossiers", gettext("Hồ sơ"), page == "dossiers"))
        found.append(("organisation", gettext("Cơ cấu"), page in ORGANISATION))
    return [Entry(reverse(name, args=[unit]), words, current) for name, words, current in found]


def desk_entries(account: Account, page: str) -> list[Entry]:
    """The pages of the desk that an inspector or a reviewer may open; the first is their home."""
    return [Entry(reverse(name), words, current) for name, words, current in _desk(account, page)]


def _desk(account: Account, page: str) -> Iterator[tuple[str, str, bool]]:
    """Names of addresses begin with desk."""
    if access.may_open_desk(account):
        yield "desk", gettext("Toàn cảnh"), page in GLANCE
        yield "desk-funnel", gettext("So sánh công bằng"), page == "desk-funnel"
        yield "desk-compare", gettext("Trước và sau sáp nhập"), page == "desk-compare"
        yield "desk-signals", gettext("Tín hiệu"), page in ("desk-signals", "desk-signal")
        yield "desk-integrity", gettext("Lượt nêu sách nhiễu"), page == "desk-integrity"
        yield "desk-visits", gettext("Đợt kiểm tra"), page in VISITS
    if access.is_reviewer(account) or access.may_open_desk(account):
        yield "desk-doubts", gettext("Lượt nghi vấn"), page in ("desk-doubts", "desk-doubt")


def _main(account: Account, page: str) -> Iterator[tuple[str, str, bool]]:
    if access.own_official(account) is not None:
        yield "own", gettext("Của tôi"), page.startswith("own")
        return
    for name, words, _ in list(_desk(account, page))[:1]:
        own = gettext("Bàn thanh tra") if access.may_open_desk(account) else words
        yield name, own, page.startswith("desk")
    if access.may_see_any_kiosks(account):
        of_unit = page in ("home", "unit", "roster", "dossiers", *DUTY, *RULINGS)
        yield "home", gettext("Số liệu"), of_unit
        catalogue = ("units", "procedures", "holidays", "grants", *ORGANISATION)
        yield "units", gettext("Đơn vị"), page in catalogue
        yield "kiosks", gettext("Thiết bị"), "kiosk" in page and "settings" not in page
        yield "settings", gettext("Cài đặt"), "settings" in page
    if _may_import(account):
        yield "imports", gettext("Nhập tệp"), "import" in page
    if access.may_see_log(account):
        yield "integrity", gettext("Sổ đối chiếu"), page.startswith("integrity")


def _may_import(account: Account) -> bool:
    """Whether the reader may import anything, of their own unit or of every one."""
    own = getattr(account, "unit_id", None)
    return access.may_import(account, "units") or access.may_import(account, "shifts", own)
