"""A real `hailong-server run --no-work` on SQLite, and what its processes used."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

NAME = "bench.invalid"


class Serving(NamedTuple):
    """Port, main process and database file of a server that runs."""

    port: int
    pid: int
    database: Path

    @property
    def worker(self) -> int:
        """The process that answers requests."""
        return next(pid for pid in tree(self.pid) if pid != self.pid)


@contextmanager
def serving(folder: Path, *init: str, url: str = "") -> Iterator[Serving]:
    """Start the server on an empty folder, made by `hailong-server init`; stop it at the end.

    url: of an empty database, else SQLite in the folder.
    """
    env = {**os.environ, "HAILONG_DATA": str(folder / "data"), "HAILONG_DATABASE_URL": url}
    command = [sys.executable, "-m", "server"]
    subprocess.run(
        [*command, "init", *(init or ("--name", NAME))], env=env, check=True, capture_output=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "run", "--no-work", "--port", str(port)], env=env, stderr=log
        )
    try:
        _wait_for(port)
        yield Serving(port, process.pid, folder / "data" / "server.sqlite3")
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not answer")


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def cpu_s(pid: int) -> float:
    """CPU seconds that a process tree has used so far, children that have ended included."""
    ticks = 0
    for each in tree(pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended: its parent counts it
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def disk() -> str:
    """A real disk: /tmp may be memory, where a flush costs nothing."""
    return os.environ.get("HAILONG_BENCH_DIR") or str(Path.cwd())
