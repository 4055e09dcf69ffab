"""The technician's commands beside a running kiosk: status, flush, export."""

import os
import sqlite3
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk import ahead
from kiosk.clock import Clock
from kiosk.config import HeldConfig, Settings, load_config, load_key, load_settings
from kiosk.door import Door
from kiosk.errors import KioskError
from kiosk.folder import is_held, try_hold
from kiosk.journal_file import Journal, fingerprint
from kiosk.journal_store import Writer
from kiosk.locale import load_catalogues, load_words, use_folder
from kiosk.quarantine import count_handed_over, set_aside_journals
from kiosk.sync import Sender
from kiosk.technician import Card, advise, card_in_words, look_at_card, signed_head
from kiosk.voice import Voice
from protocol.checkpoint import read_checkpoint
from protocol.journal import build_export
from protocol.keys import b64
from protocol.note import vkey

TRIES = 3
LONGEST_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Log:
    """The newest checkpoint of the server's log that this kiosk has verified; None before."""

    origin: str | None
    size: int | None
    root: str | None
    proved: int
    """Lines of this journal up to here are proved to be in the log."""
    missing: int | None
    """A line that the server has acknowledged and that is not in it."""
    contradicted_at: str | None
    """Since when the log is known to contradict itself."""

    def as_text(self) -> str:
        """In one line."""
        found = "none seen yet"
        if self.size is not None:
            found = f"size {self.size}, root {self.root}, own lines proved to {self.proved}"
        if self.missing is not None:
            found += f"; LINE {self.missing} IS MISSING"
        if self.contradicted_at is not None:
            found += f"; CONTRADICTS ITSELF since {self.contradicted_at}"
        return found


@dataclass(frozen=True, slots=True)
class Status:
    """What `status` says."""

    kiosk: str | None
    name: str | None
    server: str | None
    url: str
    journal: str
    key: str
    verifier: str
    state: str
    running: bool
    lines: int
    acked: int
    unsent: int
    votes: int
    """Of the lines that are still on the card."""
    pruned: int
    config: int | None
    voice: dict[str, str]
    enrolled_at: str | None
    evidence: tuple[str, ...]
    """Folders with journals that could not go on, or were replaced."""
    kept_apart: int
    """Lines that the server keeps for review, of this and earlier journals."""
    waiting_apart: int
    disk: Card | None
    """None where the card cannot be read."""
    advice: dict[str, str]
    """What happened and what the technician has to do, by language; none while all is well."""
    log: Log
    head: str

    def as_json(self) -> str:
        """One JSON object."""
        return msgspec.json.encode(asdict(self)).decode()

    def as_text(self) -> str:
        """One fact a line."""
        needs = "" if self.state == "open" else " (needs enrolment)"
        facts = {
            "kiosk": f"{self.kiosk or 'not enrolled yet'} {self.name or ''}".rstrip(),
            "server": f"{self.server or '?'} at {self.url}",
            "journal": f"{self.journal}, {self.state}{needs}, enrolled {self.enrolled_at or 'no'}",
            "key": f"{self.key}, for the auditor: {self.verifier or 'none yet'}",
            "running": "yes" if self.running else "no",
            "lines": f"{self.lines}, of them votes {self.votes}{self._kept()}",
            "unsent": str(self.unsent),
            "disk": card_in_words(self.disk, load_words("en")) if self.disk else "unreadable",
            "voice": ", ".join(f"{code} {how}" for code, how in self.voice.items()),
            "log": self.log.as_text(),
            "config": "none yet" if self.config is None else f"version {self.config}",
        }
        if self.evidence:
            facts["evidence"] = ", ".join(self.evidence)
        if self.kept_apart or self.waiting_apart:
            kept, waiting = self.kept_apart, self.waiting_apart
            facts["apart"] = f"{kept} lines handed over for review, {waiting} waiting"
        facts |= {f"do ({code})": sentence for code, sentence in self.advice.items()}
        head = "\n".join(f"    {line}" for line in self.head.splitlines())
        return "\n".join(f"{key:<8} {value}" for key, value in facts.items()) + f"\nhead\n{head}"

    def _kept(self) -> str:
        return f" (on the card from line {self.pruned + 1})" if self.pruned else ""


def read_status(folder: Path) -> Status:
    """How the kiosk of `folder` is doing; changes nothing."""
    journal = Journal(folder)
    try:
        row, head = journal.row(), journal.head()
        settings = load_settings(folder) if row.kiosk else None
        held = load_config(folder, journal)
        enrolled = None if row.enrolled_ms is None else _iso(row.enrolled_ms)
        apart = count_handed_over(folder, row.state)
        reserve_bytes = (settings or Settings(server="")).reserve_bytes
        card = look_at_card(folder, reserve_bytes)
        return Status(
            row.kiosk, row.name, row.server, settings.server if settings else "?", row.uuid,
            fingerprint(row), vkey(row.kiosk, row.public_key) if row.kiosk else "",
            row.state, is_held(folder), head.seq, row.acked, head.seq - row.acked,
            journal.count("vote"), row.pruned, held.version if held else None,
            _voices(folder, held), enrolled,
            tuple(p.name for p in set_aside_journals(folder)), apart.kept, apart.waiting,
            card, _advice(folder, row.state, card, journal.log.row().words()), _log(journal),
            signed_head(folder, journal).decode() if row.kiosk else "",
        )  # fmt: skip
    finally:
        journal.close()


def newest_checkpoint(folder: Path) -> bytes:
    """The newest verified checkpoint, which an inspector takes away as a pin."""
    journal = Journal(folder)
    try:
        note = journal.log.row().checkpoint
    finally:
        journal.close()
    if note is None:
        raise KioskError(
            "This kiosk has not seen a checkpoint of its server's log yet; wait until it has been"
            " in contact."
        )
    return note


def _log(journal: Journal) -> Log:
    row = journal.log.row()
    found = read_checkpoint(row.checkpoint) if row.checkpoint is not None else None
    at_ms = row.contradicted_ms
    return Log(
        found.origin if found else None, found.size if found else None,
        b64(found.root) if found else None, row.proved, row.missing,
        None if at_ms is None else _iso(at_ms),
    )  # fmt: skip


def export(folder: Path) -> tuple[bytes, bool]:
    """Lines, an empty line, the signed head: what an auditor takes away; and whether that is all.
    Of a damaged journal it is what comes before the damage, with a head signed for that. It begins
    after the lines that were pruned."""
    journal = Journal(folder)
    try:
        if journal.row().kiosk is None:
            raise KioskError("This kiosk is not enrolled yet, so its journal is empty.")
        lines = list(journal.whole_lines())
        newest = journal.row().pruned + len(lines)
        exported = build_export(lines, signed_head(folder, journal, newest))
        return exported, _is_all(journal, newest)
    finally:
        journal.close()


def _is_all(journal: Journal, newest: int) -> bool:
    try:
        return journal.head().seq == newest
    except sqlite3.Error:
        return False


def flush(folder: Path) -> tuple[int, str]:
    """Sends everything, a few tries; how many lines are left, and why."""
    journal = Journal(folder)
    row = journal.row()
    if row.kiosk is None:
        journal.close()
        raise KioskError("This kiosk is not enrolled yet; finish that first.")
    settings, key, clock = load_settings(folder), load_key(folder, row), Clock()
    # Beside a running kiosk only it may append; its own sending keeps the clock records then. Nor
    # may a clock of this moment stand among the lines of a run whose days were pretended.
    lock = try_hold(folder)
    writer = Writer(folder) if lock is not None and not ahead.is_wanted() else None
    door = Door(
        settings.server, kiosk=row.kiosk, server=row.server or "", key=key, clock=clock,
        way=settings.way,
    )  # fmt: skip
    sender = Sender(
        folder, journal, door, key=key, clock=clock, writer=writer,
        held=load_config(folder, journal),
    )  # fmt: skip
    try:
        for tries_left in reversed(range(TRIES)):
            if sender.round():
                return 0, ""
            wait_s = sender.not_before - time.monotonic()
            if wait_s > LONGEST_WAIT_S or not tries_left:
                break
            time.sleep(max(0.0, wait_s))
        reason = sender.health.defect or "the server does not answer"
        return sender.unsent(), f"{reason} ({settings.server})"
    finally:
        door.close()
        if writer is not None:
            writer.close(clean=journal.row().clean == 1)
        if lock is not None:
            os.close(lock)
        journal.close()


def _voices(folder: Path, held: HeldConfig | None) -> dict[str, str]:
    """How each language on offer is heard: recorded, stand-in (espeak-ng) or none."""
    use_folder(folder / "locale")
    voice, known = Voice(folder), load_catalogues()
    question = held.config.question if held else {}
    offered = [code for code in (held.config.locales if held else known) if code in known]
    return {code: voice.report(code, question=question.get(code, "")) for code in offered}


def _advice(folder: Path, state: str, card: Card | None, doubts: tuple[str, ...]) -> dict[str, str]:
    words_of = load_catalogues()
    found = {code: advise(folder, state, card, words, doubts) for code, words in words_of.items()}
    return {code: sentence for code, sentence in found.items() if sentence}


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
