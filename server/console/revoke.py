"""Trust a kiosk's journal no further: its card or key is in the wrong hands."""

import argparse

from server.folder import SetupError

HELP = "trust the journal of a lost or stolen card no further than before line SEQ"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="JOURNAL|KIOSK", help="a journal's id, or such as k-0a1b2c3")
    parser.add_argument(
        "--from", dest="seq", type=int, required=True, metavar="SEQ",
        help="the first line that is not trusted: 1 to the newest stored + 1",
    )  # fmt: skip
    parser.add_argument("--reason", required=True, help="why; it is kept for ever")


def main(args: argparse.Namespace) -> int:
    from server.clock import now_ms
    from server.ingest.revocation import RevocationError, find_revocable, revoke_journal

    try:
        done = revoke_journal(
            journal=find_revocable(args.id),
            from_seq=args.seq,
            reason=args.reason,
            by="console",
            now_ms=now_ms(),
        )
    except RevocationError as error:
        raise SetupError(str(error)) from error
    print(f"journal {done.journal} of kiosk {done.kiosk} is revoked from line {done.from_seq} on")
    if done.stored:
        print(f"lines from there on that were stored already: {done.stored}; they stay counted")
    for official in done.pins:
        print(f"PIN to be changed: {official}")
    for level, code in done.admin_pins:
        print(f"technician's PIN to be changed: that of {level} {code}, on its settings page")
    print(f"to use the kiosk again: hailong-server kiosk-code {done.kiosk}")
    return 0
