"""What kiosks were asked to do, as it is read: for their configuration, and for people."""

from protocol.configuration import ConfigOrder
from server.fleet.models import Diagnostics, Order

SHOWN = 8  # as many as a configuration may hold


def newest_orders(kiosk: str) -> tuple[ConfigOrder, ...]:
    """A kiosk's newest orders, done or not, oldest first, as its configuration says them."""
    rows = Order.objects.filter(kiosk=kiosk).order_by("-number")[:SHOWN]
    newest = [ConfigOrder(id=row.number, what=row.what, at_ms=row.at_ms) for row in rows]
    return tuple(reversed(newest))


def orders_of(kiosk: str, *, most: int = 20) -> list[Order]:
    """A kiosk's newest orders and what came of them, newest first."""
    return list(Order.objects.filter(kiosk=kiosk).order_by("-number")[:most])


def diagnostics_of(kiosk: str) -> list[Diagnostics]:
    """What a kiosk sent when it was asked for diagnostics, newest first."""
    return list(Diagnostics.objects.filter(kiosk=kiosk).order_by("-number"))
