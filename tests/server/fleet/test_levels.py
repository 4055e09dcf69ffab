"""Settings by levels: every unit from the root down, the counter, the kiosk; who changed what."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.verifiers import ADMIN, check_pin
from tests.server.fleet.test_settings import NOW, put, run, shown, versions


@pytest.fixture
def kiosks() -> list[str]:
    """Two kiosks at two counters of commune 99001, one at 99002, both in district 990 of 99."""
    from server.fleet.services import make_kiosk
    from server.organisation.services import make_counter, make_official, make_unit

    province = make_unit(code="99", name="Tỉnh mẫu")
    district = make_unit(code="990", name="Vùng mẫu", parent=province)
    for code in ("99001", "99002"):
        unit = make_unit(code=code, name=f"Xã {code}", parent=district)
        for number in (1, 2):
            make_counter(unit=unit, number=number)
        make_official(unit=unit, code=f"CB-{code}", name="Cán bộ mẫu", pin="123456")
    counters = ("99001-1", "99001-2", "99002-1")
    return [make_kiosk(counter=counter, now_ms=NOW).id for counter in counters]


def undo(kiosks: list[str]) -> list[int]:
    return [shown(kiosk).undo_s for kiosk in kiosks]


def test_each_level_lies_over_the_ones_above_it_key_by_key(kiosks: list[str]) -> None:
    put("99", "undo_s = 1\nfollow_up_s = 20")
    assert undo(kiosks) == [1, 1, 1]
    put("990", "undo_s = 2")
    put("99001", "undo_s = 3")
    put("99001-1", "undo_s = 4")
    put("99001-2", "undo_s = 4")
    put(kiosks[1], "undo_s = 5")
    assert undo(kiosks) == [4, 5, 2]
    assert [shown(kiosk).follow_up_s for kiosk in kiosks] == [20, 20, 20]
    put("99001-1", "")
    assert undo(kiosks) == [3, 5, 2]


LEVELS = ["99", "990", "99001", "99002", "99001-1", "99001-2", "99002-1"]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from([*LEVELS, 0, 1, 2]), st.none() | st.integers(0, 60)),
                min_size=1, max_size=5))  # fmt: skip
def test_whatever_was_chosen_in_whatever_order_the_nearest_choice_holds(
    kiosks: list[str], steps: list[tuple[str | int, int | None]]
) -> None:
    from server.fleet.models import CounterSettings, Kiosk, UnitSettings
    from server.fleet.publishing import publish

    UnitSettings.objects.all().delete()
    CounterSettings.objects.all().delete()
    Kiosk.objects.update(chosen={})
    publish(kiosks, now_ms=NOW)
    chosen: dict[str, int | None] = {}
    for where, value in steps:
        id = kiosks[where] if isinstance(where, int) else where
        put(id, "" if value is None else f"undo_s = {value}")
        chosen[id] = value
    above = {kiosks[0]: ["99001-1", "99001"], kiosks[1]: ["99001-2", "99001"],
             kiosks[2]: ["99002-1", "99002"]}  # fmt: skip
    for kiosk, places in above.items():
        path = [kiosk, *places, "990", "99"]
        nearest = next((chosen[each] for each in path if chosen.get(each) is not None), 10)
        assert shown(kiosk).undo_s == nearest


def test_every_value_says_where_it_comes_from(kiosks: list[str]) -> None:
    from server.fleet.levels import find_holder
    from server.fleet.provenance import layers_of, values_of

    put("99", "undo_s = 1")
    put("99001-1", 'scale = "vn3"')
    values = values_of(layers_of(find_holder(kiosks[0])))
    of = {key: value.of.code if value.of else None for key, value in values.items()}
    assert (of["undo_s"], of["scale"], of["question"]) == ("99", "99001-1", None)


def test_what_is_beneath_is_shown_with_its_level(
    kiosks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put("99", 'undo_s = 1\nscale = "vn4"')
    put("99001", 'scale = "vn3"\nadmin_pin = "123456"')
    assert run("settings", "show", "99001-1") == 0
    assert capsys.readouterr().out.splitlines() == [
        "# admin_pin is set for unit 99001",
        '# of unit 99001: scale = "vn3"',
        "# of unit 99: undo_s = 1",
    ]


def test_the_technicians_pin_comes_from_the_nearest_level(kiosks: list[str]) -> None:
    def opens(kiosk: str, pin: str) -> bool:
        verifier = shown(kiosk).admin_pin or ""
        return check_pin(verifier, kiosk=kiosk, official=ADMIN, pin=pin)

    put("99", 'admin_pin = "111111"')
    put("99001-1", 'admin_pin = "222222"')
    assert opens(kiosks[0], "222222") and opens(kiosks[1], "111111") and opens(kiosks[2], "111111")


def test_a_counter_and_a_unit_of_one_code_are_told_apart(kiosks: list[str]) -> None:
    from server.fleet.errors import FleetError
    from server.fleet.levels import find_holder
    from server.organisation.models import Unit
    from server.organisation.services import make_counter

    make_counter(unit=Unit.objects.get(code="99002"), number=9, code="99001")
    with pytest.raises(FleetError, match="unit:99001 or counter:99001"):
        find_holder("99001")
    assert find_holder("counter:99001").unit == "99002"
    assert find_holder("unit:99001").level == "unit"


def test_units_in_a_circle_are_read_once(kiosks: list[str]) -> None:
    from server.fleet.levels import Levels, units_beneath
    from server.organisation.models import Unit

    Unit.objects.filter(code="99").update(parent="99001")
    assert [unit.code for unit in Levels().above("99001")] == ["99", "990", "99001"]
    assert "99002" in units_beneath("99")


def test_a_province_is_refused_what_one_kiosk_far_below_could_not_do(kiosks: list[str]) -> None:
    from server.fleet.errors import FleetError

    put("99", 'legal_basis = "Quyết định mẫu"')
    put(kiosks[2], "show_official = true")
    with pytest.raises(FleetError, match=f"{kiosks[2]} could not work"):
        put("99", "")
    assert shown(kiosks[2]).show_official


def changes(id: str) -> list[Any]:
    from server.fleet.history import changes_of
    from server.fleet.levels import find_holder

    return changes_of(find_holder(id))


def test_every_change_is_kept_with_who_when_why_and_what_it_was(kiosks: list[str]) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.fleet.models import Configuration

    put("99001", "undo_s = 5")
    told = set_settings(
        id="99001", chosen=read_toml('undo_s = 6\nscale = "vn3"\nadmin_pin = "123456"'),
        folder=None, now_ms=NOW + 5, by="quan-tri", why="Thử",
    )  # fmt: skip
    assert (told.new, told.waiting, told.failed) == (2, 0, {})
    newest, first = changes("99001")
    assert (newest.number, newest.at_ms, newest.by, newest.why) == (
        told.change, NOW + 5, "quan-tri", "Thử",
    )  # fmt: skip
    assert newest.settled
    assert newest.differences == [
        ("admin_pin", None, None), ("scale", None, "vn3"), ("undo_s", 5, 6),
    ]  # fmt: skip
    assert (first.by, first.differences) == ("console", [("undo_s", None, 5)])
    row = Configuration.objects.filter(kiosk=kiosks[0]).order_by("-version")[0]
    assert (row.by, row.why, row.heartbeat_s) == ("quan-tri", f"settings {told.change}", 60)


def test_no_pin_stands_readable_in_history_or_on_the_screen(
    kiosks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from server.fleet.models import SettingsChange

    put("99001", 'admin_pin = "135791"')
    put("99001", 'admin_pin = "246802"')
    assert run("settings", "history", "99001") == 0
    kept = str(list(SettingsChange.objects.values())) + capsys.readouterr().out
    assert "135791" not in kept and "246802" not in kept
    assert "admin_pin: changed" in kept and "- -> -" not in kept


def test_going_back_is_a_new_change_and_a_new_version_and_never_an_old_pin(
    kiosks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put("99001", 'undo_s = 5\nadmin_pin = "111111"')
    put("99001", 'undo_s = 6\nadmin_pin = "222222"')
    old = changes("99001")[1].number
    before = versions(kiosks[0])
    assert run("settings", "back", "99001", str(old), "--why", "Như cũ") == 0
    assert "a new version for 2 kiosks" in capsys.readouterr().err
    assert (undo(kiosks[:2]), versions(kiosks[0])) == ([5, 5], before + 1)
    assert (len(changes("99001")), changes("99001")[0].why) == (3, "Như cũ")
    verifier = shown(kiosks[0]).admin_pin or ""
    assert check_pin(verifier, kiosk=kiosks[0], official=ADMIN, pin="222222")


@pytest.mark.parametrize("change", ["0", "999999", "-1"])
def test_going_back_to_nowhere_or_to_a_strangers_change_is_refused(
    kiosks: list[str], change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put("99002", "undo_s = 5")
    strangers = str(changes("99002")[0].number)
    for each in (change, strangers):
        assert run("settings", "back", "99001", "--", each) == 2
    assert "There is no change" in capsys.readouterr().err
    assert undo(kiosks) == [10, 10, 5]


def test_kiosks_of_a_unit_that_moved_follow_the_settings_above_it_now(kiosks: list[str]) -> None:
    from server.fleet.moving import follow_units, mark_moved
    from server.fleet.settings_publishing import publish_pending
    from server.organisation.models import Unit
    from server.organisation.services import change_unit, make_unit

    put("990", "undo_s = 2")
    put(make_unit(code="98", name="Tỉnh khác mẫu").code, "undo_s = 7")
    moved, new = Unit.objects.get(code="99001"), Unit.objects.get(code="98")
    # Entered before its day, and the day has come.
    before, day = date(2026, 6, 30), date(2026, 7, 1)
    change_unit(unit=moved, on_date=day, parent=new, today=before)
    assert undo(kiosks) == [2, 2, 2]
    assert follow_units(now_ms=NOW) and not follow_units(now_ms=NOW)
    while publish_pending(now_ms=NOW):
        pass
    assert undo(kiosks) == [7, 7, 2]
    # Entered on its day: whoever enters it marks it.
    change_unit(unit=Unit.objects.get(code="99002"), on_date=day, parent=new)
    mark_moved(units=["99002"], now_ms=NOW, by="admin")
    while publish_pending(now_ms=NOW):
        pass
    assert undo(kiosks) == [7, 7, 7]
