"""The partitions that deploy/pi/README.md has people make, on a card as the system leaves it."""

import re
import subprocess
from pathlib import Path

from tests.deploy.pi import ROOT

README = (ROOT / "deploy" / "pi" / "README.md").read_text("utf-8")
SYSTEM_STARTS = 1056768 * 512  # bytes: Raspberry Pi OS's second partition
CARD = 16 * 10**9  # bytes: the smallest one sold today


def recipe(pattern: str) -> list[str]:
    found = re.findall(pattern, README)
    assert found, pattern
    return found


def check(file_system: Path) -> None:
    """Whole, and not longer than its partition, which e2fsck says but forgives."""
    done = subprocess.run(["e2fsck", "-fn", file_system], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "physical size" not in done.stdout + done.stderr


def test_the_system_is_whole_after_the_data_partition_was_made(tmp_path: Path) -> None:
    shrunk, grown = recipe(r"`resize2fs /dev/sdX2(| \S+)`")
    (end,) = recipe(r"resizepart 2 ([0-9.]+)GiB")
    system = tmp_path / "sdX2"
    with system.open("wb") as file:
        file.truncate(CARD - SYSTEM_STARTS)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", system], check=True)
    subprocess.run(["resize2fs", system, shrunk.strip()], check=True, capture_output=True)
    with system.open("r+b") as file:
        file.truncate(int(float(end) * 2**30) - SYSTEM_STARTS)
    check(system)
    subprocess.run(["resize2fs", system, *grown.split()], check=True, capture_output=True)
    check(system)


def test_the_data_partition_begins_where_the_system_ends() -> None:
    assert recipe(r"resizepart 2 (\S+GiB)") == recipe(r"mkpart primary ext4 (\S+GiB) 100%")
