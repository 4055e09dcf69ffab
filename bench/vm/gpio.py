"""`python -m bench.vm gpio`: the real panel and the real kiosk on a real kernel's GPIO chip."""

import sys
from typing import Any

from bench.vm.console import Console, Row, aside, inside, print_table
from bench.vm.enrolled import disk, kiosk_folder
from bench.vm.guest import Guest, Job, build

LIMIT_S = 900.0
UNIT = """
mount -t ext4 /dev/vda /data && tar -xf /job/kiosk.tar -C /data
HAILONG_DATA=/data/kiosk python3 -m bench.vm.inside.unit
umount /data
"""


def run() -> bool:
    """Prints the tables; True if everything was seen as expected."""
    guest = build()
    print("Pressing the panel in the virtual machine: three minutes", file=sys.stderr)
    rows = _rows(guest, "the panel", {"run.sh": "python3 -m bench.vm.inside.panel\n"})
    kiosk = kiosk_folder("undo_s = 0.3")
    print("Pressing the kiosk in the virtual machine: a minute", file=sys.stderr)
    with disk() as card:
        job: Job = {"run.sh": UNIT, "kiosk.tar": kiosk}
        rows += _rows(guest, "the kiosk", job, drives=[f"file={card}"])
    return print_table(rows)


def _rows(guest: Guest, name: str, job: Job, **how: Any) -> list[Row]:
    with guest.boot({**inside(), **job}, **how) as machine:
        try:
            return Console(machine, name=name, limit_s=LIMIT_S).rows(aside)
        finally:
            machine.kill()
