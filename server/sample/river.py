"""The demo's processes: a real server, real kiosks; and at the end the count from end to end."""

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter as Count
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from protocol.journal import read_line, split_body, split_export
from protocol.records import understand
from server.fleet.services import make_code
from server.folder import Folder, SetupError
from server.ingest.journals import now_ms
from server.process import end_with_parent
from server.sample import history, province, recount

UNDO_S = 2  # citizens come every few seconds here; ten would make one of two
CROWDED = ("99001-1", "99002-1")
TOUCHED = "99001-3"
READY_S = 120.0


@dataclass
class Kiosk:
    """One kiosk process of the demo, its folder, and its journal's newest seq before the run."""

    counter: str
    folder: Path
    panel: str
    seed: int
    process: subprocess.Popen[str] | None = None
    journal: str = ""
    before: int = 0
    counted: int = 0  # up to here its presses are added up
    presses: int = 0


class River:
    """Server and kiosks as subprocesses, started and stopped together."""

    def __init__(self, folder: Folder, *, port: int, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.port = port
        self.logs = folder.path / "logs"
        self.logs.mkdir(exist_ok=True)
        self._server: subprocess.Popen[str] | None = None
        self._kiosks: list[Kiosk] = []

    def start(self, *, window: bool) -> None:
        """Serve, enrol what is new over HTTP, and let the kiosks run. Raises SetupError."""
        self._start_server()
        panels = [(counter, "crowd") for counter in CROWDED]
        if window:
            panels.append((TOUCHED, "stdin"))
        for seed, (counter, panel) in enumerate(panels, 1):
            kiosk = Kiosk(counter, self.folder.path / "kiosks" / counter, panel, seed)
            self._enrol(kiosk)
            self._kiosks.append(kiosk)
        for kiosk in self._kiosks:
            self._run(kiosk)

    def wait(self, seconds: float | None, progress: Callable[[int], None]) -> None:
        """Until the time is over, the window is closed or something ends that should not."""
        until = None if seconds is None else time.monotonic() + seconds
        while until is None or time.monotonic() < until:
            time.sleep(0.2 if until is None else min(0.2, max(0.0, until - time.monotonic())))
            if self._window_closed():
                return
            self._restart_killed()
            progress(self._arrived())

    def stop(self) -> dict[str, object]:
        """Send the crowd home, flush, finish the pipeline, stop the server; the count of it all."""
        with _no_interrupts():
            for kiosk in self._kiosks:
                self._quit(kiosk)
            for kiosk in self._kiosks:
                self._command(kiosk, "flush", log=True)
            _run_server("work", "--once")
            report = self._count()
            self._stop_server()
            return report

    # -- the server ---------------------------------------------------------------------------

    def _start_server(self) -> None:
        log = (self.logs / "server.log").open("a")
        self._server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "server", "run", "--port", str(self.port)],
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
            preexec_fn=end_with_parent,
        )
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                raise SetupError(_last_line(self.logs / "server.log"))
            with contextlib.suppress(OSError):
                address = f"http://127.0.0.1:{self.port}/healthz"
                if urllib.request.urlopen(address, timeout=2).status == 200:
                    return
            time.sleep(0.1)
        raise SetupError(f"The server did not answer in time; see {self.logs / 'server.log'}.")

    def _stop_server(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(20)

    # -- the kiosks ---------------------------------------------------------------------------

    def _enrol(self, kiosk: Kiosk) -> None:
        """A folder of an earlier run goes on with its journal; a new one takes over the past's."""
        if not (kiosk.folder / "journal.sqlite3").exists():
            kiosk.folder.mkdir(parents=True, exist_ok=True)
            code = make_code(kiosk=history.kiosk_at(kiosk.counter), now_ms=now_ms())
            url = f"http://127.0.0.1:{self.port}"
            self._command(kiosk, "enrol", "--server", url, "--code", code)
        settings = kiosk.folder / "kiosk.toml"
        text = settings.read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith(("server", "undo_s"))]
        server = f'server = "http://127.0.0.1:{self.port}"'
        settings.write_text("\n".join([server, f"undo_s = {UNDO_S}", *lines]) + "\n", "utf-8")
        status = json.loads(self._command(kiosk, "status", "--json"))
        kiosk.journal, kiosk.before = status["journal"], status["lines"]
        kiosk.counted = kiosk.before

    def _run(self, kiosk: Kiosk) -> None:
        command = [sys.executable, "-m", "kiosk", "run", "--data", str(kiosk.folder)]
        command += ["--panel", kiosk.panel]
        if kiosk.panel == "crowd":
            command += ["--headless", "--seed", str(kiosk.seed)]
        else:
            command += ["--size", "1024x600"]  # a window beside the terminal, not over it
        log = (self.logs / f"kiosk-{kiosk.counter}.log").open("a")
        kiosk.process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=self._events(kiosk, "w"),
            stderr=log,
            text=True,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        if kiosk.panel == "stdin" and kiosk.process.stdin:
            unit, number = kiosk.counter.rsplit("-", 1)
            official = next(c for c, at in province.ROSTER[unit].items() if int(number) in at)
            kiosk.process.stdin.write(f"signin {official} {province.pin(official)}\n")
            kiosk.process.stdin.flush()

    def _events(self, kiosk: Kiosk, mode: str) -> IO[str]:
        return (self.logs / f"kiosk-{kiosk.counter}.events").open(mode, encoding="utf-8")

    def _quit(self, kiosk: Kiosk) -> None:
        """End the kiosk in its own time, then read how often it was pressed."""
        process = kiosk.process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        if process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
        process.wait(60)
        self._leave(kiosk)

    def _command(self, kiosk: Kiosk, *arguments: str, log: bool = False) -> str:
        command = [sys.executable, "-m", "kiosk", *arguments, "--data", str(kiosk.folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode and not log:
            raise SetupError(
                done.stderr.strip().splitlines()[-1] if done.stderr else "kiosk failed"
            )
        return done.stdout

    def _window_closed(self) -> bool:
        """Whether the kiosk with the window ended by itself: the demo ends with it."""
        return any(
            kiosk.panel == "stdin" and kiosk.process is not None and kiosk.process.poll() == 0
            for kiosk in self._kiosks
        )

    def _restart_killed(self) -> None:
        """What somebody killed comes back, as systemd would bring it back."""
        if self._server is not None and self._server.poll() is not None:
            self.say("the server was ended; it starts again")
            self._start_server()
        for kiosk in self._kiosks:
            if kiosk.process is not None and kiosk.process.poll() is not None:
                self.say(f"the kiosk at {kiosk.counter} was ended; it starts again")
                self._leave(kiosk)
                self._run(kiosk)

    def _leave(self, kiosk: Kiosk) -> None:
        """Add up the presses of a process that ended; of a killed one only its journal can tell."""
        if kiosk.process and kiosk.process.stdin:
            with contextlib.suppress(OSError):
                kiosk.process.stdin.close()
        summary = None
        with self._events(kiosk, "r") as events:
            for line in events:
                event = json.loads(line)
                if event["event"] == "summary":
                    summary = int(event["presses"])
        newest = json.loads(self._command(kiosk, "status", "--json"))["lines"]
        if summary is None:
            export = self._command(kiosk, "export").encode()
            kinds = _kinds(export, after=kiosk.counted, up_to=newest)
            summary = kinds["vote"] + kinds["vote.revised"] + kinds["suppressed"]
        kiosk.presses += summary
        kiosk.counted = newest

    # -- the count ----------------------------------------------------------------------------

    def _arrived(self) -> int:
        return sum(recount.votes(kiosk.journal, kiosk.before) for kiosk in self._kiosks)

    def _count(self) -> dict[str, object]:
        """This run from end to end, each number read at its own place; history apart."""
        kinds: Count[str] = Count()
        for kiosk in self._kiosks:
            export = self._command(kiosk, "export").encode()
            kinds += _kinds(export, after=kiosk.before)
        journals = {kiosk.journal: kiosk.before for kiosk in self._kiosks}
        presses = sum(kiosk.presses for kiosk in self._kiosks)
        return recount.report(journals=journals, presses=presses, kinds=kinds)


def _kinds(export: bytes, *, after: int, up_to: int | None = None) -> "Count[str]":
    """How many lines of each type a journal's export holds after a seq; `suppressed` by presses."""
    kinds: Count[str] = Count()
    body, _ = split_export(export)
    for line in split_body(body):
        envelope = read_line(line)
        if envelope.seq <= after or (up_to is not None and envelope.seq > up_to):
            continue
        kinds["lines"] += 1
        if envelope.type == "suppressed":
            kinds["suppressed"] += understand(envelope.type, envelope.data).count  # type: ignore[union-attr]
        else:
            kinds[envelope.type] += 1
    return kinds


def _run_server(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "server", *arguments], check=True)  # noqa: S603


def _last_line(path: Path) -> str:
    lines = path.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("hailong-server: ") if lines else "The server ended at once."


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """A second Ctrl-C must not cut off what makes the first one harmless."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
