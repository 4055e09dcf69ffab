"""Officials: who they are, which agency they belonged to and where they usually sat."""

from datetime import date

from django.db import transaction

from server.clock import now_ms
from server.organisation.checks import check_code, check_name, check_text
from server.organisation.errors import OrganisationError
from server.organisation.locks import lock_unit
from server.organisation.models import Counter, Official, OfficialSpell, Seat, Unit
from server.organisation.periods import Days, checked, day_of
from server.organisation.rosters import note_official
from server.organisation.sign_in import seal_pin


def make_official(
    *, unit: Unit, code: str, name: str, pin: str | None = None, title: str = ""
) -> Official:
    """An official of `unit`; with a PIN (4 to 12 digits) they can sign in at its kiosks.

    Votes may name the code already; they are attributed anew by the next run.
    """
    check_code(code, most=32)
    sealed = b"" if pin is None else seal_pin(code, pin)
    with transaction.atomic():
        found, made = Official.objects.get_or_create(
            code=code,
            defaults={
                "unit": unit,
                "name": check_name(name),
                "title": check_text(title, most=200),
                "pin_sealed": sealed,
            },
        )
        if made:
            note_official(unit=unit.code, official=code)
    return found


@transaction.atomic
def change_official(
    *,
    official: Official,
    name: str | None = None,
    title: str | None = None,
    unit: Unit | None = None,
) -> None:
    """Another name, title or unit from now on; what is None stays. The code never changes."""
    if name is not None:
        official.name = check_name(name)
    if title is not None:
        official.title = check_text(title, most=200)
    if unit is not None:
        official.unit = unit
    official.save(update_fields=["name", "title", "unit"])


@transaction.atomic
def set_official_spell(
    *,
    official: Official,
    agency: Unit | None = None,
    title: str = "",
    started_date: date | None = None,
    ended_date: date | None = None,
) -> OfficialSpell:
    """Which agency they belonged to in [started_date, ended_date), and as what; the same beginning
    again corrects that spell. A title of today is what kiosks and pages show.

    agency None: their unit. OrganisationError if it overlaps another.
    """
    days = checked(started_date, ended_date)
    title = check_text(title, most=200)
    lock_unit(unit=official.unit_id)
    found = None
    for row in OfficialSpell.objects.filter(official=official):
        if row.started_date == started_date:
            found = row
        elif Days(row.started_date, row.ended_date).overlaps(days):
            raise _overlap(official.code, row.agency_id or official.unit_id, row)
    spell = found or OfficialSpell(official=official, started_date=started_date)
    spell.agency, spell.title, spell.ended_date = agency, title, ended_date
    spell.save()
    if title and days.holds(day_of(now_ms(), official.unit.timezone)):
        official.title = title
        official.save(update_fields=["title"])
    return spell


@transaction.atomic
def set_seat(
    *,
    counter: Counter,
    official: Official,
    started_date: date | None = None,
    ended_date: date | None = None,
) -> Seat:
    """The official usually sits there in [started_date, ended_date); the same beginning again
    corrects that seat. Several may share a counter, and one may have several.

    OrganisationError if it overlaps another seat of theirs at this counter.
    """
    days = checked(started_date, ended_date)
    lock_unit(unit=counter.unit_id)
    found = None
    for row in Seat.objects.filter(counter=counter, official=official):
        if row.started_date == started_date:
            found = row
        elif Days(row.started_date, row.ended_date).overlaps(days):
            raise _overlap(counter.code, official.code, row)
    seat = found or Seat(counter=counter, official=official, started_date=started_date)
    seat.ended_date = ended_date
    seat.save()
    return seat


def remove_official_spell(*, spell: OfficialSpell) -> None:
    """It never was so."""
    OfficialSpell.objects.filter(pk=spell.pk).delete()


def remove_seat(*, seat: Seat) -> None:
    """They never sat there."""
    Seat.objects.filter(pk=seat.pk).delete()


def _overlap(what: str, who: str, row: OfficialSpell | Seat) -> OrganisationError:
    days = {"started": row.started_date, "ended": row.ended_date}
    return OrganisationError("days-overlap", what=what, who=who, **days)
