"""The data partition: made once, and only where nothing is lost."""

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import InstallError
from .machine import Machine, answer, run

LABEL = "hailong-data"


def content_of(device: Path) -> dict[str, str]:
    """What blkid finds on a device when it looks at the device itself; empty if nothing."""
    lines = answer("blkid", "-p", "-o", "export", device).splitlines()
    return dict(line.partition("=")[::2] for line in lines if "=" in line)


@dataclass(frozen=True, slots=True)
class DataPartition:
    """A partition with an ext4 file system of our label."""

    device: Path

    def needed(self, machine: Machine) -> str | None:
        found = content_of(self.device)
        if found.get("LABEL") == LABEL and found.get("TYPE") == "ext4":
            return None
        self.check()
        return f"format {self.device} as ext4 with the label {LABEL}"

    def check(self) -> None:
        """InstallError unless the device may be formatted."""
        if not self.device.exists():
            raise InstallError(f"There is no {self.device}; `lsblk` lists what there is.")
        found = content_of(self.device)
        kind = found.get("TYPE") or found.get("PTTYPE")
        if kind:
            named = f" named {found['LABEL']}" if found.get("LABEL") else ""
            raise InstallError(
                f"{self.device} holds something ({kind}{named}) and is left alone; if nothing on it"
                f" is needed, empty it yourself: wipefs --all {self.device}"
            )
        if str(self.device) in _mounted():
            raise InstallError(f"{self.device} is mounted; name a partition that is free.")

    def take(self, machine: Machine) -> None:
        self.check()
        if not stat.S_ISBLK(os.stat(self.device).st_mode) and machine.is_this:
            raise InstallError(f"{self.device} is no partition; `lsblk` lists what there is.")
        with tempfile.TemporaryDirectory() as skeleton:
            (Path(skeleton) / "clock").mkdir()  # what the saved clock's mount leads to
            run("mkfs.ext4", "-q", "-L", LABEL, "-m", "1", "-d", skeleton, self.device)


def _mounted() -> set[str]:
    return {line.split()[0] for line in Path("/proc/mounts").read_text("utf-8").splitlines()}
