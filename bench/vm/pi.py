"""`python -m bench.vm pi`: what deploy/pi/install made starts, enrols itself, loses its power."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.serving import serving
from bench.vm.console import Console, Row, inside, print_table
from bench.vm.guest import Guest, build, cache
from bench.vm.installed import disks, job
from bench.vm.monitor import SCREEN, Monitor, arguments

LIMIT_S = 1500.0
HOST = "10.0.2.2"  # this machine, as QEMU's network shows it to the guest
MACHINE = (*SCREEN, "-nic", "user,model=virtio-net-pci")
APPEND = "systemd.mask=serial-getty@ttyS0.service"  # the console is ours
CARD = 'server = "http://{host}:{port}"\ncode = "{code}"\nwiring = "5-buttons"\npanel = "gpio"\n'


def run() -> bool:
    """Prints the tables; True if everything was seen as expected."""
    guest = build()
    os.environ["HAILONG_HOST"] = HOST  # a name that the server answers to
    with tempfile.TemporaryDirectory(dir=cache(), prefix="pi-") as name:
        folder = Path(name)
        drives = disks(folder)
        with serving(folder, "--sample") as server:
            card = CARD.format(host=HOST, port=server.port, code=_code(folder))
            print("Power on for the first time: some minutes", file=sys.stderr)
            rows = _start(guest, folder, drives, job("first", **{"hailong.toml": card}))
            print("Power on after a cut: some minutes", file=sys.stderr)
            rows += _start(guest, folder, drives, job("second"))
    return print_table(rows)


def _code(folder: Path) -> str:
    env = {**os.environ, "HAILONG_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "server", "kiosk-code", "99001-1"]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def _start(guest: Guest, folder: Path, drives: list[str], files: Mapping[str, str]) -> list[Row]:
    """The rows of one run, which ends by itself or by cutting the power."""
    extra = [*MACHINE, *arguments(folder / "monitor")]
    with guest.boot(
        {**inside(), **files}, drives=drives, append=APPEND, memory_mb=1500, extra=extra
    ) as machine:
        try:
            monitor = Monitor(folder / "monitor")
            rows = Console(machine, name="the unit", limit_s=LIMIT_S).rows(monitor.heed)
            return rows + monitor.pictures
        finally:
            machine.kill()
