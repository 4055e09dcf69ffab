"""The tallies as files, and what attribution and understanding will write, written by hand."""

import hashlib
from typing import Any

from tests.server.votes.river import rows


def digests() -> dict[str, str]:
    """The SHA-256 of each table of tallies as a CSV in the order of its key."""
    from server.analytics.services import TALLIES

    found = {}
    for model in TALLIES:
        lines = [",".join(map(str, row.values())) for row in rows(model)]
        found[model.__name__] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


def change(model: Any, unit: str, **values: object) -> Any:
    """Change rows as their own room would, and mark every day of the unit."""
    from django.db.models import F

    from server.attribution.models import ChangedDay, ChangedUnit

    where = {name: values.pop(name) for name in ("seq__in", "journal") if name in values}
    changed = model.objects.filter(unit=unit, **where).update(**values)
    ChangedUnit.objects.filter(unit=unit).update(gen=F("gen") + 1)
    gen = ChangedUnit.objects.get(unit=unit).gen
    ChangedDay.objects.filter(unit=unit).update(gen=gen)
    return changed
