"""What a technician wants to know about this unit: facts in short words, and its signed head."""

import fcntl
import shutil
import socket
import sqlite3
import struct
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal

from kiosk.clock import Reading
from kiosk.config import load_key
from kiosk.evidence import EVIDENCE
from kiosk.journal_file import Journal, fingerprint
from kiosk.locale import Words
from kiosk.quarantine import count_handed_over, is_any_unknown
from protocol.checkpoint import read_checkpoint
from protocol.errors import ProtocolError
from protocol.journal import read_line, sign_head
from protocol.keys import b64

Facts = tuple[tuple[str, str], ...]
"""(key of the catalogue's "technician." words, value), in the order in which they are shown."""

_SIOCGIFADDR = 0x8915  # linux/sockios.h: the IPv4 address of an interface
_AGES = (("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What only the running program knows."""

    at: Reading
    zone: tzinfo
    """The unit's time zone."""
    version: str
    server: str = ""
    contact_ms: int | None = None
    """Since boot, as at.mono_ms: when the server answered last in this run."""
    config: int | None = None
    """Version of the configuration in force."""
    faults: tuple[tuple[str, str], ...] = ()
    """(part, kind) of what is broken, such as ("button-3", "stuck")."""
    voice: str = ""
    """Recorded or stand-in, in words."""
    reserve_bytes: int = 0
    """With less room on the card nothing is asked."""


@dataclass(frozen=True, slots=True)
class Card:
    """The memory card that holds the kiosk's folder; in bytes."""

    free: int
    total: int
    room: Literal["ok", "low", "full"]
    """low: somebody has to look at it; full: no vote is taken."""


def gather_facts(
    folder: Path, journal: Journal | None, running: Running, words: Words, *, root: Path = Path("/")
) -> Facts:
    """What is known, never a vote. `journal` is None before enrolment or where it cannot be
    opened; `root` holds sys/. What this device does not have is left out; nothing is raised."""
    at, card = running.at, look_at_card(folder, running.reserve_bytes)
    found = {
        **_journal_facts(folder, journal, at, words),
        "version": running.version,
        "config": str(running.config or words["facts.none"]),
        "network": _network(root, words),
        "server": running.server,
        "contact": _contact(running, words),
        "disk": card_in_words(card, words) if card else words["facts.unreadable"],
        "clock": f"{_local(at.wall_ms, running.zone)}, "
        + words["facts.synchronized" if at.sync else "facts.unsynchronized"],
        "rtc": _rtc(root, running.zone, words),
        "temperature": _temperature(root),
        "voice": running.voice,
        "faults": ", ".join(f"{part}: {kind}" for part, kind in running.faults),
    }
    found["log"], doubts = _log_facts(journal, running, words)
    found["advice"] = advise(folder, found.pop("state", ""), card, words, doubts)
    return tuple((key, found[key]) for key in _ORDER if found.get(key))


_ORDER = (
    "advice", "faults", "kiosk", "key", "version", "config", "journal", "waiting", "handed", "log",
    "disk", "network", "server", "contact", "clock", "rtc", "temperature", "voice",
)  # fmt: skip


def signed_head(folder: Path, journal: Journal, seq: int | None = None) -> bytes:
    """The signed head note of the newest line, or of line `seq`. KioskError without its key."""
    row, head = journal.row(), journal.head()
    seq = head.seq if seq is None else seq
    return sign_head(
        kiosk=row.kiosk or "", journal=row.uuid, seq=seq, hash=journal.hash_at(seq) or head.hash,
        key=load_key(folder, row),
    )  # fmt: skip


def disk_is_low(folder: Path, reserve_bytes: int) -> bool:
    """Whether less than that is free for the kiosk's own user; True if that cannot be told."""
    try:
        return shutil.disk_usage(folder).free < reserve_bytes
    except OSError:
        return True


def is_four_fifths_used(used: int, free: int) -> bool:
    """Whether somebody has to look at the card; what is kept for root counts for neither."""
    return used >= 4 * free


def disk_is_filling(folder: Path) -> bool:
    """The same of the card that holds `folder`; False if that cannot be told."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return False
    return is_four_fifths_used(usage.used, usage.free)


def look_at_card(folder: Path, reserve_bytes: int) -> Card | None:
    """How much room is left for the kiosk's own user; None if that cannot be told."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    if usage.free < reserve_bytes:
        return Card(usage.free, usage.total, "full")
    filling = is_four_fifths_used(usage.used, usage.free)
    return Card(usage.free, usage.total, "low" if filling else "ok")


def card_in_words(card: Card, words: Words) -> str:
    """Such as "24 GB free of 29 GB (82%)", and whether that is little."""
    key = {"ok": "facts.disk", "low": "facts.disk_low", "full": "facts.disk_full"}[card.room]
    percent = 100 * card.free // card.total
    return words[key].format(free=_size(card.free), total=_size(card.total), percent=percent)


def advise(
    folder: Path, state: str, card: Card | None, words: Words, doubts: tuple[str, ...] = ()
) -> str:
    """What happened and what the technician has to do, the most urgent alone; "" while all is
    well. `state` is the journal's, "" where there is none; `doubts` are LogRow.words."""
    if card is not None and card.room == "full":
        return words["advice.full"]
    if state == "enrolling" and not any(folder.glob(f"{EVIDENCE}*/")):
        return words["advice.unenrolled"]
    if doubts:
        return words[f"advice.{doubts[0]}"]
    if state == "open" and is_any_unknown(folder):
        return words["advice.unknown"]
    low = words["advice.disk"] if card is not None and card.room == "low" else ""
    return words.get(f"advice.{state}", low)


def _journal_facts(
    folder: Path, journal: Journal | None, at: Reading, words: Words
) -> dict[str, str]:
    if journal is None:
        return {"journal": words["facts.none"]}
    try:
        row = journal.row()
        return {
            "kiosk": " · ".join(part for part in (row.kiosk, row.name) if part),
            "key": fingerprint(row),
            "journal": f"{row.uuid[:8]} · {words[f'facts.state_{row.state}']}",
            "waiting": _waiting(journal, row.acked, at, words),
            "handed": _handed_over(folder, row.state, words),
            "state": row.state,
        }
    except (sqlite3.Error, KeyError):  # a KeyError is a state from a later version
        return {"journal": words["facts.unreadable"]}


def _log_facts(
    journal: Journal | None, running: Running, words: Words
) -> tuple[str, tuple[str, ...]]:
    """Newest verified checkpoint of the server's log, up to where lines are proved, and what is the
    matter; and that as LogRow.words."""
    try:
        log = journal.log.row() if journal is not None else None
        if log is None or log.checkpoint is None:
            said = words["facts.none"]
        else:
            found = read_checkpoint(log.checkpoint)
            said = words["facts.log"].format(
                size=found.size, root=b64(found.root)[:8], proved=log.proved
            )
    except (sqlite3.Error, ProtocolError):
        return words["facts.unreadable"], ()
    if log is None:
        return said, ()
    if log.contradicted_ms is not None:
        since = _local(log.contradicted_ms, running.zone)
        said = f"{said}; {words['facts.contradicted'].format(since=since)}"
    if log.missing is not None:
        said = f"{said}; {words['facts.missing'].format(seq=log.missing)}"
    return said, log.words()


def _waiting(journal: Journal, acked: int, at: Reading, words: Words) -> str:
    oldest = journal.lines_after(acked, max_lines=1, max_bytes=1)
    if not oldest:
        return words["facts.no_lines"]
    line = read_line(oldest[0])
    same_boot = line.boot == at.boot
    age_ms = at.mono_ms - line.mono_ms if same_boot else at.wall_ms - line.wall_ms
    return words["facts.lines"].format(n=journal.head().seq - acked, age=_age(age_ms, words))


def _handed_over(folder: Path, state: str, words: Words) -> str:
    """Of lines that the server keeps apart; "" where there never were any."""
    found = count_handed_over(folder, state)
    if not (found.kept or found.waiting):
        return ""
    return words["facts.handed"].format(kept=found.kept, waiting=found.waiting)


def _contact(running: Running, words: Words) -> str:
    if running.contact_ms is None:
        return words["facts.never"]
    age = _age(running.at.mono_ms - running.contact_ms, words)
    return words["facts.ago"].format(age=age)


def _age(ms: int, words: Words) -> str:
    for unit, unit_ms in _AGES:
        if ms >= 2 * unit_ms:
            return words[f"facts.{unit}"].format(n=ms // unit_ms)
    return words["facts.seconds"].format(n=max(0, ms) // 1000)


def _size(count: int) -> str:
    megabytes = count // 1_000_000
    return f"{megabytes // 1000} GB" if megabytes >= 10_000 else f"{megabytes} MB"


def _network(root: Path, words: Words) -> str:
    """Each interface with its link and IPv4 address, but the loopback and virtual ones at rest."""
    found = []
    for place in sorted((root / "sys/class/net").glob("*")):
        state, address = _read(place / "operstate"), ipv4_address(place.name)
        if place.name == "lo" or (state != "up" and not (place / "device").exists()):
            continue
        link = address or words["facts.no_address"] if state == "up" else words["facts.link_down"]
        found.append(f"{place.name}: {link}")
    return ", ".join(found) or words["facts.no_network"]


def ipv4_address(interface: str) -> str:
    """The interface's IPv4 address; "" if it has none or does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            request = struct.pack("256s", interface.encode()[:15])
            return socket.inet_ntoa(fcntl.ioctl(asked, _SIOCGIFADDR, request)[20:24])
        except OSError:
            return ""


def _rtc(root: Path, zone: tzinfo, words: Words) -> str:
    """What the battery clock says: 1970 or 2000 means that its battery is empty."""
    epoch = _read(root / "sys/class/rtc/rtc0/since_epoch")
    return _local(int(epoch) * 1000, zone) if epoch.isdigit() else words["facts.no_rtc"]


def _temperature(root: Path) -> str:
    """The hottest sensor; "" where there is none."""
    millidegrees = temperature_mc(root)
    return "" if millidegrees is None else f"{millidegrees / 1000:.0f} °C"


def temperature_mc(root: Path = Path("/")) -> int | None:
    """Thousandths of a degree Celsius of the hottest sensor; None where there is none."""
    found = map(_read, (root / "sys/class/thermal").glob("thermal_zone*/temp"))
    return max((int(text) for text in found if text.lstrip("-").isdigit()), default=None)


def _local(ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%d/%m/%Y %H:%M:%S")


def _read(path: Path) -> str:
    """A file of sys/; "" if it is not there or does not answer."""
    try:
        return path.read_text("ascii", errors="replace").strip()
    except OSError:
        return ""
