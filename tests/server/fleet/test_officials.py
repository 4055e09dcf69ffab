"""What a kiosk is told of officials: badge, picture, and who is on duty by order of the server."""

import io
import json
from pathlib import Path

import pytest

from protocol.configuration import Config, ConfigOfficial, ConfigOnDuty
from protocol.verifiers import badge_verifier
from tests.protocol.test_media import picture
from tests.server.fleet.test_settings import NOW, put, run, shown, versions


@pytest.fixture
def kiosk() -> str:
    from server.fleet.services import make_kiosk
    from server.organisation.services import make_counter, make_official, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_counter(unit=unit, number=1)
    for code in ("CB-0101", "CB-0102"):
        make_official(unit=unit, code=code, name="Cán bộ mẫu", pin="0101")
    make_official(unit=make_unit(code="99002", name="Xã khác"), code="CB-0201", name="Người khác")
    return make_kiosk(counter="99001-1", now_ms=NOW).id


def official(config: Config) -> ConfigOfficial:
    return config.officials[0]


def give(monkeypatch: pytest.MonkeyPatch, code: str, what: str, secret: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    return run("official", code, what)


def test_a_badge_is_published_as_a_verifier_and_stored_sealed(
    kiosk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.organisation.models import Official

    assert give(monkeypatch, "CB-0101", "badge", " 0004711882\r") == 0
    assert official(shown(kiosk)).badge == badge_verifier(kiosk=kiosk, badge="0004711882")
    assert b"0004711882" not in bytes(Official.objects.get(code="CB-0101").badge_sealed)
    assert give(monkeypatch, "CB-0101", "badge", "0004711882") == 0
    assert versions(kiosk) == 2
    assert give(monkeypatch, "CB-0101", "badge", "none") == 0
    assert official(shown(kiosk)).badge is None


@pytest.mark.parametrize("badge", ["123", "x" * 201, "12\x0034"])
def test_a_badge_that_is_none_is_refused(
    kiosk: str, badge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert give(monkeypatch, "CB-0101", "badge", badge) == 2
    assert official(shown(kiosk)).badge is None


def test_a_badge_is_one_officials_only(
    kiosk: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert give(monkeypatch, "CB-0201", "badge", "0004711882") == 0
    assert give(monkeypatch, "CB-0101", "badge", "0004711882") == 2
    assert "CB-0201" in capsys.readouterr().err


def test_a_pin_is_given_and_taken_away(kiosk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = official(shown(kiosk)).pin
    assert give(monkeypatch, "CB-0101", "pin", "123456") == 0
    assert official(shown(kiosk)).pin not in (before, None)
    assert give(monkeypatch, "CB-0101", "pin", "none") == 0
    assert official(shown(kiosk)).pin is None


def test_an_official_whom_nobody_knows_is_refused(
    kiosk: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert give(monkeypatch, "CB-9999", "pin", "123456") == 2
    assert run("official", "CB-0101", "pin", "file.txt") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


def test_a_picture_is_published_only_where_there_is_a_legal_basis(
    kiosk: str, tmp_path: Path
) -> None:
    file = tmp_path / "0101.jpg"
    file.write_bytes(picture("jpeg", 300, 400))
    assert run("official", "CB-0101", "photo", str(file)) == 0
    assert official(shown(kiosk)).photo is None
    put("99001", 'show_official = true\nlegal_basis = "Quyết định 12/QĐ-UBND"')
    assert official(shown(kiosk)).photo
    assert run("official", "CB-0101", "photo") == 0
    assert official(shown(kiosk)).photo is None


def test_a_picture_that_is_none_is_refused(kiosk: str, tmp_path: Path) -> None:
    from server.organisation.models import Official

    file = tmp_path / "0101.jpg"
    file.write_bytes(b"GIF89a")
    assert run("official", "CB-0101", "photo", str(file)) == 2
    assert Official.objects.get(code="CB-0101").photo == ""


def test_duty_is_ordered_and_ended_from_the_server_and_is_a_deed(kiosk: str) -> None:
    from server.ledger.models import ServerRecord

    assert run("duty", kiosk, "CB-0101") == 0
    first = shown(kiosk).on_duty
    assert first is not None
    assert first.official == "CB-0101"
    assert run("duty", kiosk, "nobody") == 0
    second = shown(kiosk).on_duty
    assert second is not None
    assert second.official is None
    assert second.at_ms > first.at_ms
    rows = ServerRecord.objects.exclude(type="placed").order_by("seq")
    deeds = [json.loads(bytes(row.body)) for row in rows]
    told = [(deed["type"], deed["wall_ms"]) for deed in deeds]
    assert told == [
        ("duty", first.at_ms),
        ("duty", second.at_ms),
    ]
    assert deeds[0]["data"] == {"kiosk": kiosk, "official": "CB-0101", "by": "console"}


def test_every_order_is_a_new_one_even_if_the_clock_went_back(kiosk: str) -> None:
    from server.fleet.services import order_duty

    for at_ms in (NOW, NOW, NOW - 5):
        order_duty(kiosk=kiosk, official="CB-0101", now_ms=at_ms, by="console")
    assert shown(kiosk).on_duty == ConfigOnDuty(official="CB-0101", at_ms=NOW + 2)


@pytest.mark.parametrize("wish", [("k-nobody", "CB-0101"), ("k\x00", "CB-0101"), (None, "CB-0201")])
def test_an_order_for_somebody_elses_kiosk_or_official_is_refused(
    kiosk: str, wish: tuple[str | None, str]
) -> None:
    assert run("duty", wish[0] or kiosk, wish[1]) == 2
    assert versions(kiosk) == 1


def test_an_empty_input_takes_nothing_away(
    kiosk: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert give(monkeypatch, "CB-0101", "pin", "") == 2
    assert "say none" in capsys.readouterr().err
