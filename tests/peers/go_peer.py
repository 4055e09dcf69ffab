"""golang.org/x/mod/sumdb as Debian packages it, behind verify.go."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.peers.made import NOTHING, Asked, Refused, Seen

PACKAGES = Path("/usr/share/gocode")  # where golang-golang-x-mod-dev puts its source
SOURCE = Path(__file__).with_name("verify.go")


def build(go: str, folder: Path) -> Path:
    """The front end's program, made without network or C compiler."""
    program = folder / "verify"
    env = os.environ | {
        "GO111MODULE": "off", "GOPATH": str(PACKAGES), "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local",
    }  # fmt: skip
    done = subprocess.run(
        [go, "build", "-o", program, SOURCE], env=env, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return program


class Go:
    """Reads logs with the program."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def read(self, folder: Path, vkey: str, asked: Asked = NOTHING) -> Seen:
        """Refused, with x/mod's own sentence. Exit 1 is a verdict, all else a broken front end."""
        questions = json.dumps({"Included": asked.included, "Consistent": asked.consistent})
        done = subprocess.run(
            [self.program, folder, vkey, questions], capture_output=True, text=True
        )
        if done.returncode == 1:
            raise Refused(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return Seen(
            found["size"], base64.b64decode(found["root"]), found["entries"],
            {int(index): _hashes(proof) for index, proof in found["inclusion"].items()},
            {int(size): base64.b64decode(root) for size, root in found["roots"].items()},
            {int(size): _hashes(proof) for size, proof in found["consistency"].items()},
        )  # fmt: skip


def _hashes(proof: list[Any] | None) -> list[bytes]:
    return [base64.b64decode(hash) for hash in proof or []]
