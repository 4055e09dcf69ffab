"""What the service manager is told: ready, alive, how it goes. sd_notify(3) in a few lines."""

import os
import socket

ADDRESS = "NOTIFY_SOCKET"
WATCHDOG_US = "WATCHDOG_USEC"  # set by systemd: how long the watchdog waits
STARTS_ANEW_US = 120_000_000  # a slow board takes long from its start to the first face


def is_supervised() -> bool:
    """Whether a service manager started this program."""
    return bool(os.environ.get(ADDRESS))


def tell_ready(status: str) -> None:
    """The first face can be touched; from now on the watchdog waits as long as its unit says."""
    watchdog = os.environ.get(WATCHDOG_US, "")
    ready = f"READY=1\nSTATUS={status}"
    tell_manager(f"{ready}\n{WATCHDOG_US}={watchdog}" if watchdog.isdigit() else ready)


def tell_starting_anew() -> None:
    """This process is about to take its own place: the watchdog must wait for it."""
    tell_manager(f"WATCHDOG=1\n{WATCHDOG_US}={STARTS_ANEW_US}")


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
