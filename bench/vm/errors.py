"""Why a virtual machine cannot be made, or did not do what it was started for."""

import shutil


class GuestError(Exception):
    """Root of this room's errors; str(e) is one sentence for a person."""


PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "depmod": "kmod",
    "apt-get": "apt", "dpkg-deb": "dpkg", "gcc": "gcc", "make": "make", "strip": "binutils",
    "xz": "xz-utils", "ldd": "libc-bin", "debootstrap": "debootstrap", "mke2fs": "e2fsprogs",
}  # fmt: skip


def need(*commands: str) -> None:
    """GuestError that names the Debian packages of all commands that are missing."""
    missing = sorted({PACKAGES[c] for c in commands if not shutil.which(c)})
    if missing:
        raise GuestError(f"Install what is missing: sudo apt-get install {' '.join(missing)}")
