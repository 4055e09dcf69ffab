"""What an inspector takes away: entries, proofs and tallies in one zip."""

import argparse
import hashlib
import sys
from datetime import date
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from server.folder import SetupError

HELP = "write entries, proofs and tallies of some units and local days into FILE.zip, for auditors"
BY = "console"
UNITS_NAMED = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.zip")
    for name, what in (("from", "first"), ("to", "last")):
        parser.add_argument(
            f"--{name}", dest=what, type=date.fromisoformat, required=True, metavar="DATE",
            help=f"the {what} local day of the tallies, such as 2026-10-01",
        )  # fmt: skip
    parser.add_argument(
        "--unit", dest="units", action="append", metavar="CODE", help="of this unit alone; repeat"
    )
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def main(args: argparse.Namespace) -> int:
    from server.backup.files import written_beside
    from server.clock import now_ms
    from server.console.enrolments import check_rows
    from server.ledger.looks import record_published, record_view
    from server.sealing.export import write_export
    from server.sealing.tallies import Period

    if args.last < args.first:
        raise SetupError(f"{args.last} is before {args.first}; --from comes first.")
    units, zone = _territory(args.units)
    check_rows()
    period = Period(args.first, args.last, zone)
    with written_beside(args.file, force=args.force) as file:
        record_view(by=BY, what=_what(args, units), now_ms=now_ms())
        sealed = write_export(file, units=units, period=period, now_ms=now_ms())
        sha256 = _hash(file)
    # A crash before this line leaves a file of which the log says that somebody looked, no more.
    record_published(sha256=sha256, size=sealed.size, by=BY, now_ms=now_ms())
    print(f"{sha256}  {args.file}")
    print(
        f"{sealed.entries:,} of the log's {sealed.size:,} entries, {sealed.votes:,} votes in the "
        "tallies. Votes of named officials stand in it: hand it to nobody but the auditor.",
        file=sys.stderr,
    )
    return 0


def _hash(file: IO[bytes]) -> str:
    file.seek(0)
    hashed = hashlib.sha256()
    while block := file.read(1 << 20):
        hashed.update(block)
    return hashed.hexdigest()


def _territory(wanted: list[str] | None) -> tuple[list[str], ZoneInfo]:
    """The units, and the one time zone in which their days begin."""
    from django.conf import settings

    from server.organisation.selectors import timezones_of
    from server.organisation.selectors import units as all_units

    known = {unit.code for unit in all_units()}
    units = sorted(set(wanted or known))
    for unit in units:
        if unit not in known:
            raise SetupError(f"There is no unit {unit}.")
    zones = {zone.key for zone in timezones_of(units).values()} or {settings.TIME_ZONE}
    if len(zones) > 1:
        raise SetupError("These units lie in several time zones; export those of one at a time.")
    return units, ZoneInfo(zones.pop())


def _what(args: argparse.Namespace, units: list[str]) -> str:
    named = ", ".join(units[:UNITS_NAMED])
    more = f" and {len(units) - UNITS_NAMED} more" if len(units) > UNITS_NAMED else ""
    return f"sealed export of {args.first} to {args.last}, units {named}{more}"
