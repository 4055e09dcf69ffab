"""`deploy/pi/install`: says each thing that is to be done, and does it. Exit 0 done, 2 it could
not, with one sentence."""

import os
import sys

from .errors import InstallError
from .machine import Machine, Step
from .options import Options, read_options
from .plan import plan_install, plan_uninstall


def main(argv: list[str] | None = None) -> int:
    """The exit code."""
    try:
        options = read_options(argv)
        machine = Machine(options.root.resolve())
        _check(options, machine)
        steps = plan_uninstall() if options.uninstall else plan_install(options, machine)
        done = sum(_take(step, machine, dry_run=options.dry_run) for step in steps)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or 'A file'} cannot be written: {error.strerror}.", file=sys.stderr)
        return 2
    print(_ending(options, done))
    return 0


def _take(step: Step, machine: Machine, *, dry_run: bool) -> bool:
    what = step.needed(machine)
    if what is None:
        return False
    print(f"would {what}" if dry_run else what, flush=True)
    if not dry_run:
        step.take(machine)
    return True


def _check(options: Options, machine: Machine) -> None:
    if machine.is_this and not options.dry_run and os.getuid() != 0:
        raise InstallError("This needs an administrator; put sudo in front, or add --dry-run.")
    if machine.is_this and not options.uninstall and sys.maxsize < 2**32:
        raise InstallError("This system is 32-bit; flash Raspberry Pi OS Lite (64-bit).")
    if machine.is_this and not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise InstallError("Python 3.11 to 3.13 is needed: Raspberry Pi OS Bookworm or Trixie.")
    wishes = options.code or options.prepare or options.uninstall
    if not wishes and not machine.path("/boot/firmware/hailong.toml").exists():
        raise InstallError(
            "Say which server: --server URL --code CODE; or --prepare for a card image."
        )


def _ending(options: Options, done: int) -> str:
    if options.dry_run:
        return f"{done} steps; nothing was done."
    if not done:
        return "Everything is so already."
    if options.uninstall:
        return ("Done. Votes stay in /var/lib/hailong; packages and the user hailong stay, too."
                " Restart: sudo reboot")  # fmt: skip
    if options.prepare:
        return "Done. Switch off, and copy the card: deploy/pi/README.md."
    return "Done. Restart, and the unit enrols itself: sudo reboot"


if __name__ == "__main__":
    sys.exit(main())
