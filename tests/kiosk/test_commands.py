"""The command line: what it says when it cannot, and what others script against."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import certifi
import pytest
import requests

from hardware.panel import HardwareError
from kiosk.__main__ import main
from kiosk.clock import Clock
from kiosk.config import load_settings
from kiosk.journal_store import Writer
from kiosk.panels import open_panel, open_panel_or_touch
from protocol.journal import check_lines, open_head, split_export
from protocol.keys import check_public_key
from protocol.records import Test
from tests.kiosk.conftest import CODE, eventually


@pytest.fixture(autouse=True)
def no_folder_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HAILONG_DATA", raising=False)


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def append(folder: Path, count: int) -> None:
    writer, clock = Writer(folder), Clock()
    for _ in range(count):
        writer.append(Test(rating=4), clock.read()).result()
    writer.close()


@pytest.mark.parametrize("words", [[], ["enrol"], ["run"], ["status"], ["flush"], ["export"]])
def test_every_command_has_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    assert "usage: hailong-kiosk" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["run", "--headless"], ["status"], ["flush"], ["export"]])
def test_a_kiosk_that_is_not_enrolled_says_so(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kiosk.toml").write_text('server = "http://127.0.0.1:1"\n')
    assert main([*words, "--data", str(tmp_path)]) == 2
    assert "enrol" in sentence(capsys)


def test_a_command_without_a_folder_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 2
    assert "HAILONG_DATA" in sentence(capsys)


@pytest.mark.parametrize(
    ("text", "what"),
    [("undo = 5\n", "undo"), ("]\n", "cannot be read"), ("undo_s = 0\n", "scripts")],
)
def test_odd_settings_end_the_start(
    enrolled: Path, text: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (enrolled / "kiosk.toml").open("a") as file:
        file.write(text)
    assert main(["run", "--headless", "--panel", "gpio", "--data", str(enrolled)]) == 2
    assert what in sentence(capsys)


def test_a_machine_without_gpio_says_so(
    enrolled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    if Path("/dev/gpiochip0").exists():
        pytest.skip("this machine has GPIO")
    assert main(["run", "--headless", "--data", str(enrolled)]) == 2
    assert sentence(capsys)


def test_with_a_screen_a_machine_without_buttons_still_asks_by_touch(
    enrolled: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.pins.glob.glob", lambda _: [])
    settings = load_settings(enrolled)
    with pytest.raises(HardwareError):
        open_panel("gpio", enrolled, settings)
    seen: list[Any] = []
    panel = open_panel_or_touch("gpio", enrolled, settings, headless=False)
    panel.on_fault(seen.append)
    eventually(lambda: seen)
    panel.close()
    assert (seen[0].part, seen[0].kind) == ("panel", "missing")
    assert "still take votes" in caplog.text
    with pytest.raises(HardwareError):
        open_panel_or_touch("gpio", enrolled, settings, headless=True)


class _Forwarding(BaseHTTPRequestHandler):
    """A plain HTTP proxy, as offices have one."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(self.path, body, headers=dict(self.headers))
        self.server.forwarded.append(self.path)  # type: ignore[attr-defined]
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def proxy() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Forwarding) as running:
        running.forwarded = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_the_authority_and_the_proxy_of_an_enrolment_are_kept(
    server: Any, proxy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ca = tmp_path / "our-ca.pem"
    ca.write_bytes(Path(certifi.where()).read_bytes())
    folder = tmp_path / "kiosk"
    words = ["enrol", "--server", server.url, "--code", CODE, "--ca", str(ca)]
    through = f"http://127.0.0.1:{proxy.server_port}"
    assert main([*words, "--proxy", through, "--data", str(folder)]) == 0
    assert [path.startswith(server.url) for path in proxy.forwarded] == [True, True]
    capsys.readouterr()
    settings = load_settings(folder)
    assert Path(settings.ca or "").read_bytes() == ca.read_bytes()
    assert settings.proxy == through
    ca.unlink()
    assert main([*words, "--data", str(folder)]) == 2
    assert "correct --ca" in sentence(capsys)
    assert main(["enrol", "--server", server.url, "--code", CODE, "--proxy", "squid:3128",
                 "--data", str(folder)]) == 2  # fmt: skip
    assert "--proxy" in sentence(capsys)


def test_a_server_that_does_not_answer_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["enrol", "--server", "http://127.0.0.1:1", "--code", "ABCD-EFGH-JK"]
    assert main([*words, "--data", str(tmp_path)]) == 2
    assert "No answer" in sentence(capsys)


def test_a_folder_that_cannot_be_made_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["enrol", "--server", "http://127.0.0.1:1", "--code", "ABCD-EFGH-JK"]
    assert main([*words, "--data", "/proc/nowhere"]) == 2
    assert "cannot be written" in sentence(capsys)


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    hide = "import sys; sys.modules['requests'] = None; from kiosk.__main__ import main; "
    run = subprocess.run(
        [sys.executable, "-c", hide + "sys.exit(main(['flush', '--data', sys.argv[1]]))", tmp_path],
        capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "hailong[kiosk]" in run.stderr


def test_only_a_screen_imports_kivy() -> None:
    script = "import sys, kiosk.__main__, kiosk.app, kiosk.desk; sys.exit('kivy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_status_in_words_and_in_json(
    server: Any, enrolled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    append(enrolled, 3)
    assert main(["status", "--json", "--data", str(enrolled)]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["kiosk"], status["lines"], status["unsent"], status["running"]) == (
        "kiosk-1", 3, 3, False,
    )  # fmt: skip
    assert main(["status", "--data", str(enrolled)]) == 0
    assert "unsent   3" in capsys.readouterr().out


def test_flush_sends_all_and_says_when_it_could_not(
    server: Any, enrolled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    append(enrolled, 3)
    assert main(["flush", "--data", str(enrolled)]) == 0
    assert len(server.seqs()) == 4  # and the clock of this boot
    append(enrolled, 1)
    server.answers.extend([(503, "text/html", b"", {})] * 9)
    assert main(["flush", "--data", str(enrolled)]) == 2
    assert "Not acknowledged by the server: 1 line(s)" in capsys.readouterr().err


def test_an_export_is_lines_an_empty_line_and_the_signed_head(server: Any, enrolled: Path) -> None:
    append(enrolled, 3)
    run = subprocess.run(
        [sys.executable, "-m", "kiosk", "export", "--data", enrolled], capture_output=True
    )
    assert run.returncode == 0
    body, note = split_export(run.stdout)
    lines = check_lines(body, journal=server.journal)
    head = open_head(
        note, kiosk="kiosk-1", journal=server.journal,
        public_key=check_public_key(server.public_key),
    )  # fmt: skip
    assert (head.seq, head.hash) == (3, lines[-1].hash)
