"""`python -m bench.detection [--days 120] [--seed 2026]`: which frauds are found, when, by what.

A made-up province (server/sample/frauds.py) goes through the whole river, as kiosks' lines do. A
fraud is found by signals about its counter, and by rules that hold or flag its votes; what is said
of honest counters, or of a counter before its fraud began, is false. Minutes.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple


class Found(NamedTuple):
    """Of one fraud: signals in order of time (kind, working days until found), its votes, how many
    of them were held, how many flagged, and how many honest votes of its counter were held."""

    signals: list[tuple[str, int]]
    votes: int
    held: int
    flagged: int
    wronged: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.detection", description=__doc__)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("HAILONG_BENCH_DIR")) as folder:
        os.environ["HAILONG_DATA"] = folder
        os.environ.pop("HAILONG_DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
        _set_up(Path(folder))
        began = time.monotonic()
        truth = live(args.days, args.seed)
        print(f"{len(truth.labels):,} votes in {time.monotonic() - began:.0f} s", file=sys.stderr)
        for line in table(truth):
            print(line)
        from django.db import connections

        connections.close_all()
    return 0


def _set_up(folder: Path) -> None:
    from server.folder import Folder

    Folder(folder).make(name="bench", sample=True)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def live(days: int, seed: int) -> Any:
    """Load the province and work everything that came; the truth."""
    from server import pipeline
    from server.clock import now_ms
    from server.sample import frauds

    *_, truth = frauds.load(now_ms=now_ms(), days=days, seed=seed)
    pipeline.run_until_done()
    return truth


def found_of(truth: Any) -> dict[str, Found]:
    """By fraud; "" for all honest counters together, whose signals count from the first day."""
    flags, held = _flags()
    counters = {fraud: counter for counter, fraud in truth.counters.items() if fraud}
    by_counter = _by_counter(truth)
    found = {}
    for fraud, counter in counters.items():
        labels = by_counter[counter]
        mine = [label[:2] for label in labels if label.fraud]
        others = [label[:2] for label in labels if not label.fraud]
        found[fraud] = Found(
            _signals({counter: truth.since}), len(mine), len(held & {*mine}), len(flags & {*mine}),
            len(held & {*others}),
        )  # fmt: skip
    honest = [counter for counter, fraud in truth.counters.items() if not fraud]
    theirs = {label[:2] for counter in honest for label in by_counter[counter]}
    first = min(_days(), default=truth.since)
    found[""] = Found(
        _signals(dict.fromkeys(honest, first)), len(theirs), len(held & theirs),
        len(flags & theirs), len(held & theirs),
    )  # fmt: skip
    return found


def table(truth: Any) -> list[str]:
    """The detection table, in Markdown."""
    lines = [
        "| what was done | its votes | held | flagged only | signals: working days until found "
        "| honest votes held |",
        "|---|---|---|---|---|---|",
    ]
    for fraud, each in found_of(truth).items():
        firsts: dict[str, int] = {}
        for kind, day in each.signals:
            firsts.setdefault(kind, day)
        told = ", ".join(f"{kind} {day}" for kind, day in firsts.items()) or "none"
        if not fraud:
            told = f"{len(each.signals)} in all"
        votes = f"{each.votes:,}" if each.votes else "-"
        lines.append(
            f"| {fraud or 'nothing (honest counters)'} | {votes} "
            f"| {_part(each.held, each.votes)} | {_part(each.flagged - each.held, each.votes)} "
            f"| {told} | {each.wronged} |"
        )
    wide = Counter(kind for kind, counter in _unit_signals(truth.since) if not counter)
    lines.append(f"\nOf units as a whole, after the first day of fraud: {dict(wide) or 'none'}; "
                 f"before it, anywhere: {_early(truth.since)}.")  # fmt: skip
    return lines


def _part(n: int, of: int) -> str:
    return f"{n / of:.0%}" if of else "-"


def _flags() -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Votes that a rule flagged, and those held."""
    from server.attribution.models import Attribution
    from server.flags.models import Flag

    held = Attribution.objects.filter(state="held").values_list("journal", "seq")
    return set(Flag.objects.values_list("journal", "seq")), set(held)


def _by_counter(truth: Any) -> Mapping[str, list[Any]]:
    from server.fleet.models import Placement
    from server.ingest.models import Journal

    at = dict(Placement.objects.values_list("kiosk_id", "counter"))
    of = {journal: at[kiosk] for journal, kiosk in Journal.objects.values_list("journal", "kiosk")}
    found: dict[str, list[Any]] = {counter: [] for counter in truth.counters}
    for label in truth.labels:
        found[of[label.journal]].append(label)
    return found


def _signals(since: Mapping[str, date]) -> list[tuple[str, int]]:
    """Signals about these counters or their officials from a day on: kind and working days."""
    from server.signals.models import Signal

    days, found = _days(), []
    for row in Signal.objects.order_by("found_date", "number"):
        counter = row.counter or row.official.removeprefix("CB-")
        if counter in since and row.found_date >= since[counter]:
            passed = sum(since[counter] <= day <= row.found_date for day in days)
            side = {"up": " up", "down": " down"}.get(row.side, "")
            found.append((row.kind + (side if row.kind in ("response", "invited") else ""), passed))
    return found


def _unit_signals(since: date) -> list[tuple[str, str]]:
    from server.signals.models import Signal

    rows = Signal.objects.filter(found_date__gte=since)
    return [(row.kind, row.counter or row.official) for row in rows]


def _early(since: date) -> int:
    from server.signals.models import Signal

    return int(Signal.objects.filter(found_date__lt=since).count())


def _days() -> list[date]:
    from server.analytics.models import Tally

    days = Tally.objects.order_by("first_day").values_list("first_day", flat=True).distinct()
    return list(days)


if __name__ == "__main__":
    sys.exit(main())
