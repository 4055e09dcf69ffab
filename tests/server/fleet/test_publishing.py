"""A change on its way to many kiosks: batches, crashes in between, nothing stretched twice."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from protocol.verifiers import check_pin
from tests.server.fleet.test_settings import NOW, put, shown, versions

KIOSKS = 7


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven kiosks in three communes of a province, by id, told in batches of two."""
    from server.fleet import publishing, settings_publishing
    from server.fleet.services import make_kiosk
    from server.organisation.services import make_counter, make_unit

    for module in (publishing, settings_publishing):
        monkeypatch.setattr(module, "BATCH", 2)
    province = make_unit(code="99", name="Tỉnh mẫu")
    for number in range(3):
        unit = make_unit(code=f"9900{number}", name="Xã mẫu", parent=province)
        make_counter(unit=unit, number=1)
    return sorted(
        make_kiosk(counter=f"9900{number % 3}-1", now_ms=NOW).id for number in range(KIOSKS)
    )


class Crash(BaseException):
    """The power goes."""


@pytest.mark.parametrize("after", [0, 1, 3])
def test_power_cut_between_two_batches(
    fleet: list[str], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet import settings_publishing
    from server.fleet.models import SettingsChange
    from server.fleet.settings_publishing import publish_pending, waiting_for

    real: Any = settings_publishing.publish
    calls = 0

    def cut(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Crash
        return real(*given, **named)

    monkeypatch.setattr(settings_publishing, "publish", cut)
    with pytest.raises(Crash):
        put("99", "undo_s = 3")
    monkeypatch.setattr(settings_publishing, "publish", real)
    assert [versions(kiosk) for kiosk in fleet] == [2] * 2 * after + [1] * (KIOSKS - 2 * after)
    change = SettingsChange.objects.get().pk
    assert waiting_for(change) == KIOSKS - 2 * after
    while publish_pending(now_ms=NOW + 1):
        pass
    assert [versions(kiosk) for kiosk in fleet] == [2] * KIOSKS
    assert waiting_for(change) == 0


def test_power_cut_between_a_batch_and_its_mark(
    fleet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet import settings_publishing

    def cut(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch, pytest.raises(Crash):
        patch.setattr(settings_publishing, "_mark", cut)
        put("99", "undo_s = 3")
    while settings_publishing.publish_pending(now_ms=NOW + 1):
        pass
    assert [versions(kiosk) for kiosk in fleet] == [2] * KIOSKS


def test_a_page_tells_some_and_leaves_the_others_to_work(fleet: list[str]) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.fleet.settings_publishing import publish_pending

    told = set_settings(
        id="99", chosen=read_toml("undo_s = 3"), folder=None, now_ms=NOW, by="a", most=3
    )
    assert (told.new, told.waiting) == (3, KIOSKS - 3)
    put("99001", "undo_s = 4")  # a later change, while the first is on its way
    while publish_pending(now_ms=NOW + 1):
        pass
    assert not publish_pending(now_ms=NOW + 1)
    assert sorted(shown(kiosk).undo_s for kiosk in fleet) == [3] * 5 + [4] * 2


def test_one_kiosk_that_cannot_be_told_keeps_no_other_from_hearing(fleet: list[str]) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.fleet.models import Kiosk

    Kiosk.objects.filter(id=fleet[2]).update(chosen={"admin_pin": "AAAA"})  # sealed elsewhere
    told = set_settings(id="99", chosen=read_toml("undo_s = 3"), folder=None, now_ms=NOW)
    assert list(told.failed) == [fleet[2]]
    assert "set a new one" in told.failed[fleet[2]]
    assert [versions(kiosk) for kiosk in fleet] == [2, 2, 1, 2, 2, 2, 2]


def test_kiosks_whose_screen_does_not_change_get_no_new_version(fleet: list[str]) -> None:
    put(fleet[0], "undo_s = 3")
    put("99", "undo_s = 3")
    assert [versions(kiosk) for kiosk in fleet] == [2] * KIOSKS


def test_a_verifier_is_stretched_once_and_never_taken_from_whoever_writes_the_tables(
    fleet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet import verifying
    from server.fleet.models import Configuration
    from server.fleet.services import publish_configuration
    from server.organisation.models import Unit
    from server.organisation.services import make_official, set_badge, set_pin

    counter = shown(fleet[0]).counter.code
    unit = Unit.objects.get(code=counter[:5])
    official = make_official(unit=unit, code="CB-1", name="Cán bộ mẫu", pin="111111")
    set_badge(official=official, badge="0004711882")
    publish_configuration(kiosk=fleet[0], now_ms=NOW)
    stretched: list[str] = []
    for name in ("pin_verifier", "badge_verifier"):
        real: Any = getattr(verifying, name)

        def counting(name: str = name, real: Any = real, **given: Any) -> Any:
            stretched.append(name)
            return real(**given)

        monkeypatch.setattr(verifying, name, counting)
    put(fleet[0], "undo_s = 3")
    assert stretched == []
    set_pin(official=official, pin="222222")
    publish_configuration(kiosk=fleet[0], now_ms=NOW)
    assert stretched == ["pin_verifier"]
    set_badge(official=official, badge="999999")
    publish_configuration(kiosk=fleet[0], now_ms=NOW)
    assert stretched == ["pin_verifier", "badge_verifier"]
    # Somebody with the tables alone puts a verifier of their own into the newest body.
    row = Configuration.objects.filter(kiosk=fleet[0]).order_by("-version")[0]
    mine, theirs = bytes(row.body), (shown(fleet[0]).officials[0].pin or "")
    forged = mine.replace(theirs[-44:].encode(), b"A" * 43 + b"=")
    Configuration.objects.filter(kiosk=fleet[0], version=row.version).update(body=forged)
    publish_configuration(kiosk=fleet[0], now_ms=NOW)
    verifier = shown(fleet[0]).officials[0].pin or ""
    assert check_pin(verifier, kiosk=fleet[0], official="CB-1", pin="222222")


def test_what_a_crash_left_is_published_by_the_process_that_works(fleet: list[str]) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.fleet.models import SettingsChange

    set_settings(id="99", chosen=read_toml("undo_s = 3"), folder=None, now_ms=NOW, most=0)
    command = [sys.executable, "-m", "server", "work", "--parent", str(os.getpid())]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as work:
        try:
            deadline = time.monotonic() + 60
            while SettingsChange.objects.filter(published_to__isnull=False).exists():
                assert time.monotonic() < deadline and work.poll() is None
                time.sleep(0.1)
        finally:
            work.kill()
    assert [versions(kiosk) for kiosk in fleet] == [2] * KIOSKS
