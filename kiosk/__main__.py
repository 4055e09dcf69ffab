"""`hailong-kiosk`: enrol, run, status, flush, export, checkpoint. Data on stdout, messages on
stderr; exit 2 with one sentence when something cannot be done."""

import argparse
import logging
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from kiosk.errors import KioskError

LAST_DESCRIPTOR = 4096
SETTLED_S = 600.0  # a screen that fails after this long has not failed in a row


def main(argv: list[str] | None = None) -> int:
    """The command's exit code: 0 done, 2 could not."""
    os.umask(0o077)  # votes and PIN verifiers are for the kiosk's own user
    args = _parser().parse_args(argv)
    args.argv = sys.argv[1:] if argv is None else argv
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if args.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for noisy in ("urllib3", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        _check_installed()
        return int(args.work(args))
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is not installed; install this kiosk with: pip install 'hailong[kiosk]'",
            file=sys.stderr,
        )
    except KioskError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:  # `hailong-kiosk status | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    return 2


def _check_installed() -> None:
    """Some are imported late, when it is too late to say that they are missing."""
    for name in ("msgspec", "cryptography", "polib", "requests", "sqlite_utils", "apscheduler"):
        if (name in sys.modules and sys.modules[name] is None) or find_spec(name) is None:
            raise ModuleNotFoundError(name=name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hailong-kiosk", description="The unit at the counter: asks, keeps, sends."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data", type=Path, default=os.environ.get("HAILONG_DATA"), metavar="DIR",
        help="this kiosk's own folder (default: $HAILONG_DATA)",
    )  # fmt: skip
    common.add_argument("--verbose", action="store_true", help="log more, to stderr")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    enrol = commands.add_parser("enrol", parents=[common], help="make this a kiosk of a server")
    enrol.add_argument("--server", required=True, metavar="URL", help="the server's address")
    enrol.add_argument("--code", required=True, help="from the administrator: ABCD-EFGH-JK")
    enrol.add_argument(
        "--ca", metavar="FILE", help="a private certificate authority of the server, PEM; is kept"
    )
    enrol.add_argument("--proxy", metavar="URL", help="reach the server through it; is kept")
    enrol.add_argument(
        "--again", action="store_true",
        help="begin a new journal even if lines of the old one are unsent; the old one is kept",
    )  # fmt: skip
    enrol.set_defaults(work=_enrol)

    run = commands.add_parser("run", parents=[common], help="ask citizens, keep votes, send them")
    run.add_argument("--headless", action="store_true", help="no screen: buttons and lamps only")
    run.add_argument(
        "--panel", choices=["gpio", "keypad", "touch", "keys", "stdin", "crowd"],
        help="buttons on GPIO pins, a USB keypad, none; or without a unit: the keys 1-5, commands"
        " on standard input, a pretend crowd (default: panel in kiosk.toml, else gpio)",
    )  # fmt: skip
    run.add_argument("--seed", type=int, default=0, metavar="N", help="of the pretend crowd")
    run.add_argument("--size", type=_size, metavar="WxH", help="of the window; else full screen")
    run.set_defaults(work=_run)

    closed = commands.add_parser(
        "out-of-order", parents=[common], help="show that screen alone, for a unit that cannot run"
    )
    closed.add_argument("--size", type=_size, metavar="WxH", help="of the window; else full screen")
    closed.set_defaults(work=_out_of_order)

    status = commands.add_parser("status", parents=[common], help="how this kiosk is doing")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.set_defaults(work=_status)

    flush = commands.add_parser("flush", parents=[common], help="send all lines now")
    flush.set_defaults(work=_flush)

    export = commands.add_parser("export", parents=[common], help="the journal, to stdout")
    export.set_defaults(work=_export)

    checkpoint = commands.add_parser(
        "checkpoint", parents=[common],
        help="the newest checkpoint of the server's log that this kiosk has verified, to stdout",
    )  # fmt: skip
    checkpoint.set_defaults(work=_checkpoint)
    return parser


def _enrol(args: argparse.Namespace) -> int:
    from kiosk.enrolling import enrol, set_way
    from kiosk.journal_file import fingerprint
    from kiosk.way import Way

    set_way(_folder(args), Way(ca=args.ca, proxy=args.proxy))
    row = enrol(_folder(args), url=args.server, code=args.code, again=args.again)
    print(f"Enrolled as kiosk {row.kiosk} ({row.name}); key {fingerprint(row)}.", file=sys.stderr)
    print("`hailong-kiosk status` prints the key that an auditor needs.", file=sys.stderr)
    return 0


def _run(args: argparse.Namespace) -> int:
    from hardware.panel import HardwareError
    from kiosk.app import Options, run
    from kiosk.ending import RESTARTS, restarts
    from kiosk.notify import tell_starting_anew

    started = time.monotonic()
    try:
        ending = run(Options(_folder(args), args.panel, args.headless, args.seed, args.size))
    except HardwareError as error:
        raise KioskError(str(error)) from error
    if ending.why == "quit":
        return 0
    if ending.why == "enrol":
        _enrol_again(_folder(args), ending.server, ending.code)
    lately = time.monotonic() - started < SETTLED_S
    os.environ[RESTARTS] = str(restarts() + 1 if ending.why == "restart" and lately else 0)
    tell_starting_anew()
    # A window cannot be opened twice in one process: the program takes its own place.
    sys.stdout.flush()
    os.closerange(3, LAST_DESCRIPTOR)  # Kivy keeps fonts and devices open
    os.execv(sys.executable, [sys.executable, "-m", "kiosk", *args.argv])  # noqa: S606


def _enrol_again(folder: Path, server: str, code: str) -> None:
    """The technician's wish; what came of it is shown at the next start."""
    from kiosk.ending import REFUSED
    from kiosk.enrolling import enrol

    try:
        enrol(folder, url=server, code=code)
    except KioskError as error:
        logging.getLogger(__name__).error("%s", error)
        os.environ[REFUSED] = str(error)


def _out_of_order(args: argparse.Namespace) -> int:
    from kiosk.out_of_order import run_out_of_order

    run_out_of_order(_folder(args), size=args.size, fullscreen=args.size is None)
    return 0


def _status(args: argparse.Namespace) -> int:
    from kiosk.desk import read_status

    status = read_status(_folder(args))
    print(status.as_json() if args.json else status.as_text())
    return 0


def _flush(args: argparse.Namespace) -> int:
    from kiosk.desk import flush

    unsent, why = flush(_folder(args))
    if unsent:
        print(f"Not acknowledged by the server: {unsent} line(s); {why}.", file=sys.stderr)
    return 2 if unsent or why else 0


def _export(args: argparse.Namespace) -> int:
    from kiosk.desk import export

    exported, is_all = export(_folder(args))
    sys.stdout.buffer.write(exported)
    sys.stdout.buffer.flush()
    if not is_all:
        print("The journal is damaged: these are the lines before the damage.", file=sys.stderr)
    return 0 if is_all else 1


def _checkpoint(args: argparse.Namespace) -> int:
    from kiosk.desk import newest_checkpoint

    sys.stdout.buffer.write(newest_checkpoint(_folder(args)))
    sys.stdout.buffer.flush()
    return 0


def _folder(args: argparse.Namespace) -> Path:
    if args.data is None:
        raise KioskError("Say which folder is this kiosk's: --data DIR, or set HAILONG_DATA.")
    return Path(args.data).absolute()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 800x480")
    return int(width), int(height)


if __name__ == "__main__":
    sys.exit(main())
