"""Understanding: a journal's new lines become votes, revisions and duties."""

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from server.ingest.models import Journal
from server.ledger.selectors import read_each, read_lines
from server.stages import do_each
from server.votes import selectors
from server.votes.models import Duty, NotUnderstood, Revision, SettledBoot, Understanding, Vote
from server.votes.rows import Round, write_round
from server.votes.story import Past, PastVote, ReadLine, follow, read, references
from server.votes.timing import Times, keep_settled, time_lines

STATE = (
    "gen",
    "settled_seq",
    "newest_server_ms",
    "newest_exact_ms",
    "plain",
    "last_low_ms",
    "last_high_ms",
)
ROUND = 1_000  # lines understood in one transaction: short, so that the line door never waits long


def understand_pending() -> bool:
    """One round for each journal with lines not yet understood; True if there was one.

    Safe beside another process doing the same: a round counts only for the one that claims it.
    """
    understood = do_each(selectors.waiting_journals(), _understand_round)
    ended = do_each(_ended_with_their_journal(), _end_with_journal)
    return understood or ended


def forget_votes() -> None:
    """Drop what was understood, so that every line is understood again. Rounds keep counting."""
    with transaction.atomic():
        for model in (Vote, Revision, Duty, NotUnderstood, SettledBoot):
            model.objects.all().delete()
        # A worker in the middle of a round finds its gen gone and drops what it has.
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE votes_understanding SET gen = gen + 1, settled_seq = 0, plain = %s, "
                "newest_server_ms = NULL, newest_exact_ms = NULL",
                [True],
            )
        Journal.objects.update(understood=0)


def _understand_round(journal: Journal) -> None:
    """Understand the next lines of one journal; nothing if another process is quicker."""
    unit, name = journal.unit, journal.journal
    state = _state(unit, name)
    first, last = journal.understood + 1, min(journal.acked, journal.understood + ROUND)
    if state.settled_seq >= first:
        return
    stored = read_lines(unit=unit, journal=name, from_seq=first, to_seq=last)
    lines = [read(line.seq, line.body, line.received_ms) for line in stored]
    newest = Duty.objects.filter(unit=unit, journal=name).order_by("-seq").first()
    past = _past(unit, name, lines, newest)
    story = follow(lines, past)
    times = time_lines(lines, state=state, enrolled_ms=journal.enrolled_ms)
    with transaction.atomic():
        claimed = Journal.objects.filter(unit=unit, journal=name, understood=first - 1).update(
            understood=last
        )
        # A crash before this commit leaves everything as it was, and the round is done again.
        if not (claimed and _save_state(state, times)):
            transaction.set_rollback(True)
            return
        write_round(Round(journal, state.gen, first, story, times, newest))


def _state(unit: str, journal: str) -> Understanding:
    found = Understanding.objects.filter(unit=unit, journal=journal).first()
    return found or Understanding(unit=unit, journal=journal, gen=0)


def _save_state(state: Understanding, times: Times) -> bool:
    """Move the journal to its next gen; False if somebody else did since `state` was read."""
    keep_settled(state, times)
    return _next_gen(state)


def _next_gen(state: Understanding) -> bool:
    rows = Understanding.objects.filter(unit=state.unit, journal=state.journal, gen=state.gen)
    state.gen += 1
    if state.gen == 1:
        state.save(force_insert=True)
        return True
    changed = rows.update(**{name: getattr(state, name) for name in STATE})
    return changed == 1


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
    named = Duty.objects.filter(unit=unit, journal=journal, seq__in=duties)
    return Past(
        open_duty=newest.seq if newest is not None and newest.ended_seq is None else None,
        duties=frozenset(named.values_list("seq", flat=True)) if duties else frozenset(),
        votes=past_votes,
    )


def _ended_with_their_journal() -> list[Duty]:
    """Duties in force at the end of a journal that takes no more lines."""
    over = Journal.objects.filter(
        unit=OuterRef("unit"), journal=OuterRef("journal"), understood=F("acked")
    ).exclude(state="open")
    return list(Duty.objects.filter(Exists(over), ended_seq__isnull=True))


def _end_with_journal(duty: Duty) -> None:
    """A duty ends at the journal's end: with its last line (protocol.md 3)."""
    acked = Journal.objects.values_list("acked", flat=True).get(
        unit=duty.unit, journal=duty.journal
    )
    state = _state(duty.unit, duty.journal)
    with transaction.atomic():
        if not _next_gen(state):
            transaction.set_rollback(True)
            return
        duty.ended_seq, duty.ended_by, duty.gen = acked, "journal", state.gen
        duty.ended_low_ms, duty.ended_ms = state.last_low_ms, state.last_high_ms
        duty.save(force_update=True)
