"""A virtual machine that runs one job: our Python and packages on a real Linux kernel.

The processor is emulated (no KVM), so that it runs wherever QEMU does; times in it are long.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.vm.archive import Archive
from bench.vm.errors import need
from bench.vm.image import image
from bench.vm.kernel import kernel

# no_timer_check: the emulated timer is late under load, and the kernel would take it for broken.
APPEND = "console=ttyS0 quiet panic=-1 random.trust_cpu=on mitigations=off nokaslr no_timer_check"
QEMU = (
    "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-nodefaults",
    "-no-reboot", "-display", "none", "-serial", "stdio", "-rtc", "base=utc",
)  # fmt: skip


Job = Mapping[str, bytes | str]
"""File names below /job, and what they hold."""


class Guest(NamedTuple):
    """A kernel and its first root, ready to boot any number of times, also at once."""

    kernel: Path
    root: Path

    def boot(
        self,
        job: Job,
        *,
        drives: Sequence[str] = (),
        append: str = "",
        memory_mb: int = 512,
        extra: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Starts the machine. Its files of `job` are in /job, where run.sh runs as root after
        GUEST-UP was printed; after it GUEST-DONE, and power off. A job with takeover.sh instead
        goes on as the first process: it may start another system. The process's stdout is the
        serial console; killing it cuts the power.

        `drives` are values of QEMU's -drive, such as "file=/x.img" (raw) or
        "file.driver=nbd,file.server.type=unix,file.server.path=/x.sock": /dev/vda, vdb and on,
        with a write cache that the guest can flush. `append` goes to the kernel's command line,
        `extra` to QEMU's.
        """
        with tempfile.TemporaryFile(dir=self.root.parent) as whole:
            with self.root.open("rb") as root:
                shutil.copyfileobj(root, whole, 1 << 20)
            archive = Archive(whole)  # the kernel unpacks one after the other
            for name, content in job.items():
                data = content.encode() if isinstance(content, str) else content
                archive.file(f"/job/{name}", data, mode=0o755)
            archive.end()
            whole.flush()
            command = [
                *QEMU, "-m", str(memory_mb), "-kernel", str(self.kernel),
                "-initrd", f"/dev/fd/{whole.fileno()}", "-append", f"{APPEND} {append}",
                *(part for d in drives for part in ("-drive", f"if=virtio,format=raw,{d}")),
                *extra,
            ]  # fmt: skip
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                pass_fds=[whole.fileno()],
            )  # fmt: skip


def build(folder: Path | None = None) -> Guest:
    """The guest with the code as it is now. `folder` keeps what is costly to make: by default
    `vm` in $HAILONG_BENCH_DIR, or ~/.cache/hailong/vm. GuestError says what is missing."""
    need("qemu-system-x86_64")
    place = folder or cache()
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:  # two benches may begin together
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = kernel(place / "kernel")
        return Guest(made.image, image(place / "root.cpio", made))


def cache() -> Path:
    """Where virtual machines are kept: outside the repository."""
    chosen = os.environ.get("HAILONG_BENCH_DIR")
    return Path(chosen) / "vm" if chosen else Path.home() / ".cache/hailong/vm"
