"""What two people decide on doubtful votes: excluded, or counted. Nobody here is told a rating.

A decision names the votes that were at stake when it was proposed: what joins the doubt later is
held by the rules again, and needs a decision of its own. In force it is a deed for each journal.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from django.db import transaction
from django.db.models import Max

from server.attribution.services import set_states
from server.flags.doubting import Member, at_stake, members_of, state_of_doubt, write_doubts
from server.flags.errors import FlagError
from server.flags.models import DecidedVote, Decision, Doubt, DoubtVote, Flag
from server.flags.standing import EXCLUDE, FORCE, INCLUDE, decided_votes, state_of
from server.ledger.services import record_next_deed
from server.organisation.services import lock_unit
from server.stages import in_groups

PROPOSED, REFUSED, WITHDRAWN, LIFTED = "proposed", "refused", "withdrawn", "lifted"
DEED_OF = {EXCLUDE: "excluded", INCLUDE: "included"}
MOST_WORDS: Final = 500
SEQS_LONG: Final = 900  # a record of the log has room for 4,096 bytes


def propose_decision(*, unit: str, doubt: int, what: str, reason: str, by: str, now_ms: int) -> int:
    """Propose to exclude or to include (count) the votes of a doubt; the decision's number. It
    waits for a second person, always. FlagError."""
    if what not in DEED_OF:
        raise ValueError(f"{what!r} is no decision; there are {sorted(DEED_OF)}.")
    reason = words(reason)
    with transaction.atomic():
        lock_unit(unit=unit)
        about = _doubt(unit, doubt)
        waits = Decision.objects.filter(unit=unit, doubt=doubt, state=PROPOSED).first()
        if waits is not None:
            raise FlagError("waits", number=waits.number)
        votes = _about(about)
        decided = decided_votes([unit])
        if {decided.get((unit, *vote)) for vote in votes} == {what}:
            raise FlagError("nothing-new")
        newest = Decision.objects.filter(unit=unit).aggregate(n=Max("number"))["n"]
        made = Decision.objects.create(
            unit=unit, number=(newest or 0) + 1, doubt=doubt, what=what, reason=reason,
            state=PROPOSED, proposed_by=by, proposed_ms=now_ms,
        )  # fmt: skip
        DecidedVote.objects.bulk_create(
            DecidedVote(unit=unit, number=made.number, journal=journal, seq=seq)
            for journal, seq in votes
        )
        return made.number


def confirm_decision(*, unit: str, number: int, by: str, now_ms: int) -> None:
    """The second person agrees, and it is in force; decisions on the same doubt before it are
    lifted. FlagError."""
    with transaction.atomic():
        decision = _waiting(unit, number)
        if decision.proposed_by == by:
            raise FlagError("own-proposal", number=number)
        before = Decision.objects.filter(unit=unit, doubt=decision.doubt, state=FORCE)
        lifted = sorted(before.values_list("number", flat=True))
        votes = votes_of([(unit, number)])[unit, number]
        # What was decided after this one was proposed is taken back with the rest.
        freed = {v for each in votes_of((unit, n) for n in lifted).values() for v in each}
        before.update(state=LIFTED)
        _decide(decision, FORCE, by, "", now_ms)
        _record(decision, votes, lifted, now_ms)
        _let_stand(unit, {*votes, *freed})


def refuse_decision(*, unit: str, number: int, why: str, by: str, now_ms: int) -> None:
    """The second person does not agree. FlagError."""
    why = words(why)
    with transaction.atomic():
        decision = _waiting(unit, number)
        if decision.proposed_by == by:
            raise FlagError("own-proposal", number=number)
        _decide(decision, REFUSED, by, why, now_ms)


def withdraw_decision(*, unit: str, number: int, by: str, now_ms: int) -> None:
    """The proposer takes the proposal back. FlagError."""
    with transaction.atomic():
        decision = _waiting(unit, number)
        if decision.proposed_by != by:
            raise FlagError("others-proposal", number=number)
        _decide(decision, WITHDRAWN, by, "", now_ms)


def note_looked(*, unit: str, doubt: int, note: str, by: str, now_ms: int) -> None:
    """Somebody looked, and proposes nothing. Votes that join later make it new again. FlagError."""
    note = words(note)
    with transaction.atomic():
        lock_unit(unit=unit)
        about = _doubt(unit, doubt)
        about.looked_by, about.looked_ms, about.looked_n = by, now_ms, about.n
        about.note = note
        votes = members_of([(unit, doubt)])[unit, doubt]
        about.state = state_of_doubt(about, votes, decided_votes([unit]))
        write_doubts([about])


def words(text: str) -> str:
    """What somebody wrote, in one line; FlagError unless it says something."""
    text = " ".join(text.split())
    if not text or len(text) > MOST_WORDS or not text.isprintable():
        raise FlagError("bad-words", most=MOST_WORDS)
    return text


def votes_of(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[Member]]:
    """The votes that decisions (unit, number) are about, in their order."""
    found: dict[tuple[str, int], list[Member]] = {key: [] for key in keys}
    for unit, each in groupby(sorted(found), key=lambda key: key[0]):
        for some in in_groups([number for _, number in each], 500):
            rows = DecidedVote.objects.filter(unit=unit, number__in=some)
            for number, journal, seq in rows.order_by("journal", "seq").values_list(
                "number", "journal", "seq"
            ):
                found[unit, number].append((journal, seq))
    return found


def as_ranges(seqs: Sequence[int]) -> Iterator[str]:
    """Lines in order as 3-7,9: in as many texts as records of the log need."""
    text = ""
    for _, run in groupby(enumerate(seqs), key=lambda each: each[1] - each[0]):
        part = [seq for _, seq in run]
        one = str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}"
        if text and len(text) + len(one) >= SEQS_LONG:
            yield text
            text = ""
        text = f"{text},{one}" if text else one
    if text:
        yield text


def _about(doubt: Doubt) -> list[Member]:
    """What is at stake, and whatever decisions in force on this doubt are about: a new one stands
    in their place."""
    key = doubt.unit, doubt.number
    rows = Decision.objects.filter(unit=doubt.unit, doubt=doubt.number, state=FORCE)
    earlier = votes_of((doubt.unit, n) for n in rows.values_list("number", flat=True))
    votes = {*at_stake(members_of([key])[key])} if doubt.n else set()
    return sorted(votes.union(*earlier.values()))


def _record(decision: Decision, votes: Sequence[Member], lifts: list[int], now_ms: int) -> None:
    for journal, each in groupby(votes, key=lambda vote: vote[0]):
        for seqs in as_ranges([seq for _, seq in each]):
            record_next_deed(
                unit=decision.unit, journal=journal, type=DEED_OF[decision.what],
                now_ms=now_ms,
                data={
                    "unit": decision.unit, "number": decision.number, "doubt": decision.doubt,
                    "journal": journal, "seqs": seqs, "lifts": lifts, "why": decision.reason,
                    "by": decision.proposed_by, "confirmed_by": decision.decided_by,
                },
            )  # fmt: skip


def _let_stand(unit: str, votes: set[Member]) -> None:
    """Set what these votes are now, and how the doubts that hold one of them stand."""
    decided = decided_votes([unit])
    held: dict[Member, list[bool]] = {}
    numbers: set[int] = set()
    for some in in_groups(sorted(votes), 500):
        journals, seqs = {journal for journal, _ in some}, {seq for _, seq in some}
        where = {"unit": unit, "journal__in": journals, "seq__in": seqs}
        for journal, seq, holds in Flag.objects.filter(**where).values_list(
            "journal", "seq", "held"
        ):
            held.setdefault((journal, seq), []).append(bool(holds))
        for journal, seq, number in DoubtVote.objects.filter(**where).values_list(
            "journal", "seq", "number"
        ):
            if (journal, seq) in votes:
                numbers.add(number)
    set_states(
        states={
            (unit, *vote): state_of(decided.get((unit, *vote)), held.get(vote, ()))
            for vote in sorted(votes)
        }
    )
    members = members_of((unit, number) for number in numbers)
    doubts = list(Doubt.objects.filter(unit=unit, number__in=numbers))
    for doubt in doubts:
        doubt.state = state_of_doubt(doubt, members[unit, doubt.number], decided)
    write_doubts(doubts)


def _decide(decision: Decision, state: str, by: str, why: str, now_ms: int) -> None:
    decision.state, decision.decided_by = state, by
    decision.decided_ms, decision.decided_why = now_ms, why
    decision.save(force_update=True)


def _waiting(unit: str, number: int) -> Decision:
    """A proposal that nobody has decided; the unit is held from here on."""
    lock_unit(unit=unit)
    found = Decision.objects.filter(unit=unit, number=number).first()
    if found is None:
        raise FlagError("no-decision", unit=unit, number=number)
    if found.state != PROPOSED:
        raise FlagError("decided", number=number)
    return found


def _doubt(unit: str, number: int) -> Doubt:
    found = Doubt.objects.filter(unit=unit, number=number).first()
    if found is None:
        raise FlagError("no-doubt", unit=unit, number=number)
    return found
