"""What the auditor has twice, its own quick or independent way and protocol's, says the same."""

from array import array
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.chunk import Run
from auditor.figures import count
from auditor.join import Joined, join
from auditor.place import Place
from auditor.report import Report
from auditor.scan import Scanner
from auditor.times import Part, time_parts
from auditor.verify import find_zone
from protocol.cast_time import TimedLine, cast_times
from protocol.envelope import MalformedLine, read_line
from protocol.journal import line_hash
from protocol.records import Clock
from protocol.server_record import build_received, build_server_record
from tests.auditor.maker import BOOT, HOUR, T0, Log, kiosk, vote

ONE = kiosk(1)
ONE.write(*vote(), T0)
ONE.write(*vote(2), T0 + 1000)
FIRST, SECOND = ONE.lines


def scanned(entries: list[bytes]) -> tuple[list[Run], list[str]]:
    scanner = Scanner(Place(Path("nowhere"), None), len(entries))
    scanner.read(list(range(len(entries))), entries)
    runs = [event for event in scanner.close().events if isinstance(event, Run)]
    return runs, [breach.code for breach in scanner.found.breaches]


@settings(max_examples=400)
@given(st.integers(0, len(SECOND) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_the_quick_reader_takes_what_the_full_one_takes(at: int, put: bytes, removed: int) -> None:
    changed = SECOND[:at] + put + SECOND[at + removed :]
    runs, breaches = scanned([FIRST, changed])
    try:
        line = read_line(changed)
    except MalformedLine:
        assert breaches == ["malformed"] or changed.startswith(b'{"v":1,"journal":"server",')
        return
    assert breaches == []
    last = runs[-1]
    place = len(last) - 1
    assert (last.mono[place], last.wall[place]) == (line.mono_ms, line.wall_ms)
    assert (bool(last.sync[place]), last.boot, last.journal) == (line.sync, line.boot, line.journal)
    assert last.last == line_hash(changed)
    goes_on = (line.seq, line.prev, line.boot) == (2, line_hash(FIRST).hex(), BOOT)
    if line.v == 1 and line.journal == ONE.journal:
        assert (len(runs) == 1) == goes_on


def test_a_line_of_4097_bytes_is_malformed_to_both() -> None:
    room = 4096 - len(SECOND)
    for more, codes in ((room, []), (room + 1, ["malformed"])):
        long = SECOND.replace(b'"data":{', b'"data":{' + b" " * more)
        assert scanned([FIRST, long])[1] == codes


# --- receipts: the quick way and the full one -----------------------------------------------------


def live_log(requests: list[tuple[int, int, bool]]) -> Log:
    """Of each request: whose (0 to 2), how many lines, whether after a new boot."""
    log, kiosks = Log(), [kiosk(1), kiosk(2), kiosk(3)]
    for one in kiosks:
        log.enrol(one)
    for at, (who, lines, booted) in enumerate(requests):
        one, ms = kiosks[who], T0 + at * 1000
        for nth in range(lines):
            if booted and nth == lines // 2:
                one.boot = f"c0ffee00-aaaa-4bbb-8ccc-{at:012d}"
            one.write(*(vote(1 + at % 5) if at % 3 else ("clock", CLOCK)), ms)
        log.receive(one, ms + 5)
    return log


CLOCK = {"server_ms": T0, "rtt_ms": 0, "wall_ms": T0, "mono_ms": 0}


def joined(entries: list[bytes], cuts: list[int]) -> tuple[set[str], object]:
    """Read in these stretches: what contradicts; if nothing, all lines with their receipts."""
    report = Report(log="", size=0, root="", timezone="UTC")
    found = Joined(report)
    for low, high in pairwise(sorted({0, *cuts, len(entries)})):
        scanner = Scanner(Place(Path("nowhere"), None), len(entries))
        scanner.read(list(range(low, high)), entries[low:high])
        found.add(scanner.close())
    found.journals.finish(False)
    lines = {
        name: [
            (segment.seq + at, segment.boot, mono, segment.wall[at], segment.sync[at],
             found.table.record(segment.tails[at]), at in segment.odd,
             segment.received[at] if at < len(segment.received) else None)
            for segment in journal.segments
            for at, mono in enumerate(segment.mono)
        ]
        for name, journal in found.journals.all.items()
    }  # fmt: skip
    heads = {name: journal.newest for name, journal in found.journals.all.items()}
    wrong = {one.code for one in report.contradictions}
    if "received_wrong" in wrong:  # of lines that stand in two stretches: the ones or the others
        wrong = wrong - {"received_wrong"} | {"uncovered"}
    return wrong, None if wrong else (lines, heads, report.unchecked)


REQUESTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), min_size=1, max_size=8
)


@settings(max_examples=300)
@given(
    REQUESTS, st.integers(0, 10**6), st.integers(0, 10**6), st.binary(max_size=2),
    st.integers(0, 2), st.sets(st.integers(0, 40)),
    st.sampled_from(["nothing", "bytes", "drop", "twice", "swap", "deed", "forged"]),
)  # fmt: skip
def test_entries_read_one_by_one_in_full_say_what_long_stretches_say(
    requests: list[tuple[int, int, bool]], which: int, at: int, put: bytes, removed: int,
    cuts: set[int], change: str,
) -> None:  # fmt: skip
    entries = live_log(requests).entries
    which = 3 + which % (len(entries) - 3)
    entry = entries[which]
    at %= len(entry)
    match change:
        case "bytes":
            entries[which] = entry[:at] + put + entry[at + removed :] or b"x"
        case "drop":
            del entries[which]
        case "twice":
            entries.insert(which, entry)
        case "swap":
            other = 3 + at % (len(entries) - 3)
            entries[which], entries[other] = entries[other], entries[which]
        case "deed":
            entries.insert(which, build_server_record("viewed", {"by": "a", "what": "b"}, T0))
        case "forged":
            journal = kiosk(1).journal
            entries.insert(which, build_received(
                journal=journal, first=1, last=at % 5, head=kiosk(2).head(), ms=T0
            ))  # fmt: skip
    one_by_one = joined(entries, list(range(len(entries))))
    assert joined(entries, []) == one_by_one
    assert joined(entries, [cut for cut in cuts if cut < len(entries)]) == one_by_one
    if change == "nothing":
        assert one_by_one[0] == set()


def stretches(entries: list[bytes]) -> list[set[str]]:
    """What contradicts, read as one stretch and entry by entry."""
    return [joined(entries, cuts)[0] for cuts in ([], list(range(len(entries))))]


def test_lines_with_another_kiosks_line_between_them_have_no_common_receipt() -> None:
    log = live_log([(0, 1, False), (1, 1, False), (0, 2, False)])
    first, second = log.entries[-3:-1]
    foreign = log.entries[5:7]  # of the second kiosk, with its own receipt
    entries = [*log.entries[:5], first, *foreign, second, log.entries[-1]]
    for found in stretches(entries):
        assert "uncovered" in found


def test_a_receipt_that_does_not_stand_directly_after_its_lines_covers_none() -> None:
    entries = live_log([(0, 1, False)]).entries
    scanner = Scanner(Place(Path("nowhere"), None), 100)
    scanner.read([0, 1, 2, 3, 5], entries)  # a sealed export leaves entries out
    found = Joined(Report(log="", size=0, root="", timezone="UTC"))
    found.add(scanner.close())
    assert [one.code for one in found.report.contradictions] == ["received_wrong"]


def test_a_head_over_another_line_of_the_same_number_is_named() -> None:
    log = live_log([(0, 1, False), (0, 1, False)])
    one = kiosk(1)
    one.write(*vote(), T0)
    one.write(*vote(), T0)
    entries = [*log.entries[:-1], build_received(
        journal=one.journal, first=2, last=2, head=one.head(), ms=T0 + 9
    )]  # fmt: skip
    assert stretches(entries) == [{"head_other"}, {"head_other"}]


# --- time (protocol.md 9) -------------------------------------------------------------------------

BOOTS = st.sampled_from(["a", "b"])
SMALL = st.integers(-50, 300)


@st.composite
def journals(draw: st.DrawFn) -> list[tuple[str, list[tuple[int, int, bool, Clock | None]], int]]:
    """Parts: boot, lines (mono, wall, sync, clock), receipt time."""
    parts, received = [], 100
    for _ in range(draw(st.integers(1, 5))):
        received += draw(st.integers(0, 60))
        lines = []
        for _ in range(draw(st.integers(1, 5))):
            clock = None
            if draw(st.integers(0, 2)) == 0:
                clock = Clock(
                    server_ms=draw(SMALL), rtt_ms=draw(st.sampled_from([-1, 0, 3, 10_001])),
                    wall_ms=0, mono_ms=draw(st.integers(0, 100)),
                )  # fmt: skip
            lines.append((draw(st.integers(0, 150)), abs(draw(SMALL)), draw(st.booleans()), clock))
        parts.append((draw(BOOTS), lines, received))
    return parts


@settings(max_examples=500)
@given(journals(), st.integers(0, 150))
def test_the_auditors_times_are_those_of_the_protocol(
    parts: list[tuple[str, list[tuple[int, int, bool, Clock | None]], int]], enrolled_ms: int
) -> None:
    seq, mine, theirs = 1, [], []
    for boot, lines, received in parts:
        clocks = [(at, line[3]) for at, line in enumerate(lines) if line[3] is not None]
        mine.append(Part(
            seq, boot, array("q", [line[0] for line in lines]),
            array("q", [line[1] for line in lines]), bytes(line[2] for line in lines),
            array("q", [received] * len(lines)), clocks,
        ))  # fmt: skip
        for mono, wall, sync, clock in lines:
            theirs.append(TimedLine(seq, boot, mono, wall, sync, received, clock))
            seq += 1
    timed = time_parts(mine, enrolled_ms)
    wanted = cast_times(theirs, enrolled_ms=enrolled_ms)
    got = [
        (low, high, chr(quality))
        for times in timed.parts
        for low, high, quality in zip(times.low, times.high, times.quality, strict=True)
    ]
    assert got == [(one.low_ms, one.high_ms, one.quality[0]) for one in wanted.casts]
    assert timed.refused == list(wanted.refused_clocks)
    assert timed.stepped == list(wanted.clock_stepped)


# --- what counts ----------------------------------------------------------------------------------


def counted(write: list[tuple[str, dict, int]], tmp_path: Path) -> dict[str, list[int]]:
    """Figures by official of lines written so many seconds after each other."""
    log, one = Log(), kiosk(1)
    log.enrol(one)
    one.clock(T0 + 1)
    for kind, data, second in write:
        one.write(kind, data, T0 + 1000 * second)
    log.receive(one, T0 + HOUR)
    folder = log.write(tmp_path / "log")
    report = Report(log="", size=0, root="", timezone="")
    joined = join(Place(folder, None), len(log.entries), report, jobs=1)
    zone = find_zone("Asia/Ho_Chi_Minh")
    cells = count(joined.journals.all.values(), joined.table, zone=zone)
    return {cell[2]: numbers for cell, numbers in cells.items()}


@pytest.mark.parametrize(
    ("write", "wanted"),
    [  # the clock is line 1
        ([(*vote(5), 1), ("vote.revised", {"vote": 2, "rating": 1}, 61)], {"": [1, 0, 0, 0, 0]}),
        ([(*vote(5), 1), ("vote.revised", {"vote": 2, "rating": 1}, 62)], {"": [0, 0, 0, 0, 1]}),
        (
            [(*vote(5), 1), ("vote.revised", {"vote": 2, "rating": 1}, 2),
             ("vote.revised", {"vote": 2, "rating": 3}, 3)],
            {"": [0, 0, 1, 0, 0]},
        ),
        ([("vote.revised", {"vote": 3, "rating": 1}, 1), (*vote(5), 2)], {"": [0, 0, 0, 0, 1]}),
        (
            [(*vote(5, scale="vn3"), 1), ("vote.revised", {"vote": 2, "rating": 1}, 2)],
            {"": [0, 0, 0, 0, 1]},
        ),
        (
            [("duty.started", {"official": "A", "by": "pin"}, 1), (*vote(5, duty=2), 2),
             (*vote(4, duty=2, not_official=True), 3), (*vote(3), 4),
             ("duty.ended", {"duty": 2, "by": "idle"}, 5), (*vote(1, duty=2), 6)],
            {"A": [0, 0, 0, 0, 1], "": [1, 0, 1, 1, 0]},
        ),
        (
            [("duty.started", {"official": "A", "by": "pin"}, 1),
             ("duty.started", {"official": "B", "by": "pin"}, 2), (*vote(5, duty=2), 3),
             (*vote(4, duty=3), 4)],
            {"": [0, 0, 0, 0, 1], "B": [0, 0, 0, 1, 0]},
        ),
        ([("test", {"rating": 4}, 1), (*vote(9), 2), (*vote(2), 3)], {"": [0, 1, 0, 0, 0]}),
    ],
)  # fmt: skip
def test_what_counts_is_what_the_protocol_says(
    write: list[tuple[str, dict, int]], wanted: dict[str, list[int]], tmp_path: Path
) -> None:
    assert counted(write, tmp_path) == wanted
