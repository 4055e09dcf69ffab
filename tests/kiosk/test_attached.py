"""What hangs on a real kiosk process: the invite door, a badge reader, a card that gets full."""

import json
import os
import shutil
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.journal_file import Journal
from protocol.journal import read_line
from protocol.verifiers import badge_verifier
from tests.hardware.test_badge import taps
from tests.kiosk.conftest import eventually

Start = Callable[..., Any]


def of(folder: Path, kind: str) -> list[dict[str, Any]]:
    journal = Journal(folder)
    lines = [read_line(line) for line in journal.all_lines()]
    journal.close()
    return [json.loads(line.data) for line in lines if line.type == kind]


def setting(folder: Path, **values: object) -> None:
    with (folder / "kiosk.toml").open("a") as file:
        file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def invite(port: int, token: str, body: bytes = b"") -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invite", data=body, method="POST",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except urllib.error.URLError:
        return 0


def test_a_queue_system_invites_over_the_local_network(
    server: Any, enrolled: Path, start: Start
) -> None:
    port = free_port()
    setting(enrolled, invite_listen=f"127.0.0.1:{port}")
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    eventually(lambda: invite(port, "x" * 43) == 401, "the door is open")
    token_file = enrolled / "invite-token"
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    token = token_file.read_text().strip()
    assert invite(port, token, b'{"dossier": "H29.1-0001"}') == 204
    assert kiosk.wait_for("invited")[0]["dossier"] == "H29.1-0001"
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    assert [(v["invited"], v["dossier"]) for v in of(enrolled, "vote")] == [(True, "H29.1-0001")]


def test_an_address_that_is_taken_does_not_keep_a_kiosk_from_taking_votes(
    server: Any, enrolled: Path, start: Start
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        setting(enrolled, invite_listen=f"127.0.0.1:{other.getsockname()[1]}")
        kiosk = start(enrolled)
        kiosk.say("press 4", "quit")
        assert kiosk.end() == 0
    assert len(of(enrolled, "vote")) == 1
    assert any("listens on port" in line for line in kiosk.errors)


@pytest.mark.parametrize("address", ["0.0.0.0:8787", "127.0.0.1:99999"])
def test_an_address_that_nobody_should_listen_on_is_a_fault_and_votes_go_on(
    enrolled: Path, start: Start, address: str
) -> None:
    setting(enrolled, invite_listen=address)
    kiosk = start(enrolled)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    assert len(kiosk.of("thanks")) == 1
    assert of(enrolled, "fault")[0]["part"] == "invite-door"
    assert len([line for line in kiosk.errors if "attached" in line]) == 1


def test_a_badge_signs_in_at_a_unit_without_a_screen(
    server: Any, enrolled: Path, start: Start, tmp_path: Path
) -> None:
    official = {"code": "CB-0101", "name": "Cán bộ 0101",
                "badge": badge_verifier(kiosk="kiosk-1", badge="12344321")}  # fmt: skip
    server.set_config(officials=[official])
    device = tmp_path / "reader"
    os.mkfifo(device)
    setting(enrolled, badge=str(device))
    kiosk = start(enrolled)
    kiosk.wait_for("ready")
    eventually(lambda: (enrolled / "config.json").exists(), "the configuration came")
    kiosk.say("press 3", "wait 500")  # it comes into force between two citizens
    with device.open("wb", buffering=0) as typed:
        typed.write(taps("12344321\n"))
        assert kiosk.wait_for("duty")[0]["official"] == "CB-0101"
        kiosk.say("press 4", "quit")
        assert kiosk.end() == 0
    assert of(enrolled, "duty.started") == [{"official": "CB-0101", "by": "badge"}]


def test_a_card_that_is_almost_full_takes_no_votes(
    server: Any, enrolled: Path, start: Start
) -> None:
    more_than_there_is = (shutil.disk_usage(enrolled).total >> 20) + 1
    setting(enrolled, reserve_mb=more_than_there_is)
    kiosk = start(enrolled)
    kiosk.say("press 4", "quit")
    assert kiosk.end() == 0
    assert "almost full" in kiosk.of("refused")[0]["why"]
    assert of(enrolled, "vote") == []
