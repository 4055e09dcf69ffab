"""Serve: the HTTP server's workers and, beside them, the pipeline."""

import argparse
import errno
import ipaddress
import logging
import os
import resource
import socket
import subprocess
import sys
import threading

from server.folder import Folder, SetupError
from server.process import lock_folder

HELP = "serve kiosks and people, and work the pipeline"
RESTART_S = 1.0
log = logging.getLogger(__name__)
CONNECTIONS = 20_000  # granian stops at 1,024 unless told otherwise; a heartbeat holds one open
SPARE_FILES = 1_000  # for the database and all else
KEPT_MS = 150_000  # longer than a front keeps its idle ones (Caddy: 2 min), so that it closes first
STOPS_WITHIN_S = 5  # who is in the middle of a body then sends it again


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to bind (8000)")
    parser.add_argument("--no-work", action="store_true", help="leave the pipeline to `work`")


def main(args: argparse.Namespace) -> int:
    from django.conf import settings
    from django.db import connection

    host = as_address(args.host)
    refuse_foreign_host(settings.DATA, host)
    sqlite = connection.vendor == "sqlite"
    lock = lock_folder(settings.DATA.path) if sqlite else None
    check_port(host, args.port)
    connection.close()
    print(f"serving http://{args.host}:{args.port}/ (Ctrl-C ends it)", file=sys.stderr)
    worker = None if args.no_work else Worker()
    try:
        _serve(host, args.port, sqlite=sqlite)
    finally:
        if worker is not None:
            worker.stop()
        if lock is not None:
            lock.close()
    return 0


def refuse_foreign_host(folder: Folder, host: str) -> None:
    """Sample accounts have printed passwords: they never leave this machine."""
    if folder.sample and not ipaddress.ip_address(host).is_loopback:
        raise SetupError(
            f"{folder.path} holds the sample province and is served on this machine only; "
            "leave out --host, or `init` a folder without --sample."
        )


def as_address(host: str) -> str:
    """The IP address that `host` names on this machine; SetupError if it names none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SetupError(f"{host} names no address here; write one such as 127.0.0.1.") from None
    return str(found[0][4][0])


def check_port(host: str, port: int) -> None:
    """SetupError if nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if not 0 < port < 65536:
        raise SetupError(f"There is no port {port}; choose one from 1 to 65535.")
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken by another program" if taken else "cannot be bound"
            raise SetupError(f"Port {port} of {host} {why}; choose another --port.") from error


class Worker:
    """The pipeline's process beside the server; one that ends is started again."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = _start_work()
        self._thread = threading.Thread(target=self._watch, name="worker-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._process.terminate()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(RESTART_S):
                return
            code = self._process.returncode
            log.error("the pipeline's process ended (%s); it starts again", code)
            self._process = _start_work()
            if self._stopping.is_set():  # stop() was faster: end what it did not see
                self._process.terminate()


def _start_work() -> subprocess.Popen[bytes]:
    # The parent is told by number and checked by getppid: not by the thread that starts it.
    command = [sys.executable, "-m", "server", "work", "--parent", str(os.getpid())]
    return subprocess.Popen(command)  # noqa: S603 - our own module


def allow_connections() -> int:
    """How many connections each of granian's workers may hold, after the limit of open files was
    raised: one more than that would stall the worker."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + SPARE_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - SPARE_FILES, most // 2)


def _serve(host: str, port: int, *, sqlite: bool) -> None:
    from django.conf import settings
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    connections = allow_connections()
    # Threads wait for the group commit on SQLite; on PostgreSQL more would only fight for the GIL.
    os.environ["HAILONG_SERVER_THREADS"] = "16" if sqlite else "4"
    os.environ["HAILONG_SERVER_PARENT"] = str(os.getpid())
    Granian(
        "server.front:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1 if sqlite else os.cpu_count() or 1,
        # The TLS front speaks it to us; HTTP/2 beside it would cost every connection 10 KB, and
        # then one that says nothing is never closed.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEPT_MS),
        backlog=CONNECTIONS,
        backpressure=connections,
        workers_kill_timeout=STOPS_WITHIN_S,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig=settings.LOGGING,
    ).serve()
