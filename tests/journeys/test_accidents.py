"""Every accident that we promise to survive, with real processes and real files."""

import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import requests

from tests.journeys.river import Kiosk, Server, module, until


def votes_of(server: Server) -> list[int]:
    server.run("work", "--once")
    return [int(vote["seq"]) for vote in server.table("votes")]


def test_kiosk_killed_at_any_instant_keeps_every_thanked_vote(kiosk: Kiosk, server: Server) -> None:
    chance = random.Random(7)
    thanked: list[int] = []
    for _ in range(4):
        kiosk.start()
        for _ in range(chance.randrange(1, 6)):
            thanked.append(kiosk.press(chance.randrange(1, 6)))
        kiosk.say("press 3")  # this one may or may not be in time
        time.sleep(chance.random() / 5)
        kiosk.kill()
    kiosk.run("flush")
    assert set(thanked) <= set(votes_of(server))
    assert server.run("check").returncode == 0


def test_server_killed_at_any_instant_loses_no_acknowledged_vote(
    kiosk: Kiosk, server: Server
) -> None:
    chance = random.Random(11)
    kiosk.start()
    thanked: list[int] = []
    for _ in range(3):
        thanked += [kiosk.press(chance.randrange(1, 6)) for _ in range(4)]
        time.sleep(chance.random() / 5)
        server.kill()
        thanked.append(kiosk.press(2))
        server.start()
    kiosk.quit()
    kiosk.run("flush")
    assert votes_of(server) == sorted(thanked)
    assert server.run("check").returncode == 0


def test_killing_the_main_process_frees_the_port_and_the_folder_for_the_next(
    server: Server,
) -> None:
    for _ in range(2):
        server.kill()
        server.start()
        assert server.answers()


def test_server_away_for_a_day_costs_no_vote(kiosk: Kiosk, server: Server) -> None:
    server.kill()
    kiosk.start()
    thanked = [kiosk.press(rating) for rating in (5, 4, 3, 2, 1)]
    kiosk.quit()
    assert kiosk.run("flush", check=False).returncode == 2
    server.start()
    kiosk.run("flush")
    assert votes_of(server) == thanked


def test_a_receipt_lost_on_the_way_counts_no_vote_twice(kiosk: Kiosk, server: Server) -> None:
    """The lines arrive, the answer does not: the kiosk sends them again."""
    import http.server
    import threading

    lost = threading.Event()

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = requests.post(
                server.url + self.path, data=body, headers=dict(self.headers), timeout=60
            )
            if not lost.is_set() and body:
                lost.set()
                self.close_connection = True
                return  # the server has stored it; nobody hears of it
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Hailong-Config", "ETag", "Retry-After"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        path = kiosk.folder / "kiosk.toml"
        direct = path.read_text()
        path.write_text(direct.replace(str(server.port), str(proxy.server_address[1])))
        kiosk.start()
        thanked = [kiosk.press(rating) for rating in (5, 1)]
        until("the first receipt is lost", lost.is_set)
        kiosk.quit()
        kiosk.run("flush")
        proxy.shutdown()
    assert votes_of(server) == thanked


def test_a_busy_port_is_one_sentence_and_exit_code_2(server: Server, tmp_path) -> None:  # type: ignore[no-untyped-def]
    other = Server(tmp_path / "other", {"HAILONG_DATABASE_URL": ""})
    done = other.run("run", "--port", str(server.port), check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_second_server_on_one_sqlite_folder_is_refused(server: Server) -> None:
    if server.environment["HAILONG_DATABASE_URL"]:
        pytest.skip("PostgreSQL takes as many servers as you like")
    done = server.run("run", "--port", "0", check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "Another server" in done.stderr


def test_a_folder_without_init_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    done = subprocess.run(
        module("server", "run"),
        env={**os.environ, "HAILONG_DATA": str(tmp_path / "nothing")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "init" in done.stderr


def test_the_sample_is_served_on_this_machine_only(server: Server) -> None:
    done = server.run("run", "--host", "0.0.0.0", check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)


def test_init_twice_changes_nothing(server: Server) -> None:
    before = server.table("counters")
    passwords = server.passwords
    told = server.run("init", "--sample").stdout
    assert server.table("counters") == before
    assert all(password in told for password in passwords.values())


def test_bodies_that_never_end_hold_up_nobody(server: Server) -> None:
    """Forty kiosks on a dying line, or one malicious visitor: everybody else is answered."""
    head = b"POST /api/v1/enrolments HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
    try:
        for line in lines:
            line.sendall(head)
        assert server.answers()
        assert requests.get(f"{server.url}/login/", timeout=60).status_code == 200
    finally:
        for line in lines:
            line.close()


def test_a_pipeline_that_was_killed_is_started_again(kiosk: Kiosk, server: Server) -> None:
    assert server.process

    def workers() -> list[int]:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")  # type: ignore[union-attr]
        pids = map(int, children.read_text().split())
        return [pid for pid in pids if b"\0work\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    (first,) = until("the pipeline runs", workers)
    os.kill(first, signal.SIGKILL)
    kiosk.start()
    kiosk.press(5)
    until("the vote is tallied", lambda: sum(int(t["votes"]) for t in server.table("tallies")))
