"""Pictures from a real HTTP server: only the right bytes are kept, nothing else is harmed."""

import hashlib
import logging
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import media as room
from kiosk.clock import Clock
from kiosk.config import load_key, load_settings
from kiosk.door import Door
from kiosk.journal_file import Journal
from kiosk.media import Media
from protocol.configuration import Config, read_config
from tests.protocol.test_media import picture

RED, BLUE = picture("png", 40, 30), picture("jpeg", 40, 30)


def name(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def door(enrolled: Path) -> Iterator[Door]:
    row = Journal(enrolled).row()
    key = load_key(enrolled, row)
    url = load_settings(enrolled).server
    door = Door(url, kiosk=row.kiosk or "", server=row.server or "", key=key, clock=Clock())
    yield door
    door.close()


@pytest.fixture
def media(enrolled: Path, door: Door) -> Media:
    return Media(enrolled, door)


def config(server: Any, *pictures: bytes, photo: bytes | None = None) -> Config:
    import msgspec

    server.set_config(pictures=[name(body) for body in pictures])
    if photo is not None:
        server.config["officials"][0]["photo"] = name(photo)
    return read_config(msgspec.json.encode(server.config))


def files(folder: Path) -> list[str]:
    kept = folder / "media"
    return sorted(path.name for path in kept.iterdir()) if kept.exists() else []


def asked(server: Any) -> list[str]:
    return [path.rsplit("/", 1)[1] for _, path, *_ in server.requests if "/media/" in path]


def test_what_the_configuration_names_is_fetched_once(
    server: Any, enrolled: Path, media: Media
) -> None:
    server.media = {name(RED): RED, name(BLUE): BLUE}
    wanted = config(server, RED, photo=BLUE)
    assert media.path_of(name(RED)) == ""
    assert media.follow(wanted)
    assert Path(media.path_of(name(RED))).read_bytes() == RED
    assert Path(media.path_of(name(BLUE))).read_bytes() == BLUE
    assert files(enrolled) == sorted([f"{name(RED)}.png", f"{name(BLUE)}.jpg"])
    assert not media.follow(wanted)
    assert asked(server) == [name(RED), name(BLUE)]


def test_after_a_restart_nothing_is_fetched_again(
    server: Any, enrolled: Path, media: Media, door: Door
) -> None:
    server.media = {name(RED): RED}
    wanted = config(server, RED)
    media.follow(wanted)
    again = Media(enrolled, door)
    assert again.path_of(name(RED)) == media.path_of(name(RED)) != ""
    assert not again.follow(wanted)
    assert asked(server) == [name(RED)]


def test_what_is_named_no_more_is_removed(server: Any, enrolled: Path, media: Media) -> None:
    server.media = {name(RED): RED, name(BLUE): BLUE}
    media.follow(config(server, RED, BLUE))
    assert media.follow(config(server, BLUE))
    assert media.path_of(name(RED)) == ""
    assert files(enrolled) == [f"{name(BLUE)}.jpg"]


@pytest.mark.parametrize(
    "answer",
    [
        BLUE,
        RED[:-1],
        b"",
        b"<html>Please accept our terms</html>",
        RED.ljust((2 << 20) + 1, b"\0"),
        (200, "text/html", b"<html></html>", {}),
        (503, "application/problem+json", b"{}", {"Retry-After": "5"}),
        (302, "text/plain", b"", {"Location": "/elsewhere"}),
        "cut",
        None,
    ],
    ids=["another", "short", "empty", "page", "oversized", "portal", "busy", "redirect", "cut",
         "absent"],
)  # fmt: skip
def test_anything_but_the_right_bytes_is_not_kept_and_asked_for_later(
    server: Any, enrolled: Path, media: Media, answer: Any
) -> None:
    if answer is not None:
        server.media = {name(RED): answer}
    wanted = config(server, RED)
    assert not media.follow(wanted)
    assert (media.path_of(name(RED)), files(enrolled)) == ("", [])
    server.media = {name(RED): RED}
    assert not media.follow(wanted)  # not at once: it would be every heartbeat
    assert asked(server) == [name(RED)]
    media.not_before = 0
    assert media.follow(wanted)


def test_one_picture_that_does_not_come_does_not_hold_up_the_others(
    server: Any, media: Media
) -> None:
    server.media = {name(BLUE): BLUE}
    assert media.follow(config(server, RED, BLUE))
    assert media.path_of(name(BLUE))


def test_a_new_configuration_is_not_made_to_wait(server: Any, media: Media) -> None:
    assert not media.follow(config(server, RED))
    server.media = {name(BLUE): BLUE}
    assert media.follow(config(server, BLUE))


def test_the_largest_picture_that_may_be_comes_whole(server: Any, media: Media) -> None:
    large = RED.ljust(2 << 20, b"\0")
    server.media = {name(large): large}
    assert media.follow(config(server, large))
    assert Path(media.path_of(name(large))).stat().st_size == 2 << 20


def test_many_pictures_on_a_slow_line_let_the_votes_have_their_turn(
    server: Any, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROUND_S", -1.0)
    server.media = {name(RED): RED}
    wanted = config(server, RED)
    assert not media.follow(wanted)
    monkeypatch.undo()
    assert media.follow(wanted)  # the next round goes on, without waiting


def test_a_power_cut_between_write_and_rename_leaves_nothing_to_be_shown(
    server: Any, enrolled: Path, door: Door
) -> None:
    (enrolled / "media").mkdir()
    for left in (f".{name(RED)}.png.new", "notes.txt"):
        (enrolled / "media" / left).write_bytes(RED[:20])
    media = Media(enrolled, door)
    assert media.path_of(name(RED)) == ""
    server.media = {name(RED): RED}
    assert media.follow(config(server, RED))
    assert files(enrolled) == [f"{name(RED)}.png"]


def test_a_card_that_is_full_in_the_middle_of_a_picture_keeps_no_half_of_it(
    server: Any, enrolled: Path, media: Media, caplog: pytest.LogCaptureFixture
) -> None:
    large = RED.ljust(1 << 20, b"\0")
    server.media = {name(large): large}
    wanted = config(server, large)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))
    try:
        changed = media.follow(wanted)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (changed, files(enrolled)) == (False, [])
    assert "did not come" in caplog.text


def test_pictures_leave_room_for_votes(
    server: Any, media: Media, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "ROOM_BYTES", 1 << 60)
    assert not media.follow(config(server, RED))
    assert asked(server) == []
    assert "too little room" in caplog.text


def test_a_folder_that_cannot_be_made_harms_nothing(
    server: Any, enrolled: Path, media: Media
) -> None:
    (enrolled / "media").write_text("a file where the folder should be")
    server.media = {name(RED): RED}
    assert not media.follow(config(server, RED))
    assert media.path_of(name(RED)) == ""


def test_a_server_out_of_reach_is_no_failure(
    enrolled: Path, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = Journal(enrolled).row()
    nowhere = Door(
        "http://127.0.0.1:9", kiosk=row.kiosk or "", server=row.server or "",
        key=load_key(enrolled, row), clock=Clock(),
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        assert not Media(enrolled, nowhere).follow(config(server, RED, BLUE))
    assert caplog.text.count("did not come") == 1
    nowhere.close()
