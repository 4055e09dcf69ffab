"""Print every counter with the kiosks that stand there."""

import argparse

from server.console.table import format_argument, write_csv

HELP = "print every counter and the kiosks that stand there"
COLUMNS = ("counter", "unit", "number", "name", "kiosks")


def arguments(parser: argparse.ArgumentParser) -> None:
    format_argument(parser)


def main(args: argparse.Namespace) -> int:
    from server.fleet.models import Placement
    from server.organisation.selectors import counters

    standing: dict[str, list[str]] = {}
    open_ended = Placement.objects.filter(ended_ms__isnull=True).order_by("kiosk")
    for counter, kiosk in open_ended.values_list("counter", "kiosk"):
        standing.setdefault(counter, []).append(kiosk)
    write_csv(
        COLUMNS,
        (
            (row.code, row.unit_id, row.number, row.name, " ".join(standing.get(row.code, [])))
            for row in counters()
        ),
    )
    return 0
