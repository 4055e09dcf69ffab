"""A kiosk's core on a journal of its own, without sending: what the kiosk benches press."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving import disk
from kiosk.clock import Clock
from kiosk.core import Core
from kiosk.journal_file import Journal, create_store
from kiosk.journal_store import Writer
from kiosk.showing import read_counter
from kiosk.sync import Health
from protocol.keys import new_key, public_bytes
from protocol.records import Boot

COUNTER = read_counter(None, kiosk="k-bench", name="Quầy số 1", undo_s=0, scripted=True)


class Nobody:
    """Senses that nobody has."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


@contextmanager
def unit(on_event: Callable[[dict[str, object]], None]) -> Iterator[tuple[Core, Path]]:
    """The core, and the folder of its journal on the disk that is measured."""
    with tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name:
        folder = Path(name)
        create_store(
            folder, uuid="00000000-0000-4000-8000-000000000001",
            public_key=public_bytes(new_key()), code_hash="",
        )  # fmt: skip
        writer = Writer(folder)
        core = Core(
            counter=COUNTER, writer=writer, clock=Clock(), health=Health("open"),
            senses=Nobody(), on_event=on_event, on_lines=lambda: None,
        )  # fmt: skip
        core.start(Journal(folder), Boot(software="0", os="", hardware="", cause="start"))
        try:
            yield core, folder
        finally:
            core.stop()
            writer.close()


def now_ms() -> float:
    return time.perf_counter() * 1000
