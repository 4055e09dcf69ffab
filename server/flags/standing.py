"""Whether each vote is counted, held or excluded: what people decided, else what rules hold."""

from collections.abc import Collection, Iterable

from server.flags.models import DecidedVote, Decision

FORCE = "force"
EXCLUDE, INCLUDE = "exclude", "include"
STATE_OF = {EXCLUDE: "excluded", INCLUDE: "counted"}
Vote = tuple[str, str, int]  # unit, journal, seq


def decided_votes(units: Collection[str]) -> dict[Vote, str]:
    """exclude or include, of each vote that a decision in force is about. A vote of two doubts may
    be decided twice: then what came into force last stands."""
    made = Decision.objects.filter(unit__in=units, state=FORCE)
    order = {
        (unit, number): (decided_ms or 0, number, what)
        for unit, number, decided_ms, what in made.values_list(
            "unit", "number", "decided_ms", "what"
        )
    }
    if not order:
        return {}
    found: dict[Vote, tuple[int, int, str]] = {}
    rows = DecidedVote.objects.filter(unit__in=units, number__in={n for _, n in order})
    for unit, number, journal, seq in rows.values_list("unit", "number", "journal", "seq"):
        if (unit, number) in order:
            key = unit, journal, seq
            found[key] = max(found.get(key, (0, 0, "")), order[unit, number])
    return {key: what for key, (_, _, what) in found.items()}


def state_of(decided: str | None, flags: Iterable[bool]) -> str:
    """decided: what people say of the vote; flags: of each, whether it holds."""
    if decided is not None:
        return STATE_OF[decided]
    return "held" if any(flags) else "counted"
