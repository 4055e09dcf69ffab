"""A unit's officials through time: agency, title, usual counters; and new ones."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.organisation.selectors import official as find_official
from server.organisation.selectors import unit as find_unit
from server.organisation.services import (
    change_official,
    make_official,
    remove_official_spell,
    remove_seat,
    set_official_spell,
    set_seat,
)
from server.web.asked import Given, Unreadable
from server.web.figures import name_order
from server.web.organisation_pages import answer, tell_kiosks, unit_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def officials(request: HttpRequest, code: str) -> HttpResponse:
    """Every official of the unit with their stretches and seats; forms for each."""
    unit = unit_of(request, code)
    change = _Change(unit, request.user.get_username())
    actions = {
        "official": change.make,
        "name": change.rename,
        "spell": change.set_spell,
        "seat": change.set_seat,
        "remove-spell": change.remove_spell,
        "remove-seat": change.remove_seat,
    }
    return answer(request, unit, "officials", actions, _shown)


def _shown(unit: Any) -> dict[str, Any]:
    rows = unit.officials.prefetch_related("spells__agency", "seats__counter")
    listed = sorted(rows, key=lambda row: (name_order(row.name), row.code))
    return {
        "officials": listed,
        "options": [(each.code, f"{each.name} · {each.code}") for each in listed],
        "elsewhere": unit.officialspell_set.exclude(official__unit=unit).select_related(
            "official__unit"
        ),
        "counters": [(each.code, f"{each.number} · {each.name}") for each in unit.counters.all()],
    }


class _Change:
    """What the forms of the page do."""

    def __init__(self, unit: Any, by: str) -> None:
        self.unit, self.by = unit, by

    def make(self, given: Given) -> str:
        code = given.text("code")
        known = find_official(code)
        if known is not None and (known.unit_id, known.name) != (
            self.unit.code,
            given.text("name"),
        ):
            raise Unreadable("code", gettext("Mã này là của cán bộ khác; hãy chọn mã khác."))
        official = make_official(
            unit=self.unit, code=code, name=given.text("name"), title=given.text("title")
        )
        self._publish()
        return gettext("Đã có cán bộ {0}.").format(official)

    def rename(self, given: Given) -> str:
        change_official(
            official=self._official(given), name=given.text("name"), title=given.text("title")
        )
        self._publish()
        return gettext("Đã đổi. Thiết bị nhận tên mới trong lần báo về kế tiếp.")

    def set_spell(self, given: Given) -> str:
        agency = given.text("agency")
        found = find_unit(agency) if agency else None
        if agency and found is None:
            raise Unreadable("agency", gettext("Không có đơn vị nào mang mã này."))
        set_official_spell(
            official=self._official(given),
            agency=found,
            title=given.text("title"),
            started_date=given.day_or_none("started"),
            ended_date=given.after("last"),
        )
        return gettext("Đã ghi giai đoạn công tác.")

    def set_seat(self, given: Given) -> str:
        counters = {counter.code: counter for counter in self.unit.counters.all()}
        set_seat(
            counter=counters[given.choice("counter", counters)],
            official=self._official(given),
            started_date=given.day_or_none("started"),
            ended_date=given.after("last"),
        )
        return gettext("Đã ghi quầy thường trực.")

    def remove_spell(self, given: Given) -> str:
        for spell in self._official(given).spells.all():
            if str(spell.pk) == given.text("row"):
                remove_official_spell(spell=spell)
        return gettext("Đã bỏ giai đoạn đó.")

    def remove_seat(self, given: Given) -> str:
        for seat in self._official(given).seats.all():
            if str(seat.pk) == given.text("row"):
                remove_seat(seat=seat)
        return gettext("Đã bỏ giai đoạn đó.")

    def _official(self, given: Given) -> Any:
        found = {official.code: official for official in self.unit.officials.all()}
        return found[given.choice("official", found)]

    def _publish(self) -> None:
        tell_kiosks(self.unit.code, by=self.by, why="officials")
