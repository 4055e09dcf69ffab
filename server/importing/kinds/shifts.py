"""Who is planned where: one row a shift."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.importing.headings import Column
from server.importing.rosters import (
    ADDED,
    MOST_ROWS,
    UNCHANGED,
    Done,
    Refused,
    each,
)
from server.importing.values import When, clock, code, day, start_ms
from server.importing.work import Given, Kind, Work
from server.organisation.models import Counter, Official, Shift
from server.organisation.selectors import rules_of
from server.organisation.services import add_shift, hold_for_shifts

COLUMNS = (
    Column("counter", "mã quầy", code(40), True, "99001-1", ("quầy",)),
    Column("official", "mã cán bộ", code(32), True, "CB-0101", ("cán bộ",)),
    Column("date", "ngày", day, True, "20/11/2025"),
    Column("start", "từ giờ", clock, True, "07:30", ("giờ bắt đầu",)),
    Column("end", "đến giờ", clock, True, "11:30", ("giờ kết thúc",)),
)
TABLE = "organisation.shift"
FIELDS = ("id", "unit_id", "counter", "official", "started_ms", "ended_ms")


def apply(rows: Iterator[Given], work: Work) -> None:
    """Plan each shift; one that is planned already is left as it is."""
    made: list[Shift] = []
    given = list(rows)  # MOST_ROWS at most
    counters = {row.cells["counter"] for row in given}
    where = work.unit_of_counter
    hold_for_shifts(
        units={unit for counter in counters if (unit := where(counter)) and work.may(unit)},
        officials={row.cells["official"] for row in given},
    )
    each(given, work, lambda given: _do(given, work, made))
    work.record(
        (TABLE, str(shift.pk), None, {name: getattr(shift, name) for name in FIELDS})
        for shift in made
    )


def _do(given: Given, work: Work, made: list[Shift]) -> Done:
    cells = given.cells
    counter = Counter.objects.filter(code=cells["counter"]).select_related("unit").first()
    official = Official.objects.filter(code=cells["official"]).first()
    if counter is None:
        words = gettext("không có quầy %(counter)s.")
        work.wrong(given, "counter", words % {"counter": cells["counter"]})
    if official is None:
        words = gettext("không có cán bộ %(official)s.")
        work.wrong(given, "official", words % {"official": cells["official"]})
    if counter is None or official is None:
        raise Refused
    if not work.may_for(given, "counter", counter.unit_id):
        raise Refused
    zone = work.zone(counter.unit_id)
    ends = cells["date"] + timedelta(days=cells["end"] <= cells["start"])  # past midnight
    started_ms = start_ms(When(cells["date"], cells["start"]), zone)
    ended_ms = start_ms(When(ends, cells["end"]), zone)
    if Shift.objects.filter(
        unit=counter.unit,
        counter=counter.code,
        official=official.code,
        started_ms=started_ms,
        ended_ms=ended_ms,
    ).exists():
        return UNCHANGED
    if rules_of(counter.unit_id).is_fixed(started_ms, work.since_ms):
        work.wrong(given, "date", gettext("ca đã bắt đầu; thời gian đã qua cần một quyết định."))
        raise Refused
    shift = add_shift(
        unit=counter.unit,
        counter=counter,
        official=official,
        started_ms=started_ms,
        ended_ms=ended_ms,
        anybody=work.may_name,
    )
    made.append(shift)
    return ADDED


KIND = Kind(
    "shifts",
    N_("Lịch trực"),
    COLUMNS,
    ("counter", "official", "date", "start"),
    apply,
    MOST_ROWS,
)
