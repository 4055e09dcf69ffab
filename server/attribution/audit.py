"""Are the rulings, posted duties and objections those that the ledger tells of? Both ways. And is
every vote about whom the rules say, decided again?"""

from collections.abc import Iterator, Mapping
from typing import Any

from protocol.server_record import BadServerRecord, read_server_record
from server.attribution import objections, posted, rulings
from server.attribution.desk import desk_of
from server.attribution.duties import odd_duties
from server.attribution.models import Objection, PostedDuty, Ruling
from server.attribution.selectors import casts_of_journal, is_waiting
from server.attribution.verdicts import decide
from server.ledger.selectors import deeds_by_type

Key = tuple[str, int]  # unit and number
Told = Mapping[Key, Mapping[str, Any]]


def find_differences() -> list[str]:
    """One sentence for each row that differs from its deed, or stands on one side only."""
    in_force = Ruling.objects.filter(state__in=(rulings.FORCE, rulings.LIFTED))
    of_rulings = {(row.unit, row.number): rulings.deed_of(row) for row in in_force}
    duties = list(PostedDuty.objects.all())
    objected = list(Objection.objects.all())
    return [
        *_differing("ruling", of_rulings),
        *_oddly_lifted(list(in_force)),
        *_differing("posted", {(row.unit, row.number): posted.deed_of(row) for row in duties}),
        *_differing(
            "posted.over",
            {
                (row.unit, row.number): posted.end_deed_of(row)
                for row in duties
                if row.ended_ms is not None
            },
        ),
        *_differing(
            "objection", {(row.unit, row.number): objections.deed_of(row) for row in objected}
        ),
        *_differing(
            "objection.answered",
            {
                (row.unit, row.number): objections.answer_deed_of(row)
                for row in objected
                if row.answered_ms is not None
            },
        ),
    ]


def find_wrong_verdicts(*, unit: str, journal: str) -> list[str]:
    """One sentence for each vote that is not about whom the rules say, and each duty that does
    not stand at its counter. A journal that waits for its turn is left out."""
    if is_waiting(unit, journal):
        return []
    desk = desk_of(unit)
    found = [
        f"Duty {seq} of journal {journal} does not stand where its kiosk did; `hailong-server "
        "rebuild` makes it anew."
        for seq in odd_duties(desk, journal)
    ]
    known = casts_of_journal(desk, journal)
    ((*verdicts,),) = decide([(desk, [cast for cast, _ in known])])
    for (cast, row), (_, verdict) in zip(known, verdicts, strict=True):
        if row is None:
            found.append(
                f"Vote {cast.seq} of journal {journal} has no attribution; `hailong-server "
                "rebuild` decides it."
            )
        elif row != verdict:
            odd = [name for name in row._fields if getattr(row, name) != getattr(verdict, name)]
            found.append(
                f"Vote {cast.seq} of journal {journal} is not attributed as the rules say: "
                f"{', '.join(odd)}; `hailong-server rebuild` decides it anew."
            )
    return [] if is_waiting(unit, journal) else found


def _differing(type: str, rows: Told) -> Iterator[str]:
    told = _deeds(type)
    for unit, number in sorted(told.keys() | rows.keys()):
        row, deed = rows.get((unit, number)), told.get((unit, number))
        name = f"The `{type}` {number} of unit {unit}"
        if row is None:
            yield f"{name} is in the log, but not in its table."
        elif deed is None:
            yield f"{name} is in its table, but not in the log."
        elif odd := sorted(key for key, value in row.items() if deed.get(key) != value):
            yield f"{name} is not what the log says of it: {', '.join(odd)}."


def _deeds(type: str) -> Told:
    found: dict[Key, Mapping[str, Any]] = {}
    for unit, _, number, body in deeds_by_type(type):
        try:
            found[unit, number] = read_server_record(body).data
        except BadServerRecord:
            found[unit, number] = {}
    return found


def _oddly_lifted(rows: list[Ruling]) -> Iterator[str]:
    """A ruling is lifted exactly if another in force says so."""
    lifted = {(row.unit, row.lifts) for row in rows if row.lifts is not None}
    for row in rows:
        if (row.state == rulings.LIFTED) != ((row.unit, row.number) in lifted):
            says = "no ruling lifts it" if row.state == rulings.LIFTED else "a ruling lifts it"
            yield f"Ruling {row.number} of unit {row.unit} is {row.state}, but {says}."
