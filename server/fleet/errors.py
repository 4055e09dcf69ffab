"""What the fleet refuses."""


class FleetError(Exception):
    """A wish about kiosks that cannot be met; str() is one sentence for the administrator."""
