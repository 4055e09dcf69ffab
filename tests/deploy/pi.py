"""A folder that looks like the card of a Raspberry Pi, and the installer run on it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "deploy" / "pi" / "install"
SSH = "[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nWantedBy=multi-user.target\n"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 rootwait\n"
FSTAB = (
    "proc  /proc  proc  defaults  0  0\n"
    "PARTUUID=1-01  /boot/firmware  vfat  defaults  0  2\n"
    "PARTUUID=1-02  /  ext4  defaults,noatime  0  1\n"
)
GROUPS = ("video", "render", "input", "gpio", "audio")
ENROL = ("--server", "https://hailong.example", "--code", "ABCD-EFGH-JK")


class Pi:
    """A card of Raspberry Pi OS in a folder; its user hailong is there, for only root makes one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("boot/firmware", "etc/systemd/system", "usr/lib/systemd/system", "var/lib"):
            (root / folder).mkdir(parents=True)
        self.write("boot/firmware/cmdline.txt", CMDLINE)
        self.write("boot/firmware/config.txt", "dtparam=audio=on\n")
        self.write("etc/fstab", FSTAB)
        self.write("etc/resolv.conf", "nameserver 10.0.0.1\n")
        self.write("etc/passwd", "root:x:0:0::/root:/bin/sh\nhailong:x:999:999::/:/bin/false\n")
        self.write("etc/group", "".join(f"{group}:x:1:hailong\n" for group in GROUPS))
        # Of the system's units, one that is there twice over: enabled, or masked.
        self.write("usr/lib/systemd/system/ssh.service", SSH)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """The installer's run on this card."""
        return subprocess.run(
            [INSTALL, "--root", self.root, *words], capture_output=True, text=True
        )

    def install(self, *words: str | Path) -> str:
        """A run that must go well; what it said."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str | Path) -> str:
        """The one sentence of a run that must not go."""
        done = self.run(*words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def tree(self) -> dict[str, str]:
        """Every file and link with what it holds."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            elif path.is_file():
                found[name] = path.read_bytes().decode("latin-1")
        return found
