"""Reading what people decided: rulings, and objections to them. Nothing here knows a rating."""

from datetime import date

from django.db.models import Q

from server.attribution.models import CounterDuty, Objection, PostedDuty, Ruling
from server.attribution.rulings import FORCE, LIFTED, PROPOSED
from server.organisation.selectors import official as official_of

SHOWN = 200


def rulings(*, unit: str, counter: str = "", state: str = "") -> list[Ruling]:
    """The unit's rulings, newest first, at most SHOWN; of one counter or state if named."""
    rows = Ruling.objects.filter(unit=unit)
    rows = rows.filter(counter=counter) if counter else rows
    rows = rows.filter(state=state) if state else rows
    return list(rows.order_by("-number")[:SHOWN])


def waiting_rulings(*, units: list[str]) -> list[Ruling]:
    """What waits for a second person in some units, oldest first."""
    rows = Ruling.objects.filter(unit__in=units, state=PROPOSED)
    return list(rows.order_by("proposed_ms", "unit", "number"))


def ruling(*, unit: str, number: int) -> Ruling | None:
    """A ruling by its number."""
    return Ruling.objects.filter(unit=unit, number=number).first()


def rulings_concerning(*, official: str) -> list[Ruling]:
    """Rulings in their own unit, in force or lifted, that name the official, or take from them a
    time in which they were on duty; newest first. Proposals are nobody's business but who decides.
    """
    account = official_of(official)
    if account is None:
        return []
    unit = account.unit_id
    rows = Ruling.objects.filter(unit=unit, state__in=(FORCE, LIFTED), lifts=None)
    found = []
    for row in rows.order_by("-number"):
        if row.official == official or _served(row, official):
            found.append(row)
        if len(found) == SHOWN:
            break
    return found


def _served(row: Ruling, official: str) -> bool:
    """Whether a duty of the official's stood at the ruling's counter in its interval."""
    at = {"unit": row.unit, "counter": row.counter, "official": official}
    # A duty ends on its day: one that began earlier than the day before reaches into no ruling.
    since = row.from_ms - 2 * 86_400_000
    of_kiosks = CounterDuty.objects.filter(
        **at, high_ms__gte=since, low_ms__lt=row.to_ms, until_ms__gt=row.from_ms
    )
    posted = PostedDuty.objects.filter(**at, started_ms__gte=since, started_ms__lt=row.to_ms)
    open_then = Q(ended_ms=None) | Q(ended_ms__gt=row.from_ms)
    return of_kiosks.exists() or posted.filter(open_then).exists()


def objections(*, unit: str, waiting: bool = False) -> list[Objection]:
    """The unit's objections, newest first, at most SHOWN; only those without an answer if asked."""
    rows = Objection.objects.filter(unit=unit)
    rows = rows.filter(answered_ms=None) if waiting else rows
    return list(rows.order_by("-number")[:SHOWN])


def objections_of(*, official: str) -> list[Objection]:
    """The official's own, in their own unit, newest first."""
    account = official_of(official)
    if account is None:
        return []
    rows = Objection.objects.filter(unit=account.unit_id, official=official)
    return list(rows.order_by("-number")[:SHOWN])


def objections_to(
    *, unit: str, ruling: int | None = None, date: date | None = None
) -> list[Objection]:
    """What was objected to a ruling, or to a day, oldest first."""
    rows = Objection.objects.filter(unit=unit)
    rows = rows.filter(date=date) if ruling is None else rows.filter(ruling=ruling)
    return list(rows.order_by("number"))
