"""A cosigned checkpoint comes back."""

import argparse
import sys
from pathlib import Path

from server.folder import SetupError

HELP = "take back a checkpoint that another body has cosigned; HAILONG_DATA/witnesses names them"
MAX_BYTES = 100_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="of `hailong-audit cosign`")


def main(args: argparse.Namespace) -> int:
    from django.conf import settings

    from server.clock import now_ms
    from server.ledger.cosigning import read_policy, take_back
    from server.ledger.signing import RECOVERY, Refused

    policy = read_policy(settings.DATA.path)
    try:
        with args.file.open("rb") as file:
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise SetupError(f"Cannot read {args.file}: {error.strerror}.") from error
    try:
        kept = take_back(content, policy=policy, now_ms=now_ms())
    except Refused as refused:
        print(f"hailong-server: {refused} {RECOVERY}", file=sys.stderr)
        return 1
    names = ", ".join(one.name for one in kept.by)
    print(f"{kept.size:,} entries are cosigned by {names}", file=sys.stderr)
    if not kept.enough:
        print("The policy asks for more bodies; it waits for their lines.", file=sys.stderr)
    return 0
