"""Do the journals still stand as the server's deeds say: enrolled, closed, forked, revoked?"""

from collections.abc import Iterator

from protocol.keys import b64
from protocol.server_record import BadServerRecord, read_server_record
from server.database import one_moment
from server.folder import SetupError
from server.ingest.models import Journal
from server.ledger.models import Line, ServerRecord

Key = tuple[str, str]  # unit, journal
# What shuts a journal, the weakest first: a later one stands above an earlier one.
SHUT = ("forked", "closed", "revoked")


def find_differences() -> list[str]:
    """One sentence for each journal whose row is gone, or says otherwise than the deeds."""
    with one_moment():
        rows = {(row.unit, row.journal): row for row in Journal.objects.all()}
        return [*_missing(set(rows)), *_otherwise(rows), *_odd_states(rows)]


def check_rows() -> None:
    """SetupError if the row of a journal is gone: then figures could not be made of all lines."""
    keys = set(Journal.objects.values_list("unit", "journal"))
    for sentence in _missing(keys):
        raise SetupError(f"{sentence} Restore a backup; `hailong-server check` names all of them.")


def _missing(keys: set[Key]) -> Iterator[str]:
    enrolled = ServerRecord.objects.filter(type="enrolled").values_list("unit", "journal")
    lines = Line.objects.order_by("unit", "journal").values_list("unit", "journal").distinct()
    for unit, journal in sorted({*enrolled, *lines} - keys):
        yield f"Journal {journal} of unit {unit} has records or lines, but its own row is gone."


def _otherwise(rows: dict[Key, Journal]) -> Iterator[str]:
    """Journals whose kiosk, unit, key or time of enrolment is not the one that was recorded."""
    deeds = ServerRecord.objects.filter(type="enrolled").order_by("unit", "journal")
    for unit, journal, at_ms, body in deeds.values_list("unit", "journal", "at_ms", "body"):
        row = rows.get((unit, journal))
        if row is None:
            continue
        try:
            told = read_server_record(bytes(body)).data
        except BadServerRecord as error:
            yield f"The record that enrolled journal {journal} cannot be read: {error}"
            continue
        held = {"kiosk": row.kiosk, "unit": row.unit, "public_key": b64(bytes(row.public_key))}
        odd = [name for name, value in held.items() if told.get(name) != value]
        if row.enrolled_ms != at_ms:
            odd.append("enrolled_ms")
        if odd:
            yield (
                f"Journal {journal} of unit {unit} is not as it was enrolled: its row says "
                f"otherwise of {', '.join(odd)}."
            )


def _odd_states(rows: dict[Key, Journal]) -> Iterator[str]:
    """Journals whose state no deed gave them, or that a deed has shut and that are open."""
    deeds: dict[Key, dict[str, int]] = {}
    found = ServerRecord.objects.filter(type__in=SHUT).order_by("seq")
    for unit, journal, type, seq in found.values_list("unit", "journal", "type", "seq"):
        deeds.setdefault((unit, journal), {}).setdefault(type, seq)  # revoked: the lowest counts
    for key, row in sorted(rows.items()):
        told = deeds.get(key, {})
        state = max(told, key=SHUT.index, default="open")
        if row.state != state:
            yield (
                f"Journal {row.journal} of unit {row.unit} stands as {row.state}, but the records "
                f"make it {state}."
            )
        elif state == "revoked" and row.revoked_seq != told["revoked"]:
            yield (
                f"Journal {row.journal} of unit {row.unit} stands as revoked from line "
                f"{row.revoked_seq} on; the record says {told['revoked']}."
            )
