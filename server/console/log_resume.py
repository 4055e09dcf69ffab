"""The log signs again, after the right tables were put back."""

import argparse
import sys

HELP = "sign checkpoints again, if the log goes on from all that was signed"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def main(args: argparse.Namespace) -> int:
    from protocol.checkpoint import read_checkpoint
    from server.clock import now_ms
    from server.ledger.signing import RECOVERY, Refused, resume_signing, stopped

    if stopped() is None:
        print("hailong-server: The log signs; nothing had stopped it.", file=sys.stderr)
        return 0
    try:
        note = resume_signing(now_ms=now_ms())
    except Refused as refused:
        print(f"hailong-server: {refused} {RECOVERY}", file=sys.stderr)
        return 1
    size = read_checkpoint(note).size
    print(f"hailong-server: The log signs again, from {size:,} entries on.", file=sys.stderr)
    return 0
