"""A kiosk's day under strace: enrolled, pressed, configured anew, killed, enrolled once more."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from kiosk.journal_file import FILE
from tests.kiosk.conftest import CODE, FakeServer, eventually
from tests.powercut.trace import CALLS, Step, Sync, Write, read_steps

ROOT = Path(__file__).parents[2]
CARELESS = Path(__file__).with_name("careless.py")
OTHER_CODE = "ABCD-EFGH-JM"
LONGEST_CONTENT = 1 << 24
END_S: Final = 60.0
WORN: Final = bytes(8192)


class Office(FakeServer):
    """The server; the administrator's code may change, and each code is for one journal."""

    code = CODE

    def __init__(self) -> None:
        super().__init__()
        handler = self.RequestHandlerClass  # headers and body at once: no wait for a delayed ACK
        self.RequestHandlerClass = type("Prompt", (handler,), {"disable_nagle_algorithm": True})

    def set_config(self, **changes: Any) -> None:
        with self.lock:  # version and words change together
            super().set_config(**changes)

    def enrol(self, body: dict[str, Any], headers: Any, raw: bytes) -> Any:
        right = body["code"] == self.code
        return super().enrol(body | {"code": CODE if right else "unknown"}, headers, raw)

    def give_out(self, code: str) -> None:
        """From now on this code enrols a new journal."""
        self.code = code
        self.recall(Known(code))

    def known(self) -> "Known":
        return Known(self.code, self.journal, self.public_key, tuple(self.lines))

    def recall(self, known: "Known") -> None:
        """Back to what the server knew then."""
        self.code, self.journal, self.public_key = known.code, known.journal, known.public_key
        self.lines = list(known.lines)


@dataclass(frozen=True, slots=True)
class Known:
    """What the server knows of the kiosk's journal."""

    code: str
    journal: str = ""
    public_key: bytes = b""
    lines: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the day. For an enrolment: what the server knew before and after it."""

    steps: list[Step]
    before: Known | None = None
    after: Known | None = None
    damages: bool = False


class Recorder:
    """Runs a kiosk's commands in `folder` under strace and keeps what they did, part by part."""

    def __init__(self, folder: Path, server: Office, logs: Path, *, careless: str = "") -> None:
        self.folder, self.server, self._logs = folder, server, logs
        kiosk = [CARELESS, careless] if careless else ["-m", "kiosk"]
        self._command = [sys.executable, *kiosk]
        self.parts: list[Part] = []

    def enrol(self) -> None:
        """With the code that the server has given out."""
        before = self.server.known()
        process = self._start("enrol", "--server", self.server.url, "--code", self.server.code)
        self._end(process, before)

    def run(self, *deeds: Sequence[str], kill: bool = False) -> None:
        """A headless kiosk: the commands of each deed, until its presses are thanked; after the
        first a new configuration comes."""
        process = self._start("run", "--headless", "--panel", "stdin")
        _await(process, "ready", 1)
        for number, deed in enumerate(deeds):
            if number:
                self.server.set_config(question={"vi": f"Lần {number}?", "en": f"Time {number}?"})
            _say(process, deed)
            _await(process, "thanks", sum(line.startswith("press") for line in deed))
            if number:
                self._await_config()
        if kill:
            _kill(process)
        else:
            _say(process, ["quit"])
        self._end(process)

    def wear_out(self) -> None:
        """The card has lost the beginning of the journal."""
        journal = self.folder / FILE
        journal.write_bytes(WORN + journal.read_bytes()[len(WORN) :])
        steps: list[Step] = [Write(str(journal), 0, WORN), Sync(str(journal), data_only=False)]
        self.parts.append(Part(steps, damages=True))

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        self._log = self._logs / f"{len(self.parts)}.strace"
        trace = ["strace", "-f", "-q", "-y", "-xx", "-s", str(LONGEST_CONTENT), "--seccomp-bpf"]
        trace += ["-e", "trace=" + ",".join(CALLS), "-o", str(self._log), "--"]
        try:
            return subprocess.Popen(
                [*trace, *self._command, *arguments, "--data", str(self.folder)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        except FileNotFoundError:
            pytest.fail("strace is missing; install it: apt install strace.")

    def _end(self, process: "subprocess.Popen[str]", before: Known | None = None) -> None:
        _, errors = process.communicate(timeout=END_S)
        if "ptrace" in errors.lower():
            pytest.fail(f"strace may not trace here; permit ptrace (CAP_SYS_PTRACE): {errors}")
        assert process.returncode in (0, -signal.SIGKILL), errors
        after = self.server.known() if before else None
        self.parts.append(Part(read_steps(self._log, self.folder), before, after))

    def _await_config(self) -> None:
        """The version in force is in its file."""
        question = (self.server.config or {})["question"]["vi"]
        held = self.folder / "config.json"
        eventually(lambda: question in held.read_text("utf-8"), "the configuration came")


def _say(process: "subprocess.Popen[str]", commands: Sequence[str]) -> None:
    assert process.stdin
    process.stdin.write("".join(f"{command}\n" for command in commands))
    process.stdin.flush()


def _await(process: "subprocess.Popen[str]", event: str, count: int) -> None:
    assert process.stdout
    while count:
        line = process.stdout.readline()
        if not line:
            _, errors = process.communicate(timeout=END_S)
            pytest.fail(f"the kiosk under strace ended before it told {event}: {errors}")
        count -= json.loads(line)["event"] == event


def _kill(tracer: "subprocess.Popen[str]") -> None:
    """The kiosk ends in the middle of whatever it does; strace then ends by itself."""
    children = Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children")
    time.sleep(0.05)  # any instant will do
    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
