"""A unit that cannot start says so calmly; it needs neither journal nor network for that."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.enrolling import enrol
from kiosk.journal_file import FILE
from kiosk.mending import mend
from kiosk.out_of_order import _OutOfOrder
from tests.kiosk.conftest import CODE


def test_it_knows_the_words_of_its_counter_without_the_journal(server: Any, tmp_path: Path) -> None:
    server.set_config(rate_url="https://hailong.example/q/ABC", unit={"code": "99", "name": "Xã X"})
    folder = tmp_path / "kiosk"
    enrol(folder, url=server.url, code=CODE)
    assert mend(folder) == ""
    (folder / FILE).write_bytes(b"nothing that SQLite knows")
    view = _OutOfOrder(folder)._view()
    assert (view.state, view.unit) == ("out_of_order", "Xã X")
    assert view.rate_qr == "https://hailong.example/q/ABC"
    assert (folder / FILE).read_bytes() == b"nothing that SQLite knows"


def test_without_anything_it_still_says_what_to_do(tmp_path: Path) -> None:
    view = _OutOfOrder(tmp_path / "nowhere")._view()
    assert view.state == "out_of_order"
    assert "vi" in view.locales


def test_the_real_window_tells_its_manager_that_it_is_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        address = str(tmp_path / "notify")
        environment = os.environ | {"NOTIFY_SOCKET": address, "SDL_VIDEODRIVER": "offscreen"}
        shown = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "out-of-order", "--data", str(tmp_path / "none"),
             "--size", "800x480"], env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert manager.recv(200).startswith(b"READY=1\nSTATUS=Out of order")
            assert manager.recv(200) == b"WATCHDOG=1"
        finally:
            shown.terminate()
            shown.wait(60)
