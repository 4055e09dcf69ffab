"""Reading what was understood."""

from django.db.models import F

from server.ingest.models import Journal


def waiting_journals() -> list[Journal]:
    """Journals with lines that are stored and not yet understood, in a fixed order."""
    return list(Journal.objects.filter(acked__gt=F("understood")).order_by("unit", "journal"))


def acked_up_to() -> dict[str, int]:
    """The newest stored line of each journal."""
    return dict(Journal.objects.values_list("journal", "acked"))


def journals() -> list[tuple[str, str]]:
    """(unit, journal) of every journal."""
    return list(Journal.objects.order_by("unit", "journal").values_list("unit", "journal"))
