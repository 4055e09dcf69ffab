"""What a person should look at: deeds, doubtful times, silent days. No contradictions."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from zoneinfo import ZoneInfo

from auditor.figures import Days
from auditor.join import Joined, Told
from auditor.journals import Journal
from auditor.report import Report
from auditor.table import Table
from auditor.votes import covered, time_journal
from protocol.records import Boot, Day, Vote

LATE_MS = 86_400_000
DEEDS = {
    "excluded": "exclusions", "included": "exclusions", "ruling": "exclusions",
    "erased": "erasures", "viewed": "views", "break": "breaks", "restored": "restored",
    "log_key": "keys", "closed": "ended", "revoked": "ended", "forked": "ended",
    "quarantined": "ended",
}  # fmt: skip


def list_deeds(joined: Joined, report: Report) -> None:
    """Deeds that change what figures mean, each with its entry; the others are counted."""
    for deed in joined.deeds:
        report.counts[f"deeds.{deed.type}"] = report.counts.get(f"deeds.{deed.type}", 0) + 1
        section = DEEDS.get(deed.type)
        if section is not None:
            report.enlist(section, "deed", index=deed.index, type=deed.type,
                          at_ms=deed.wall_ms, what=_what(deed))  # fmt: skip


def _what(deed: Told) -> str:
    shown = {k: v for k, v in deed.data.items() if k not in ("head", "head_a", "head_b", "note")}
    return ", ".join(f"{key} {value}" for key, value in shown.items())[:200]


def list_journals(joined: Joined, report: Report, zone: ZoneInfo) -> None:
    """Votes, doubtful times and silent days of every kiosk."""
    of_kiosk: defaultdict[str, set[dt.date]] = defaultdict(set)
    counts = defaultdict[str, int](int)
    days = Days(zone)
    for journal in joined.journals.all.values():
        of_kiosk[journal.kiosk] |= _lively(journal, joined.table, report, days, counts)
    report.counts.update(counts)
    for kiosk, dates in sorted(of_kiosk.items()):
        for first, last in _silent(dates):
            report.enlist("silent", "silent", kiosk=kiosk, first=str(first), last=str(last),
                          days=(last - first).days + 1)  # fmt: skip


def _lively(
    journal: Journal, table: Table, report: Report, days: Days, counts: defaultdict[str, int]
) -> set[dt.date]:
    """The local days on which the log shows a sign of life of a journal; lists its doubts."""
    dates = {days.date(ms) for ms in [*journal.contacts, journal.enrolled_ms] if ms}
    timed = time_journal(journal, table)
    where = {"journal": journal.name, "kiosk": journal.kiosk}
    for seq in timed.refused:
        report.enlist("clocks", "clock_refused", seq=seq, **where)
    if timed.stepped:
        report.enlist("clocks", "clock_stepped", seq=timed.stepped[0], lines=len(timed.stepped),
                      **where)  # fmt: skip
    uncertain: list[int] = []
    late: list[tuple[int, int]] = []
    for segment, times in zip(covered(journal), timed.parts, strict=True):
        run, received_ms = segment.run, segment.received_ms or 0
        votes = len(run) - len(run.odd)
        for place in run.odd:
            number = segment.tails[run.tails[place]]
            record = table.record(number)
            kind, why = table.describe(number)
            counts[f"records.{kind}"] += 1
            votes += isinstance(record, Vote)
            counts["votes"] += isinstance(record, Vote)
            if record is None:
                report.enlist("not_understood", "not_understood", seq=run.seq + place, type=kind,
                              why=why, **where)  # fmt: skip
            elif isinstance(record, Day):
                dates.add(record.date)
            elif isinstance(record, Boot) and times.low[place] == times.high[place]:
                dates.add(days.date(times.high[place]))
        counts["votes"] += len(run) - len(run.odd)
        counts["records.vote"] += len(run) - len(run.odd)
        if not votes:
            continue
        if received_ms - min(times.low) > LATE_MS or b"i" in times.quality:
            odd = {p for p in run.odd
                   if not isinstance(table.record(segment.tails[run.tails[p]]), Vote)}  # fmt: skip
            for place in range(len(run)):
                if place in odd:
                    continue
                if times.quality[place : place + 1] == b"i":
                    uncertain.append(run.seq + place)
                elif received_ms - times.high[place] > LATE_MS:
                    late.append((run.seq + place, times.high[place]))
    if uncertain:
        report.enlist("clocks", "uncertain", seq=uncertain[0], last=uncertain[-1],
                      votes=len(uncertain), **where)  # fmt: skip
    if late:
        report.enlist("late", "late", seq=late[0][0], last=late[-1][0], votes=len(late),
                      first_ms=min(ms for _, ms in late), last_ms=max(ms for _, ms in late),
                      **where)  # fmt: skip
    return dates


def _silent(dates: set[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Stretches of days without a sign of life between days with one."""
    ordered = sorted(dates)
    day = dt.timedelta(days=1)
    return [
        (before + day, after - day) for before, after in pairwise(ordered) if after - before > day
    ]
