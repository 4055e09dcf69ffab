"""`hailong-hardware`: the technician's commands."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence

from .panel import HardwareError
from .wiring import DEFAULT, READY_MADE, load_wiring


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 a button was not seen, 2 could not run."""
    args = _parser().parse_args(argv)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        return _COMMANDS[args.command](args)
    except HardwareError as e:
        print(e, file=sys.stderr)
    except ModuleNotFoundError as e:
        print(f"{e.name} is not installed; run: pip install 'hailong[hardware]'", file=sys.stderr)
    except BrokenPipeError:  # `hailong-hardware wiring | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 2


def _selftest(args: argparse.Namespace) -> int:
    wiring = load_wiring(args.wiring)
    from .selftest import run_selftest

    def say(line: str) -> None:
        print(line, flush=True)

    passed = run_selftest(
        wiring, simulated=args.simulated, seconds=args.seconds, say=say, protocol=args.protocol
    )
    return 0 if passed else 1


def _wiring(args: argparse.Namespace) -> int:
    from .header import draw_wiring

    print("\n".join(draw_wiring(load_wiring(args.wiring))))
    return 0


def _readers(args: argparse.Namespace) -> int:
    from .evdev import find_readers

    readers = find_readers()
    for device, name in readers:
        print(f"{device}  {name}")
    if not readers:
        print("No USB keyboard or reader is plugged in.", file=sys.stderr)
    return 0


def _cardtest(args: argparse.Namespace) -> int:
    from .cardtest import run

    return run(args)


_COMMANDS = {
    "selftest": _selftest, "wiring": _wiring, "readers": _readers, "cardtest": _cardtest,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    from .cardtest import add_arguments

    parser = argparse.ArgumentParser(
        prog="hailong-hardware",
        description="Buttons, lamps and buzzer of a panel; badge readers; memory cards.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    selftest = commands.add_parser("selftest", help="press every input once and see it counted")
    selftest.add_argument(
        "--simulated", action="store_true", help="mock pins that press themselves"
    )
    selftest.add_argument(
        "--seconds", type=_seconds, default=60.0, metavar="N", help="time to press, default 60"
    )
    selftest.add_argument(
        "--protocol", action="store_true", help="end with a checklist that the technician signs"
    )
    wiring = commands.add_parser("wiring", help="draw the pins of a wiring on the header")
    commands.add_parser(
        "readers", help="list what may be a badge reader: USB keyboards, real ones too"
    )
    add_arguments(
        commands.add_parser("cardtest", help="whether a memory card keeps what it said it had kept")
    )
    for command in (selftest, wiring):
        command.add_argument(
            "--wiring",
            metavar="FILE",
            help=f"a TOML file or one of {', '.join(READY_MADE)}; default {DEFAULT}",
        )
    return parser


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (seconds := float(text)) <= 86_400:
            return seconds
    raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")


if __name__ == "__main__":
    sys.exit(main())
