"""The report in plain words: what was proved, what was not, and what nobody can see from here."""

from auditor.contents import Contents
from auditor.journal import Report
from auditor.words import plain
from protocol.rating import RATINGS, WORDS

_HEADLINE = {
    "proved": "PROVED",
    "contradicted": "CONTRADICTED",
    "unchecked": "COULD NOT CHECK EVERYTHING",
}
_LISTED = 20


def write_statement(report: Report) -> str:
    """The bounded statement for a person, ending with a newline."""
    rows = [
        f"{_HEADLINE[report.verdict]}: kiosk {report.kiosk}, journal {report.journal}, "
        f"{_span(report)}, head signed over line {report.head_seq}."
    ]
    rows += _section(
        "Not what was signed", [_place(c.line) + c.sentence for c in report.contradictions]
    )
    rows += _section("Proved", report.proved)
    if report.contents is not None:
        rows += _describe(report.contents)
    rows += _section("Not checked", [*report.unchecked, *report.limits])
    return plain("\n".join(rows)) + "\n"


def _span(report: Report) -> str:
    if report.first_seq is None:
        return "no lines read"
    return f"lines {report.first_seq} to {report.last_seq}"


def _place(line: int | None) -> str:
    return f"line {line} of the file: " if line else ""


def _section(title: str, sentences: tuple[str, ...] | list[str]) -> list[str]:
    return [f"{title}:", *(f"  - {sentence}" for sentence in sentences)] if sentences else []


def _describe(contents: Contents) -> list[str]:
    votes = contents.votes
    words = ", ".join(f"{WORDS[r]['en'].lower()} {votes.final[r]}" for r in reversed(RATINGS))
    rows = [
        "Records: " + (", ".join(f"{k} {n}" for k, n in contents.types.items()) or "none") + "."
    ]
    rows.append(
        f"Votes as seen: {votes.count} ({words}); {votes.revised} revised, "
        f"{votes.revised_too_late} revisions too late to count, "
        f"{votes.duty_unknown} naming no open duty."
    )
    unread = contents.not_understood
    sentences = [f"seq {one.seq}, {one.type}: {one.why}" for one in unread[:_LISTED]]
    if len(unread) > _LISTED:
        sentences.append(f"and {len(unread) - _LISTED} more (--json lists all)")
    return rows + _section(f"Kept but not understood ({len(unread)})", sentences)
