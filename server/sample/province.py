"""The demo province: two communes, six counters, eight officials, each marked as sample; and the
two communes and the district that the first commune was until the end of June 2025.

Its passwords are derived from the folder's own secret, so every sample folder has others and a
second start prints the same ones.
"""

import base64
import hashlib
import hmac
from datetime import date

from server.folder import Folder
from server.ingest.journals import now_ms
from server.organisation.models import Level, Official, Role, Unit
from server.organisation.services import (
    add_successor,
    end_unit,
    give_grant,
    make_account,
    make_counter,
    make_official,
    make_unit,
)
from server.sample import choices

PROVINCE = ("99", "Tỉnh mẫu (dữ liệu mẫu)")
COMMUNES = (("99001", "Xã mẫu Một (dữ liệu mẫu)"), ("99002", "Xã mẫu Hai (dữ liệu mẫu)"))
# Districts ended on this day, and communes were merged (docs/attribution.md).
TWO_LEVELS_SINCE = date(2025, 7, 1)
DISTRICT = ("H-9901", "Huyện mẫu cũ (dữ liệu mẫu)")
MERGED = (("98001", "Xã mẫu cũ A (dữ liệu mẫu)"), ("98002", "Xã mẫu cũ B (dữ liệu mẫu)"))
MERGER = "Hai xã mẫu cũ nhập thành Xã mẫu Một (dữ liệu mẫu)"
COUNTERS = ("Tư pháp – Hộ tịch", "Đất đai – Xây dựng", "Văn hóa – Xã hội")
TITLE = "Chuyên viên (mẫu)"
# code -> counters of the own commune; the fourth of the first commune covers two of them.
ROSTER: dict[str, dict[str, tuple[int, ...]]] = {
    "99001": {"CB-0101": (1,), "CB-0102": (2,), "CB-0103": (3,), "CB-0104": (1, 2)},
    "99002": {"CB-0201": (1,), "CB-0202": (2,), "CB-0203": (3,), "CB-0204": (3,)},
}
ACCOUNTS = {
    "supervisor": (Role.SUPERVISOR, "99001"),
    "supervisor2": (Role.SUPERVISOR, "99002"),
    "province": (Role.SUPERVISOR, "99"),
    "official": (Role.OFFICIAL, "99001"),
    "admin": (Role.ADMINISTRATOR, None),
    "inspector": (Role.INSPECTOR, None),
    "reviewer": (Role.REVIEWER, None),
    "reviewer2": (Role.REVIEWER, None),
}
GRANTED = PROVINCE[0]  # what the inspector and the reviewers may act for
OFFICIAL = "CB-0101"  # whose account `official` is


def of_whom(account: str) -> str:
    """What an account is about: a unit, an official, or "" for every unit."""
    role, own = ACCOUNTS[account]
    if role == Role.OFFICIAL:
        return OFFICIAL
    return own or (GRANTED if role in (Role.INSPECTOR, Role.REVIEWER) else "")


def pin(official: str) -> str:
    """The sample's PIN: the four digits of the code. Real ones have six digits or more."""
    return official.removeprefix("CB-")


def passwords(folder: Folder) -> dict[str, str]:
    """Account -> password of this sample folder."""
    secret = folder.secret_key().encode()
    return {
        account: base64.b32encode(
            hmac.new(secret, f"sample password {account}".encode(), hashlib.sha256).digest()[:10]
        )
        .decode()
        .lower()[:12]
        for account in ACCOUNTS
    }


def make(*, folder: Folder) -> None:
    """Make what is missing of the province; twice changes nothing."""
    province = make_unit(code=PROVINCE[0], name=PROVINCE[1], level=Level.PROVINCE)
    units = {
        code: make_unit(
            code=code,
            name=name,
            parent=province,
            level=Level.COMMUNE,
            started_date=TWO_LEVELS_SINCE,
        )
        for code, name in COMMUNES
    }
    _make_past(province, units[COMMUNES[0][0]])
    for code, unit in units.items():
        for number, name in enumerate(COUNTERS, 1):
            make_counter(unit=unit, number=number, name=f"Quầy số {number} – {name}")
        for official in ROSTER[code]:
            name = f"Cán bộ mẫu {pin(official)}"
            make_official(unit=unit, code=official, name=name, title=TITLE, pin=pin(official))
        choices.make(unit=code, now_ms=now_ms())
    units[province.code] = province
    for account, password in passwords(folder).items():
        role, own = ACCOUNTS[account]
        made = make_account(
            username=account,
            password=password,
            role=role,
            unit=units.get(own or ""),
            official=Official.objects.get(code=OFFICIAL) if role == Role.OFFICIAL else None,
        )
        if role in (Role.INSPECTOR, Role.REVIEWER) and not made.grants.exists():
            give_grant(account=made, unit=units[GRANTED], by="admin", now_ms=now_ms())


def _make_past(province: Unit, commune: Unit) -> None:
    """What the first commune was before: two communes of a district."""
    district = make_unit(code=DISTRICT[0], name=DISTRICT[1], parent=province, level=Level.DISTRICT)
    before = [
        make_unit(code=code, name=name, parent=district, level=Level.COMMUNE)
        for code, name in MERGED
    ]
    for unit in (*before, district):
        end_unit(unit=unit, on_date=TWO_LEVELS_SINCE)
    for unit in before:
        add_successor(predecessor=unit, successor=commune, on_date=TWO_LEVELS_SINCE, note=MERGER)
