"""What citizens press is proved to an inspector, and a row that somebody edits is named to them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.journeys.river import Kiosk, Server, module, until


def audit(server: Server, token: str, *more: str) -> tuple[int, dict[str, Any]]:
    """`hailong-audit verify URL`: exit status and report."""
    key = server.run("log-key").stdout.split()[0]
    done = subprocess.run(
        module("auditor", "verify", server.url, "--key", key, "--json", "--lang", "en", *more),
        env={**os.environ, "HAILONG_AUDIT_TOKEN": token},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "{}") or {"err": done.stderr}


EDIT = """
import django
django.setup()
from server.ledger.models import Line
for line in Line.objects.filter(seq=%d):
    body = bytes(line.body).replace(b'"rating":1', b'"rating":5')
    if body != bytes(line.body):
        Line.objects.filter(journal=line.journal, seq=line.seq).update(body=body)
        print("edited", line.journal)
"""


def edit_a_vote(server: Server, seq: int) -> str:
    """Another rating in the stored line, by whoever has the database's password; its journal."""
    said = subprocess.run(
        [sys.executable, "-c", EDIT % seq],
        env={**server.environment, "DJANGO_SETTINGS_MODULE": "server.settings"},
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert said.count("edited") == 1
    return str(said.split()[-1])


def test_pressed_votes_are_proved_to_an_inspector_and_an_edited_row_is_named(
    kiosk: Kiosk, server: Server, tmp_path: Path
) -> None:
    kiosk.start()
    kiosk.sign_in()
    seqs = [kiosk.press(rating) for rating in (5, 4, 1, 3)]
    kiosk.quit()
    token = server.run("auditor-token", "thanh-tra").stdout.split()[0]
    pin = tmp_path / "pin"

    def all_proved() -> dict[str, Any] | None:
        status, report = audit(server, token, "--save-pin", str(pin))
        return report if status == 0 and report["counts"].get("votes") == len(seqs) else None

    report = until("all votes are proved", all_proved)
    assert report["counts"]["lines"] >= seqs[-1]
    assert {"rebuilt", "journals", "checkpoint_signed"} <= {one["code"] for one in report["proved"]}

    journal = edit_a_vote(server, seqs[2])
    status, report = audit(server, token, "--pin", str(pin))
    assert (status, report["verdict"]) == (1, "contradicted")
    leaf = next(one for one in report["contradictions"] if one["code"] == "leaf")
    assert (leaf["values"]["journal"], leaf["values"]["seq"]) == (journal, seqs[2])
    assert journal in leaf["text"]
