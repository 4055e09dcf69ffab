"""The disk of a unit that deploy/pi/install has made, and how the guest starts from it."""

import subprocess
import sys
from pathlib import Path

from bench.vm.errors import GuestError, need
from bench.vm.guest import cache

SUITE = "bookworm"
DISKS = (("root.img", "4G"), ("boot.img", "64M"))
# On a Pi the firmware starts the kernel, and the card's partitions are what fstab says.
TAKEOVER = """
mount -t ext4 /dev/vda /data
printf '/dev/vda / ext4 defaults,noatime 0 0\\n/dev/vdb /boot/firmware vfat defaults 0 0\\n' \
  >/data/etc/fstab
cp /job/service.unit /data/etc/systemd/system/bench.service
mkdir -p /data/job /data/etc/systemd/system/multi-user.target.wants
cp -r /job/. /data/job
ln -sf ../bench.service /data/etc/systemd/system/multi-user.target.wants/bench.service
if [ -e /job/hailong.toml ]; then
  mkdosfs /dev/vdb >/dev/null
  mount -t vfat /dev/vdb /data/boot/firmware
  cp /job/hailong.toml /data/boot/firmware/
  umount /data/boot/firmware
fi
python3 -c 'from bench.vm.inside.chip import Chip; Chip()'
for folder in dev proc; do mount -o move /$folder /data/$folder; done
umount /sys/kernel/config; mount -o move /sys /data/sys
exec switch_root /data /sbin/init
"""
# The panel is plugged in before the kiosk looks for one.
SERVICE = """
[Unit]
Description=Touches, presses and looks
Before=hailong-kiosk.service
[Service]
Type=notify
Environment=PYTHONPATH=/job HAILONG_DATA=/var/lib/hailong/kiosk PYTHONUNBUFFERED=1
ExecStart=/opt/hailong/current/bin/python -m bench.vm.inside.service {phase}
StandardOutput=file:/dev/ttyS0
StandardError=file:/dev/ttyS0
TimeoutStartSec=300
"""


def disks(folder: Path) -> list[str]:
    """Copies of the root that deploy/pi/try-in-chroot has left, as drives; written to for good."""
    need("mke2fs")
    root = cache().parent / "chroot" / SUITE
    if not (root / "opt/hailong/current").is_symlink():
        raise GuestError(f"There is no {root} to start; run deploy/pi/try-in-chroot {SUITE}.")
    print(f"Making a disk of {root}", file=sys.stderr)
    for name, room in DISKS:
        subprocess.run(["truncate", f"--size={room}", str(folder / name)], check=True)
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-d", str(root), str(folder / DISKS[0][0])],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return [f"file={folder / name}" for name, _ in DISKS]


def job(phase: str, **files: str) -> dict[str, str]:
    """The files of a job that starts the installed system, and then our service in it."""
    return {"takeover.sh": TAKEOVER, "service.unit": SERVICE.format(phase=phase), **files}
