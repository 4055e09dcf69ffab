"""Whom a request came from, for the limits per address."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings

Address = IPv4Address | IPv6Address


def client_address(meta: Mapping[str, str]) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 address; `unknown` if it cannot be told.

    meta: a WSGI environ (Django's request.META). X-Forwarded-For counts only as far as proxies
    that we trust have written it: the last hop that is none of them is the client.
    """
    address = _read(meta.get("REMOTE_ADDR", ""))
    hops = [hop for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    while hops and address is not None and _is_proxy(address):
        address = _read(hops.pop())
    if isinstance(address, IPv6Address):
        # Whoever has one address of a /64 has all of them.
        return address.exploded[:19]
    return "unknown" if address is None else address.compressed


def _is_proxy(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _read(text: str) -> Address | None:
    """An address, without the brackets, the port and the interface that may stand with it."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
