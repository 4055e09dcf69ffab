"""What an administrator sets for a unit or a kiosk, and what comes of it at the kiosk."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from protocol.configuration import Config, default_reasons, read_config
from protocol.verifiers import ADMIN, check_pin
from tests.protocol.test_media import picture

EXAMPLE = Path(__file__).parents[3] / "docs" / "settings.example.toml"
NOW = 1_763_800_000_000


@pytest.fixture
def kiosks() -> list[str]:
    """Two kiosks, at the first and the second of a unit's three counters."""
    from server.fleet.services import make_kiosk
    from server.organisation.services import make_counter, make_official, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    for number in (1, 2, 3):
        make_counter(unit=unit, number=number)
    make_official(unit=unit, code="CB-0101", name="Cán bộ mẫu", pin="0101")
    make_counter(unit=make_unit(code="99002", name="Xã khác"), number=1)
    return [make_kiosk(counter=f"99001-{number}", now_ms=NOW).id for number in (1, 2)]


def put(id: str, text: str, folder: Path = Path()) -> None:
    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml

    set_settings(id=id, chosen=read_toml(text), folder=folder, now_ms=NOW)


def shown(kiosk: str) -> Config:
    """What the kiosk would fetch, read as a kiosk reads it."""
    from server.fleet.models import Configuration

    newest = Configuration.objects.filter(kiosk=kiosk).order_by("-version").first()
    assert newest is not None
    return read_config(bytes(newest.body))


def versions(kiosk: str) -> int:
    from server.fleet.models import Configuration

    return Configuration.objects.filter(kiosk=kiosk).count()


def run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


def test_without_settings_a_kiosk_asks_the_usual_reasons_at_any_hour(kiosks: list[str]) -> None:
    config = shown(kiosks[0])
    assert config.reasons == default_reasons()
    assert (config.scale, config.locales, config.hours) == ("vn5", ("vi", "en"), ())
    assert (config.counters, config.admin_pin, config.on_duty) == ((), None, None)


def test_the_example_is_accepted_and_names_every_key(
    kiosks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from server.fleet.chosen import Chosen

    assert run("settings", "set", "99001", str(EXAMPLE)) == 0
    text = EXAMPLE.read_text("utf-8")
    named = set(tomllib.loads(text)) | set(re.findall(r"^# (\w+) = ", text, re.MULTILINE))
    assert named == set(Chosen.__struct_fields__)
    for kiosk in kiosks:
        config = shown(kiosk)
        assert [stretch.end for stretch in config.hours] == ["11:30", "17:00"]
        assert config.stories[0].did["vi"].startswith("Mở thêm")
        assert config.voice.volume[0].percent == 30


def test_the_rest_of_the_example_is_accepted_for_one_kiosk(kiosks: list[str]) -> None:
    text = EXAMPLE.read_text("utf-8").replace("# counters = ", "counters = ")
    text = text.replace("# places = ", "places = ")
    put(kiosks[0], text.replace('# admin_pin = "…"', 'admin_pin = "123456"'))
    assert [counter.code for counter in shown(kiosks[0]).counters] == ["99001-1", "99001-2"]
    assert [place.place for place in shown(kiosks[0]).places] == ["nha-van-hoa"]


def test_a_kiosks_settings_lie_over_its_units(kiosks: list[str]) -> None:
    put("99001", 'scale = "vn4"\nundo_s = 5')
    put(kiosks[0], 'scale = "vn3"')
    assert [(shown(k).scale, shown(k).undo_s) for k in kiosks] == [("vn3", 5), ("vn4", 5)]


def test_a_file_replaces_all_that_was_set_before(kiosks: list[str]) -> None:
    put("99001", 'scale = "vn4"\nundo_s = 5')
    put("99001", "undo_s = 6")
    assert (shown(kiosks[0]).scale, shown(kiosks[0]).undo_s) == ("vn5", 6)


def test_the_same_settings_again_make_no_new_version(kiosks: list[str]) -> None:
    for _ in range(2):
        put("99001", 'admin_pin = "123456"\nreasons = []\n[question]\nvi = "A?"\nen = "B?"')
        assert versions(kiosks[0]) == 2


def test_what_is_shown_can_be_set_again(
    kiosks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(picture("png", 8, 8))
    put(
        kiosks[0],
        'admin_pin = "123456"\npictures = ["a.png"]\ninvite = false\n'
        'question = { vi = "Hài \\"lòng\\"\\tkhông\\u007f?", en = "\\\\" }\n'
        '[[hours]]\ndays = [1, 7]\nstart = "07:30"\nend = "24:00"',
        tmp_path,
    )
    capsys.readouterr()
    assert run("settings", "show", kiosks[0]) == 0
    printed = capsys.readouterr().out
    put(kiosks[0], printed)
    assert versions(kiosks[0]) == 2
    assert "admin_pin is set" in printed
    assert "123456" not in printed


def test_a_kiosk_shows_what_lies_beneath_as_comments(
    kiosks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    put("99001", 'scale = "vn4"\nundo_s = 5\nadmin_pin = "123456"')
    put(kiosks[0], 'scale = "vn3"')
    capsys.readouterr()
    assert run("settings", "show", kiosks[0]) == 0
    assert capsys.readouterr().out.splitlines() == [
        'scale = "vn3"',
        "# admin_pin is set for unit 99001",
        "# of unit 99001: undo_s = 5",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("scale =", "no TOML"),
        ("colour = 1", "colour"),
        ('scale = "vn6"', "vn6"),
        ('locales = ["vi", "fr"]', "no words for fr"),
        ("locales = []", "length"),
        ("show_official = true", "legal_basis"),
        ('reasons = [{ code = "R1", ratings = [1] }]', "as many"),
        ('reasons = [{ code = "R1", ratings = [1], lable = "x" }]', "lable"),
        ('hours = [{ days = [1], start = "12:00", end = "12:00" }]', "are none"),
        ('hours = [{ days = [8], start = "12:00", end = "13:00" }]', "days"),
        ("undo_s = 61", "undo_s"),
        ('rate_url = "javascript:alert(1)"', "rate_url"),
        ("voice = { loud = 3 }", "loud"),
        ('stories = [{ said = { vi = "a\\u0000" }, did = {} }]', "U+0000"),
        ('pictures = ["nowhere.png"]', "nowhere.png"),
        ('pictures = ["\\u0000"]', "cannot be read"),
        ('admin_pin = "12a456"', "digits only"),
        ('counters = ["99001-1", "99001-2"]', "for a kiosk"),
    ],
)
def test_what_no_kiosk_could_work_with_changes_nothing(
    kiosks: list[str],
    text: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from server.fleet.selectors import chosen_of_unit

    put("99001", "undo_s = 7")
    file = tmp_path / "settings.toml"
    file.write_text(text, "utf-8")
    capsys.readouterr()
    assert run("settings", "set", "99001", str(file)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.strip().splitlines()) == 1
    assert chosen_of_unit("99001") == {"undo_s": 7}
    assert [versions(kiosk) for kiosk in kiosks] == [2, 2]


@pytest.mark.parametrize(
    ("counters", "sentence"),
    [
        ('["99001-1"]', "length"),
        ('["99001-1", "99001-9"]', "no counter 99001-9"),
        ('["99001-1", "99002-1"]', "no counter 99002-1"),
        ('["99001-2", "99001-3"]', "where it stands"),
        ('["99001-1", "99001-1"]', "each once"),
    ],
)
def test_counters_are_the_kiosks_own_and_others_of_its_unit(
    kiosks: list[str], counters: str, sentence: str
) -> None:
    from server.fleet.errors import FleetError

    with pytest.raises(FleetError, match=sentence):
        put(kiosks[0], f"counters = {counters}")
    assert versions(kiosks[0]) == 1


def test_a_unit_without_kiosks_is_not_told_what_no_kiosk_could_do() -> None:
    from server.fleet.errors import FleetError
    from server.organisation.services import make_unit

    make_unit(code="99003", name="Xã mới")
    with pytest.raises(FleetError, match="undo_s"):
        put("99003", "undo_s = 61")
    put("99003", "undo_s = 60")


def test_a_units_settings_that_one_kiosk_of_it_could_not_bear_are_refused(
    kiosks: list[str],
) -> None:
    from server.fleet.errors import FleetError

    put("99001", 'legal_basis = "Quyết định 12/QĐ-UBND"')
    put(kiosks[1], "show_official = true")
    with pytest.raises(FleetError, match=f"{kiosks[1]} could not work"):
        put("99001", "")
    assert shown(kiosks[1]).show_official


@pytest.mark.parametrize("id", ["99009", "k-nobody", "", "a b", "\x00"])
def test_settings_of_nobody_are_refused(
    kiosks: list[str], id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("settings", "show", id) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_technicians_pin_is_kept_sealed_and_opens_at_its_kiosk(kiosks: list[str]) -> None:
    from server.fleet.selectors import chosen_of_unit

    put("99001", 'admin_pin = "123456"')
    assert "123456" not in str(chosen_of_unit("99001"))
    for kiosk in kiosks:
        verifier = shown(kiosk).admin_pin or ""
        assert check_pin(verifier, kiosk=kiosk, official=ADMIN, pin="123456")
        assert not check_pin(verifier, kiosk=kiosk, official="CB-0101", pin="123456")


def test_a_kiosks_own_technicians_pin_wins_and_stays_until_it_is_taken_away(
    kiosks: list[str],
) -> None:
    def opens(pin: str) -> bool:
        verifier = shown(kiosks[0]).admin_pin or ""
        return check_pin(verifier, kiosk=kiosks[0], official=ADMIN, pin=pin)

    put("99001", 'admin_pin = "123456"')
    put(kiosks[0], 'admin_pin = "654321"')
    put(kiosks[0], "undo_s = 5")
    assert opens("654321")
    put(kiosks[0], 'admin_pin = ""')
    assert opens("123456")
    put("99001", 'admin_pin = ""')
    assert shown(kiosks[0]).admin_pin is None


def test_a_technicians_pin_copied_to_another_row_does_not_open(kiosks: list[str]) -> None:
    from server.fleet.errors import FleetError
    from server.fleet.models import Kiosk
    from server.fleet.selectors import chosen_of_unit
    from server.fleet.services import publish_configuration

    put("99001", 'admin_pin = "123456"')
    Kiosk.objects.filter(id=kiosks[0]).update(chosen=chosen_of_unit("99001"))
    with pytest.raises(FleetError, match="set a new one"):
        publish_configuration(kiosk=kiosks[0], now_ms=NOW)


def test_pictures_are_stored_once_and_published_by_their_hash(
    kiosks: list[str], tmp_path: Path
) -> None:
    from server.fleet.models import Media

    (tmp_path / "a.png").write_bytes(picture("png", 800, 480))
    (tmp_path / "b.jpg").write_bytes(picture("jpeg", 800, 480))
    for _ in range(2):
        put("99001", 'pictures = ["a.png", "b.jpg"]', tmp_path)
    config = shown(kiosks[0])
    assert {row.sha256 for row in Media.objects.all()} == set(config.pictures)
    assert len(config.pictures) == 2


def test_a_picture_that_is_too_large_is_not_kept(kiosks: list[str], tmp_path: Path) -> None:
    from server.fleet.errors import FleetError
    from server.fleet.models import Media

    (tmp_path / "a.png").write_bytes(picture("png", 8, 8))
    (tmp_path / "b.png").write_bytes(picture("png", 8, 8).ljust((2 << 20) + 1, b"\0"))
    with pytest.raises(FleetError, match=r"b.png cannot be shown: .* 2 MiB"):
        put("99001", 'pictures = ["a.png", "b.png"]', tmp_path)
    assert not Media.objects.exists()


def test_a_kiosk_that_was_taken_away_does_not_hold_up_its_unit(kiosks: list[str]) -> None:
    from server.fleet.errors import FleetError
    from server.fleet.models import Placement

    Placement.objects.filter(kiosk=kiosks[0]).update(ended_ms=NOW)
    put("99001", "undo_s = 5")
    assert [versions(kiosk) for kiosk in kiosks] == [1, 2]
    with pytest.raises(FleetError, match="at no counter"):
        put(kiosks[0], "undo_s = 5")


def test_somebody_who_publishes_meanwhile_is_not_overwritten_by_what_was_before(
    kiosks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet import publishing

    real: Any = publishing.make_configs

    def slow(*given: Any) -> Any:
        made = real(*given)
        monkeypatch.setattr(publishing, "make_configs", real)
        put("99001", "undo_s = 5")  # another administrator, a moment later
        return made

    monkeypatch.setattr(publishing, "make_configs", slow)
    put(kiosks[0], 'scale = "vn3"')
    assert (shown(kiosks[0]).undo_s, shown(kiosks[0]).scale) == (5, "vn3")
