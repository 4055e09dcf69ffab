"""A boot partition in a folder, and what reads it at each start."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

from tests.deploy.pi import ROOT

CODE = "ABCD-EFGH-JK"
STARS = "*" * len(CODE)
PLAIN = f'server = "https://hailong.example"\ncode = "{CODE}"\n'


class Unit:
    """One unit's boot partition, data folder and /run; `enrol` is the program that it calls."""

    def __init__(self, folder: Path) -> None:
        self.boot, self.data, self.memory = folder / "boot", folder / "data", folder / "run"
        for each in (self.boot, self.data, self.memory):
            each.mkdir(parents=True)
        self.program = folder / "hailong-kiosk"
        self.calls = folder / "calls"
        self.enrols("exit 0")

    @property
    def card(self) -> Path:
        return self.boot / "hailong.toml"

    def enrols(self, script: str) -> None:
        """Has the enrolment done by a shell script, which notes that it was called."""
        self.program.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\n{script}\n')
        self.program.chmod(0o755)

    def called(self) -> list[str]:
        """The enrolments so far, one line each."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def start(self, notify: Path | None = None) -> subprocess.Popen[str]:
        """Power on."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "deploy" / "pi")}
        environment.pop("NOTIFY_SOCKET", None)
        if notify:
            environment["NOTIFY_SOCKET"] = str(notify)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "card", "--boot", self.boot, "--data", self.data,
             "--run", self.memory, "--user", pwd.getpwuid(os.getuid()).pw_name,
             "--command", self.program],
            env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self) -> tuple[int, str]:
        """Power on, and what came of it: exit code and log."""
        process = self.start()
        _, log = process.communicate(timeout=120)
        return process.returncode, log

    def crash(self) -> None:
        """Power on; the power goes while the enrolment's answer comes in."""
        process = self.start()
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL

    def sentence(self) -> str:
        """What a screen may show."""
        return (self.memory / "hailong-card" / "sentence").read_text("utf-8").strip()
