"""What a kiosk is asked to do: given out with its configuration, answered in its journal."""

from typing import Any, Final

from server.database import Cursor, write
from server.fleet.errors import FleetError
from server.fleet.models import Kiosk, Order, Placement
from server.fleet.services import publish_configuration
from server.ledger.selectors import restored_at
from server.ledger.services import record_deed
from server.organisation.selectors import is_code

WHAT: Final = ("diagnostics", "restart", "selftest")
FINAL: Final = ("done", "failed", "expired", "unknown")
LASTS_MS = 24 * 3600 * 1000  # a kiosk lets an older one expire
SELECT_OPEN = (
    "SELECT number FROM fleet_order WHERE kiosk_id = %s AND what = %s AND at_ms > %s "
    "AND outcome IN ('', 'taken')"
)
SELECT_KIOSK = "SELECT unit FROM fleet_kiosk WHERE id = %s FOR UPDATE"
SELECT_NEWEST = "SELECT max(number) FROM fleet_order WHERE kiosk_id = %s"
INSERT_ORDER = (
    "INSERT INTO fleet_order (kiosk_id, number, what, by, at_ms, outcome, findings, answered_ms) "
    "VALUES (%s, %s, %s, %s, %s, '', '{}', NULL)"
)


class AlreadyAsked(FleetError):
    """The same was asked of the kiosk, and it has not answered."""


def order_deed(*, kiosk: str, what: str, by: str, now_ms: int) -> int:
    """Ask a kiosk for diagnostics, restart or selftest; it is a deed. The order's number.

    by: the account, or the command, that asks. Raises FleetError; AlreadyAsked while the kiosk
    still has to answer the same order, so that two clicks are one.
    """
    if what not in WHAT:
        raise FleetError(f"A kiosk can be asked for {', '.join(WHAT)}, not for {what!r}.")
    if not is_code(kiosk) or not Kiosk.objects.filter(id=kiosk).exists():
        raise FleetError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    if not Placement.objects.filter(kiosk=kiosk, ended_ms__isnull=True).exists():
        raise FleetError(f"Kiosk {kiosk} stands at no counter, so nothing is published to it.")

    restored = restored_at()

    def order(cursor: Cursor) -> int | None:
        # The kiosk's row is held: of two orders at once each gets a number of its own.
        (unit,) = cursor.one(SELECT_KIOSK, (kiosk,)) or ("",)
        if cursor.one(SELECT_OPEN, (kiosk, what, now_ms - LASTS_MS)):
            return None
        (newest,) = cursor.one(SELECT_NEWEST, (kiosk,)) or (None,)
        number = max(int(newest or 0), restored) + 1
        cursor.execute(INSERT_ORDER, (kiosk, number, what, by, now_ms))
        record_deed(
            cursor,
            unit=unit,
            journal=kiosk,  # of no journal: the kiosk may have had none yet
            type="ordered",
            seq=number,
            at_ms=now_ms,
            data={"kiosk": kiosk, "order": number, "what": what, "by": by},
        )
        return number

    number = write(order)
    if number is None:
        raise AlreadyAsked(f"{kiosk} was asked for this today and has not answered yet; wait.")
    # A crash here leaves the order unpublished; the next publication takes it along.
    publish_configuration(kiosk=kiosk, now_ms=now_ms)
    return number


def answer_order(
    *, kiosk: str, number: int, outcome: str, findings: dict[str, Any], at_ms: int
) -> None:
    """What the kiosk's journal says came of an order. The first final answer stays.

    So telling it all again, as a rebuild does, ends the same.
    """
    asked = Order.objects.filter(kiosk=kiosk, number=number).exclude(outcome__in=FINAL)
    asked.update(outcome=outcome, findings=findings, answered_ms=at_ms)
