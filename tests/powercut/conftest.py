"""A kiosk's recorded day, and every disk that a power cut in it may leave."""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.kiosk.conftest import running_server
from tests.powercut.day import Office, Recorder
from tests.powercut.disk import Disk
from tests.powercut.survey import Promise
from tests.powercut.trace import Called, Said

MEMORY = Path("/dev/shm")


class Day:
    """What was recorded, and where it happened: its states are opened in that very folder, as
    addresses and paths of the settings are those of the day."""

    def __init__(self, recorder: Recorder, server: Office, start: Disk) -> None:
        self.folder, self.server = recorder.folder, server
        self._parts, self._disk = recorder.parts, start

    def after_cuts(self, *, seed: int, per_step: int) -> Iterator[Promise]:
        """Each state that may be left after each step, put into the folder, no state twice; with
        what was promised by then."""
        promise, seen = Promise(), set[bytes]()
        for number, part in enumerate(self._parts):
            promise.known = part.before
            if part.damages:
                promise.forget()
            for index, step in enumerate(part.steps):
                promise.hear(step, self.folder, part.after)
                if not isinstance(step, Said | Called):
                    self._disk.take(step)
                chance = random.Random(f"{seed} {number} {index}")
                for _ in range(0 if part.damages else per_step):
                    state = self._disk.after_cut(chance)
                    name = _name(state, promise)
                    if name not in seen:
                        seen.add(name)
                        _put(state, self.folder.parent)
                        yield promise


def _name(state: dict[str, bytes | None], promise: Promise) -> bytes:
    whole = sha256(repr(promise).encode())
    for path, content in sorted(state.items()):
        whole.update(f"{path} {content is None} {len(content or b'')} ".encode() + (content or b""))
    return whole.digest()


def _put(state: dict[str, bytes | None], root: Path) -> None:
    for old in root.iterdir():
        shutil.rmtree(old)
    for path, content in sorted(state.items()):  # a folder stands before what is in it
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)
    for journal in root.rglob("journal.sqlite3"):
        journal.with_name("journal.sqlite3-shm").write_bytes(b"anything" * 4096)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[..., Day]]:
    """Records a day: what happens in it is given, and perhaps a precaution that is left out."""
    in_memory = MEMORY if MEMORY.is_dir() else None  # a thousand states want no durability
    with running_server(Office) as server, tempfile.TemporaryDirectory(dir=in_memory) as root:

        def make(happens: Callable[[Recorder, Office], None], *, careless: str = "") -> Day:
            folder = Path(root) / "unit"
            folder.mkdir()
            (folder / "kiosk.toml").write_text("undo_s = 0\n")
            start = Disk(folder)
            recorder = Recorder(folder, server, tmp_path, careless=careless)
            server.set_config()
            happens(recorder, server)
            return Day(recorder, server, start)

        yield make
