"""What is carried to another body, to be cosigned there."""

import argparse
import sys
from pathlib import Path

from server.folder import SetupError, write_durably

HELP = "print the newest checkpoint for another body to cosign, proved from the size N seen there"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=_size, default=0, metavar="N", help="the size that the body cosigned last"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it here, not to stdout")
    parser.add_argument("--qr", type=Path, metavar="FILE.svg", help="as a QR code, too")


def _size(text: str) -> int:
    size = int(text)
    if not 0 <= size < 2**53:
        raise ValueError
    return size


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ledger.cosigning import to_cosign

    carried = to_cosign(since=args.since, now_ms=now_ms()).pack()
    if args.qr is not None:
        _write(args.qr, draw(carried))
    if args.out is not None:
        _write(args.out, carried)
    elif args.qr is None:
        sys.stdout.write(carried.decode())
    return 0


def draw(carried: bytes) -> bytes:
    """A QR code of these very bytes, as SVG; SetupError if they are too many for one."""
    import io

    import segno

    out = io.BytesIO()
    try:
        segno.make(carried, error="l", micro=False, boost_error=False).save(
            out, kind="svg", scale=4
        )
    except segno.DataOverflowError:
        raise SetupError(
            f"{len(carried):,} bytes are too many for a QR code; carry it as a file (--out)."
        ) from None
    return out.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content, 0o644)
    except OSError as error:
        raise SetupError(f"Cannot write {path}: {error.strerror}.") from error
