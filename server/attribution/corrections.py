"""Votes that are looked at again because something beside their lines was corrected."""

from collections.abc import Mapping, Sequence

from server.attribution import selectors
from server.attribution.desk import desk_of
from server.attribution.duties import Span, refresh_duties
from server.attribution.judging import Known, judge
from server.dossiers.models import Dossier, DossierChange
from server.stages import in_groups

AT_ONCE = 500


def look_again(*, unit: str, spans: Mapping[str, Sequence[Span]]) -> int:
    """Attribute the votes of some stretches at counters of a unit anew; how many changed.

    The unit is held. Also those that stand elsewhere now and may belong here: a placement may have
    been corrected.
    """
    desk = desk_of(unit)
    votes: dict[tuple[str, int], Known] = {}
    for counter, each in spans.items():
        kiosks = selectors.kiosks_at(unit=unit, counter=counter)
        for span in _joined(each):
            moved = refresh_duties(desk, counter=counter, kiosks=kiosks, span=span)
            found = selectors.casts_of_kiosks(desk, kiosks, span)
            found += selectors.casts_at(desk, counter, span, signed=True)
            for name, more in moved.items():
                found += selectors.casts_at(desk, name, more, signed=False)
            votes |= {(cast.journal, cast.seq): (cast, verdict) for cast, verdict in found}
    return judge({unit: desk}, {unit: list(votes.values())})


def look_again_at_dossiers(*, unit: str, numbers: Sequence[str]) -> None:
    """Attribute the votes that name these dossiers anew. The unit is held."""
    # The marks go first: whoever changes a dossier now waits to mark it again, or was read.
    DossierChange.objects.filter(unit=unit, number__in=numbers).delete()
    desk = desk_of(unit)
    judge({unit: desk}, {unit: selectors.casts_of_dossiers(desk, numbers)})


def look_again_at_officials(*, unit: str, officials: Sequence[str]) -> None:
    """Attribute the votes anew that named these officials before anybody knew them. The unit is
    held."""
    desk = desk_of(unit)
    rows = Dossier.objects.filter(unit=unit, official__in=officials).order_by("number")
    numbers = list(rows.values_list("number", flat=True))
    votes = {
        (cast.journal, cast.seq): (cast, verdict)
        for cast, verdict in selectors.casts_of_nobody_known(desk)
    }
    for some in in_groups(numbers, AT_ONCE):
        for cast, verdict in selectors.casts_of_dossiers(desk, some):
            votes[cast.journal, cast.seq] = cast, verdict
    judge({unit: desk}, {unit: list(votes.values())})


def _joined(spans: Sequence[Span]) -> list[Span]:
    """The same instants in as few stretches as can be."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.from_ms <= joined[-1].to_ms:
            joined[-1] = joined[-1].joined(span)
        else:
            joined.append(span)
    return joined
