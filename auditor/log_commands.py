"""Commands over a whole log or a sealed export: verify, pull, figures, prove."""

import argparse
import datetime as dt
import sys
from pathlib import Path

from auditor import bases, figures
from auditor.arguments import (
    EXIT,
    Commands,
    add_key,
    add_token,
    language,
    new_command,
    pins_of,
    print_report,
)
from auditor.durable import write_durably
from auditor.errors import Unable
from auditor.join import join, without_looking_for_cycles
from auditor.opening import opened
from auditor.place import Place
from auditor.prove import find_vote
from auditor.pull import pull
from auditor.report import Report
from auditor.sealed import read_manifest
from auditor.tell import Bar
from auditor.tree import check_extent
from auditor.trust import follow, split_rotations
from auditor.verify import ZONE, Asked, count_bases, find_zone, verify
from auditor.words import plain, plain_json, say
from protocol.checkpoint import LogKey, read_checkpoint
from protocol.cosignature import BadPolicy, Policy, Witness, k_of, parse_policy


def add_verify(commands: Commands) -> None:
    """`verify`."""
    parser = new_command(commands, "verify", "check a whole log or a sealed export")
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    add_key(parser)
    parser.add_argument("--pin", action="append", default=[], type=Path, metavar="FILE",
                        help="earlier checkpoints: note, QR text, kiosk export")  # fmt: skip
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="C2SP tlog-policy")
    parser.add_argument("--quorum", type=int, metavar="K", help="of the witnesses; default all")
    parser.add_argument("--save-pin", type=Path, metavar="FILE", help="keep the checkpoint")
    add_token(parser)
    parser.add_argument("--timezone", metavar="NAME", help=f"default {ZONE}")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes, default one a core")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")
    parser.set_defaults(do=_verify)


def _verify(args: argparse.Namespace) -> int:
    pins = pins_of(args.pin)
    with opened(args.where, args.token) as place:
        asked = Asked(LogKey.parse(args.key.strip()), pins, _policy(args), args.jobs,
                      args.timezone, progress=Bar())  # fmt: skip
        report, now = verify(place, asked)
    if args.save_pin and now is not None and not report.contradictions:
        write_durably(args.save_pin, now.note)
    return print_report(report, args)


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


def add_pull(commands: Commands) -> None:
    """`pull`."""
    parser = new_command(commands, "pull", "copy a log, only what is new, whole or not at all")
    parser.add_argument("url", metavar="URL")
    parser.add_argument("folder", type=Path, metavar="DIR")
    add_token(parser)
    parser.add_argument("--key", metavar="VKEY", help="the log's verifier key: whose log it is")
    parser.set_defaults(do=_pull)


def _pull(args: argparse.Namespace) -> int:
    key = LogKey.parse(args.key.strip()) if args.key else None
    pulled = pull(args.url, args.folder, args.token, Bar(), key=key)
    print(f"{pulled.before} -> {pulled.after}, {pulled.files} files")  # noqa: T201
    if key is None:
        print(f"hailong-audit: {say(language(args), 'pull_unkeyed', {})}", file=sys.stderr)  # noqa: T201
    if not pulled.entries:
        print(f"hailong-audit: {say(language(args), 'no_entries', {})}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def add_figures(commands: Commands) -> None:
    """`figures`."""
    parser = new_command(
        commands,
        "figures",
        "count again, as CSV (whose log it is, `verify` says)",
    )
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    parser.add_argument("--from", dest="first", metavar="DATE", help="local day, included")
    parser.add_argument("--to", dest="last", metavar="DATE", help="local day, included")
    parser.add_argument("--by", choices=(*figures.BY, "counter"))
    parser.add_argument("--against", type=Path, metavar="CSV", help="compare cell by cell")
    parser.add_argument("--timezone", metavar="NAME", help=f"default {ZONE}")
    add_token(parser)
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
        size = checkpoint.size if check_extent(place, checkpoint.size, report) else 0
        joined = join(place, size, report, jobs=args.jobs, progress=Bar())
    if args.by == "counter":
        proved = count_bases(joined, report, find_zone(name), period)
        sys.stdout.write(bases.write_by_counter(proved.cells))
        return EXIT[report.verdict]
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


def add_prove(commands: Commands) -> None:
    """`prove`."""
    parser = new_command(commands, "prove", "prove that the vote with a code is in the log")
    parser.add_argument("code", metavar="CODE", help="the vote code, XXXX-XXXX-XXXX")
    parser.add_argument("where", metavar="DIR|ZIP|URL")
    add_key(parser)
    parser.add_argument("--show-vote", action="store_true", help="print the vote's line too")
    add_token(parser)
    parser.set_defaults(do=_prove)


def _prove(args: argparse.Namespace) -> int:
    with opened(args.where, args.token) as place:
        keys = follow(LogKey.parse(args.key.strip()), split_rotations(_rotations(place)))
        found = find_vote(args.code, place, keys)
    proof = found.proof.pack().decode()
    sys.stdout.write(plain(proof) if sys.stdout.isatty() else proof)
    size = read_checkpoint(found.proof.checkpoint).size
    values: dict[str, int | str] = {"index": found.proof.log_index, "size": size}
    print(say(language(args), "vote_proved", values), file=sys.stderr)  # noqa: T201
    if args.show_vote:
        print(plain_json(found.entry.decode()), file=sys.stderr)  # noqa: T201
    return 0


def _rotations(place: Place) -> bytes:
    return place.note("rotations") or b""
