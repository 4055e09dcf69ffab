"""Administrative procedures and the fields that they belong to, by their national codes."""

from datetime import date

from server.organisation.checks import check_code, check_name
from server.organisation.models import Field, Procedure
from server.organisation.periods import checked


def make_field(*, code: str, name: str) -> Field:
    """The field of this code; told again, it gets the name told last."""
    check_code(code, most=32)
    field, _ = Field.objects.update_or_create(code=code, defaults={"name": check_name(name)})
    return field


def make_procedure(
    *,
    code: str,
    name: str,
    field: Field | None = None,
    started_date: date | None = None,
    ended_date: date | None = None,
) -> Procedure:
    """The procedure of this code; told again, it becomes as told last. Raises OrganisationError."""
    check_code(code, most=32)
    days = checked(started_date, ended_date)
    procedure, _ = Procedure.objects.update_or_create(
        code=code,
        defaults={"name": check_name(name, most=500), "field": field, **days._asdict()},
    )
    return procedure


def procedures_on(day: date | None = None) -> list[Procedure]:
    """Every procedure, or those of a day, by field and code."""
    rows = Procedure.objects.select_related("field").order_by("field_id", "code")
    return [
        row for row in rows if day is None or checked(row.started_date, row.ended_date).holds(day)
    ]


def procedure_names(codes: list[str]) -> dict[str, str]:
    """Names by code, of those that there are."""
    return dict(Procedure.objects.filter(code__in=codes).values_list("code", "name"))
