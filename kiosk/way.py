"""How the server is reached from this place, beyond its address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """What kiosk.toml says of the network; None where nothing special is needed."""

    ca: str | None = None  # a private certificate authority, as the path of a PEM file
    proxy: str | None = None  # http://host:port
