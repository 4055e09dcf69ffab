"""What units became: the reorganisation of 1 July 2025 acted out, and links that cannot be.

Everything here is a sample: names and codes follow the shape of the real ones and are made up.
"""

from datetime import date, timedelta
from typing import Any

import pytest

JULY = date(2025, 7, 1)
JUNE_30 = JULY - timedelta(days=1)
NOTE = "Nghị quyết (mẫu)"


@pytest.fixture
def units() -> dict[str, Any]:
    """Two provinces before: 91 with districts 911 and 912, 92 with 921, communes beneath them."""
    from server.organisation.models import Level
    from server.organisation.services import make_unit

    made: dict[str, Any] = {}

    def make(code: str, name: str, level: Level, parent: str | None = None) -> None:
        above = made[parent] if parent else None
        made[code] = make_unit(code=code, name=f"{name} (mẫu)", level=level, parent=above)

    make("91", "Tỉnh Lào Cai", Level.PROVINCE)
    make("92", "Tỉnh Yên Bái", Level.PROVINCE)
    for district, province in (("911", "91"), ("912", "91"), ("921", "92")):
        make(district, f"Huyện {district}", Level.DISTRICT, province)
    for commune, district in (
        ("91001", "911"), ("91002", "911"), ("91003", "912"), ("91004", "912"),
        ("92001", "921"), ("92002", "921"), ("92003", "921"),
    ):  # fmt: skip
        make(commune, f"Xã {commune}", Level.COMMUNE, district)
    return made


def reorganise(units: dict[str, Any]) -> None:
    """91 + 92 -> 93; districts end; 91001 + 91002 + 92001 -> 93001; 91003 -> 93002; 92002 is split
    into 93003 and 93004; 91004 goes on; 92003 ends and nobody said what it became."""
    from server.organisation.models import Level
    from server.organisation.services import add_successor, change_unit, end_unit, make_unit

    new = make_unit(code="93", name="Tỉnh Lào Cai (mẫu)", level=Level.PROVINCE, started_date=JULY)
    units["93"] = new
    for code in ("93001", "93002", "93003", "93004"):
        units[code] = make_unit(
            code=code, name=f"Xã {code} (mẫu)", level=Level.COMMUNE, parent=new, started_date=JULY
        )
    change_unit(unit=units["91004"], on_date=JULY, parent=new, name="Phường 91004 (mẫu)")
    ended = ["91001", "91002", "91003", "92001", "92002", "92003", "911", "912", "921", "91", "92"]
    for code in ended:  # from below: nothing may be left beneath what ends
        end_unit(unit=units[code], on_date=JULY)
    for predecessor, successor in (
        ("91", "93"), ("92", "93"), ("91001", "93001"), ("91002", "93001"), ("92001", "93001"),
        ("91003", "93002"), ("92002", "93003"), ("92002", "93004"),
    ):  # fmt: skip
        add_successor(
            predecessor=units[predecessor], successor=units[successor], on_date=JULY, note=NOTE
        )


def under(ancestor: str, first: date, last: date) -> list[str]:
    from server.organisation.selectors import beneath

    return [row.unit for row in beneath(ancestor, first, last)]


def test_as_was_each_day_has_the_tree_that_stood_then(units: dict[str, Any]) -> None:
    from server.organisation.selectors import ancestors_of, tree_on

    before = {(row.code, row.name, row.parent) for row in tree_on(JUNE_30)}
    reorganise(units)
    assert {(row.code, row.name, row.parent) for row in tree_on(JUNE_30)} == before
    assert {row.code: row.parent for row in tree_on(JULY)} == {
        "93": None, **dict.fromkeys(["91004", "93001", "93002", "93003", "93004"], "93")
    }  # fmt: skip
    assert ancestors_of("91004", JUNE_30) == ["91004", "912", "91"]
    assert ancestors_of("91004", JULY) == ["91004", "93"]
    assert ancestors_of("92001", JULY) == []  # the last day of a district's series is 30 June
    assert ancestors_of("92001", JUNE_30) == ["92001", "921", "92"]


def test_as_was_a_period_across_the_day_holds_each_unit_while_it_stood_beneath(
    units: dict[str, Any],
) -> None:
    from server.organisation.selectors import Membership, beneath

    reorganise(units)
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert Membership("91004", JULY, None) in beneath("93", *year)
    assert Membership("91004", None, JULY) in beneath("91", *year)
    assert under("93", *year) == ["91004", "93", "93001", "93002", "93003", "93004"]
    assert under("93", year[0], JUNE_30) == []
    assert under("91", JULY, year[1]) == []
    assert under("912", *year) == ["91003", "91004", "912"]


# Votes of the two provinces in the first half of the year, made up; the second half is like it.
VOTES = {"91001": 10, "91002": 20, "91003": 30, "91004": 40, "92001": 50, "92002": 60, "92003": 70}


def test_as_is_old_figures_stand_where_their_units_went_and_the_rest_is_said(
    units: dict[str, Any],
) -> None:
    from server.organisation.selectors import today_of

    reorganise(units)
    found = today_of(VOTES, date(2026, 1, 1))
    assert {code: as_is.unit for code, as_is in found.items()} == {
        "91001": "93001", "91002": "93001", "92001": "93001", "91003": "93002", "91004": "91004",
        "92002": None, "92003": None,
    }  # fmt: skip
    assert (found["92002"].why, found["92002"].parts) == ("split", ("93003", "93004"))
    assert found["92003"].why == "ended"
    total: dict[str | None, int] = {}
    for code, n in VOTES.items():
        unit = found[code].unit
        total[unit] = total.get(unit, 0) + n
    assert total == {"93001": 80, "93002": 30, "91004": 40, None: 130}


def test_as_is_the_parts_of_a_split_unit_count_for_the_province_that_has_them_all(
    units: dict[str, Any],
) -> None:
    from server.organisation.selectors import today_of

    reorganise(units)
    found = today_of(VOTES, date(2026, 1, 1), ancestor="93")
    assert found["92002"].unit == "93"
    assert found["91001"].unit == "93001"
    mapped = sum(n for code, n in VOTES.items() if found[code].unit is not None)
    assert (mapped, sum(VOTES.values())) == (210, 280)  # 92003's 70 cannot be mapped
    # Seen from one of the parts alone, the whole is not its own.
    assert today_of(["92002"], date(2026, 1, 1), ancestor="93003")["92002"].unit is None
    assert {code: as_is.unit for code, as_is in today_of(["91", "92"], JULY).items()} == {
        "91": "93", "92": "93"
    }  # fmt: skip


def test_links_are_followed_one_after_the_other_and_parts_may_come_together_again(
    units: dict[str, Any],
) -> None:
    from server.organisation.selectors import today_of
    from server.organisation.services import add_successor, end_unit, make_unit

    reorganise(units)
    later = date(2030, 1, 1)
    one = make_unit(code="93009", name="Xã Chung (mẫu)", parent=units["93"], started_date=later)
    for code in ("93003", "93004"):
        end_unit(unit=units[code], on_date=later)
        add_successor(predecessor=units[code], successor=one, on_date=later)
    assert today_of(["92002"], later - timedelta(days=1))["92002"].why == "split"
    assert today_of(["92002"], later)["92002"].unit == "93009"
    assert today_of(["93009"], JULY)["93009"].why == "not-yet"
    assert today_of(["98765"], JULY)["98765"].why == "unknown"


def test_a_province_whose_code_lives_on_takes_in_another() -> None:
    """n→1 where one of them stays: it is renamed, the other ends and is succeeded by it."""
    from server.organisation.selectors import standing_on, today_of
    from server.organisation.services import add_successor, change_unit, end_unit, make_unit

    stays, ends = make_unit(code="92", name="Yên Bái (mẫu)"), make_unit(code="91", name="Cũ (mẫu)")
    change_unit(unit=stays, on_date=JULY, name="Lào Cai (mẫu)")
    end_unit(unit=ends, on_date=JULY)
    add_successor(predecessor=ends, successor=stays, on_date=JULY, note=NOTE)
    assert {code: as_is.unit for code, as_is in today_of(["91", "92"], JULY).items()} == {
        "91": "92", "92": "92"
    }  # fmt: skip
    then, now = standing_on("92", JUNE_30), standing_on("92", JULY)
    assert then and now and (then.name, now.name) == ("Yên Bái (mẫu)", "Lào Cai (mẫu)")


def refused(kind: str, work: Any, **how: Any) -> None:
    from server.organisation.models import Successor
    from server.organisation.services import OrganisationError

    before = list(Successor.objects.values_list("predecessor", "successor", "on_date"))
    with pytest.raises(OrganisationError) as caught:
        work(**how)
    assert caught.value.kind == kind, caught.value
    assert caught.value.say("vi") != str(caught.value)
    assert list(Successor.objects.values_list("predecessor", "successor", "on_date")) == before


def test_a_successor_before_its_predecessor_ended_is_refused(units: dict[str, Any]) -> None:
    from server.organisation.services import add_successor, end_unit

    link = {"predecessor": units["91001"], "successor": units["91002"]}
    refused("not-ended", add_successor, **link, on_date=JULY)
    end_unit(unit=units["91001"], on_date=JULY)
    refused("too-early", add_successor, **link, on_date=JUNE_30)
    add_successor(**link, on_date=JULY)
    add_successor(**link, on_date=JULY)
    refused("succession-stands", end_unit, unit=units["91001"], on_date=None)
    refused("succession-stands", end_unit, unit=units["91002"], on_date=JULY)


def test_a_successor_that_does_not_stand_that_day_is_refused(units: dict[str, Any]) -> None:
    from server.organisation.services import add_successor, end_unit, make_unit

    for code in ("91001", "91002"):
        end_unit(unit=units[code], on_date=JULY)
    later = make_unit(code="93001", name="Xã (mẫu)", started_date=date(2026, 1, 1))
    for successor in (units["91002"], later, units["91001"]):
        refused(
            "successor-absent", add_successor,
            predecessor=units["91001"], successor=successor, on_date=JULY,
        )  # fmt: skip
    add_successor(predecessor=units["91001"], successor=later, on_date=date(2026, 1, 1))


def test_links_in_a_circle_are_refused_and_would_not_hang_a_page(units: dict[str, Any]) -> None:
    from server.organisation.models import Successor, UnitSpell
    from server.organisation.selectors import today_of
    from server.organisation.services import add_successor, end_unit

    first, second = units["91001"], units["91002"]
    end_unit(unit=first, on_date=JULY)
    add_successor(predecessor=first, successor=second, on_date=JULY)
    # By the services alone days forbid it; a restored or repaired database may hold what it likes.
    UnitSpell.objects.create(unit=first, name="Xã (mẫu)", started_date=date(2026, 1, 1))
    UnitSpell.objects.filter(unit=second).update(ended_date=date(2026, 1, 1))
    UnitSpell.objects.filter(unit=first, ended_date=None).update(ended_date=date(2026, 2, 1))
    refused(
        "successor-absent", add_successor,
        predecessor=second, successor=first, on_date=date(2026, 3, 1),
    )  # fmt: skip
    refused(
        "succession-cycle", add_successor,
        predecessor=second, successor=first, on_date=date(2026, 1, 1),
    )  # fmt: skip
    Successor.objects.create(predecessor=second, successor=first, on_date=date(2026, 1, 1))
    assert today_of(["91001"], date(2026, 6, 1))["91001"].unit is None
