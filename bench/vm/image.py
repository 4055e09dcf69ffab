"""The guest's first root: everything that it runs, in one archive, remade when anything changed."""

import hashlib
import shutil
import sys
from pathlib import Path

from bench.vm.archive import Archive
from bench.vm.errors import need
from bench.vm.kernel import Kernel
from bench.vm.packed import Files, libraries, ours, packages, python

MODULES = (
    "crc32c_generic", "libcrc32c", "virtio_pci", "virtio_blk", "ext4", "vfat", "nls_cp437",
    "nls_ascii", "configfs", "evdev", "uinput", "softdog", "bochs", "virtio-gpu",
    "virtio_net", "af_packet", "autofs4", "binfmt_misc", "nf_tables", "nft_ct", "nft_limit",
)  # fmt: skip
FOLDERS = ("/proc", "/sys", "/dev", "/tmp", "/run", "/data")  # noqa: S108  (in the guest)
PROGRAMS = {
    "/etc/passwd": "root:x:0:0:root:/tmp:/bin/sh\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/bin/hailong-kiosk": '#!/bin/sh\nexec python3 -m kiosk "$@"\n',
    "/bin/hailong-hardware": '#!/bin/sh\nexec python3 -m hardware "$@"\n',
}
INIT = Path(__file__).with_name("init.sh")


def image(path: Path, kernel: Kernel) -> Path:
    """The archive at `path`, remade there if any file in it is not as it was."""
    need("busybox", "ldd")
    # A screen needs more than a kernel: Kivy comes with the Debian system of bench/vm/debian.py.
    files = python() | packages(without=frozenset({"kivy"})) | ours()
    modules = in_load_order(kernel)
    files |= {f"/modules/{m.name}": m for m in modules}
    files |= {"/init.sh": INIT, "/bin/busybox": Path(shutil.which("busybox") or "")}
    state, beside = digest(files), path.with_suffix(".state")
    if not path.exists() or not beside.exists() or beside.read_text() != state:
        print("Packing the virtual machine's first root", file=sys.stderr)
        beside.unlink(missing_ok=True)
        new = path.with_suffix(".new")
        _write(new, files, [m.name for m in modules])
        new.replace(path)
        beside.write_text(state)
    return path


def digest(files: Files) -> str:
    """Of names, sizes and times; contents are not read."""
    stats = ((name, f.stat()) for name, f in sorted(files.items()))
    text = "\n".join(f"{name} {s.st_size} {s.st_mtime_ns}" for name, s in stats)
    return hashlib.sha256(text.encode()).hexdigest()


def in_load_order(kernel: Kernel) -> list[Path]:
    """The modules, each after those that it needs."""
    table = dict(
        line.split(":", 1) for line in (kernel.modules / "modules.dep").read_text().splitlines()
    )
    order: list[str] = []
    for name in MODULES:
        key = next((k for k in table if Path(k).name.split(".")[0] == name), None)
        if key is not None:  # else it is built into this kernel
            order += [*reversed(table[key].split()), key]
    return [*(kernel.modules / key for key in dict.fromkeys(order)), kernel.gpio_sim]


def _write(path: Path, files: Files, modules: list[str]) -> None:
    with path.open("wb") as out:
        archive = Archive(out)
        for folder in FOLDERS:
            archive.folder(folder)
        for name, source in (files | libraries(files.values())).items():
            archive.copy(name, source)
        for name, text in PROGRAMS.items():
            archive.file(name, text.encode(), mode=0o755)
        archive.file("/init", INIT.read_bytes(), mode=0o755)
        archive.file("/modules/order", "".join(f"{m}\n" for m in modules).encode())
        archive.link("/bin/python3", str(Path(sys.executable).resolve()))
        archive.end()
