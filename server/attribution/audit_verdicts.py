"""Does deciding every vote again, from the same facts, give the attributions that stand?"""

from collections.abc import Iterator

from server.attribution import selectors
from server.attribution.desk import Desk, desk_of
from server.attribution.duties import differing_duties
from server.attribution.models import ChangedUnit
from server.attribution.verdicts import decide
from server.dossiers.models import DossierChange
from server.ingest.models import Journal
from server.organisation.models import RosterChange
from server.stages import in_groups

AT_ONCE = 2_000


def find_differences() -> list[str]:
    """One sentence for each journal with votes or duties that stand elsewhere than they would.

    Units with lines or corrections that wait are left out, as are those worked on meanwhile.
    """
    found: list[str] = []
    units = Journal.objects.values_list("unit", flat=True).distinct().order_by("unit")
    for unit in list(units):
        before = _gen(unit)
        if _waits(unit):
            continue
        odd = list(_of_unit(unit))
        if odd and _gen(unit) == before and not _waits(unit):
            found += odd
    return found


def _gen(unit: str) -> int | None:
    return ChangedUnit.objects.filter(unit=unit).values_list("gen", flat=True).first()


def _waits(unit: str) -> bool:
    return (
        RosterChange.objects.filter(unit=unit).exists()
        or DossierChange.objects.filter(unit=unit).exists()
        or any(waiting.unit == unit for waiting in selectors.waiting_journals())
    )


def _of_unit(unit: str) -> Iterator[str]:
    desk = desk_of(unit)
    journals = Journal.objects.filter(unit=unit).order_by("journal")
    for journal in list(journals.values_list("journal", flat=True)):
        duties = differing_duties(desk, journal)
        if duties:
            yield _sentence(unit, journal, "duties stand", duties)
        votes = _votes(desk, journal)
        if votes:
            yield _sentence(unit, journal, "votes are attributed", votes)


def _votes(desk: Desk, journal: str) -> list[int]:
    """The seqs of a journal's votes whose verdict would be another, or that have none."""
    odd = []
    for known in in_groups(selectors.casts_of_journal(desk, journal), AT_ONCE):
        (decided,) = decide([(desk, [cast for cast, _ in known])])
        for (cast, stands), (_, verdict) in zip(known, decided, strict=True):
            if stands != verdict:
                odd.append(cast.seq)
    return odd


def _sentence(unit: str, journal: str, what: str, seqs: list[int]) -> str:
    return (
        f"Unit {unit}, journal {journal}: {len(seqs)} {what} otherwise than deciding them again "
        f"gives, the first is line {min(seqs)}; `hailong-server rebuild` mends it."
    )
