"""The server under test: its folder and database; started, killed and started again."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

NAME = "fleet.bench.invalid"


class Site:
    """A real `hailong-server run`, pipeline and all, on a database of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.env = {
            **os.environ,
            "HAILONG_DATA": str(folder / "data"),
            "HAILONG_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "server.settings",
        }
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self.run("server", "init", "--name", NAME)

    def run(self, *module: str) -> None:
        """A command of ours, to its end."""
        subprocess.run([sys.executable, "-m", *module], env=self.env, check=True, stdout=2)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Seconds from exec to the first answer."""
        began = time.monotonic()
        with (self.folder / "server.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "run", "--port", str(self.port)],
                env=self.env, stderr=log,
            )  # fmt: skip
        while time.monotonic() - began < 30:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1).read()
                return time.monotonic() - began
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"the server did not answer; see {self.folder / 'server.log'}")

    def kill(self) -> None:
        """kill -9 of the main process: what it started must end by itself."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> float:
        """SIGTERM; seconds until it has ended. Nothing if it was never started."""
        began = time.monotonic()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        return time.monotonic() - began

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Read the database with its own driver: other code than what wrote it."""
        if self.url:
            import psycopg

            with psycopg.connect(self.url) as connection:
                return connection.execute(sql, values).fetchall()
        import sqlite3

        lite = sqlite3.connect(self.folder / "data" / "server.sqlite3", timeout=30)
        try:
            return lite.execute(sql.replace("%s", "?"), values).fetchall()
        finally:
            lite.close()

    def postmaster(self) -> int | None:
        """PostgreSQL's main process, if it runs on this machine."""
        if not self.url:
            return None
        import psycopg

        with psycopg.connect(self.url) as connection:
            ((backend,),) = connection.execute("SELECT pg_backend_pid()").fetchall()
            stat = Path(f"/proc/{backend}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1])


@contextmanager
def site(folder: Path, database: str) -> Iterator[Site]:
    """The server's folder and empty database; the server itself is not started yet."""
    with ExitStack() as stack:
        url = ""
        if database == "postgres":
            from tests.server.postgres import fresh_database

            url = stack.enter_context(fresh_database(folder / "postgres"))
        made = Site(folder, url)
        try:
            yield made
        finally:
            made.stop()
