"""Whether there is a display, asked of real sockets and folders."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.screens.display import NoDisplay, _screen_connected, display_answers, find_driver
from kiosk.screens.kivy_setup import _inputs


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Something that accepts where display 4077 would be."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4077")
        server.listen()
        yield server


def test_an_x_server_that_accepts_is_a_display(
    monkeypatch: pytest.MonkeyPatch, listening: socket.socket
) -> None:
    monkeypatch.setenv("DISPLAY", ":4077.0")
    assert find_driver() == "x11"
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    assert display_answers()


@pytest.mark.parametrize("display", [":4078", "unix:4078", "nonsense", ":", "127.0.0.1:4078"])
def test_a_display_that_is_only_named_is_none(
    monkeypatch: pytest.MonkeyPatch, display: str
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    assert not display_answers()


def test_offscreen_and_dummy_mean_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    assert display_answers()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert not display_answers()


def connector(drm: Path, name: str, status: str) -> None:
    (drm / name).mkdir(parents=True)
    (drm / name / "status").write_text(status + "\n")


def test_a_connected_screen_on_a_card_we_may_open_is_a_display(tmp_path: Path) -> None:
    drm, dev = tmp_path / "drm", tmp_path / "dri"
    dev.mkdir()
    assert not _screen_connected(drm, dev)
    connector(drm, "card0-HDMI-A-1", "disconnected")
    (dev / "card0").touch()
    assert not _screen_connected(drm, dev)
    connector(drm, "card1-DSI-1", "connected")
    assert not _screen_connected(drm, dev)
    (dev / "card1").touch()
    assert _screen_connected(drm, dev)


def test_no_display_says_what_to_do_in_one_sentence() -> None:
    assert str(NoDisplay()).count(".") == 1
    assert "--headless" in str(NoDisplay())


def test_on_a_bare_console_a_panel_is_read_by_one_driver_alone() -> None:
    inputs = _inputs("kmsdrm")
    assert inputs == {
        "mouse": "mouse,disable_multitouch", "%(name)s": "probesysfs,provider=mtdev",
    }  # fmt: skip
    assert list(_inputs("x11")) == ["mouse"]
