"""Whether the server holds what was sent, byte for byte, and counted what was pressed."""

import hashlib
import time
from collections.abc import Iterable
from typing import Any

from bench.fleet.site import Site

LINES = "SELECT journal, body FROM ledger_line ORDER BY journal, seq"
TALLIES = (
    "SELECT counter, sum(n1), sum(n2), sum(n3), sum(n4), sum(n5) FROM analytics_tally "
    "GROUP BY counter"
)


def differing_journals(site: Site, sent: Iterable[dict[str, Any]]) -> list[str]:
    """A sentence for each journal that the server holds otherwise than it was sent."""
    held: dict[str, list[bytes]] = {}
    for name, body in site.rows(LINES):
        held.setdefault(name, []).append(bytes(body))
    found = []
    for journal in sent:
        lines = held.pop(journal["journal"], [])
        if hashlib.sha256(b"\n".join(lines)).hexdigest() != journal["sha256"]:
            found.append(f"{journal['journal']}: {len(lines)} held, {journal['lines']} sent")
    return found + [f"{name}: {len(lines)} held, none sent" for name, lines in held.items()]


def wrong_tallies(site: Site, sent: Iterable[dict[str, Any]]) -> int:
    """How many counters' tallies are not what was pressed there."""
    pressed = {journal["counter"]: journal["ratings"] for journal in sent}
    counted = {row[0]: [int(n) for n in row[1:]] for row in site.rows(TALLIES)}
    counters = pressed.keys() | counted.keys()
    return sum(counted.get(c, [0] * 5) != pressed.get(c, [0] * 5) for c in counters)


def wait_for_tallies(site: Site, sent: list[dict[str, Any]], within_s: float) -> float | None:
    """Seconds until all tallies are what was pressed; None if that takes too long."""
    began = time.monotonic()
    while wrong_tallies(site, sent):
        if time.monotonic() - began > within_s:
            return None
        time.sleep(0.5)
    return time.monotonic() - began
