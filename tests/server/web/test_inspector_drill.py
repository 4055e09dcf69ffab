"""docs/inspector.md, done: every command of it, against a server that runs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.crockford import vote_code
from server.__main__ import COMMANDS
from tests.server.live import serving
from tests.server.web.conftest import Office
from tests.server.web.test_proof_pages import sign, votes_of

pytestmark = pytest.mark.one_database

DRILL = (Path(__file__).parents[3] / "docs" / "inspector.md").read_text("utf-8")
NAMED = set(re.findall(r"`hailong-server ([a-z-]+)", DRILL))


def lines() -> list[str]:
    """What an inspector types, without the set-up."""
    blocks = re.findall(r"^```\n(.*?)^```$", DRILL, re.DOTALL | re.MULTILINE)
    typed = [line for block in blocks for line in block.splitlines()]
    return [line for line in typed if line.startswith("hailong-audit ")]


@pytest.fixture
def bench(tmp_path: Path, server_folder: Path) -> Iterator[Any]:
    """bench("a command") runs it as an inspector would; its exit code and what it printed."""
    env = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}", LANG="vi_VN")

    def run(command: str, **more: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=env | more, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    yield run
    (server_folder / "witnesses").unlink(missing_ok=True)


def test_every_step_of_the_drill_comes_out_as_the_drill_says(
    busy_office: Office, server_folder: Path, tmp_path: Path, bench: Any
) -> None:
    if missing := NAMED - set(COMMANDS):
        pytest.skip(f"this server has no {', '.join(sorted(missing))}")
    code = next(iter(votes_of(busy_office, "99001-1")))
    (tmp_path / "moc-kiosk.txt").write_bytes(sign(server_folder))
    busy_office.votes("99001-2", None, [5, 4])
    sign(server_folder)
    witness, token = "", ""

    def server(command: str) -> str:
        returned, said = bench(f"hailong-server {command}")
        assert returned == 0, f"{command}: {said}"
        return str(said)

    server("log-key > khoa.txt")
    token = re.findall(r"hl-\w+", server("auditor-token thanh-tra"))[0]
    with serving(server_folder) as live:
        for line in lines():
            if " compare " in line:
                (tmp_path / "moc-ban.txt").write_bytes((tmp_path / "moc-moi.txt").read_bytes())
            elif " gui-di.txt " in line:
                policy = f"witness w {witness}\nquorum w\n"
                (server_folder / "witnesses").write_text(policy)
                server("checkpoint --out gui-di.txt")
            elif " thang.zip " in line:
                server("cosignature da-ky.txt")
                server("sealed-export thang.zip --from 2025-11-01 --to 2025-11-30")
            typed = line.replace("https://hailong.example", f"http://127.0.0.1:{live.port}")
            typed = typed.replace("7K3M-9QXA-2B4D", code)
            returned, said = bench(typed, HAILONG_AUDIT_TOKEN=token)
            assert returned == 0, f"{typed}\n{said}"
            if "--new-key" in line:
                witness = said.strip().splitlines()[-1]
    assert witness.startswith("thanh-tra.example+")
    from server.ledger.models import SignedCheckpoint

    assert SignedCheckpoint.objects.filter(cosigned=True).exists()


def test_what_the_page_advises_an_auditor_to_do_confirms_the_vote(
    busy_office: Office, server_folder: Path, bench: Any, reader: Any
) -> None:
    from server.clock import now_ms
    from server.ledger.keys import read_log
    from server.ledger.tokens import make_token

    code, line = next(iter(votes_of(busy_office, "99001-1").items()))
    sign(server_folder)
    token = make_token(name="t", by="t", now_ms=now_ms())
    key = read_log(now_ms=now_ms()).key.vkey
    with serving(server_folder) as live:
        page = reader(None).get(f"/proof/{code}/", headers={"host": f"127.0.0.1:{live.port}"})
        advice = re.search(r"hailong-audit prove [^<]+", page.content.decode())
        assert advice is not None
        typed = advice[0].replace("KHÓA", f"'{key}'").replace("THẺ", token)
        returned, said = bench(typed)
        assert returned == 0, said
        served = reader(None).get(f"/proof/{code}/proof.txt").content.decode()
        assert said.startswith(served) and vote_code(line) == code
        # Without a token nobody reads a line.
        returned, said = bench(typed.replace(token, "hl-guessed"))
        assert returned == 2 and "rating" not in said
