"""What can be imported, one small module each."""

from server.importing.kinds import (
    complaints,
    counters,
    dossiers,
    holidays,
    officials,
    procedures,
    shifts,
    transactions,
    units,
)
from server.importing.work import Kind

KINDS: dict[str, Kind] = {
    each.name: each
    for each in (
        units.KIND,
        counters.KIND,
        officials.KIND,
        shifts.KIND,
        procedures.KIND,
        holidays.KIND,
        dossiers.KIND,
        transactions.KIND,
        complaints.KIND,
    )
}
