"""What is carried into a guest: a folder that a real server enrolled here, and a disk for it."""

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.enrolled import enrolled
from bench.vm.errors import need
from bench.vm.guest import cache

FOR_SCRIPTS = "undo_s = 0\n"
CARD = "256M"


def kiosk_folder(*settings: str) -> bytes:
    """A tar file of the folder `kiosk`; `settings` are lines of its kiosk.toml."""
    print("Enrolling a kiosk", file=sys.stderr)
    with enrolled() as environment:
        folder = Path(environment["HAILONG_DATA"])
        toml = folder / "kiosk.toml"
        lines = "".join(f"{line}\n" for line in settings)
        toml.write_text(toml.read_text().replace(FOR_SCRIPTS, "") + lines)
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, "kiosk")
    return packed.getvalue()


@contextmanager
def disk() -> Iterator[Path]:
    """An empty ext4 disk, for one run."""
    need("mke2fs")
    with tempfile.TemporaryDirectory(dir=cache(), prefix="card-") as name:
        path = Path(name) / "card.img"
        subprocess.run(
            ["mke2fs", "-q", "-F", "-t", "ext4", str(path), CARD],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        yield path
