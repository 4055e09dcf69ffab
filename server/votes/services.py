"""Understanding: a journal's new lines become votes, revisions and duties."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from server.ingest.models import Journal
from server.ledger.selectors import Span, read_each, read_spans
from server.organisation.services import lock_unit, lock_units
from server.stages import do_each, do_groups
from server.votes import selectors
from server.votes.events import write_events
from server.votes.models import (
    Duty,
    KioskDay,
    KioskEvent,
    NotUnderstood,
    Revision,
    SettledBoot,
    Understanding,
    Vote,
    VoteCode,
)
from server.votes.rows import Round, write_rounds
from server.votes.story import Past, PastVote, ReadLine, follow, read, references
from server.votes.timing import Boots, keep_settled, settled_boots, time_lines

STATE = (
    "gen",
    "settled_seq",
    "newest_server_ms",
    "newest_exact_ms",
    "plain",
    "last_low_ms",
    "last_high_ms",
)
CLAIM = (
    "UPDATE ingest_journal SET understood = %s WHERE unit = %s AND journal = %s AND understood = %s"
)
SAVE_STATE = (
    "UPDATE votes_understanding SET gen = %s, settled_seq = %s, newest_server_ms = %s, "
    "newest_exact_ms = %s, plain = %s, last_low_ms = %s, last_high_ms = %s "
    "WHERE unit = %s AND journal = %s AND gen = %s"
)
# Asked all the time, and of a whole country's journals: from the few that are over.
SELECT_OVER = (
    "SELECT d.unit, d.journal, d.seq FROM ingest_journal j JOIN votes_duty d "
    "ON d.unit = j.unit AND d.journal = j.journal AND d.ended_seq IS NULL "
    "WHERE j.state <> 'open' AND j.understood = j.acked"
)
ROUND = 1_000  # lines understood in one transaction: short, so that the line door never waits long
JOURNALS = 100  # in one transaction


def understand_pending() -> bool:
    """One round for each journal with lines not yet understood; True if there was one.

    Safe beside another process doing the same: a round counts only for the one that claims it.
    """
    understood = do_groups(_in_rounds(selectors.waiting_journals()), _understand)
    ended = do_each(_ended_with_their_journal(), _end_with_journal)
    return understood or ended


def forget_votes() -> None:
    """Drop what was understood, so that every line is understood again. Rounds keep counting.

    Every unit is held, so that no round is under way: one that had read its lines before finds its
    claim gone.
    """
    derived = (Vote, VoteCode, Revision, Duty, NotUnderstood, SettledBoot, KioskEvent, KioskDay)
    with transaction.atomic():
        for model in derived:
            model.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE votes_understanding SET gen = gen + 1, settled_seq = 0, plain = %s, "
                "newest_server_ms = NULL, newest_exact_ms = NULL",
                [True],
            )
        Journal.objects.update(understood=0)  # last: until the commit no kiosk's lines are taken


def _in_rounds(journals: Iterable[Journal]) -> Iterator[list[Journal]]:
    """The journals in groups whose next lines make one round."""
    group: list[Journal] = []
    lines = 0
    for journal in journals:
        waiting = min(journal.acked - journal.understood, ROUND)
        if group and (lines + waiting > ROUND or len(group) == JOURNALS):
            yield group
            group, lines = [], 0
        group.append(journal)
        lines += waiting
    if group:
        yield group


class _Found(NamedTuple):
    """A round, the state that its journal has before it, and its last line."""

    round: Round
    state: Understanding
    last: int


def _understand(journals: Sequence[Journal]) -> None:
    """Understand the next lines of some journals; nothing if another process is quicker."""
    found = _read_rounds(journals)
    with transaction.atomic():
        # A crash before this commit leaves everything as it was, and the round is done again. Of
        # all locks the unit's is the first: a rebuild that holds it waits for nothing of ours.
        lock_units(units=sorted({journal.unit for journal in journals}))
        claimed = _claim(found)
        if claimed:
            write_rounds([each.round for each in found])
            for each in found:
                write_events(each.round)
        else:
            transaction.set_rollback(True)
    if not claimed and len(journals) > 1:
        for journal in journals:
            _understand([journal])


def _read_rounds(journals: Sequence[Journal]) -> list[_Found]:
    """What the next lines of some journals say: five queries for all, more only where they refer
    to what is older than their newest duty."""
    states = selectors.states_of(journals)
    journals = [j for j in journals if states[j.journal].settled_seq <= j.understood]
    if not journals:
        return []
    spans = {
        j.journal: Span(j.unit, j.journal, j.understood + 1, min(j.acked, j.understood + ROUND))
        for j in journals
    }
    lines = {
        name: [read(line.seq, line.body, line.received_ms) for line in stored]
        for name, stored in read_spans(list(spans.values())).items()
    }
    duties = selectors.newest_duties(journals)
    boots = settled_boots({(j.unit, j.journal): lines[j.journal] for j in journals})
    found = []
    for journal in journals:
        name = journal.journal
        round = _round(journal, states[name], lines[name], duties.get(name), boots[name])
        found.append(_Found(round, states[name], spans[name].to_seq))
    return found


def _round(
    journal: Journal, state: Understanding, lines: list[ReadLine], newest: Duty | None, boots: Boots
) -> Round:
    story = follow(lines, _past(journal.unit, journal.journal, lines, newest))
    times = time_lines(lines, state=state, enrolled_ms=journal.enrolled_ms, boots=boots)
    return Round(journal, state.gen + 1, journal.understood + 1, story, times, newest)


def _claim(rounds: Sequence[_Found]) -> bool:
    """Move all these journals on; False if somebody else moved one of them since it was read."""
    if not rounds:
        return True
    for each in rounds:
        keep_settled(each.state, each.round.times)
    claims = [
        (each.last, each.state.unit, each.state.journal, each.round.first - 1) for each in rounds
    ]
    with connection.cursor() as cursor:
        cursor.executemany(CLAIM, claims)
        claimed: int = cursor.rowcount
    return claimed == len(rounds) and _next_gens([each.state for each in rounds])


def _next_gens(states: Sequence[Understanding]) -> bool:
    """Move journals to their next gen; False if somebody else did since `states` were read."""
    for state in states:
        state.gen += 1
    Understanding.objects.bulk_create(state for state in states if state.gen == 1)
    older = [
        (*map(state.__getattribute__, STATE), state.unit, state.journal, state.gen - 1)
        for state in states
        if state.gen > 1
    ]
    if not older:
        return True
    with connection.cursor() as cursor:
        cursor.executemany(SAVE_STATE, older)
        return bool(cursor.rowcount == len(older))


def _past(unit: str, journal: str, lines: list[ReadLine], newest: Duty | None) -> Past:
    """What the lines refer to before themselves: a few rows, however long the journal is."""
    votes, duties = references(lines)
    first = lines[0].seq
    earlier = {seq for seq in votes if seq < first}
    known = {
        row.seq: row
        for row in Vote.objects.filter(unit=unit, journal=journal, seq__in=earlier)
    } if earlier else {}  # fmt: skip
    past_votes = {}
    for body in read_each(unit=unit, journal=journal, seqs=set(known)):
        line = read(0, body, 0).envelope
        past_votes[line.seq] = PastVote(line.boot, line.mono_ms, known[line.seq].scale)
    named = {newest.seq} & duties if newest is not None else set()
    if older := duties - named:
        rows = Duty.objects.filter(unit=unit, journal=journal, seq__in=older)
        named |= set(rows.values_list("seq", flat=True))
    return Past(
        open_duty=newest.seq if newest is not None and newest.ended_seq is None else None,
        duties=frozenset(named),
        votes=past_votes,
    )


def _ended_with_their_journal() -> list[Duty]:
    """Duties in force at the end of a journal that takes no more lines."""
    with connection.cursor() as cursor:
        cursor.execute(SELECT_OVER)
        keys = cursor.fetchall()
    return list(Duty.objects.filter(pk__in=keys).order_by("pk")) if keys else []


def _end_with_journal(duty: Duty) -> None:
    """A duty ends at the journal's end: with its last line (protocol.md 3)."""
    acked = Journal.objects.values_list("acked", flat=True).get(
        unit=duty.unit, journal=duty.journal
    )
    state = Understanding.objects.get(unit=duty.unit, journal=duty.journal)
    with transaction.atomic():
        lock_unit(unit=duty.unit)
        if not _next_gens([state]):
            transaction.set_rollback(True)
            return
        duty.ended_seq, duty.ended_by, duty.gen = acked, "journal", state.gen
        duty.ended_low_ms, duty.ended_ms = state.last_low_ms, state.last_high_ms
        duty.save(force_update=True)
