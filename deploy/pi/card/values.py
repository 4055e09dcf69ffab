"""Whether a value in hailong.toml is what its word asks for: text, address, port."""

import ipaddress
import re
from urllib.parse import urlsplit

_URL = re.compile(r"https?://[!#-\[\]-~]+")  # printable ASCII that needs no escape in TOML
_PORT = re.compile(r"[0-9]{1,5}")


def is_text(value: object, pattern: re.Pattern[str] | None = None) -> bool:
    """Visible text; all of it like `pattern`, if one is given."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return False
    return pattern is None or bool(pattern.fullmatch(value))


def is_texts(value: object) -> bool:
    """A list of texts that is not empty."""
    return isinstance(value, list) and bool(value) and all(map(is_text, value))


def is_address(value: object) -> bool:
    """An IP address, of either version."""
    try:
        return bool(ipaddress.ip_address(str(value)))
    except ValueError:
        return False


def is_interface(value: object) -> bool:
    """An IP address with its prefix length, such as 192.168.1.20/24."""
    try:
        return "/" in str(value) and bool(ipaddress.ip_interface(str(value)))
    except ValueError:
        return False


def is_listener(value: object) -> bool:
    """An IPv4 address and a port, such as 192.168.1.20:8787: the firewall lets no other in."""
    host, _, port = str(value).rpartition(":")
    return is_text(value) and "." in host and is_address(host) and _is_port(port)


def is_url(value: object) -> bool:
    """An http(s) address whose host and port can be."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port above 65535, or half a bracket
        return False
    numeric = re.fullmatch(r"[0-9.]+", host or "")
    return bool(host) and port != 0 and (numeric is None or is_address(host))


def _is_port(text: str) -> bool:
    return bool(_PORT.fullmatch(text)) and 1 <= int(text) <= 65535
