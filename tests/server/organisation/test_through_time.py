"""Counter, agency and official as three dated links; seats, holidays, procedures; many units."""

from datetime import date
from typing import Any

import pytest

JULY, AUGUST, MAY = date(2025, 7, 1), date(2025, 8, 1), date(2025, 5, 1)


@pytest.fixture
def hall() -> dict[str, Any]:
    """A one-stop hall of province 99 where two departments share the counters."""
    from server.organisation.models import Level
    from server.organisation.services import make_counter, make_official, make_unit

    province = make_unit(code="99", name="Tỉnh (mẫu)", level=Level.PROVINCE)
    hall = make_unit(code="99-HCC", name="Trung tâm (mẫu)", parent=province, level=Level.HALL)
    return {
        "99": province,
        "hall": hall,
        "land": make_unit(code="99-TNMT", name="Sở A (mẫu)", parent=province, level=Level.AGENCY),
        "justice": make_unit(code="99-TP", name="Sở B (mẫu)", parent=province, level=Level.AGENCY),
        "one": make_counter(unit=hall, number=1),
        "two": make_counter(unit=hall, number=2),
        "official": make_official(unit=hall, code="CB-1", name="Cán bộ mẫu", title="Chuyên viên"),
    }


def refused(work: Any, match: str, **how: Any) -> None:
    from server.organisation.services import OrganisationError

    with pytest.raises(OrganisationError, match=match):
        work(**how)


def test_a_counter_passes_from_one_agency_to_another(hall: dict[str, Any]) -> None:
    from server.organisation.selectors import agency_of, counters_on
    from server.organisation.services import set_counter_spell

    assert agency_of("99-HCC-1", JULY) == "99-HCC"  # nobody said otherwise
    set_counter_spell(counter=hall["one"], agency=hall["land"], ended_date=JULY)
    set_counter_spell(
        counter=hall["one"], agency=hall["justice"], operator="Bưu điện (mẫu)", mobile=True,
        started_date=JULY, ended_date=AUGUST,
    )  # fmt: skip
    assert [agency_of("99-HCC-1", on) for on in (MAY, date(2025, 6, 30), JULY, AUGUST)] == [
        "99-TNMT", "99-TNMT", "99-TP", None
    ]  # fmt: skip
    assert agency_of("nowhere", JULY) is None
    now = {row.code: row for row in counters_on(["99-HCC"], JULY)}
    assert (now["99-HCC-1"].operator, now["99-HCC-1"].mobile) == ("Bưu điện (mẫu)", True)
    assert (now["99-HCC-2"].agency, now["99-HCC-2"].operator) == ("99-HCC", "")
    assert [row.code for row in counters_on(["99-HCC"], AUGUST)] == ["99-HCC-2"]


def test_what_a_counter_was_never_overlaps_and_is_corrected_in_place(
    hall: dict[str, Any],
) -> None:
    from server.organisation.models import CounterSpell
    from server.organisation.services import set_counter_spell

    one = hall["one"]
    set_counter_spell(counter=one, agency=hall["land"], started_date=MAY, ended_date=JULY)
    refused(
        set_counter_spell, r"99-HCC-1 would overlap: 99-TNMT has 2025-05-01 to 2025-07-01",
        counter=one, agency=hall["justice"], ended_date=AUGUST,
    )  # fmt: skip
    refused(set_counter_spell, "is not after", counter=one, started_date=JULY, ended_date=JULY)
    set_counter_spell(counter=one, agency=hall["justice"], started_date=JULY)
    set_counter_spell(
        counter=one, agency=hall["land"], started_date=MAY, ended_date=date(2025, 6, 1)
    )
    assert CounterSpell.objects.count() == 2
    refused(set_counter_spell, "overlap", counter=one, started_date=MAY, ended_date=AUGUST)


def test_an_official_changes_agency_and_title(hall: dict[str, Any]) -> None:
    from server.organisation.models import Official, OfficialSpell
    from server.organisation.services import set_official_spell

    official = hall["official"]
    set_official_spell(official=official, agency=hall["land"], title="Cũ", ended_date=JULY)
    assert Official.objects.get().title == "Chuyên viên"  # that was another time's
    set_official_spell(official=official, agency=hall["justice"], title="Mới", started_date=JULY)
    assert Official.objects.get().title == "Mới"
    spells = OfficialSpell.objects.values_list("agency", "title", "started_date", "ended_date")
    assert set(spells) == {("99-TNMT", "Cũ", None, JULY), ("99-TP", "Mới", JULY, None)}
    refused(set_official_spell, "overlap", official=official, started_date=MAY)


def test_seats_are_shared_and_changed_but_never_doubled(hall: dict[str, Any]) -> None:
    from server.organisation.selectors import seats_on
    from server.organisation.services import make_official, set_seat

    other = make_official(unit=hall["hall"], code="CB-2", name="Cán bộ Hai (mẫu)")
    set_seat(counter=hall["one"], official=hall["official"], ended_date=JULY)
    set_seat(counter=hall["one"], official=other)
    set_seat(counter=hall["two"], official=hall["official"], started_date=MAY)
    assert seats_on("99-HCC", MAY) == {"99-HCC-1": ["CB-1", "CB-2"], "99-HCC-2": ["CB-1"]}
    assert seats_on("99-HCC", JULY) == {"99-HCC-1": ["CB-2"], "99-HCC-2": ["CB-1"]}
    refused(set_seat, "overlap", counter=hall["one"], official=hall["official"], started_date=MAY)


def test_a_holiday_is_everywhere_or_of_a_unit_and_all_beneath_it(hall: dict[str, Any]) -> None:
    from server.organisation.selectors import holidays_of
    from server.organisation.services import add_holiday, change_unit, remove_holiday

    for name in ("Quốc khánh", "Quốc khánh (mẫu)"):
        add_holiday(day=date(2025, 9, 2), name=name)
    add_holiday(day=JULY, name="Ngày của tỉnh (mẫu)", unit=hall["99"])
    add_holiday(day=AUGUST, name="Ngày của tỉnh (mẫu)", unit=hall["99"])
    add_holiday(day=MAY, name="Ngày của Sở (mẫu)", unit=hall["land"])
    change_unit(unit=hall["hall"], on_date=AUGUST, parent=None)
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert holidays_of("99-HCC", *year) == {
        JULY: "Ngày của tỉnh (mẫu)", date(2025, 9, 2): "Quốc khánh (mẫu)"
    }  # fmt: skip
    assert set(holidays_of("99-TNMT", *year)) == {MAY, JULY, AUGUST, date(2025, 9, 2)}
    assert set(holidays_of("99-TNMT", JULY, JULY)) == {JULY}
    remove_holiday(day=date(2025, 9, 2))
    assert date(2025, 9, 2) not in holidays_of("99-HCC", *year)


def test_procedures_have_fields_and_days(hall: dict[str, Any]) -> None:
    from server.organisation.selectors import procedure_names, procedures_on
    from server.organisation.services import make_field, make_procedure

    land = make_field(code="DD", name="Đất đai (mẫu)")
    make_procedure(code="1.000001", name="Cũ (mẫu)", field=land, ended_date=JULY)
    make_procedure(code="1.000002", name="Mới (mẫu)", field=land, started_date=JULY)
    make_procedure(code="1.000002", name="Mới hơn (mẫu)", field=land, started_date=JULY)
    assert [row.code for row in procedures_on(MAY)] == ["1.000001"]
    assert [row.code for row in procedures_on(JULY)] == ["1.000002"]
    assert procedure_names(["1.000002", "none"]) == {"1.000002": "Mới hơn (mẫu)"}
    refused(make_procedure, "is no code", code="thủ tục", name="A")


def test_the_tree_of_a_whole_country_is_read_in_a_few_queries(hall: dict[str, Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.organisation.models import Unit, UnitSpell
    from server.organisation.selectors import beneath, today_of, tree_on
    from server.organisation.services import rebuild_tree

    codes = [f"{number:05}" for number in range(3_500)]
    Unit.objects.bulk_create(Unit(code=code, name="Xã (mẫu)", parent_id="99") for code in codes)
    UnitSpell.objects.bulk_create(
        UnitSpell(unit_id=code, name="Xã (mẫu)", parent_id="99") for code in codes
    )
    rebuild_tree()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(tree_on(JULY)) == 3_504
        assert len(queries) == 1
        assert len(beneath("99", JULY, AUGUST)) == 3_504
        assert len(queries) == 2
        assert all(as_is.unit == code for code, as_is in today_of(codes, JULY).items())
    assert len(queries) <= 6
