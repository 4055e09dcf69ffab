"""A Debian system as disks: what Raspberry Pi OS has and the guest's first root has not."""

import fcntl
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.vm.errors import GuestError, need
from bench.vm.guest import cache
from bench.vm.image import digest
from bench.vm.packed import ROOT, ours, packages

RELEASE, PYTHON = "bookworm", (3, 11)
MIRROR = "http://deb.debian.org/debian"
ROOM = "2500M"


def system() -> Path:
    """The disk of Debian with the packages that deploy/apt.txt names for a kiosk: two minutes."""
    need("debootstrap", "mke2fs")
    disk = cache() / f"{RELEASE}.img"
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not disk.exists():
            print(f"Making a disk with Debian {RELEASE} (only this once)", file=sys.stderr)
            with tempfile.TemporaryDirectory(dir=cache(), prefix="debian-") as name:
                _bootstrap(Path(name))
                _disk(disk, Path(name), ROOM)
    return disk


def program() -> Path:
    """The disk of our packages and all that they need, Kivy too, as they are here now."""
    if sys.version_info[:2] != PYTHON:
        raise GuestError(f"Debian {RELEASE} has Python 3.11; make .venv with that one.")
    files = packages() | ours()
    disk, state = cache() / "program.img", cache() / "program.state"
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (disk.exists() and state.exists() and state.read_text() == digest(files)):
            print("Packing our program for Debian", file=sys.stderr)
            with tempfile.TemporaryDirectory(dir=cache(), prefix="program-") as name:
                for path, source in files.items():
                    target = Path(name) / path.removeprefix("/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(source, target)
                _disk(disk, Path(name), "400M")
            state.write_text(digest(files))
    return disk


def _bootstrap(folder: Path) -> None:
    named = re.search(r"^\[kiosk\] (.+)$", (ROOT / "deploy/apt.txt").read_text(), re.M)
    wanted = ["python3", "udev", *(named[1].split() if named else [])]
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={','.join(wanted)}", RELEASE,
         str(folder), MIRROR],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        said = done.stdout.strip().splitlines()[-1:]
        raise GuestError(f"debootstrap failed ({' '.join(said)}); it wants root and a network.")
    for archive in (folder / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()


def _disk(path: Path, folder: Path, room: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    subprocess.run(
        ["mke2fs", "-q", "-t", "ext4", "-d", str(folder), str(new), room],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    new.replace(path)
