"""Serve: the HTTP server's workers and, beside them, the pipeline."""

import argparse
import errno
import ipaddress
import os
import resource
import socket
import subprocess
import sys
from typing import Any

from server.folder import Folder, SetupError
from server.process import lock_folder

HELP = "serve kiosks and people, and work the pipeline"
CONNECTIONS = 20_000  # granian stops at 1,024 unless told otherwise; a heartbeat holds one open


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to bind (8000)")
    parser.add_argument("--no-work", action="store_true", help="leave the pipeline to `work`")


def main(args: argparse.Namespace) -> int:
    from django.conf import settings
    from django.db import connection

    refuse_foreign_host(settings.DATA, args.host)
    sqlite = connection.vendor == "sqlite"
    lock = lock_folder(settings.DATA.path) if sqlite else None
    check_port(args.host, args.port)
    connection.close()
    worker = None if args.no_work else _start_work()
    print(f"serving http://{args.host}:{args.port}/ (Ctrl-C ends it)", file=sys.stderr)
    try:
        _serve(args.host, args.port, sqlite=sqlite)
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait()
        if lock is not None:
            lock.close()
    return 0


def refuse_foreign_host(folder: Folder, host: str) -> None:
    """Sample accounts have printed passwords: they never leave this machine."""
    if folder.sample and not _is_loopback(host):
        raise SetupError(
            f"{folder.path} holds the sample province and is served on this machine only; "
            "leave out --host, or `init` a folder without --sample."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_port(host: str, port: int) -> None:
    """SetupError if nobody could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise SetupError(f"There is no port {port}; choose one from 1 to 65535.") from None
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken by another program" if taken else "cannot be bound"
            raise SetupError(f"Port {port} of {host} {why}; choose another --port.") from error


def _start_work() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "server", "work", "--parent", str(os.getpid())]
    return subprocess.Popen(command)  # noqa: S603 - our own module


def _serve(host: str, port: int, *, sqlite: bool) -> None:
    from django.conf import settings
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1000
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    # Threads wait for the group commit on SQLite; on PostgreSQL more would only fight for the GIL.
    size: dict[str, Any] = (
        {"workers": 1, "blocking_threads": 16}
        if sqlite
        else {"workers": os.cpu_count() or 1, "blocking_threads": 4}
    )
    os.environ["HAILONG_SERVER_PARENT"] = str(os.getpid())
    Granian(
        "server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.error,
        log_dictconfig=settings.LOGGING,
        **size,
    ).serve()
