"""The river in real processes: a server, kiosks, a supervisor's session over HTTP."""

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

DEADLINE_S = 120.0
OFFICIAL, PIN = "CB-0101", "0101"


def until(what: str, condition: Callable[[], Any], deadline_s: float = DEADLINE_S) -> Any:
    """The condition's first true value; fails with `what` when it never becomes true."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"never happened: {what}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


class Sample:
    """A folder, and what its environment names as database, after `init --sample`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        command = module("server", "init", "--sample")
        variables = {**os.environ, "HAILONG_DATA": str(folder), **environment}
        self.told = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=True, timeout=120
        ).stdout


class Server:
    """`hailong-server` on a sample folder of its own."""

    def __init__(
        self, folder: Path, environment: dict[str, str], sample: Sample | None = None
    ) -> None:
        """On a copy of the sample, whose tables the environment's database holds already; without
        one `init` makes it."""
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "HAILONG_DATA": str(folder), **environment}
        if sample is None:
            sample = Sample(folder, environment)
        else:
            shutil.copytree(sample.folder, folder)
        self.passwords = dict(re.findall(r"^sign-in (\S+) (\S+)$", sample.told, re.MULTILINE))
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str, check: bool = True, **options: Any) -> Any:
        return subprocess.run(
            module("server", *arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
            **options,
        )

    def start(self) -> None:
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                module("server", "run", "--port", str(self.port)),
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        until("the server answers /healthz", self.answers)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def table(self, command: str) -> list[dict[str, str]]:
        import csv
        import io

        return list(csv.DictReader(io.StringIO(self.run(command, "--format", "csv").stdout)))

    def sign_in(self, account: str = "supervisor") -> requests.Session:
        """A browser's session: the login form, filled in."""
        session = requests.Session()
        page = session.get(f"{self.url}/login/", timeout=60)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.text[:500]
        form = {
            "username": account,
            "password": self.passwords[account],
            "csrfmiddlewaretoken": token[1],
        }
        done = session.post(page.url, data=form, headers={"Referer": page.url}, timeout=60)
        assert done.status_code == 200
        return session


class Kiosk:
    """`hailong-kiosk` in a folder of its own, pressed over standard input."""

    def __init__(self, folder: Path, server: Server, counter: str = "99001-1") -> None:
        self.folder = folder
        self.server = server
        code = server.run("kiosk-code", counter).stdout.split()[-1]
        self.run("enrol", "--server", server.url, "--code", code)
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, check: bool = True) -> Any:
        return subprocess.run(
            module("kiosk", *arguments, "--data", str(self.folder)),
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
        )

    def settings(self, **values: object) -> None:
        path = self.folder / "kiosk.toml"
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
        path.write_text(path.read_text() + "".join(lines))

    def start(self, *options: str, environment: dict[str, str] | None = None) -> None:
        options = options or ("--headless",)
        self.close()
        with (self.folder / "run.log").open("a") as log:
            self.process = subprocess.Popen(
                module("kiosk", "run", "--panel", "stdin", *options, "--data", str(self.folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **(environment or {})},
            )
        self.listener = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self.listener.start()
        self.expect("ready")

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                self.events.put(json.loads(line))

    def say(self, command: str) -> None:
        assert self.process
        assert self.process.stdin
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def expect(self, event: str) -> dict[str, Any]:
        """The next event of this kind; others before it are passed over."""
        end = time.monotonic() + DEADLINE_S
        while True:
            try:
                found = self.events.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                log = (self.folder / "run.log").read_text()[-2000:]
                pytest.fail(f"the kiosk never said {event}; its log ends:\n{log}")
            if found["event"] == event:
                return found

    def press(self, rating: int) -> int:
        """Press, and wait for the thanks; the vote's seq."""
        self.say(f"press {rating}")
        thanks = self.expect("thanks")
        assert thanks["rating"] == rating
        return int(thanks["seq"])

    def sign_in(self, official: str = OFFICIAL, pin: str = PIN) -> None:
        self.say(f"signin {official} {pin}")
        assert self.expect("duty")["official"] == official

    def quit(self) -> None:
        assert self.process
        self.say("quit")
        assert self.process.wait(60) == 0
        self.close()

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.close()

    def close(self) -> None:
        """Nothing is left open of the last run, however it ended."""
        if self.process is None:
            return
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.listener.join(60)
        self.events = queue.Queue()  # what the last run still said is not the next one's
