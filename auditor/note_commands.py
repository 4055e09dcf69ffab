"""Commands over signed notes and exports of kiosks: compare, cosign, journal."""

import argparse
import sys
import time
from pathlib import Path

import msgspec

from auditor.arguments import (
    EXIT,
    Commands,
    language,
    new_command,
    pins_of,
    print_report,
    read_file,
)
from auditor.compare import compare
from auditor.cosigner import Cosigner, Refused, make_key, read_key
from auditor.durable import write_durably
from auditor.errors import Unable
from auditor.journal import Key, audit_journal
from auditor.opening import opened
from auditor.report import Report
from auditor.statement import write_statement
from auditor.verify import ZONE
from auditor.words import plain, plain_json, say
from protocol.checkpoint import LogKey
from protocol.note import parse_vkey


def add_compare(commands: Commands) -> None:
    """`compare`."""
    parser = new_command(commands, "compare", "put inspectors' or kiosks' checkpoints side by side")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--key", metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--log", metavar="DIR|URL", help="its tiles tell of different sizes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep contradicting notes here")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(do=_compare, token=None)


def _compare(args: argparse.Namespace) -> int:
    pins = pins_of(args.files)
    if len(pins) < 2 and not args.log:
        raise Unable("two_needed")
    largest = max((pin.signed.checkpoint for pin in pins), key=lambda found: found.size)
    report = Report(log=largest.origin, size=largest.size, root="", timezone=ZONE)
    key = LogKey.parse(args.key.strip()) if args.key else None
    if args.log:
        with opened(args.log, None) as place:
            compare(pins, key, place, report)
    else:
        compare(pins, key, None, report)
    if report.notes and args.out:
        write_durably(args.out, "\n".join(dict.fromkeys(report.notes)).encode())
    return print_report(report, args)


def add_cosign(commands: Commands) -> None:
    """`cosign`."""
    parser = new_command(commands, "cosign", "sign a log's checkpoint for another body")
    parser.add_argument("file", type=Path, metavar="FILE", nargs="?", help="- reads a QR's text")
    parser.add_argument("--new-key", nargs=2, metavar=("NAME", "KEYFILE"), help="make a key")
    parser.add_argument("--key", type=Path, metavar="KEYFILE")
    parser.add_argument("--log", metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--state", type=Path, metavar="DIR", help="what was cosigned before")
    parser.add_argument("--out", type=Path, metavar="FILE", help="instead of printing it")
    parser.set_defaults(do=_cosign)


def _cosign(args: argparse.Namespace) -> int:
    if args.new_key:
        print(make_key(args.new_key[0], Path(args.new_key[1])))  # noqa: T201
        return 0
    if not (args.file and args.key and args.log and args.state):
        raise Unable("cosign_needs")
    request = sys.stdin.buffer.read(1 << 20) if str(args.file) == "-" else read_file(args.file)
    name, key = read_key(args.key)
    try:
        log = LogKey.parse(args.log.strip())
        signed = Cosigner(name, key, args.state).sign(request, log, int(time.time()))
    except Refused as refused:
        print(say(language(args), refused.code, refused.values), file=sys.stderr)  # noqa: T201
        # Their very bytes are kept beside the memory of what was cosigned.
        sys.stdout.write(plain("\n".join(note.decode() for note in refused.notes)))
        return 1
    if args.out:
        write_durably(args.out, signed)
    else:
        text = signed.decode()
        sys.stdout.write(plain(text) if sys.stdout.isatty() else text)
    return 0


def add_journal(commands: Commands) -> None:
    """`journal`."""
    parser = new_command(
        commands, "journal",
        "check an export of one kiosk's journal (`hailong-kiosk export`): every line, the chain, "
        "its beginning and the signed head",
    )  # fmt: skip
    parser.add_argument("file", type=Path, metavar="FILE", help="the export")
    parser.add_argument(
        "--key", metavar="VKEY", help="the kiosk's verifier key: <kiosk id>+<key id>+<base64>"
    )
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(do=_journal)


def _journal(args: argparse.Namespace) -> int:
    key = Key(*parse_vkey(args.key.strip())) if args.key else None
    report = audit_journal(read_file(args.file), key)
    if args.json:
        text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
        print(plain_json(text))  # noqa: T201
    else:
        sys.stdout.write(write_statement(report))
    return EXIT[report.verdict]
