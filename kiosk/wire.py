"""The connection under a request: cut off at the deadline, whatever it is doing.

The time-outs of sockets are for one read each: a TLS handshake, a proxy's answer, headers or "100
Continue" that come a byte at a time never meet them. So a timer shuts the connection itself. Only
the name service and connecting are outside: a name that is not answered holds up the sending thread
(and no other) for as long as the system's resolver takes, each address for CONNECT_S.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import requests

Broken = Literal["", "cut", "slow"]
"""How an exchange failed that had got a connection: it broke, or was not done in time. Else ""."""

CONNECT_S = 6.05  # for each address: a first packet may be lost twice, a dead IPv6 costs no more


class Wire:
    """The one connection of a session. For one thread; the timer is its own business."""

    def __init__(self, on_connected: Callable[[], None]) -> None:
        """`on_connected` is called when the way is free for a request, TLS and proxy included."""
        self._on_connected = on_connected
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None  # shuts the connection, also from below TLS
        self._busy = self._closed = False
        self.expired = self._reached = False

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Whatever is exchanged inside ends after so long; `expired` then says so."""
        self.expired, self._reached = False, self._twin is not None
        self._busy, self._closed = True, False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._busy = False
            if self._closed:
                self.release()

    def hold(self, found: socket.socket) -> None:
        """A new connection; it takes the place of the one before."""
        with self._lock:
            self._drop()
            self._twin, self._closed = found.dup(), False
            if self.expired:
                self._shut()

    def is_ready(self) -> None:
        """A request goes out on it next."""
        self._reached = True
        self._on_connected()

    def how(self) -> Broken:
        """What became of the exchange that failed."""
        if not self._reached:
            return ""
        return "slow" if self.expired else "cut"

    def release(self) -> None:
        """It is closed, or will be when its last answer is read, which the timer still bounds.
        Without this its twin would keep it open."""
        self._closed = True
        if not self._busy:
            with self._lock:
                self._drop()

    def _cut(self) -> None:
        with self._lock:
            self.expired = True
            self._shut()

    def _shut(self) -> None:
        if self._twin is not None:
            with contextlib.suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


def open_session(wire: Wire) -> requests.Session:
    """A session of requests whose connections are this wire's."""
    import requests
    from requests.adapters import HTTPAdapter

    classes = _pool_classes(wire)

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = classes

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **kwargs)
            manager.pool_classes_by_scheme = classes
            return manager

    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter())
    return session


def _pool_classes(wire: Wire) -> dict[str, type]:
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            allowed, self.timeout = self.timeout, CONNECT_S
            try:
                found = super()._new_conn()
            finally:
                self.timeout = allowed
            found.settimeout(allowed)
            wire.hold(found)
            return found

        def connect(self) -> None:
            super().connect()
            wire.is_ready()

        def close(self) -> None:
            wire.release()
            super().close()

    class Secure(Plain, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def system_store() -> str | None:
    """Where this system keeps the authorities that it trusts (SSL_CERT_FILE and SSL_CERT_DIR
    included); None where it has none, and those that came with the program have to do."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return paths.cafile
    return paths.capath if paths.capath and os.listdir(paths.capath) else None
