"""Counters; and whose officials served there, who operated them and how, through time."""

from datetime import date

from django.db import transaction

from server.organisation.checks import check_code, check_name, check_text
from server.organisation.errors import OrganisationError
from server.organisation.locks import lock_unit
from server.organisation.models import Counter, CounterSpell, Unit
from server.organisation.periods import Days, checked
from server.organisation.rosters import note_change

MOST = 32_767


def make_counter(*, unit: Unit, number: int, name: str = "", code: str = "") -> Counter:
    """A counter of `unit`; without a code of its own it is `<unit>-<number>`.

    Votes may name the code already; they are attributed anew by the next run.
    """
    code = code or f"{unit.code}-{number}"
    check_code(code, most=40)
    _check_number(number)
    with transaction.atomic():
        found, made = Counter.objects.get_or_create(
            code=code,
            defaults={
                "unit": unit,
                "number": number,
                "name": check_name(name or f"Quầy số {number}"),
            },
        )
        if made:
            note_change(unit=unit.code, counter="")
    if found.unit_id != unit.code:
        raise OrganisationError("counter-elsewhere", counter=code, unit=found.unit_id)
    return found


def change_counter(*, counter: Counter, number: int, name: str) -> None:
    """Another number or name on the wall; the code, and whose counter it is, never change."""
    _check_number(number)
    counter.number, counter.name = number, check_name(name)
    counter.save(update_fields=["number", "name"])


@transaction.atomic
def set_counter_spell(
    *,
    counter: Counter,
    agency: Unit | None = None,
    operator: str = "",
    mobile: bool = False,
    started_date: date | None = None,
    ended_date: date | None = None,
) -> CounterSpell:
    """Who served there in [started_date, ended_date); the same beginning again corrects that spell.

    agency None: the counter's own unit. OrganisationError if it overlaps another.
    """
    days = checked(started_date, ended_date)
    operator = check_text(operator, most=200)
    lock_unit(unit=counter.unit_id)
    found = None
    for row in CounterSpell.objects.filter(counter=counter):
        if row.started_date == started_date:
            found = row
        elif Days(row.started_date, row.ended_date).overlaps(days):
            raise OrganisationError(
                "days-overlap",
                what=counter.code,
                who=row.agency_id or counter.unit_id,
                started=row.started_date,
                ended=row.ended_date,
            )
    spell = found or CounterSpell(counter=counter, started_date=started_date)
    spell.agency, spell.operator, spell.mobile = agency, operator, mobile
    spell.ended_date = ended_date
    spell.save()
    return spell


def remove_counter_spell(*, spell: CounterSpell) -> None:
    """It never was so."""
    CounterSpell.objects.filter(pk=spell.pk).delete()


def _check_number(number: int) -> None:
    if not 1 <= number <= MOST:
        raise OrganisationError("bad-number", most=MOST)
