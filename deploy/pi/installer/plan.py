"""What an installation is: a list of steps in their order, and the list that takes it back."""

from pathlib import Path

from .boot import Block, KernelWords, KernelWordsBack, ReadOnly
from .card_file import BOOT, CA_NAME, CardFile
from .data import DataPartition
from .errors import InstallError
from .files import Absent, File, Folder, Link, NoLink
from .image import NoIdentity
from .machine import Machine, Step
from .options import Options
from .program import HOME, Program
from .system import SOURCE, Account, Packages, Units, system_packages
from .units import IN_THE_WAY, OURS, SSH, WRITERS

FILES = SOURCE / "deploy" / "pi" / "files"  # one folder per choice; each is a picture of /
CARD = SOURCE / "deploy" / "pi" / "card"
CARD_PLACE = "/usr/local/lib/hailong/card"
CHOICES = ("always", "data-partition", "read-only", "invite", "ssh", "ssh-read-only")
MOUNT = "/etc/systemd/system/var-lib-hailong.mount"
# Where something is mounted or put later, when the system may be read-only.
FOLDERS = (
    "/etc/hailong/firewall.d", "/var/lib/hailong",
    "/var/lib/systemd/timesync", "/var/lib/systemd/linger",  # logind will not start without it
)  # fmt: skip
RESOLV = ("/etc/resolv.conf", "/run/NetworkManager/resolv.conf", "/etc/hailong/resolv.before")

CONFIG_TXT = ("[all]", "dtparam=watchdog=on", "dtoverlay=disable-bt", "disable_splash=1")
# A quiet start on a screen that never blanks; a kernel that panics starts again.
KERNEL_INTO = (
    "console=tty3", "quiet", "loglevel=3", "logo.nologo", "vt.global_cursor_default=0",
    "consoleblank=0", "fsck.repair=yes", "panic=10", "cfg80211.ieee80211_regdom=VN",
)  # fmt: skip
KERNEL_OUT = ("console=tty1", "splash", "plymouth.ignore-serial-consoles")
# What the system must be able to write, but nobody needs after a start.
IN_MEMORY = (
    "tmpfs  /tmp  tmpfs  nosuid,nodev,size=20%  0  0",
    "tmpfs  /var/tmp  tmpfs  nosuid,nodev,size=10%  0  0",
    "tmpfs  /var/log  tmpfs  nosuid,nodev,noexec,size=32M,mode=0755  0  0",
    "tmpfs  /var/lib/NetworkManager  tmpfs  nosuid,nodev,noexec,size=8M,mode=0700  0  0",
)


def plan_install(options: Options, machine: Machine) -> list[Step]:
    """The steps that make the machine a kiosk. InstallError for a choice that would lose votes."""
    chosen = _chosen(options, machine)
    steps: list[Step] = []
    if machine.is_this:
        steps += [Packages(tuple(system_packages("base", "kiosk", "pi")))]
    steps += [Account("hailong", ("video", "render", "input", "gpio", "audio"))]
    if options.data_partition is not None:
        steps += [DataPartition(options.data_partition)]
    if machine.is_this:
        steps += [Program(options.wheels)]
    steps += _files(chosen, options)
    steps += _boot(chosen)
    steps += _units(chosen)
    if options.ca is not None:
        steps += [File(f"{BOOT}/{CA_NAME}", options.ca.read_bytes(), mode=None)]
    if options.code is not None:
        steps += [CardFile(options)]
    return [*steps, NoIdentity()] if options.prepare else steps


def plan_uninstall() -> list[Step]:
    """The steps that take everything back but votes, the user, packages and hailong.toml."""
    ours = {name for choice in CHOICES for name in _pictures(choice)}
    return [
        Units("disabled", OURS),
        Units("unmasked", (*IN_THE_WAY, *WRITERS, *SSH)),
        *(Absent(name) for name in sorted(ours)),
        Absent("/usr/local/lib/hailong"),
        Absent(HOME),
        Block(f"{BOOT}/config.txt"),
        KernelWordsBack(KERNEL_INTO, KERNEL_OUT),
        Block("/etc/fstab"),
        ReadOnly("/", wanted=False),
        ReadOnly(BOOT, wanted=False),
        NoLink(*RESOLV),
        Absent("/etc/hailong"),
    ]


def _chosen(options: Options, machine: Machine) -> set[str]:
    chosen = {"always"}
    # A partition that holds votes is not forgotten because an option was.
    if options.data_partition is not None or machine.path(MOUNT).exists():
        chosen.add("data-partition")
    if options.read_only:
        if "data-partition" not in chosen:
            raise InstallError(
                "--read-only needs --data-partition: a vote must be written somewhere that lasts."
            )
        chosen.add("read-only")
    if options.invite is not None:
        chosen.add("invite")
    if options.ssh:
        chosen.add("ssh")
        if options.read_only:
            chosen.add("ssh-read-only")
    return chosen


def _files(chosen: set[str], options: Options) -> list[Step]:
    steps: list[Step] = [Folder(name) for name in FOLDERS]
    for choice in CHOICES:
        for name, path in _pictures(choice).items():
            content = path.read_bytes().replace(b"@PORT@", str(options.invite_port).encode())
            mode = 0o755 if "/bin/" in name else 0o644
            steps += [File(name, content, mode) if choice in chosen else Absent(name)]
    for path in sorted(CARD.glob("*.py")):
        steps += [File(f"{CARD_PLACE}/{path.name}", path.read_bytes())]
    return steps


def _pictures(choice: str) -> dict[str, Path]:
    """Where each file of a choice goes."""
    base = FILES / choice
    return {f"/{p.relative_to(base)}": p for p in sorted(base.rglob("*")) if p.is_file()}


def _boot(chosen: set[str]) -> list[Step]:
    fixed = "read-only" in chosen
    return [
        Block(f"{BOOT}/config.txt", CONFIG_TXT),
        KernelWords(KERNEL_INTO, KERNEL_OUT),
        Block("/etc/fstab", IN_MEMORY if fixed else ()),
        ReadOnly("/", wanted=fixed),
        ReadOnly(BOOT, wanted=fixed),
        Link(*RESOLV) if fixed else NoLink(*RESOLV),
    ]


def _units(chosen: set[str]) -> list[Step]:
    data = "data-partition" in chosen
    masked = IN_THE_WAY + (WRITERS if "read-only" in chosen else ())
    enabled = [name for name in OURS if data or not name.endswith(".mount")]
    steps: list[Step] = [Units("unmasked", WRITERS)] if "read-only" not in chosen else []
    if "ssh" in chosen:
        return [*steps, Units("masked", masked), Units("enabled", (*enabled, SSH[0]))]
    return [*steps, Units("masked", masked + SSH), Units("enabled", tuple(enabled))]
