"""What can be imported, one small module each."""

from server.importing.kinds import complaints, dossiers, transactions
from server.importing.work import Kind

KINDS: dict[str, Kind] = {
    each.name: each
    for each in (
        dossiers.KIND,
        transactions.KIND,
        complaints.KIND,
    )
}
