"""Debian's kernel, and the gpio-sim module that Debian does not build, made from Debian's source.

All of it comes by `apt-get download`: nothing is installed, and no root is needed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from bench.vm.errors import GuestError, need

SOURCES = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c")
# The kernel exports irq_to_desc() to no module; this call does the same from outside.
UNEXPORTED = re.compile(r"handle_simple_irq\(irq_to_desc\((\w+)\)\);")
KBUILD = "obj-m := gpio-simk.o\ngpio-simk-y := gpio-sim.o irq_sim.o\n"


class Kernel(NamedTuple):
    """Where its parts lie on the host."""

    image: Path
    modules: Path  # lib/modules/VERSION
    gpio_sim: Path


def kernel(folder: Path) -> Kernel:
    """The kernel in `folder`, made there unless it is there: about a minute, 500 MB."""
    if not folder.exists():
        need("apt-get", "dpkg-deb", "depmod", "gcc", "make", "strip", "xz")
        if _output("dpkg", "--print-architecture").strip() != "amd64":
            raise GuestError("The virtual machine is a PC; use a PC with Debian 12.")
        print("Making the virtual machine's kernel (only this once)", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="kernel-") as name:
            _make(Path(name))
            shutil.rmtree(Path(name) / "scratch")
            (Path(name) / "made").rename(folder)  # whole, or not there
    modules = next((folder / "lib/modules").iterdir())
    return Kernel(folder / "vmlinuz", modules, folder / "gpio-sim.ko")


def _make(place: Path) -> None:
    made, scratch = place / "made", place / "scratch"
    made.mkdir()
    scratch.mkdir()
    version = _first("linux-image-amd64", r"linux-image-(\S+-amd64)")
    _unpack(f"linux-image-{version}", scratch, made)
    shutil.copy(made / f"boot/vmlinuz-{version}", made / "vmlinuz")
    _run("depmod", "-b", made, version)
    headers = _headers(version, scratch)
    module = _source(version, scratch)
    _run("make", "-s", "-C", headers, f"M={module}", "modules")
    _run("strip", "--strip-debug", "-o", made / "gpio-sim.ko", module / "gpio-simk.ko")


def _headers(version: str, scratch: Path) -> Path:
    """What modules are built against, unpacked beside each other instead of installed."""
    common = _first(f"linux-headers-{version}", r"(linux-headers-\S+-common)")
    kbuild = _first(f"linux-headers-{version}", r"(linux-kbuild-\S+)")
    root = scratch / "headers"
    for package in (f"linux-headers-{version}", common, kbuild):
        _unpack(package, scratch, root)
    headers = root / f"usr/src/linux-headers-{version}"
    makefile = headers / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src/", f"{root}/usr/src/"))
    return headers


def _source(version: str, scratch: Path) -> Path:
    series = ".".join(version.split(".")[:2])
    name = f"linux-source-{series}"
    _unpack(name, scratch, scratch / "source")
    module = scratch / "module"
    module.mkdir()
    parts = [f"{name}/{part}" for part in SOURCES]
    archive = scratch / f"source/usr/src/{name}.tar.xz"
    _run("tar", "-xf", archive, "-C", module, "--strip-components=3", *parts)
    interrupts = module / "irq_sim.c"
    changed, times = UNEXPORTED.subn(r"generic_handle_irq(\1);", interrupts.read_text())
    if times != 1:
        raise GuestError(f"irq_sim.c of {name} is not as expected; correct bench/vm/kernel.py.")
    interrupts.write_text(changed)
    (module / "Kbuild").write_text(KBUILD)
    return module


def _first(package: str, wanted: str) -> str:
    """The first dependency of that form."""
    depends = _output("apt-cache", "depends", package)
    found = re.search(rf"Depends: {wanted}$", depends, re.M)
    if found is None:
        raise GuestError(f"apt knows no {package} as expected; run apt-get update, on Debian 12.")
    return found[1]


def _unpack(package: str, scratch: Path, root: Path) -> None:
    # As root, apt would warn that its own user may not write there; it is what is wanted.
    _run("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package, cwd=scratch)
    (deb,) = scratch.glob(f"{package}_*.deb")
    _run("dpkg-deb", "-x", deb, root)
    deb.unlink()


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=900)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise GuestError(f"{command[0]} {command[1]} failed: {' '.join(said)}")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
