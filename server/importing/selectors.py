"""Reading what was imported."""

from server.importing.models import Import

LISTED = 50


def last_imports(*, by: str | None = None) -> list[Import]:
    """The newest imports first; of one account only, if told."""
    rows = Import.objects.order_by("-id")
    return list((rows if by is None else rows.filter(by=by))[:LISTED])


def find_import(number: int) -> Import | None:
    """The import of this number, if there is one."""
    return Import.objects.filter(pk=number).first()
