"""`hailong-hardware`: the technician's commands."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .panel import HardwareError
from .wiring import DEFAULT, READY_MADE, load_wiring

WIRING = "HAILONG_WIRING"  # how this unit is wired: what --wiring says where it is not given


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
        _say_no_more()
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 2


def _say_no_more() -> None:
    """Nobody reads any longer: what is still said goes nowhere, without a complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    # Presses are told on the panel's thread, where a BrokenPipeError would be logged each time.
    try:
        print(line, flush=True)
    except BrokenPipeError:
        _say_no_more()


def _selftest(args: argparse.Namespace) -> int:
    from .selftest import run_keypad_test, run_selftest

    if args.keypad is not None:
        device = Path(args.keypad) if args.keypad else None
        passed = run_keypad_test(device, seconds=args.seconds, say=_say, protocol=args.protocol)
    else:
        passed = run_selftest(
            load_wiring(args.wiring), simulated=args.simulated, seconds=args.seconds, say=_say,
            protocol=args.protocol,
        )  # fmt: skip
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
    _add_selftest(selftest)
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
            default=os.environ.get(WIRING) or None,
            help=f"a TOML file or one of {', '.join(READY_MADE)}; default ${WIRING} if it is set,"
            f" else {DEFAULT}",
        )
    return parser


def _add_selftest(selftest: argparse.ArgumentParser) -> None:
    panel = selftest.add_mutually_exclusive_group()
    panel.add_argument("--simulated", action="store_true", help="mock pins that press themselves")
    panel.add_argument(
        "--keypad", nargs="?", const="", metavar="DEVICE",
        help="a USB keypad instead of pins: this event device, or the one that is plugged in",
    )  # fmt: skip
    selftest.add_argument(
        "--seconds", type=_seconds, default=60.0, metavar="N", help="time to press, default 60"
    )
    selftest.add_argument(
        "--protocol", action="store_true", help="end with a checklist that the technician signs"
    )


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (seconds := float(text)) <= 86_400:
            return seconds
    raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")


if __name__ == "__main__":
    sys.exit(main())
