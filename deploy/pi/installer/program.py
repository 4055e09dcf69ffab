"""The kiosk's program in /opt/hailong: built beside the old one, then put in its place."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .errors import InstallError
from .machine import Machine, run
from .system import SOURCE

HOME = "/opt/hailong"
PACKAGES = ("protocol", "hardware", "kiosk", "server", "auditor")  # what the wheel holds


def source_stamp() -> str:
    """Twelve characters that change with anything that would be installed."""
    digest = hashlib.sha256()
    files = [SOURCE / "pyproject.toml", SOURCE / "deploy" / "constraints.txt"]
    for package in PACKAGES:
        files += [p for p in (SOURCE / package).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    for path in sorted(files):
        digest.update(f"{path.relative_to(SOURCE)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Program:
    """`hailong[kiosk]` of this checkout with the pinned packages, as wheels: nothing is compiled.
    `wheels` is a folder that holds them all, for a machine without a package index."""

    wheels: Path | None = None

    def needed(self, machine: Machine) -> str | None:
        current = machine.path(f"{HOME}/current")
        if current.is_symlink() and os.readlink(current) == source_stamp():
            return None
        return f"install the program into {HOME}/{source_stamp()}"

    def take(self, machine: Machine) -> None:
        home, stamp = machine.path(HOME), source_stamp()
        place = home / stamp
        shutil.rmtree(place, ignore_errors=True)  # half made by a run that was cut off
        home.mkdir(parents=True, exist_ok=True)
        run("/usr/bin/python3", "-m", "venv", place)
        self._install(place / "bin" / "pip")
        run("sync", "--file-system", home)
        # A crash before this line leaves the old program in use.
        beside = home / ".current.new"
        beside.unlink(missing_ok=True)
        beside.symlink_to(stamp)
        beside.replace(home / "current")
        for old in home.iterdir():
            if old.is_dir() and not old.is_symlink() and old.name != stamp:
                shutil.rmtree(old)

    def _install(self, pip: Path) -> None:
        source: list[str | Path] = ["--only-binary", ":all:"]
        if self.wheels is not None:
            if not any(self.wheels.glob("*.whl")):
                raise InstallError(f"{self.wheels} holds no wheels; see deploy/pi/README.md.")
            source += ["--no-index", "--find-links", self.wheels]
        what = "hailong[kiosk]" if self.wheels and self._built() else f"{SOURCE}[kiosk]"
        run(pip, "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir", *source,
            "--constraint", SOURCE / "deploy" / "constraints.txt", what)  # fmt: skip

    def _built(self) -> bool:
        """Whether the folder holds our own wheel, too, so that nothing is built here."""
        return self.wheels is not None and any(self.wheels.glob("hailong-*.whl"))
