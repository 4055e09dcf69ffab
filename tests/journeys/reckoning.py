"""Does the server hold what the kiosks wrote, and count it as the journals say? By raw tables."""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.journeys import recount
from tests.journeys.river import Server


@dataclass
class Journal:
    """A journal as its card has it."""

    kiosk: str
    counter: str
    journal: str
    public_key: bytes
    acked: int
    lines: list[bytes]


@dataclass
class Held:
    """What the server has of all journals: (journal, seq) -> line, and what it keeps apart."""

    lines: dict[tuple[str, int], bytes] = field(default_factory=dict)
    apart: set[tuple[str, int, bytes]] = field(default_factory=set)


def on_the_card(folder: Path, *, kiosk: str, counter: str) -> Iterator[Journal]:
    """Every journal in a kiosk's folder: the one in use, and those set aside."""
    for file in sorted(folder.rglob("journal.sqlite3")):
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as raw:
            uuid, key, acked = raw.execute("SELECT uuid, public_key, acked FROM journal").fetchone()
            lines = raw.execute("SELECT body FROM line ORDER BY seq").fetchall()
        raw.close()
        yield Journal(kiosk, counter, uuid, bytes(key), acked, [bytes(body) for (body,) in lines])


def on_the_server(server: Server) -> Held:
    """The rows of the ledger and of the quarantine."""
    held = Held()
    for journal, seq, body in rows(server, "SELECT journal, seq, body FROM ledger_line"):
        held.lines[journal, seq] = bytes(body)
    for journal, seq, body in rows(server, "SELECT journal, seq, body FROM ingest_quarantined"):
        held.apart.add((journal, seq, bytes(body)))
    return held


def rows(server: Server, query: str) -> list[tuple[Any, ...]]:
    """What a query of the server's own tables gives."""
    if url := server.environment["HAILONG_DATABASE_URL"]:
        import psycopg

        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()
    raw = sqlite3.connect(server.folder / "server.sqlite3")
    try:
        return raw.execute(query).fetchall()
    finally:
        raw.close()


def compare(journals: Iterable[Journal], held: Held) -> list[str]:
    """A sentence for each line that is not where it belongs, byte for byte, once."""
    faults: list[str] = []
    rest = dict(held.lines)
    for journal in journals:
        at = f"kiosk {journal.kiosk} journal {journal.journal}"
        key = base64.b64encode(journal.public_key).decode()
        faults += recount.chain_faults(journal.lines, journal=journal.journal, public_key=key)
        for seq, line in enumerate(journal.lines, 1):
            stored = rest.pop((journal.journal, seq), None)
            if stored is None and (journal.journal, seq, line) not in held.apart:
                faults.append(f"{at} seq {seq}: the server does not have it")
            elif stored is not None and stored != line:
                faults.append(f"{at} seq {seq}: the server has other bytes")
        if journal.acked > len(journal.lines):
            faults.append(f"{at}: acknowledged {journal.acked} of {len(journal.lines)} lines")
    faults += [f"journal {j} seq {seq}: no card has it" for j, seq in sorted(rest)]
    return faults


def thanked_faults(
    thanked: Iterable[tuple[str, int, int]], journals: Iterable[Journal]
) -> list[str]:
    """thanked: (journal, seq, rating) of each thanks that was said; each is one vote, once."""
    votes = {
        (journal.journal, seq): json.loads(line)
        for journal in journals
        for seq, line in enumerate(journal.lines, 1)
    }
    faults, said = [], set()
    for journal, seq, rating in thanked:
        record = votes.get((journal, seq), {"type": "none", "data": {}})
        if (record["type"], record["data"].get("rating")) != ("vote", rating):
            faults.append(f"journal {journal} seq {seq}: thanked for {rating}, is {record['type']}")
        if (journal, seq) in said:
            faults.append(f"journal {journal} seq {seq}: thanked twice for one vote")
        said.add((journal, seq))
    return faults


Place = tuple[str, str, str]  # unit, counter, official or nobody
Counts = dict[Place, dict[str, list[int]]]
"""Of each place, by date or by first/last date of an interval, the votes with rating 1 to 5."""


def counted(journals: Iterable[Journal], held: Held, *, officials: bool) -> Counts:
    """What the lines that count say, by the other code.

    officials: False sums over them, where kiosks share a counter and one's duty covers another's.
    """
    total: Counts = {}
    for journal in journals:
        unit = journal.counter.split("-")[0]
        lines = [
            line
            for seq, line in enumerate(journal.lines, 1)
            if (journal.journal, seq) in held.lines
        ]
        found = recount.count(lines, unit=unit, counter=journal.counter)
        for (unit, counter, date, official), votes in found.items():
            _add(total, (unit, counter, official if officials else ""), date, votes)
    return total


def tallied(server: Server, *, officials: bool) -> Counts:
    """The same of `hailong-server tallies`."""
    total: Counts = {}
    for row in server.table("tallies"):
        place = (row["unit"], row["counter"], row["official"] if officials else "")
        _add(total, place, row["day"], [int(row[f"n{rating}"]) for rating in range(1, 6)])
    return total


def _add(total: Counts, place: Place, when: str, votes: list[int]) -> None:
    days = total.setdefault(place, {})
    days[when] = _sum([days.get(when, NONE), votes])


def tally_faults(mine: Counts, theirs: Counts) -> list[str]:
    """Where they differ. A vote whose time is uncertain is tallied for first/last date of its
    interval (protocol.md 8); the journal's own word for it is a date in there."""
    faults = []
    for place in sorted(mine.keys() | theirs.keys()):
        told, found = mine.get(place, {}), theirs.get(place, {})
        if _sum(told.values()) != _sum(found.values()):
            faults.append(f"{' '.join(place)}: journals say {told}, tallies {found}")
            continue
        for date in sorted(told.keys() | {when for when in found if "/" not in when}):
            votes, sure = told.get(date, NONE), found.get(date, NONE)
            maybe = _sum(n for when, n in found.items() if _holds(when, date))
            if any(not s <= v <= s + m for v, s, m in zip(votes, sure, maybe, strict=True)):
                faults.append(f"{' '.join(place)} {date}: journals say {votes}, tallies {found}")
    return faults


def _holds(when: str, date: str) -> bool:
    first, _, last = when.partition("/")
    return bool(last) and first <= date <= last


NONE = [0] * 5


def _sum(rows: Iterable[list[int]]) -> list[int]:
    return [sum(column) for column in zip(NONE, *rows, strict=True)]
