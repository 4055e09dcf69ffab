"""Is every vote flagged as the rules say and in the state that flags and decisions say, and is
every decision in the log?"""

from collections.abc import Iterator, Mapping
from typing import Any

from protocol.server_record import BadServerRecord, read_server_record
from server.attribution.models import Attribution
from server.dossiers.served import take_changes
from server.flags.decisions import DEED_OF, LIFTED, as_ranges, votes_of
from server.flags.doubting import Member
from server.flags.judging import judge_days
from server.flags.models import Decision, Flag, FlaggedDay
from server.flags.reading import Day, changed_units
from server.flags.stage import DAYS_AT_ONCE, holidays_wait
from server.flags.standing import FORCE, decided_votes, state_of
from server.ledger.selectors import deeds_by_type
from server.organisation.selectors import units
from server.stages import in_groups

Parts = dict[str, str]  # of each journal, the lines that its deeds name, in order


def find_differences() -> list[str]:
    """One sentence for each vote with other flags than the rules give it or in a state that nothing
    says, and each decision that is not what its deeds say. A unit whose votes wait for the rules is
    left out."""
    waiting = {each.unit for each in changed_units()}
    codes = [unit.code for unit in units() if unit.code not in waiting]
    found = [*_odd_decisions(), *(one for code in codes for one in _odd_states(code))]
    if holidays_wait():
        return found
    waiting = {unit for unit, *_ in take_changes()}
    return [*found, *(one for code in codes if code not in waiting for one in _odd_flags(code))]


def _odd_flags(unit: str) -> Iterator[str]:
    """Every day through the rules again: whoever forges a flag together with its vote's state
    leaves a state that flags say."""
    keys = FlaggedDay.objects.filter(unit=unit).order_by("first_day", "counter", "last_day")
    days = [Day(*row) for row in keys.values_list("unit", "counter", "first_day", "last_day")]
    wanted: dict[Member, dict[str, bool]] = {}
    for some in in_groups(days, DAYS_AT_ONCE):
        for (_, journal, seq), doubted in judge_days(some).doubted.items():
            wanted.setdefault((journal, seq), {}).update(doubted.flags)
    found: dict[Member, dict[str, bool]] = {}
    rows = Flag.objects.filter(unit=unit).values_list("journal", "seq", "flag", "held")
    for journal, seq, flag, held in rows:
        found.setdefault((journal, seq), {})[flag] = bool(held)
    for vote in sorted(wanted.keys() | found.keys()):
        stands, should = found.get(vote, {}), wanted.get(vote, {})
        if stands != should and _is_there(unit, *vote):
            yield (
                f"Vote {vote[1]} of journal {vote[0]} is flagged {_in_words(stands)}, but the "
                f"rules say {_in_words(should)}; `hailong-server rebuild` flags it anew."
            )


def _in_words(flags: dict[str, bool]) -> str:
    """repeat (held) and over-served"""
    words = [f"{flag} (held)" if held else flag for flag, held in sorted(flags.items())]
    return " and ".join(words) or "nothing"


def _odd_states(unit: str) -> Iterator[str]:
    decided = decided_votes([unit])
    flags: dict[tuple[str, int], list[bool]] = {}
    rows = Flag.objects.filter(unit=unit).values_list("journal", "seq", "held")
    for journal, seq, held in rows:
        flags.setdefault((journal, seq), []).append(bool(held))
    wanted = {
        vote: state_of(decided.get((unit, *vote)), flags.get(vote, ()))
        for vote in {*flags, *((journal, seq) for _, journal, seq in decided)}
    }
    wanted = {vote: state for vote, state in wanted.items() if state != "counted"}
    found = {
        (journal, seq): state
        for journal, seq, state in Attribution.objects.filter(unit=unit)
        .exclude(state="counted")
        .values_list("journal", "seq", "state")
    }
    for journal, seq in sorted(wanted.keys() | found.keys()):
        should, stands = wanted.get((journal, seq)), found.get((journal, seq))
        if stands is not None and should is None:
            yield f"Vote {seq} of journal {journal} is {stands}, but nothing says so."
        elif stands != should and _is_there(unit, journal, seq):
            yield (
                f"Vote {seq} of journal {journal} is {stands or 'counted'}, but flags and "
                f"decisions say {should}; `hailong-server rebuild` sets it anew."
            )


def _is_there(unit: str, journal: str, seq: int) -> bool:
    return Attribution.objects.filter(unit=unit, journal=journal, seq=seq).exists()


def _odd_decisions() -> Iterator[str]:
    rows = list(Decision.objects.filter(state__in=(FORCE, LIFTED)))
    votes = votes_of((row.unit, row.number) for row in rows)
    told = _told()
    by_key = {(row.unit, row.number): row for row in rows}
    for unit, number in sorted(told.keys() | by_key.keys()):
        row, deed = by_key.get((unit, number)), told.get((unit, number))
        name = f"Decision {number} of unit {unit}"
        if row is None:
            yield f"{name} is in the log, but not in its table."
        elif deed is None:
            yield f"{name} is in its table, but not in the log."
        elif deed != _said(row, votes[unit, number]):
            yield f"{name} is not what the log says of it."
    lifted = {(unit, n) for (unit, _), deed in told.items() for n in deed["lifts"]}
    for key, row in by_key.items():
        if (row.state == LIFTED) != (key in lifted):
            says = "no decision lifts it" if row.state == LIFTED else "a decision lifts it"
            yield f"Decision {row.number} of unit {row.unit} is {row.state}, but {says}."


def _said(row: Decision, votes: list[tuple[str, int]]) -> Mapping[str, Any]:
    parts: Parts = {}
    for journal in sorted({journal for journal, _ in votes}):
        parts[journal] = ",".join(as_ranges([seq for name, seq in votes if name == journal]))
    return {
        "type": DEED_OF[row.what], "doubt": row.doubt, "why": row.reason, "by": row.proposed_by,
        "confirmed_by": row.decided_by, "votes": parts,
    } | {"lifts": _lifts(row)}  # fmt: skip


def _lifts(row: Decision) -> list[int]:
    """The decision that stood on the same doubt before it: each lifts the one before."""
    before = Decision.objects.filter(
        unit=row.unit, doubt=row.doubt, state__in=(FORCE, LIFTED), number__lt=row.number
    )
    return sorted(before.values_list("number", flat=True))[-1:]


def _told() -> dict[tuple[str, int], dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for type in DEED_OF.values():
        for unit, _, _, body in deeds_by_type(type):
            try:
                data = read_server_record(body).data
            except BadServerRecord:
                continue
            key = unit, int(data.get("number", 0))
            one = found.setdefault(
                key,
                {name: data.get(name) for name in ("doubt", "why", "by", "confirmed_by")}
                | {"type": type, "lifts": data.get("lifts", []), "votes": {}},
            )
            journal, seqs = str(data.get("journal")), str(data.get("seqs"))
            before = one["votes"].get(journal)
            one["votes"][journal] = seqs if before is None else f"{before},{seqs}"
    return found
