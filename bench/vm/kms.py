"""`python -m bench.vm kms`: the real kiosk on the kernel's screen, without a desktop, touched."""

import sys
import tempfile
from pathlib import Path

from bench.vm.console import Console, inside, print_table
from bench.vm.debian import program, system
from bench.vm.enrolled import kiosk_folder
from bench.vm.guest import Job, build
from bench.vm.monitor import SCREEN, Monitor, arguments

LIMIT_S = 1200.0
JOB = """
mount -t ext4 /dev/vda /data
mkdir -p /data/opt/hailong /data/job /data/data
mount -t ext4 -o ro /dev/vdb /data/opt/hailong
for folder in proc sys dev job; do mount -o rbind /$folder /data/$folder; done
for folder in tmp run; do mount -t tmpfs none /data/$folder; done
mkdir -p /data/dev/shm && mount -t tmpfs none /data/dev/shm
tar -xf /job/kiosk.tar -C /data/data
chroot /data /bin/sh /job/screen.sh
"""
IN_DEBIAN = """
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp XDG_RUNTIME_DIR=/run TZ=UTC
export PYTHONPATH=/opt/hailong/app:/opt/hailong/site:/job HAILONG_DATA=/data/kiosk
/lib/systemd/systemd-udevd --daemon && udevadm trigger && udevadm settle
python3 -m bench.vm.inside.screen
"""


def run() -> bool:
    """Prints the table and where the pictures are; True if everything was seen as expected."""
    guest = build()
    drives = [f"file={system()},snapshot=on", f"file={program()},read-only=on"]
    # Whoever touches again within undo_s mends a mistake; these are citizens of their own.
    job: Job = {
        **inside(), "run.sh": JOB, "screen.sh": IN_DEBIAN, "kiosk.tar": kiosk_folder("undo_s = 2"),
    }  # fmt: skip
    print("Touching the screen in the virtual machine: five minutes", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        extra = [*SCREEN, *arguments(Path(name) / "monitor")]
        with guest.boot(job, drives=drives, memory_mb=1500, extra=extra) as machine:
            try:
                monitor = Monitor(Path(name) / "monitor")
                rows = Console(machine, name="the screen", limit_s=LIMIT_S).rows(monitor.heed)
                rows += monitor.pictures
            finally:
                machine.kill()
    return print_table(rows)
