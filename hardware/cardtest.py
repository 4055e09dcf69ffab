"""`hailong-hardware cardtest`: does this card keep what it said was written, when power is cut?

The unit writes records and tells each number to a listener elsewhere once it is durable; somebody
pulls the plug; after power-on the unit tells what it finds, and the listener compares.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from .card_listener import Cut, listen
from .card_records import Records, find_whole, how_to_remove
from .panel import HardwareError

DEFAULT_FILE = Path("/var/lib/hailong/kiosk/cardtest")  # the kiosk's user writes only there
DEFAULT_PORT = 8790
TERMINAL = "-"
CONNECT_S = 10.0
NO_CUT = "Chưa thấy lần mất điện nào / No power cut was seen."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three deeds of `cardtest`, as subcommands of `parser`."""
    parser.description = (
        "Try a memory card: `listen` on a laptop, `write` on the unit, pull the plug, power on,"
        " `write` again; the laptop says what was lost."
    )
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    write = deeds.add_parser("write", help="on the unit: write records until the power is cut")
    check = deeds.add_parser("check", help="on the unit: look once at what is there")
    for deed in (write, check):
        deed.add_argument(
            "--file", type=Path, default=DEFAULT_FILE, metavar="FILE",
            help=f"on the card that is tried; default {DEFAULT_FILE}",
        )  # fmt: skip
    write.add_argument(
        "--to", type=_address, required=True, metavar="HOST:PORT",
        help="the listener; - prints the numbers here, for a terminal that survives the cut",
    )  # fmt: skip
    known = check.add_mutually_exclusive_group(required=True)
    known.add_argument("--acknowledged", type=_number, metavar="N", help="the last number told")
    known.add_argument("--to", type=_address, metavar="HOST:PORT", help="the listener knows it")
    listener = deeds.add_parser("listen", help="on a laptop: note the numbers, judge each cut")
    listener.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="N")
    listener.add_argument("--cuts", type=_number, metavar="N", help="end after so many power cuts")


def run(args: argparse.Namespace) -> int:
    """Exit code: 0 all that was acknowledged is there, 1 some is lost. HardwareError if the test
    cannot be done."""
    return {"write": _write, "check": _check, "listen": _listen}[args.deed](args)


def verdict(cut: Cut) -> str:
    """What became of the acknowledged records, in one sentence for both readers."""
    if cut.lost:
        return (
            f"MẤT {cut.lost} trong {cut.acknowledged} bản ghi đã xác nhận, hãy thay thẻ / LOST"
            f" {cut.lost} of {cut.acknowledged} acknowledged records, use another card."
        )
    return (
        f"ĐỦ cả {cut.acknowledged} bản ghi đã xác nhận / FOUND all {cut.acknowledged} acknowledged"
        " records."
    )


def _write(args: argparse.Namespace) -> int:
    whole = find_whole(args.file)
    tell = _tell_terminal if args.to == TERMINAL else _tell_listener(args.to, whole)
    records = Records(args.file, whole)
    sys.stderr.write(f"Writing to {args.file} from {whole + 1} on; pull the plug at any time.\n")
    while True:
        tell(records.append())


def _check(args: argparse.Namespace) -> int:
    whole = find_whole(args.file)
    acknowledged = args.acknowledged
    if args.to == TERMINAL:
        raise HardwareError("Say what was acknowledged: --acknowledged N, or --to HOST:PORT.")
    if args.to is not None:
        acknowledged = _ask(args.to, whole)
    cut = Cut(acknowledged, whole)
    _say(verdict(cut))
    if not cut.lost:  # else the files are what the loss is seen by
        _say(f"Xóa tệp thử / Remove the test's files: {how_to_remove(args.file)}")
    return 1 if cut.lost else 0


def _listen(args: argparse.Namespace) -> int:
    try:
        server = socket.create_server(("", args.port))
    except (OSError, OverflowError) as error:
        raise HardwareError(f"Port {args.port} cannot be had ({error}); add --port N.") from None
    with server:
        _say(f"Listening on port {server.getsockname()[1]}; end with Ctrl-C.")
        _say(" cut  acknowledged     found  lost")
        cuts = listen(server, cuts=args.cuts, on_cut=lambda n, cut: _say(_row(n, cut)))
    lost, of = sum(cut.lost for cut in cuts), sum(cut.acknowledged for cut in cuts)
    _say(verdict(Cut(of, of - lost)) if cuts else NO_CUT)
    return 1 if lost else 0


def _row(number: int, cut: Cut) -> str:
    return f"{number:>4} {cut.acknowledged:>13} {cut.found:>9} {cut.lost:>5}"


def _tell_terminal(number: int) -> None:
    _say(str(number))


def _tell_listener(address: str, whole: int) -> Callable[[int], None]:
    """Says what is there now; then each number, which leaves this machine at once."""
    listener, _ = _greet(address, whole)

    def tell(number: int) -> None:
        try:
            listener.sendall(b"%d\n" % number)
        except OSError as error:
            raise HardwareError(f"{address} does not listen any more ({error}).") from None

    return tell


def _ask(address: str, whole: int) -> int:
    """The newest number that the listener has heard."""
    listener, told = _greet(address, whole)
    listener.close()
    return told


def _greet(address: str, whole: int) -> tuple[socket.socket, int]:
    """The connection, and the newest number that the listener has heard.

    The answer is read by `write` too: a connection that ends with an answer unread is reset, and a
    reset throws away at the other end the numbers not yet heard there.
    """
    host, _, port = address.rpartition(":")
    try:
        listener = socket.create_connection((host, int(port)), timeout=CONNECT_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.sendall(b"found %d\n" % whole)
    except OSError as error:
        raise HardwareError(
            f"Nobody listens at {address} ({error}); start there: hailong-hardware cardtest listen."
        ) from None
    try:
        with listener.makefile("r") as answer:
            return listener, int(answer.readline().removeprefix("told "))
    except (OSError, ValueError):
        raise HardwareError(f"What answers at {address} is no cardtest listener.") from None


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text != TERMINAL and not (host and port.isdecimal() and int(port) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is no address such as 192.168.1.20:8790")
    return text


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
