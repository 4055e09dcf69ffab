"""The commands of `hailong-audit` and what each of them does."""

import argparse
import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from auditor import figures
from auditor.compare import compare
from auditor.cosigner import Cosigner, Refused, make_key, read_key
from auditor.durable import write_durably
from auditor.errors import CannotCheck, Unable
from auditor.join import join, without_looking_for_cycles
from auditor.journal import Key, audit_journal
from auditor.opening import opened
from auditor.pins import Pin, read_pins
from auditor.place import Place
from auditor.prove import find_vote
from auditor.pull import pull
from auditor.report import Report
from auditor.sealed import read_manifest
from auditor.statement import write_statement
from auditor.tell import Bar, as_json, tell
from auditor.trust import follow, split_rotations
from auditor.verify import ZONE, Asked, find_zone, verify
from auditor.words import Lang, say
from protocol.checkpoint import LogKey, read_checkpoint
from protocol.cosignature import BadPolicy, Policy, Witness, k_of, parse_policy
from protocol.note import parse_vkey

EXIT = {"proved": 0, "contradicted": 1, "unchecked": 2}
TOKEN = "HAILONG_AUDIT_TOKEN"  # noqa: S105 - a variable's name


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; `do` is what to do with them."""
    parser = argparse.ArgumentParser(
        prog="hailong-audit",
        description="Check what kiosks and servers claim, with no trust in either.",
        epilog="Exit status: 0 proved, 1 contradicted, 2 could not check.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_add_verify, _add_pull, _add_figures, _add_compare, _add_prove, _add_cosign,
                _add_journal):  # fmt: skip
        add(commands)
    return parser.parse_args(argv)


def language(args: argparse.Namespace) -> Lang:
    """--lang, else Vietnamese where the machine's language is."""
    asked = getattr(args, "lang", None)
    if asked is not None:
        return "vi" if asked == "vi" else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "vi" if os.environ[name].startswith("vi") else "en"
    return "en"


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
    parser.add_argument("--lang", choices=("vi", "en"), help="language, by default the machine's")
    return parser


def _add_verify(commands: Commands) -> None:
    parser = _command(commands, "verify", "check a whole log or a sealed export")
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    parser.add_argument("--key", required=True, metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--pin", action="append", default=[], type=Path, metavar="FILE",
                        help="earlier checkpoints: note, QR text, kiosk export")  # fmt: skip
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="C2SP tlog-policy")
    parser.add_argument("--quorum", type=int, metavar="K", help="of the witnesses; default all")
    parser.add_argument("--save-pin", type=Path, metavar="FILE", help="keep the checkpoint")
    parser.add_argument("--token", default=os.environ.get(TOKEN), help=f"auditor's; or {TOKEN}")
    parser.add_argument("--timezone", metavar="NAME", help=f"default {ZONE}")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes, default one a core")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(do=_verify)


def _verify(args: argparse.Namespace) -> int:
    pins = _pins(args.pin)
    with opened(args.where, args.token) as place:
        asked = Asked(LogKey.parse(args.key.strip()), pins, _policy(args), args.jobs,
                      args.timezone, progress=Bar())  # fmt: skip
        report, now = verify(place, asked)
    if args.save_pin and now is not None and not report.contradictions:
        write_durably(args.save_pin, now.note)
    return _print(report, args)


def _print(report: Report, args: argparse.Namespace) -> int:
    sys.stdout.write(
        as_json(report, language(args)) + "\n" if args.json else tell(report, language(args))
    )
    return EXIT[report.verdict]


def _pins(files: Sequence[Path]) -> list[Pin]:
    return [Pin(signed, str(file)) for file in files for signed in read_pins(file)]


def _policy(args: argparse.Namespace) -> Policy | None:
    if args.policy:
        try:
            return parse_policy(args.policy.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Unable("unreadable", file=str(args.policy), why=str(error)) from None
    witnesses = [Witness.parse(text.strip()) for text in args.witness]
    if not witnesses:
        return None
    least = len(witnesses) if args.quorum is None else args.quorum
    if not 1 <= least <= len(witnesses):
        raise BadPolicy(f"A quorum of {least} of {len(witnesses)} witnesses cannot be.")
    return k_of(witnesses, least)


def _add_pull(commands: Commands) -> None:
    parser = _command(commands, "pull", "copy a log, only what is new, whole or not at all")
    parser.add_argument("url", metavar="URL")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--token", default=os.environ.get(TOKEN), help=f"auditor's; or {TOKEN}")
    parser.set_defaults(do=_pull)


def _pull(args: argparse.Namespace) -> int:
    pulled = pull(args.url, args.folder, args.token, Bar())
    print(f"{pulled.before} -> {pulled.after}, {pulled.files} files")  # noqa: T201
    if not pulled.entries:
        print(f"hailong-audit: {say(language(args), 'no_entries', {})}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _add_figures(commands: Commands) -> None:
    parser = _command(
        commands,
        "figures",
        "count again, as CSV (whose log it is, `verify` says)",
    )
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    parser.add_argument("--from", dest="first", metavar="DATE", help="local day, included")
    parser.add_argument("--to", dest="last", metavar="DATE", help="local day, included")
    parser.add_argument("--by", choices=tuple(figures.BY))
    parser.add_argument("--against", type=Path, metavar="CSV", help="compare cell by cell")
    parser.add_argument("--timezone", metavar="NAME", help=f"default {ZONE}")
    parser.add_argument("--token", default=os.environ.get(TOKEN), help=f"auditor's; or {TOKEN}")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes, default one a core")
    parser.set_defaults(do=_figures)


@without_looking_for_cycles()
def _figures(args: argparse.Namespace) -> int:
    with opened(args.where, args.token) as place:
        manifest = read_manifest(place.sealed) if place.sealed else None
        name = args.timezone or (manifest.timezone if manifest else ZONE)
        period = figures.Period(_date(args.first), _date(args.last))
        if manifest and period == figures.ALWAYS:
            period = figures.Period(manifest.first, manifest.last)
        report = Report(log="", size=0, root="", timezone=name)
        checkpoint = read_checkpoint(place.note("checkpoint") or b"")
        if not place.has_entries():
            raise Unable("no_entries")
        joined = join(place, checkpoint.size, report, jobs=args.jobs, progress=Bar())
    cells = figures.count(
        joined.journals.all.values(), joined.table, zone=find_zone(name), period=period
    )
    sys.stdout.write(figures.write_csv(cells, args.by))
    if args.against:
        theirs = figures.read_tallies(args.against)
        figures.check_tallies(cells, theirs, str(args.against), report)
    for finding in report.contradictions:
        print(say(language(args), finding.code, finding.values), file=sys.stderr)  # noqa: T201
    return EXIT[report.verdict]


def _date(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise Unable("bad_date", text=str(text)) from None


def _add_compare(commands: Commands) -> None:
    parser = _command(commands, "compare", "put checkpoints of inspectors or kiosks side by side")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--key", metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--log", metavar="DIR|URL", help="its tiles tell of different sizes")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep contradicting notes here")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(do=_compare, token=None)


def _compare(args: argparse.Namespace) -> int:
    pins = _pins(args.files)
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
    return _print(report, args)


def _add_prove(commands: Commands) -> None:
    parser = _command(commands, "prove", "prove that the vote with a code is in the log")
    parser.add_argument("code", metavar="CODE", help="the vote code, XXXX-XXXX-XXXX")
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    parser.add_argument("--key", required=True, metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--show-vote", action="store_true", help="print the vote's line too")
    parser.add_argument("--token", default=os.environ.get(TOKEN), help=f"auditor's; or {TOKEN}")
    parser.set_defaults(do=_prove)


def _prove(args: argparse.Namespace) -> int:
    with opened(args.where, args.token) as place:
        keys = follow(LogKey.parse(args.key.strip()), split_rotations(_rotations(place)))
        found = find_vote(args.code, place, keys)
    sys.stdout.write(found.proof.pack().decode())
    size = read_checkpoint(found.proof.checkpoint).size
    values: dict[str, int | str] = {"index": found.proof.log_index, "size": size}
    print(say(language(args), "vote_proved", values), file=sys.stderr)  # noqa: T201
    if args.show_vote:
        print(found.entry.decode(), file=sys.stderr)  # noqa: T201
    return 0


def _rotations(place: Place) -> bytes:
    return place.note("rotations") or b""


def _add_cosign(commands: Commands) -> None:
    parser = _command(commands, "cosign", "sign a log's checkpoint for another body")
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
    request = sys.stdin.buffer.read(1 << 20) if str(args.file) == "-" else _read(args.file)
    name, key = read_key(args.key)
    try:
        log = LogKey.parse(args.log.strip())
        signed = Cosigner(name, key, args.state).sign(request, log, int(time.time()))
    except Refused as refused:
        print(say(language(args), refused.code, refused.values), file=sys.stderr)  # noqa: T201
        sys.stdout.write("\n".join(note.decode() for note in refused.notes))
        return 1
    if args.out:
        write_durably(args.out, signed)
    else:
        sys.stdout.write(signed.decode())
    return 0


def _add_journal(commands: Commands) -> None:
    parser = _command(
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
    report = audit_journal(_read(args.file), key)
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())  # noqa: T201
    else:
        sys.stdout.write(write_statement(report))
    return EXIT[report.verdict]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{path} cannot be read: {error.strerror}; name another file.") from None
