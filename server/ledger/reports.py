"""Auditors' reports that were handed in: kept as they came, claims of whoever brought them."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from protocol.keys import b64
from protocol.strict_json import parse_object
from server.ledger.keys import read_log
from server.ledger.models import AuditReport
from server.ledger.tree import LostEntry, open_tree, tree_size

MAX_BYTES: Final = 1_000_000  # with the form around it below what the front lets through
SHOWN: Final = 20
Verdict = Literal["proved", "contradicted", "unchecked"]
Agrees = Literal["same", "other root", "other log", "longer", "unreadable"]


class BadReport(Exception):
    """No report of `hailong-audit verify --json`; str() says what is wrong, for programmers."""


class Finding(msgspec.Struct, frozen=True):
    """A sentence of a report; its code and values are for programs."""

    text: Annotated[str, Meta(max_length=4_000)]


Findings = tuple[Finding, ...]


class Report(msgspec.Struct, frozen=True):
    """What `hailong-audit verify --json` writes (auditor/report.py), as far as it is shown."""

    verdict: Verdict
    log: Annotated[str, Meta(min_length=1, max_length=100)]
    size: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    root: Annotated[str, Meta(max_length=44)]
    statement: Findings = ()
    contradictions: Findings = ()
    proved: Findings = ()
    unchecked: Findings = ()
    lists: dict[str, Findings] = {}
    limits: Findings = ()


@dataclass(frozen=True)
class Kept:
    """A report handed in: when, by which account, SHA-256 of the file in hex. agrees: whether what
    it says of the log's root is what stands here."""

    id: int
    at_ms: int
    by: str
    sha256: str
    agrees: Agrees
    report: Report
    body: bytes


def read_report(body: bytes) -> Report:
    """BadReport for anything else; unknown keys are kept and not shown."""
    if len(body) > MAX_BYTES:
        raise BadReport(f"A report has at most {MAX_BYTES:,} bytes.")
    try:
        report = msgspec.convert(parse_object(body), Report)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadReport(f"This is no report of hailong-audit: {error}") from None
    said = bool(report.contradictions), bool(report.unchecked)
    if (report.verdict == "contradicted", report.verdict == "unchecked") != (
        said[0], not said[0] and said[1]
    ):  # fmt: skip
        raise BadReport("The verdict is not what the report's own sentences say.")
    return report


def keep_report(body: bytes, *, by: str, now_ms: int) -> int:
    """Keep a report as it came; its id. The same file by the same account is kept once.

    BadReport if it is none.
    """
    report = read_report(body)
    sha256 = hashlib.sha256(body).hexdigest()
    kept, _ = AuditReport.objects.get_or_create(
        sha256=sha256,
        by=by,
        defaults={
            "at_ms": now_ms, "verdict": report.verdict, "size": report.size, "body": body
        },
    )  # fmt: skip
    return int(kept.id)


def last_reports(*, now_ms: int) -> list[Kept]:
    """The newest reports, at most SHOWN."""
    return [_kept(row, now_ms) for row in AuditReport.objects.order_by("-id")[:SHOWN]]


def find_report(id: int, *, now_ms: int) -> Kept | None:
    row = AuditReport.objects.filter(id=id).first()
    return None if row is None else _kept(row, now_ms)


def _kept(row: AuditReport, now_ms: int) -> Kept:
    body = bytes(row.body)
    report = msgspec.json.decode(body, type=Report)  # read strictly when it came
    return Kept(row.id, row.at_ms, row.by, row.sha256, _agrees(report, now_ms), report, body)


def _agrees(report: Report, now_ms: int) -> Agrees:
    if report.log != read_log(now_ms=now_ms).origin:
        return "other log"
    if report.size > tree_size():
        return "longer"
    try:
        root = b64(open_tree().root(report.size))
    except LostEntry:
        return "unreadable"
    return "same" if root == report.root else "other root"
