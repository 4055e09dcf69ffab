"""What was asked for on the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from deploy.pi.card.values import is_listener

from .errors import InstallError

DEFAULT_PORT = 8787


@dataclass(frozen=True, slots=True)
class Options:
    """One installation. Options are the whole wish: what is not asked for again is taken back,
    but for the data partition, which holds votes and stays."""

    root: Path = Path("/")
    dry_run: bool = False
    uninstall: bool = False
    prepare: bool = False
    server: str | None = None
    code: str | None = None
    ca: Path | None = None
    proxy: str | None = None
    wiring: str | None = None
    panel: str | None = None
    invite: str | None = None  # "" opens the port without naming an address
    ssh: bool = False
    read_only: bool = False
    data_partition: Path | None = None
    wheels: Path | None = None

    @property
    def invite_port(self) -> int:
        """The port that the firewall lets in."""
        return int(self.invite.rpartition(":")[2]) if self.invite else DEFAULT_PORT


def read_options(argv: list[str] | None) -> Options:
    """Options from the command line. InstallError for a wish that makes no sense."""
    options = Options(**vars(_parser().parse_args(argv)))
    if bool(options.server) != bool(options.code):
        raise InstallError("--server and --code belong together; give both, or neither.")
    if options.prepare and options.code:
        raise InstallError("--prepare makes an image for many units; a code is for one of them.")
    if options.invite and not is_listener(options.invite):
        raise InstallError(f"{options.invite} is no address such as 192.168.1.20:{DEFAULT_PORT}.")
    for path in (options.ca, options.wheels):
        if path is not None and not path.exists():
            raise InstallError(f"There is no {path}.")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy/pi/install",
        description="Makes this Raspberry Pi a kiosk that boots to the question. A second run with"
        " the same options changes nothing; other options replace the old ones.",
    )
    add = parser.add_argument
    add("--server", metavar="URL", help="the server's address")
    add("--code", metavar="CODE", help="from the administrator: ABCD-EFGH-JK")
    add("--ca", type=Path, metavar="FILE", help="a private certificate authority, as PEM")
    add("--proxy", metavar="URL", help="the way out of this network")
    add("--wiring", metavar="NAME", help="how the box is wired; see hailong-hardware wiring")
    add("--panel", choices=["gpio", "keypad", "touch"], help="what citizens press")
    add(
        "--invite", nargs="?", const="", metavar="ADDRESS:PORT",
        help="lets invitations of a queue system in; without an address only the port is opened"
        f" ({DEFAULT_PORT})",
    )  # fmt: skip
    add("--ssh", action="store_true", help="lets administrators in by SSH, with keys only")
    add("--read-only", action="store_true", help="nothing is written to the system's own files")
    add(
        "--data-partition", type=Path, metavar="DEV",
        help="keeps votes here; formatted if it is empty, refused if it holds something",
    )  # fmt: skip
    add("--wheels", type=Path, metavar="DIR", help="packages from a folder, not from an index")
    add("--prepare", action="store_true", help="for a card image: everything but the enrolment")
    add("--uninstall", action="store_true", help="takes all of it away but votes and packages")
    add("--dry-run", action="store_true", help="prints what would be done, and does nothing")
    add("--root", type=Path, default=Path("/"), metavar="DIR",
        help="another machine's files; what must run there is left out")  # fmt: skip
    return parser
