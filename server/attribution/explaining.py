"""Why a vote is about whom it is about: a look at one vote, which is a deed of its own."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.attribution.desk import desk_of
from server.attribution.facts import Ruled, rulings_between
from server.attribution.models import Attribution
from server.attribution.verdicts import Verdict
from server.attribution.watches import Served, served_at, served_by_line
from server.ingest.models import Journal
from server.ledger.looks import record_view
from server.votes.models import Vote


class Explained(NamedTuple):
    """A vote's place, time, verdict and what that rests on; never its rating.

    served: the duty that it names, or those that may have been in force at its counter. ruling: the
    number of the ruling, 0 for none. zone: of the unit's local times.
    """

    kiosk: str
    named_counter: str
    low_ms: int
    high_ms: int
    quality: str
    verdict: Verdict
    dossier: str
    served: tuple[Served, ...]
    ruling: int
    zone: ZoneInfo


def explain_vote(*, journal: str, seq: int, by: str, now_ms: int) -> Explained | None:
    """Why the vote in this line is about whom it is about; None if there is no such vote, or it
    waits for its attribution. Recorded before it is answered."""
    unit = Journal.objects.values_list("unit", flat=True).filter(journal=journal).first() or ""
    line = {"unit": unit, "journal": journal, "seq": seq}
    vote = Vote.objects.filter(**line).first()
    row = Attribution.objects.filter(**line).first()
    if vote is None or row is None:
        return None
    record_view(by=by, what=f"whom vote {seq} of journal {journal} is about", now_ms=now_ms)
    desk = desk_of(vote.unit)
    ruled = None
    if row.basis == "ruling":
        found = rulings_between([vote.unit], vote.low_ms, vote.high_ms + 1)
        ruled = _holding(found.get((vote.unit, row.counter), []), vote)
    served: tuple[Served, ...] = ()
    if row.basis == "duty" and vote.duty is not None:
        served = served_by_line(desk, journal, vote.duty, row.counter, now_ms)
    elif row.basis in ("duty", "desk", "board", "none") and row.counter:
        served = served_at(desk, row.counter, vote.low_ms, now_ms)
    verdict = Verdict(*(getattr(row, name) for name in Verdict._fields))
    return Explained(
        vote.kiosk, vote.counter, vote.low_ms, vote.high_ms, vote.quality, verdict, vote.dossier,
        served, 0 if ruled is None else ruled.number, desk.timezone,
    )  # fmt: skip


def _holding(rulings: list[Ruled], vote: Vote) -> Ruled | None:
    return next(
        (one for one in rulings if one.from_ms <= vote.low_ms and vote.high_ms < one.to_ms), None
    )
