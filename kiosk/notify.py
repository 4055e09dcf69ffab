"""What the service manager is told: ready, alive, how it goes. sd_notify(3) in a few lines."""

import os
import socket

ADDRESS = "NOTIFY_SOCKET"


def tell_manager(state: str) -> bool:
    """Sends one or more "KEY=value" lines; False without a service manager that listens.

    A lost word is no reason to stop: the manager acts on what it does not hear.
    """
    address = os.environ.get(ADDRESS, "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.setblocking(False)
            way.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
    except OSError:
        return False
    return True
