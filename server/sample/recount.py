"""What the server holds of the demo's kiosks, read at each stage of the river."""

from collections import Counter as Count
from collections.abc import Mapping

from django.db import connection

VOTES = "SELECT count(*) FROM votes_vote WHERE journal = %s AND seq > %s"
ATTRIBUTED = (
    "SELECT count(*) FROM attribution_attribution "
    "WHERE journal = %s AND seq > %s AND (basis <> 'none') = %s"
)
ALL_VOTES = "SELECT count(*) FROM votes_vote"
TALLIED = "SELECT coalesce(sum(n1 + n2 + n3 + n4 + n5), 0) FROM analytics_tally"
ACKED = "SELECT acked FROM ingest_journal WHERE journal = %s"


def _one(sql: str, *parameters: str | int | bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def acked(journal: str) -> int:
    """The newest stored seq of a journal."""
    return _one(ACKED, journal)


def votes(journal: str, after: int) -> int:
    """How many votes of a journal are understood, of lines after a seq."""
    return _one(VOTES, journal, after)


def report(*, journals: Mapping[str, int], presses: int, kinds: "Count[str]") -> dict[str, object]:
    """The counts of this run and whether they agree. journals: id -> newest seq before the run."""
    held = sum(votes(journal, seq) for journal, seq in journals.items())
    attributed, unattributed = (
        sum(_one(ATTRIBUTED, journal, seq, which) for journal, seq in journals.items())
        for which in (True, False)
    )
    # Tallies know counters and days, not journals: what they hold beyond the others' votes is ours.
    history = _one(ALL_VOTES) - held
    counts = {
        "presses": presses,
        "votes_in_journals": kinds["vote"],
        "revised": kinds["vote.revised"],
        "suppressed": kinds["suppressed"],
        "lines_in_journals": kinds["lines"],
        "lines_acknowledged": sum(acked(journal) - seq for journal, seq in journals.items()),
        "votes_on_server": held,
        "attributed": attributed,
        "unattributed": unattributed,
        "tallied": _one(TALLIED) - history,
        "history_votes": history,
    }
    equal = (
        presses == kinds["vote"] + kinds["vote.revised"] + kinds["suppressed"]
        and counts["lines_in_journals"] == counts["lines_acknowledged"]
        and kinds["vote"] == held == attributed + unattributed == counts["tallied"]
    )
    return {**counts, "equal": equal}
