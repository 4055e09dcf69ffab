"""A unit's counters through time: which agency served there, who operated them, do they move."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from server.organisation.selectors import unit as find_unit
from server.organisation.services import (
    change_counter,
    make_counter,
    remove_counter_spell,
    set_counter_spell,
)
from server.web.asked import Given, Unreadable
from server.web.organisation_pages import answer, tell_kiosks, unit_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def counters(request: HttpRequest, code: str) -> HttpResponse:
    """Every counter with its stretches; forms for a counter and for a stretch."""
    unit = unit_of(request, code)
    change = _Change(unit, request.user.get_username())
    actions = {
        "counter": change.make,
        "name": change.rename,
        "spell": change.set_spell,
        "remove": change.remove_spell,
    }
    return answer(request, unit, "counters", actions, _shown)


def _shown(unit: Any) -> dict[str, Any]:
    listed = list(unit.counters.prefetch_related("spells__agency"))
    return {
        "counters": listed,
        "options": [(each.code, f"{each.number} · {each.name}") for each in listed],
        "elsewhere": unit.counterspell_set.exclude(counter__unit=unit).select_related(
            "counter__unit"
        ),
        "kinds": [("", gettext("Cố định")), ("yes", gettext("Lưu động"))],
    }


class _Change:
    """What the forms of the page do."""

    def __init__(self, unit: Any, by: str) -> None:
        self.unit, self.by = unit, by

    def make(self, given: Given) -> str:
        number, name = given.number("number"), given.text("name")
        counter = make_counter(unit=self.unit, number=number, name=name)
        return gettext("Đã có quầy {0}.").format(counter)

    def rename(self, given: Given) -> str:
        """Kiosks show the name: they are told."""
        counter = self._counter(given)
        change_counter(counter=counter, number=given.number("number"), name=given.text("name"))
        tell_kiosks(self.unit.code, by=self.by, why="counters")
        return gettext("Đã đổi. Thiết bị tại quầy nhận tên mới trong lần báo về kế tiếp.")

    def set_spell(self, given: Given) -> str:
        agency = given.text("agency")
        found = find_unit(agency) if agency else None
        if agency and found is None:
            raise Unreadable("agency", gettext("Không có đơn vị nào mang mã này."))
        set_counter_spell(
            counter=self._counter(given),
            agency=found,
            operator=given.text("operator"),
            mobile=given.text("mobile") == "yes",
            started_date=given.day_or_none("started"),
            ended_date=given.after("last"),
        )
        return gettext("Đã ghi giai đoạn của quầy.")

    def remove_spell(self, given: Given) -> str:
        counter, wanted = self._counter(given), given.text("spell")
        for spell in counter.spells.all():
            if str(spell.pk) == wanted:
                remove_counter_spell(spell=spell)
        return gettext("Đã bỏ giai đoạn đó.")

    def _counter(self, given: Given) -> Any:
        found = {counter.code: counter for counter in self.unit.counters.all()}
        return found[given.choice("counter", found)]
