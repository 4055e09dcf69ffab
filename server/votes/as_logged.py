"""Votes as the lines up to one of them tell: what came later does not change them."""

from typing import NamedTuple

from django.db import connection

from server.ingest.models import Journal
from server.votes.audit import follow_journal

SELECT_VOTES = (
    "SELECT v.kiosk, v.rating, coalesce(d.official, ''), v.not_official, v.low_ms, v.high_ms, "
    "v.quality FROM votes_vote v LEFT JOIN votes_duty d "
    "ON d.unit = v.unit AND d.journal = v.journal AND d.seq = v.duty "
    "WHERE v.unit = %s AND v.journal = %s ORDER BY v.seq"
)


class LoggedVote(NamedTuple):
    """One vote: its final rating, and the official of the duty in force that it names, or ""."""

    kiosk: str
    rating: int
    official: str
    not_official: bool
    low_ms: int
    high_ms: int
    quality: str


def votes_as_logged(*, unit: str, journal: str, upto: int) -> list[LoggedVote]:
    """The votes of a journal's lines 1 … upto.

    From the tables that all pages read, where they end there; else the lines are understood up to
    there: a later revision or clock says more about earlier votes.
    """
    row = Journal.objects.get(unit=unit, journal=journal)
    if row.understood == upto == row.acked:
        with connection.cursor() as cursor:
            cursor.execute(SELECT_VOTES, [unit, journal])
            return [
                LoggedVote(kiosk, rating, official, bool(other), low, high, quality)
                for kiosk, rating, official, other, low, high, quality in cursor.fetchall()
            ]
    return _understood_anew(row, upto)


def _understood_anew(row: Journal, upto: int) -> list[LoggedVote]:
    story, times = follow_journal(row.unit, row.journal, upto)
    if times is None:
        return []
    ratings = {revision.vote: revision.rating for revision in story.revisions}
    found = []
    for seq, told in story.votes.items():
        cast = times.casts[seq]
        official = "" if told.duty is None else story.duties[told.duty][1].official
        found.append(
            LoggedVote(
                row.kiosk, ratings.get(seq, told.record.rating), official,
                told.record.not_official, cast.low_ms, cast.high_ms, cast.quality,
            )
        )  # fmt: skip
    return found
