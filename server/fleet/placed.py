"""Where kiosks stand, as deeds: each replaces, for its instants, what was said before."""

from collections import defaultdict
from collections.abc import Iterator

from protocol.deeds import NotADeed, Placed, understand_record
from protocol.server_record import BadServerRecord, read_server_record
from server.fleet.models import Placement
from server.fleet.stays import Stay, joined, replaced
from server.ledger.selectors import deeds_by_type
from server.ledger.services import record_next_deed


def record_placed(*, kiosk: str, unit: str, stay: Stay, by: str, now_ms: int) -> None:
    """The deed, in the caller's transaction."""
    data = {
        "kiosk": kiosk,
        "unit": unit,
        "counter": stay.counter or None,
        "from_ms": stay.from_ms,
        "to_ms": stay.to_ms,
        "by": by,
    }
    record_next_deed(unit=unit, journal=kiosk, type="placed", now_ms=now_ms, data=data)


def find_differences() -> list[str]:
    """One sentence for each kiosk that stands elsewhere than its deeds say. Kiosks of which there
    is no deed are left out: none is ever taken back."""
    told: defaultdict[str, list[Stay]] = defaultdict(list)
    for _, kiosk, _, body in deeds_by_type("placed"):
        told[kiosk] = replaced(told[kiosk], _read(body))
    held: defaultdict[str, list[Stay]] = defaultdict(list)
    rows = Placement.objects.filter(kiosk__in=list(told)).order_by("started_ms")
    for row in rows:
        held[row.kiosk_id].append(Stay(row.counter, row.started_ms, row.ended_ms))
    return list(_differing(told, held))


def _differing(told: dict[str, list[Stay]], held: dict[str, list[Stay]]) -> Iterator[str]:
    for kiosk in sorted(told):
        if joined(told[kiosk]) != joined(held.get(kiosk, [])):
            yield (
                f"Where kiosk {kiosk} stood is not what the log's `placed` records say; "
                "enter its placement again where the table was changed."
            )


def _read(body: bytes) -> Stay:
    """A stay of nowhere, without instants, for bytes that say none: `check` names those."""
    try:
        record = read_server_record(body)
        deed = understand_record(record.type, record.data)
    except (BadServerRecord, NotADeed):
        return Stay("", 0, 0)
    assert isinstance(deed, Placed)  # noqa: S101 - by its type
    return Stay(deed.counter or "", deed.from_ms, deed.to_ms)
