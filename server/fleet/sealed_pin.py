"""The technician's PIN of a unit, a counter or a kiosk: kept sealed, opened for verifiers alone."""

import base64

from server.fleet.errors import FleetError
from server.fleet.levels import Holder, Layer
from server.organisation.sealing import CannotOpen, seal, unseal


def seal_pin(holder: Holder, pin: str) -> str:
    """As it is kept in `chosen`."""
    return base64.b64encode(seal(pin, of=holder.sealed_for)).decode()


def open_pin(layer: Layer) -> str:
    """The digits; FleetError if they were sealed under another key or for somebody else."""
    try:
        return unseal(base64.b64decode(layer.own["admin_pin"]), of=layer.holder.sealed_for)
    except (CannotOpen, ValueError):
        raise FleetError(
            f"The admin_pin of {layer.holder.code} cannot be opened with this server's key; "
            "set a new one."
        ) from None
