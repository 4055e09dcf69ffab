"""The sample's month: written with protocol alone, attributed and tallied like any vote."""

import pytest

NOON = 1_795_321_800_000  # 2026-11-22T05:30:00Z


@pytest.fixture
def province(server_folder):  # type: ignore[no-untyped-def]
    from server.sample import province
    from server.settings import DATA

    province.make(folder=DATA)
    return province


def test_the_province_is_marked_as_sample_everywhere(province) -> None:  # type: ignore[no-untyped-def]
    from server.organisation.models import Counter, Official, Unit

    assert all("mẫu" in unit.name for unit in Unit.objects.all())
    assert all("mẫu" in official.name for official in Official.objects.all())
    assert Counter.objects.count() == 6
    assert Official.objects.count() == 8


def test_one_official_covers_two_counters(province) -> None:  # type: ignore[no-untyped-def]
    covers = [numbers for roster in province.ROSTER.values() for numbers in roster.values()]
    assert sorted(map(len, covers)) == [1] * 7 + [2]


def test_a_pin_is_the_four_digits_of_the_code(province) -> None:  # type: ignore[no-untyped-def]
    from server.organisation.models import Official
    from server.organisation.services import read_pin

    assert read_pin(official=Official.objects.get(code="CB-0203")) == "0203"


def test_passwords_differ_between_folders_and_stay_in_one(province, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from server.folder import Folder

    other = Folder(tmp_path)
    other.make(name=None, sample=True)
    assert province.passwords(other) == province.passwords(Folder(tmp_path))
    from server.settings import DATA

    assert set(province.passwords(other).values()).isdisjoint(province.passwords(DATA).values())


def test_a_month_of_history_is_exact_attributed_and_tallied(province) -> None:  # type: ignore[no-untyped-def]
    from server.attribution.models import Attribution
    from server.pipeline import run_until_done
    from server.sample import history
    from server.votes.models import NotUnderstood, Vote

    days = list(history.load(now_ms=NOON))
    assert days[-1] == (len(days), len(days))
    run_until_done()
    votes = Vote.objects.count()
    assert votes > 3_000
    assert not NotUnderstood.objects.exists()
    assert set(Vote.objects.values_list("quality", flat=True)) == {"exact"}
    signed = Attribution.objects.filter(basis="duty").count()
    assert 0.9 < signed / votes < 1
    assert set(Attribution.objects.exclude(basis="duty").values_list("why", flat=True)) == {
        "nobody-signed-in"
    }

    from server.__main__ import main

    assert main(["check"]) == 0
