"""More connections than a server stops at unless told otherwise, and crowds that never finish."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fleet.site import Site

CROWD = 1_500  # granian stops at 1,024 by itself
AT_ONCE_S = 5.0
PATIENT_S = 30.0  # where a busy machine may be slow: who never answers takes minutes
UNFINISHED_HEAD = b"POST /api/v1/enrolments HTTP/1.1\r\nHost: crowd\r\nHailong-Sig"
UNFINISHED_BODY = b"POST /api/v1/enrolments HTTP/1.1\r\nHost: crowd\r\nContent-Length: 900\r\n\r\n{"
ASK = b"GET /api/v1/ HTTP/1.1\r\nHost: crowd\r\n\r\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, server_folder: Path) -> Iterator[Site]:
    """A server of its own that runs, on SQLite."""
    made = Site(tmp_path_factory.mktemp("crowd"), "")
    made.start()
    yield made
    made.stop()


def test_a_crowd_of_idle_connections_keeps_nobody_out_and_is_ended_within_seconds(
    site: Site,
) -> None:
    crowd = [_connect(site) for _ in range(CROWD)]
    for each in crowd:
        each.sendall(ASK)
    assert all(each.recv(12) == b"HTTP/1.1 404" for each in crowd)
    assert _answers(site)
    assert site.stop() < AT_ONCE_S
    _close(crowd)
    site.start()


@pytest.mark.parametrize("unfinished", [UNFINISHED_HEAD, UNFINISHED_BODY, b""])
def test_a_crowd_that_never_finishes_its_request_keeps_nobody_waiting(
    site: Site, unfinished: bytes
) -> None:
    crowd = [_connect(site) for _ in range(100)]
    for each in crowd:
        each.sendall(unfinished)
    time.sleep(0.2)
    began = time.monotonic()
    assert _answers(site)
    assert time.monotonic() - began < PATIENT_S
    _close(crowd)


def test_a_body_that_never_ends_does_not_keep_the_server_from_ending(site: Site) -> None:
    from server.console.run import STOPS_WITHIN_S

    late = _connect(site)
    late.sendall(UNFINISHED_BODY)
    time.sleep(0.2)
    assert site.stop() < STOPS_WITHIN_S + AT_ONCE_S
    late.close()
    site.start()


def test_a_server_that_was_killed_leaves_nobody_behind_and_its_port_free(site: Site) -> None:
    from bench.serving import tree

    left = [pid for pid in tree(site.pid) if pid != site.pid]
    crowd = [_connect(site) for _ in range(100)]
    os.kill(site.pid, signal.SIGKILL)
    site.kill()
    site.start()
    assert _answers(site)
    # The pipeline's process looks for its parent between two rounds.
    until = time.monotonic() + PATIENT_S
    while left and time.monotonic() < until:
        left = [pid for pid in left if _runs(pid)]
        time.sleep(0.1)
    assert not left
    _close(crowd)


def _runs(pid: int) -> bool:
    """Whether a process still runs; one that has ended may wait for whoever adopted it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _connect(site: Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=PATIENT_S)


def _answers(site: Site) -> bool:
    """Whether somebody new gets an answer."""
    with _connect(site) as newcomer:
        newcomer.sendall(ASK)
        return newcomer.recv(12) == b"HTTP/1.1 404"


def _close(crowd: list[socket.socket]) -> None:
    for each in crowd:
        each.close()
