"""The forms of rulings: propose, confirm, refuse, withdraw, lift; and answers to objections."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext

from server.attribution.selectors import ruling as find_ruling
from server.attribution.services import (
    answer_objection,
    confirm_ruling,
    lift_ruling,
    propose_ruling,
    refuse_ruling,
    withdraw_ruling,
)
from server.organisation.access import may_confirm_ruling
from server.organisation.selectors import known_officials
from server.web import months
from server.web.asked import Action, Given, Unreadable
from server.web.figures import name_order

NOBODY = "-"  # an empty value would be what a form without the field sends
MOST_REASON = 500


def official_options(listed: dict[str, str]) -> list[tuple[str, str]]:
    """Whom a form offers, by name; nobody of the organisation last."""
    by_name = sorted(listed.items(), key=lambda row: (name_order(row[1]), row[0]))
    return [
        ("", gettext("Chọn người phục vụ")),
        *((code, f"{name} · {code}") for code, name in by_name),
        (NOBODY, gettext("Không phải cán bộ của đơn vị")),
    ]


def propose(
    request: HttpRequest, unit: Any, given: Given, counters: set[str], listed: set[str]
) -> int:
    """The number of the ruling that the form asks for."""
    counter = given.choice("counter", counters)
    zone = ZoneInfo(unit.timezone)
    from_ms = given.instant("day", "from", zone)
    to_ms = given.instant("last" if given.text("last") else "day", "to", zone)
    if to_ms <= from_ms:
        raise Unreadable("to", gettext("Giờ kết thúc phải sau giờ bắt đầu."))
    return propose_ruling(
        unit=unit.code,
        counter=counter,
        from_ms=from_ms,
        to_ms=to_ms,
        official=_official(given, listed),
        reason=given.text("reason"),
        by=request.user.get_username(),
        now_ms=months.utc_ms(),
    )


def _official(given: Given, listed: set[str]) -> str:
    """From the list, or by the code of one who came from another unit to help."""
    other = given.text("other")
    if other:
        if not known_officials([other]):
            raise Unreadable("other", gettext("Không có cán bộ nào mang mã này."))
        return other
    chosen = given.choice("official", {NOBODY, *listed}, gettext("Ai đã phục vụ"))
    return "" if chosen == NOBODY else chosen


def proposed_words(unit: str, number: int) -> str:
    """What came of a proposal."""
    made = find_ruling(unit=unit, number=number)
    if made is not None and made.state == "proposed":
        return gettext("Đã ghi đề nghị; có hiệu lực khi người thứ hai xác nhận.")
    return gettext("Quyết định có hiệu lực. Số liệu được tính lại trong lần chạy kế tiếp.")


def deciding(request: HttpRequest, unit: str, number: int) -> dict[str, Action]:
    """The forms of one ruling. Services refuse what is not the reader's to decide."""
    by, now_ms = request.user.get_username(), months.utc_ms()
    one: dict[str, Any] = {"unit": unit, "number": number, "by": by, "now_ms": now_ms}

    def check() -> None:
        found = find_ruling(unit=unit, number=number)
        proposer = "" if found is None else found.proposed_by
        if proposer != by and not may_confirm_ruling(request.user, unit, proposer):
            raise PermissionDenied

    def confirm(given: Given) -> str:
        check()
        confirm_ruling(**one)
        return gettext("Đã xác nhận: quyết định có hiệu lực.")

    def refuse(given: Given) -> str:
        check()
        refuse_ruling(why=given.text("why", MOST_REASON), **one)
        return gettext("Đã từ chối đề nghị.")

    def withdraw(given: Given) -> str:
        withdraw_ruling(**one)
        return gettext("Đã rút đề nghị.")

    def lift(given: Given) -> str:
        lift_number = lift_ruling(reason=given.text("reason", MOST_REASON), **one)
        return proposed_words(unit, lift_number)

    return {"confirm": confirm, "refuse": refuse, "withdraw": withdraw, "lift": lift}


def answering(request: HttpRequest, unit: str) -> Action:
    """The form that answers an objection."""

    def answer(given: Given) -> str:
        answer_objection(
            unit=unit,
            number=given.number("number"),
            answer=given.text("text"),
            by=request.user.get_username(),
            now_ms=months.utc_ms(),
        )
        return gettext("Đã trả lời ý kiến phản đối.")

    return answer
