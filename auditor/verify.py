"""`verify`: the whole audit of a log or a sealed export, in the order of integrity.md."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from auditor import bases, figures, left_out, sealed
from auditor.deciding import Decider
from auditor.errors import Unable
from auditor.evidence import gather
from auditor.findings import list_deeds, list_journals, list_open_twice
from auditor.join import Joined, Progress, join, without_looking_for_cycles
from auditor.pins import Pin, check_pins, read_pins
from auditor.place import Place
from auditor.report import Finding, Report
from auditor.scan import EVERY
from auditor.tree import check_extent, check_tree
from auditor.trust import Signed, check_witnesses, follow, open_log, split_rotations
from protocol.checkpoint import Checkpoint, LogKey, read_checkpoint
from protocol.cosignature import Policy
from protocol.keys import b64
from protocol.note import BadNote
from protocol.records import Checkpoint as CheckpointRecord
from protocol.records import Contradiction
from protocol.tiles import TiledTree

ZONE = "Asia/Ho_Chi_Minh"


class Asked(NamedTuple):
    """What the inspector gave."""

    key: LogKey
    pins: Sequence[Pin] = ()
    policy: Policy | None = None
    jobs: int | None = None
    timezone: str | None = None
    progress: Progress | None = None


@without_looking_for_cycles()
def verify(place: Place, asked: Asked) -> tuple[Report, Signed | None]:
    """The report, and the checkpoint that it is about (to be pinned). Unable if nothing can be
    checked: no checkpoint, another log's key."""
    manifest = sealed.read_manifest(place.sealed) if place.sealed else None
    zone = find_zone(asked.timezone or (manifest.timezone if manifest else ZONE))
    report = Report(log=asked.key.origin, size=0, root="", timezone=str(zone))
    if manifest and place.sealed:
        sealed.check_parts(place.sealed, manifest, report)
    note = place.note("checkpoint")
    if note is None:
        raise Unable("no_log", where=str(place.log))
    # An unsigned checkpoint contradicts the log already; what lies under it is read all the same.
    checkpoint = _unsigned(note)
    if checkpoint is None:
        open_log(note, [asked.key], report)
        return _finish(report, asked, None, place), None
    if checkpoint.origin != asked.key.origin:
        raise Unable("other_log", origin=checkpoint.origin, key=asked.key.origin)
    report.size, report.root = checkpoint.size, b64(checkpoint.root)
    if manifest and (manifest.size, manifest.root) != (report.size, report.root):
        report.against("manifest_other", size=manifest.size, now=report.size)
    if not check_extent(place, checkpoint.size, report):
        open_log(note, follow(asked.key, split_rotations(place.note("rotations") or b"")), report)
        return _finish(report, asked, None, place), None
    joined = _read(place, checkpoint.size, report, asked)
    # A rotation note proves itself, wherever it stands.
    notes = split_rotations(place.note("rotations") or b"")
    keys = follow(asked.key, [*notes, *joined.rotations()])
    now = open_log(note, keys, report)
    tree = check_tree(place, checkpoint, joined.roots, report)
    _say_rebuilt(place, joined, report)
    if now is not None:
        _check_history(place, now, keys, tree, joined, asked, report)
    if joined.entries:
        _check_contents(joined, report, zone)
    elif place.has_entries() and checkpoint.size:
        report.leave("none_listed", size=checkpoint.size)
    if manifest and place.sealed:
        # Also where no entry is listed: votes that nobody can count are votes made up.
        _check_tallies(place, manifest, joined, report, zone)
    _conclude(report, joined, place)
    return _finish(report, asked, joined, place), now


def find_zone(name: str) -> ZoneInfo:
    """A time zone by its name; Unable if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unable("zone", name=name) from None


def _unsigned(note: bytes) -> Checkpoint | None:
    try:
        return read_checkpoint(note)
    except BadNote:
        return None


def _read(place: Place, size: int, report: Report, asked: Asked) -> Joined:
    if not place.has_entries():
        if size:
            report.leave("no_entries")
        return Joined(report)
    return join(place, size, report, jobs=asked.jobs, progress=asked.progress)


def _say_rebuilt(place: Place, joined: Joined, report: Report) -> None:
    if report.contradictions or not joined.entries:
        return
    if joined.entries == report.size:
        report.prove("rebuilt", entries=joined.entries, size=report.size)
    elif place.sealed:
        report.prove("rebuilt_partly", entries=joined.entries, size=report.size)


def _check_history(
    place: Place, now: Signed, keys: list[LogKey], tree: TiledTree, joined: Joined, asked: Asked,
    report: Report,
) -> None:  # fmt: skip
    """Witnesses and pins: the log as it is now begins with all that it was before."""
    cosigned = check_witnesses(place.note("cosigned"), keys, asked.policy, report)
    pins = list(asked.pins)
    if cosigned:
        pins.append(Pin(cosigned, "cosigned"))
    # What `pull` was shown instead of the log that is copied here: a lie does not go away.
    for file in filter(Path.is_file, sorted(place.log.glob("contradiction-*.notes"))):
        pins += [Pin(signed, file.name) for signed in read_pins(file)]
    given, largest = check_pins(pins, now=now, keys=keys, root_at=tree.root, report=report)
    if given:
        report.prove("pins", pins=given, size=largest)
    kept, largest = check_pins(
        kiosk_pins(joined), now=now, keys=keys, root_at=tree.root, report=report, asked=False
    )  # fmt: skip
    report.counts["kiosk_pins"] = kept
    if kept:
        report.prove("kiosk_pins", pins=kept, size=largest)


def kiosk_pins(joined: Joined) -> list[Pin]:
    """The checkpoints that kiosks wrote into their chains, and those that contradicted them."""
    found = []
    for journal in joined.journals.all.values():
        for segment in journal.segments:
            for place in segment.odd:
                record = joined.table.record(segment.tails[place])
                notes: tuple[str, ...] = ()
                if isinstance(record, CheckpointRecord):
                    notes = (record.note,)
                elif isinstance(record, Contradiction):
                    notes = record.notes
                source = f"{journal.kiosk}/journal/{journal.name} {segment.seq + place}"
                for note in notes:
                    checkpoint = _unsigned(note.encode())
                    if checkpoint is not None:
                        found.append(Pin(Signed(checkpoint, note.encode()), source))
    return found


def _check_contents(joined: Joined, report: Report, zone: ZoneInfo) -> None:
    heads = joined.journals.finish(every=report.size <= EVERY)
    journals = joined.journals.all.values()
    lines = sum(len(segment) for journal in journals for segment in journal.segments)
    list_deeds(joined, report)
    list_open_twice(joined, report)
    list_journals(joined, report, zone)
    receipts = joined.journals.receipts
    report.counts |= {
        "lines": lines, "journals": len(journals), "receipts": receipts, "heads": heads
    }  # fmt: skip
    if not report.contradictions:
        report.prove("journals", journals=len(journals), lines=lines, heads=heads)


def _check_tallies(
    place: Place, manifest: sealed.Manifest, joined: Joined, report: Report, zone: ZoneInfo
) -> None:
    assert place.sealed is not None  # noqa: S101 - asked by the caller
    units = {journal.unit for journal in joined.journals.all.values() if journal.unit}
    for unit in sorted(units - set(manifest.units)):
        report.against("unit_foreign", unit=unit)
    path = place.sealed / "tallies.csv"
    if not path.is_file():
        report.leave("no_tallies")
        return
    period = figures.Period(manifest.first, manifest.last)
    ours = figures.count(joined.journals.all.values(), joined.table, zone=zone, period=period)
    figures.check_tallies(ours, figures.read_tallies(path), "tallies.csv", report)
    path = place.sealed / bases.PART
    if path.is_file():
        proved = count_bases(joined, report, zone, period)
        bases.check(proved, bases.read(path), bases.PART, report)
        left_out.check(left_out.read(path), joined.deeds, bases.PART, report)


def count_bases(
    joined: Joined, report: Report, zone: ZoneInfo, period: figures.Period
) -> bases.Proved:
    """Whom the votes are about, by what the log proves: bases.count."""
    evidence = gather(joined.deeds, report)
    journals = list(joined.journals.all.values())
    return bases.count(Decider(journals, joined.table, evidence, zone).votes(period))


def _conclude(report: Report, joined: Joined, place: Place) -> None:
    """The bounded statement: how far, and but for what."""
    newest = max((journal.last_ms for journal in joined.journals.all.values()), default=0)
    if newest:
        code = "complete_partly" if place.sealed else "complete"
        report.statement.append(Finding(code, {
            "at_ms": newest, "size": report.size, "lines": report.counts.get("lines", 0),
            "votes": report.counts.get("votes", 0),
        }))  # fmt: skip
        for journal in joined.journals.all.values():
            last = journal.last_ms
            if journal.state == "open" and newest - last > dt.timedelta(days=1) // MS:
                report.statement.append(Finding("but_kiosk", {
                    "kiosk": journal.kiosk, "at_ms": last, "seq": journal.next_seq - 1,
                }))  # fmt: skip
    else:
        report.statement.append(Finding("nothing_received", {"size": report.size}))


MS = dt.timedelta(milliseconds=1)


def _finish(report: Report, asked: Asked, joined: Joined | None, place: Place) -> Report:
    """What this check cannot see, by what was given."""
    cannot = []
    if not asked.pins:
        cannot.append("no_pins_but_kiosks" if report.counts.get("kiosk_pins") else "no_pins")
    if asked.policy is None:
        cannot.append("no_witness")
    cannot += ["end_of_journals", "dropped", "who_pressed", "key_from"]
    if joined is not None and joined.entries and not place.sealed:
        cannot.append("received_word" if report.counts.get("heads") else "no_heads")
    if place.sealed:
        cannot.append("territory")
    report.limits = [Finding(code) for code in cannot]
    heads, receipts = report.counts.get("heads", 0), report.counts.get("receipts", 0)
    if heads < receipts:
        report.limits.append(Finding("heads_newest", {"heads": heads, "receipts": receipts}))
    return report
