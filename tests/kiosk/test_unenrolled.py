"""A device that no server knows: enrolled at the screen, with a real server at the other end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.desk import read_status
from kiosk.enrolling import enrol, is_enrolled
from kiosk.errors import KioskError
from kiosk.folder import held, make_folder
from kiosk.screens.view import View
from kiosk.unenrolled import _Unenrolled
from tests.kiosk.conftest import CODE, eventually


class Window:
    """Where the views go; the window itself is not what is asked here."""

    def __init__(self) -> None:
        self.views: list[View] = []
        self.closed = False
        self.repeated: list[Callable[[], None]] = []

    def show(self, view: View) -> None:
        self.views.append(view)

    def close(self) -> None:
        self.closed = True

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        self.repeated.append(call)


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
def device(tmp_path: Path, window: Window) -> _Unenrolled:
    folder = tmp_path / "new"
    make_folder(folder)
    device = _Unenrolled(folder)
    device._ready(window)  # type: ignore[arg-type]
    return device


def test_it_asks_for_its_enrolment_and_for_no_pin(device: _Unenrolled, window: Window) -> None:
    assert device._view().state == "needs_enrolment"
    device.open_technician()
    page = window.views[-1]
    assert page.state == "technician" and page.technician.unlocked
    assert "version" in dict(page.technician.facts)
    device.close_technician()
    assert window.views[-1].state == "needs_enrolment"


def test_a_right_code_enrols_it_and_ends_the_window(
    server: Any, device: _Unenrolled, window: Window
) -> None:
    device.open_technician()
    device.enrol(server.url, CODE)
    eventually(lambda: window.closed)
    assert device._ending.why == "enrolled"
    assert is_enrolled(device._folder)


def test_a_wrong_code_is_said_on_the_page_and_may_be_tried_again(
    server: Any, device: _Unenrolled, window: Window
) -> None:
    device.open_technician()
    device.enrol(server.url, "ZZZZ-ZZZZ-ZZ")
    eventually(lambda: window.views[-1].message)
    assert window.views[-1].message.startswith("Chưa đăng ký được")
    assert not window.views[-1].technician.busy
    device.enrol(server.url, CODE)
    eventually(lambda: window.closed)


def test_a_refused_code_leaves_the_key_on_the_page_to_be_compared(
    server: Any, device: _Unenrolled, window: Window
) -> None:
    device.open_technician()
    assert "key" not in dict(window.views[-1].technician.facts)
    device.enrol(server.url, "ZZZZ-ZZZZ-ZZ")
    eventually(lambda: window.views[-1].message)
    facts = dict(window.views[-1].technician.facts)
    told = read_status(device._folder)
    assert facts["key"] == told.key
    assert facts["advice"] == told.advice["vi"]


def test_a_device_that_never_was_enrolled_is_told_of_no_damaged_journal(
    server: Any, device: _Unenrolled, window: Window
) -> None:
    with pytest.raises(KioskError, match="Ask the administrator for a new code"):
        enrol(device._folder, url=server.url, code="ZZZZ-ZZZZ-ZZ")
    assert read_status(device._folder).advice["vi"].startswith("Máy chưa đăng ký")
    (device._folder / "evidence-1").mkdir()
    assert "bị hỏng" in read_status(device._folder).advice["vi"]


def test_a_server_that_does_not_answer_leaves_the_device_as_it_was(
    device: _Unenrolled, window: Window
) -> None:
    device.open_technician()
    device.enrol("http://127.0.0.1:1", CODE)
    eventually(lambda: window.views[-1].message)
    assert not window.closed
    assert not is_enrolled(device._folder)


def test_it_goes_on_by_itself_when_another_process_has_enrolled_it(
    server: Any, device: _Unenrolled, window: Window
) -> None:
    for look in window.repeated:
        look()
    assert not window.closed
    enrol(device._folder, url=server.url, code=CODE)
    with held(device._folder):  # the other process is not done yet
        for look in window.repeated:
            look()
        assert not window.closed
    for look in window.repeated:
        look()
    assert window.closed
    assert device._ending.why == "enrolled"


def test_what_the_prepared_card_has_to_say_is_on_the_screen(
    device: _Unenrolled, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "sentence"
    monkeypatch.setenv("HAILONG_SENTENCE", str(card))
    for look in window.repeated:
        look()
    assert window.views == []
    card.write_text("Mã đăng ký đã hết hạn.\n")
    for look in window.repeated * 2:
        look()
    assert [view.message for view in window.views] == ["Mã đăng ký đã hết hạn."]
