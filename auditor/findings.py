"""What a person should look at: deeds, doubtful times, silent days. No contradictions."""

import datetime as dt
import json
import re
from collections import defaultdict
from itertools import pairwise
from operator import sub
from zoneinfo import ZoneInfo

from auditor.figures import Days
from auditor.join import Joined, Told
from auditor.journals import Journal, Segment
from auditor.report import Report
from auditor.table import Table
from auditor.times import INTERVAL, Times
from auditor.votes import covered, time_journal
from auditor.words import Value, show_value
from protocol.records import Boot, Day, Vote

LATE_MS = 86_400_000
DEEDS = {
    "excluded": "exclusions", "included": "exclusions", "ruling": "exclusions",
    "erased": "erasures", "viewed": "views", "grant": "views", "break": "breaks",
    "restored": "restored", "log_key": "keys", "closed": "ended", "revoked": "ended",
    "forked": "ended", "quarantined": "ended", "unit.rules": "entered", "imported": "entered",
    "import.undone": "entered", "shift": "shifts", "posted": "duties", "posted.over": "duties",
    "duty": "duties", "objection": "objections", "objection.answered": "objections",
    "signal": "views", "published": "views",
}  # fmt: skip
NOTES = ("head", "head_a", "head_b", "note")
IN_WORDS = ("why", "reason")  # as long as their author likes, so they come last
CODE = re.compile(r"[\w.:+/-]+")
MOST_OF_ONE, MOST_IN_ALL = 150, 1_000


def list_deeds(joined: Joined, report: Report) -> None:
    """Deeds that change what figures mean, each with its entry; the others are counted."""
    zone = ZoneInfo(report.timezone)
    for deed in joined.deeds:
        report.counts[f"deeds.{deed.type}"] = report.counts.get(f"deeds.{deed.type}", 0) + 1
        section = DEEDS.get(deed.type)
        if section is not None:
            report.enlist(section, "deed", index=deed.index, type=deed.type,
                          at_ms=deed.wall_ms, what=_what(deed, zone))  # fmt: skip


def _what(deed: Told, zone: ZoneInfo) -> str:
    """What the record says, in words that nobody can mistake for other parts of it."""
    shown = [(key, value) for key, value in deed.data.items() if key not in NOTES]
    shown.sort(key=lambda one: one[0] in IN_WORDS)
    told = (f"{_one(key.removesuffix('_ms'))} {_shown(key, value, zone)}" for key, value in shown)
    return ", ".join(told)[:MOST_IN_ALL]


def _shown(key: str, value: object, zone: ZoneInfo) -> str:
    if value is None:
        return "–"
    is_time = key.endswith("_ms") and isinstance(value, int)
    return show_value(key, value, zone) if is_time else _one(value)


def _one(value: object) -> str:
    """A code or a number as it is; all else between quotes: a reason may say "…, by somebody"."""
    text = str(value)
    cut = text if len(text) <= MOST_OF_ONE else text[:MOST_OF_ONE] + "…"
    return cut if CODE.fullmatch(cut) else json.dumps(cut, ensure_ascii=False)


def list_open_twice(joined: Joined, report: Report) -> None:
    """Kiosks of which two journals are open: a kiosk writes one at a time."""
    of_kiosk: defaultdict[str, list[Journal]] = defaultdict(list)
    for journal in joined.journals.all.values():
        if journal.state == "open" and journal.enrolled_ms:
            of_kiosk[journal.kiosk].append(journal)
    for kiosk, journals in sorted(of_kiosk.items()):
        if len(journals) > 1:
            report.enlist("open_twice", "open_twice", kiosk=kiosk,
                          journals=", ".join(journal.name for journal in journals))  # fmt: skip


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
    dates = {days.date(journal.enrolled_ms)} if journal.enrolled_ms else set[dt.date]()
    timed = time_journal(journal, table)
    where: dict[str, Value] = {"journal": journal.name, "kiosk": journal.kiosk}
    for seq in timed.refused:
        report.enlist("clocks", "clock_refused", seq=seq, **where)
    if timed.stepped:
        report.enlist("clocks", "clock_stepped", seq=timed.stepped[0], lines=len(timed.stepped),
                      **where)  # fmt: skip
    doubts = _Doubts()
    for segment, times in zip(covered(journal), timed.parts, strict=True):
        dates |= days.dates(segment.received)
        others = set[int]()
        for place in segment.odd:
            number = segment.tails[place]
            record = table.record(number)
            kind, why = table.describe(number)
            counts[f"records.{kind}"] += 1
            if isinstance(record, Vote):
                continue
            others.add(place)
            if record is None:
                report.enlist("not_understood", "not_understood", seq=segment.seq + place,
                              type=kind, why=why, **where)  # fmt: skip
            elif isinstance(record, Day):
                dates.add(record.date)
            elif isinstance(record, Boot) and times.low[place] == times.high[place]:
                dates.add(days.date(times.high[place]))
        counts["votes"] += len(segment) - len(others)
        counts["records.vote"] += len(segment) - len(segment.odd)
        doubts.add(segment, times, others)
    doubts.enlist(report, where)
    return dates


class _Doubts:
    """Votes of a journal whose time is uncertain, or that came late."""

    def __init__(self) -> None:
        self.uncertain: list[int] = []
        self.late: list[tuple[int, int]] = []  # seq, unix ms

    def add(self, segment: Segment, times: Times, others: set[int]) -> None:
        """others: places of lines that are no votes."""
        if INTERVAL not in times.quality and max(map(sub, segment.received, times.low)) <= LATE_MS:
            return
        for place, received_ms in enumerate(segment.received):
            if place in others:
                continue
            if times.quality[place] == INTERVAL[0]:
                self.uncertain.append(segment.seq + place)
            elif received_ms - times.high[place] > LATE_MS:
                self.late.append((segment.seq + place, times.high[place]))

    def enlist(self, report: Report, where: dict[str, Value]) -> None:
        """Say so, a sentence for each kind."""
        if self.uncertain:
            report.enlist("clocks", "uncertain", seq=self.uncertain[0], last=self.uncertain[-1],
                          votes=len(self.uncertain), **where)  # fmt: skip
        if self.late:
            times = [ms for _, ms in self.late]
            report.enlist("late", "late", seq=self.late[0][0], last=self.late[-1][0],
                          votes=len(self.late), first_ms=min(times), last_ms=max(times),
                          **where)  # fmt: skip


def _silent(dates: set[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Stretches of days without a sign of life between days with one."""
    ordered = sorted(dates)
    day = dt.timedelta(days=1)
    return [
        (before + day, after - day) for before, after in pairwise(ordered) if after - before > day
    ]
