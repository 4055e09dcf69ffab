"""Do the votes equal the lines? Each journal is understood anew from its first line."""

from server.ingest.models import Journal
from server.ledger.selectors import read_lines
from server.votes.models import Understanding, Vote
from server.votes.story import Past, follow, read
from server.votes.timing import time_lines

Row = tuple[int, int, int | None, int, int, str]  # rating, first rating, duty, low, high, quality


def find_differences(*, unit: str, journal: str) -> list[str]:
    """One sentence for each vote that differs from what its journal's lines say.

    A journal that goes on meanwhile is left out.
    """
    before = _understood(unit, journal)
    rows = {
        row[0]: row[1:]
        for row in Vote.objects.filter(unit=unit, journal=journal).values_list(
            "seq", "rating", "first_rating", "duty", "low_ms", "high_ms", "quality"
        )
    }
    expected = _expected(unit, journal, before.understood)
    if _understood(unit, journal).understood != before.understood:
        return []
    return [
        _sentence(journal, seq, rows.get(seq), expected.get(seq))
        for seq in sorted(rows.keys() | expected.keys())
        if rows.get(seq) != expected.get(seq)
    ]


def _understood(unit: str, journal: str) -> Journal:
    return Journal.objects.get(unit=unit, journal=journal)


def _expected(unit: str, journal: str, upto: int) -> dict[int, Row]:
    stored = read_lines(unit=unit, journal=journal, from_seq=1, to_seq=upto)
    lines = [read(line.seq, line.body, line.received_ms) for line in stored]
    if not lines:
        return {}
    story = follow(lines, Past())
    found = _understood(unit, journal)
    # A state of no unit has nothing settled: everything is timed from the first line.
    times = time_lines(
        lines, state=Understanding(unit="", journal=""), enrolled_ms=found.enrolled_ms
    )
    ratings = {revision.vote: revision.rating for revision in story.revisions}
    return {
        seq: (
            ratings.get(seq, told.record.rating),
            told.record.rating,
            told.duty,
            times.casts[seq].low_ms,
            times.casts[seq].high_ms,
            times.casts[seq].quality,
        )
        for seq, told in story.votes.items()
    }


def _sentence(journal: str, seq: int, row: Row | None, expected: Row | None) -> str:
    if row is None:
        return f"Vote {seq} of journal {journal} is missing; its line is there."
    if expected is None:
        return f"Vote {seq} of journal {journal} has no line that says so."
    return (
        f"Vote {seq} of journal {journal} differs from its line: it says rating {row[0]} "
        f"(first {row[1]}) cast {row[3]}..{row[4]}, the lines say rating {expected[0]} "
        f"(first {expected[1]}) cast {expected[3]}..{expected[4]}."
    )
