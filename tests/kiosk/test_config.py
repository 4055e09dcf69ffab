"""Settings that are odd are refused; a configuration counts only as the server signed it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import load_config, load_key, load_settings, take_config
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.showing import read_counter
from protocol.configuration import default_reasons, sign_config
from protocol.keys import new_key

URL = 'server = "http://127.0.0.1:8000"\n'


@pytest.fixture
def journal(enrolled: Path) -> Iterator[Journal]:
    opened = Journal(enrolled)
    yield opened
    opened.close()


def write(folder: Path, text: str) -> Path:
    (folder / "kiosk.toml").write_text(text)
    return folder


def test_the_smallest_settings_are_a_server(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, URL))
    assert (settings.server, settings.undo_s) == ("http://127.0.0.1:8000", None)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (URL + "undo = 5", "unknown key 'undo'"),
        (URL + 'undo_s = "5"', "undo_s"),
        (URL + "undo_s = true", "undo_s"),
        (URL + "undo_s = 61", "undo_s"),
        (URL + "undo_s = -1", "undo_s"),
        (URL + "rtc = 1", "rtc"),
        ("undo_s = 5", "names no server"),
        ('server = "ftp://x"', "no address"),
        ('server = "http://"', "no address"),
        ('server = "http://x:port"', "no address"),
        ("server = ", "cannot be read"),
        ("\0", "cannot be read"),
    ],
)
def test_odd_settings_are_refused_by_name(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(KioskError, match=what):
        load_settings(write(tmp_path, text))


def signed(fake: Any, version: int | None = None, **signing: Any) -> tuple[bytes, bytes]:
    body = json.dumps(fake.config, ensure_ascii=False).encode()
    names: dict[str, Any] = {
        "server": "may-chu.thu", "kiosk": "kiosk-1", "key": fake.config_key,
        "version": fake.version if version is None else version,
    }  # fmt: skip
    return sign_config(body=body, **(names | signing)), body


def test_the_body_is_kept_as_it_came(server: Any, enrolled: Path, journal: Journal) -> None:
    server.set_config(something_new={"kept": True})
    note, body = signed(server)
    held = take_config(enrolled, journal, note, body)
    assert (enrolled / "config.json").read_bytes() == body
    assert load_config(enrolled, journal) == held


@pytest.mark.parametrize(
    "signing", [{"key": new_key()}, {"kiosk": "kiosk-2"}, {"server": "other.example"}]
)
def test_what_another_signed_or_for_another_is_refused(
    server: Any, enrolled: Path, journal: Journal, signing: dict[str, Any]
) -> None:
    server.set_config()
    with pytest.raises(KioskError, match="refused"):
        take_config(enrolled, journal, *signed(server, **signing))
    assert load_config(enrolled, journal) is None


def test_no_way_back_to_a_lower_version_or_another_body(
    server: Any, enrolled: Path, journal: Journal
) -> None:
    server.set_config()
    take_config(enrolled, journal, *signed(server, 7))
    take_config(enrolled, journal, *signed(server, 7))  # the same once more is no matter
    with pytest.raises(KioskError, match="7 is held"):
        take_config(enrolled, journal, *signed(server, 6))
    server.set_config(scale="vn4")
    with pytest.raises(KioskError, match="not the one held"):
        take_config(enrolled, journal, *signed(server, 7))
    take_config(enrolled, journal, *signed(server, 8))
    held = load_config(enrolled, journal)
    assert held and (held.version, held.config.scale) == (8, "vn4")


@pytest.mark.parametrize(
    "signing", [{"key": new_key()}, {"kiosk": "kiosk-2"}, {"server": "other.example"}]
)
@pytest.mark.parametrize("held", [1, 1_800_000_000_000])
def test_the_note_of_another_kiosk_or_server_says_nothing_about_versions(
    server: Any, enrolled: Path, journal: Journal, signing: dict[str, Any], held: int
) -> None:
    server.set_config(scale="vn4")
    journal.keep_note(held, signed(server, held, **signing)[0])
    server.set_config()
    taken = take_config(enrolled, journal, *signed(server, 1))
    assert load_config(enrolled, journal) == taken


def test_what_is_no_note_any_more_hinders_no_configuration(
    server: Any, enrolled: Path, journal: Journal
) -> None:
    server.set_config()
    journal.keep_note(9, b"\xff\n")
    assert take_config(enrolled, journal, *signed(server, 1)).version == 1


def test_a_changed_file_is_refused_because_pins_are_in_it(
    server: Any, enrolled: Path, journal: Journal
) -> None:
    server.set_config()
    _, body = signed(server)
    take_config(enrolled, journal, *signed(server))
    (enrolled / "config.json").write_bytes(body.replace(b"99001-1", b"99001-2"))
    with pytest.raises(KioskError, match="delete it"):
        load_config(enrolled, journal)


def test_power_cut_between_the_note_and_the_file(
    server: Any, enrolled: Path, journal: Journal
) -> None:
    server.set_config()
    take_config(enrolled, journal, *signed(server))
    server.set_config(scale="vn4")
    note, body = signed(server)
    journal.keep_note(2, note)
    held = load_config(enrolled, journal)
    assert held and held.version == 1
    assert take_config(enrolled, journal, note, body).version == 2


def test_a_key_of_another_journal_is_refused(enrolled: Path, journal: Journal) -> None:
    (enrolled / "key").write_bytes(new_key().private_bytes_raw())
    with pytest.raises(KioskError, match="not the one of the journal"):
        load_key(enrolled, journal.row())


def test_before_its_first_configuration_a_kiosk_asks_with_built_in_words() -> None:
    counter = read_counter(None, kiosk="k", name="Quầy số 3", undo_s=None, scripted=False)
    config = counter.config
    assert (config.counter.name, config.scale, counter.undo_s) == ("Quầy số 3", "vn5", 10)
    assert config.reasons == default_reasons() and not counter.configured


def test_no_configuration_takes_the_undo_time_from_citizens(
    server: Any, enrolled: Path, journal: Journal
) -> None:
    server.set_config(undo_s=0)
    held = take_config(enrolled, journal, *signed(server))
    counter = read_counter(held, kiosk="k", name="", undo_s=None, scripted=False)
    assert counter.undo_s == 10
    assert read_counter(held, kiosk="k", name="", undo_s=0, scripted=True).undo_s == 0
