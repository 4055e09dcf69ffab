"""Are the units' rules those that the ledger tells of? Both ways."""

from protocol.server_record import BadServerRecord, read_server_record
from server.ledger.selectors import deeds_by_type
from server.organisation.models import UnitRules
from server.organisation.rules import deed_of


def find_differences() -> list[str]:
    """One sentence for each unit whose rules are not what its newest deed says."""
    told: dict[str, dict[str, object]] = {}
    for unit, _, _, body in deeds_by_type("unit.rules"):
        try:
            told[unit] = read_server_record(body).data
        except BadServerRecord:
            told[unit] = {}
    held = {row.unit_id: deed_of(row) for row in UnitRules.objects.all()}
    return [
        f"The rules of unit {unit} are not what the log's `unit.rules` records say; choose them "
        "again on the unit's page."
        for unit in sorted(told.keys() | held.keys())
        if held.get(unit) != {k: v for k, v in told.get(unit, {}).items() if k != "by"}
    ]
