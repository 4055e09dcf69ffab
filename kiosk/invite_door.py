"""Takes *invite* from a queue system on the local network, and nothing else; tells it nothing."""

import contextlib
import errno
import hashlib
import hmac
import ipaddress
import logging
import socket
import threading
import time
import unicodedata
from collections.abc import Callable

import msgspec

from kiosk.errors import KioskError
from kiosk.http_request import Exchange, Head, Refused

CONNECTIONS = 4  # at once; a few more wait in the kernel's queue
PATH = "/invite"
SHORTEST_TOKEN = 32
BURST = 10  # invitations at once; for long, one a second
LONGEST_DOSSIER = 64
REFUSED_S = 0.2  # so that whoever hammers at the door does not slow the screen

OnInvite = Callable[[str | None], None]
_log = logging.getLogger(__name__)


class _Invitation(msgspec.Struct, forbid_unknown_fields=True):
    dossier: str | None = None


class Bucket:
    """Lets `most` through at once, and for long one every `every_s`. Monotonic seconds."""

    def __init__(self, most: int, every_s: float) -> None:
        self._most, self._every_s = most, every_s
        self._held, self._at_s = float(most), 0.0

    def take(self, now_s: float) -> bool:
        """Whether one more may pass now."""
        gained = (now_s - self._at_s) / self._every_s
        self._held, self._at_s = min(self._most, self._held + gained), now_s
        if self._held < 1:
            return False
        self._held -= 1
        return True


class InviteDoor:
    """POST /invite with `Authorization: Bearer <token>`, optionally {"dossier": "..."}.

    `host` is one address of this machine. `on_invite` gets the dossier's number or None, on a
    thread of the door, one at a time. Raises KioskError for what nobody should listen on.
    """

    def __init__(self, host: str, port: int, token: str, on_invite: OnInvite) -> None:
        self._host, self._port = _one_address(host), port
        if not 0 <= port <= 65_535:
            raise KioskError(f"{port} is no port; name one from 1024 to 65535 for invitations.")
        if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
            raise KioskError(
                "The token for invitations is too easy to guess; it needs"
                f" {SHORTEST_TOKEN} or more letters, digits and signs without accents."
            )
        self._token = _digest(token.encode())
        self._on_invite = on_invite
        self._invitations, self._warnings = Bucket(BURST, 1.0), Bucket(1, 60.0)
        self._one_at_a_time = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"invite-{i}", daemon=True)
            for i in range(CONNECTIONS)
        ]

    @property
    def port(self) -> int:
        """The port listened on; the kernel's choice if 0 was asked for."""
        return self._port

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    def start(self) -> None:
        """Listens from now on. KioskError if the port is taken or the address not here."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            address = (self._host, self._port)
            self._listener = socket.create_server(address, family=family, backlog=CONNECTIONS)
        except OSError as error:
            raise KioskError(self._why_not(error)) from error
        self._port = self._listener.getsockname()[1]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Cuts off whoever is connected. May be called twice, or unstarted."""
        self._stopping.set()
        if self._listener is None:
            return
        with contextlib.suppress(OSError):  # wakes all who wait for a connection
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._listener = None

    def _why_not(self, error: OSError) -> str:
        where = f"port {self._port} of {self._host}"
        if error.errno == errno.EADDRINUSE:
            return f"Another program listens on {where}; choose another port for invitations."
        if error.errno == errno.EADDRNOTAVAIL:
            return f"{self._host} is no address of this machine, so it cannot take invitations."
        return f"Invitations cannot be taken on {where} ({error.strerror})."

    # A fixed number of threads is the bound on connections ------------------------------------

    def _work(self) -> None:
        listener = self._listener
        while listener is not None and not self._stopping.is_set():
            try:
                connection, (peer, *_) = listener.accept()
            except OSError:
                # Stopping; or gone again before we looked; or no file is left for it.
                self._stopping.wait(REFUSED_S)
                continue
            with connection:
                self._open.add(connection)
                if self._stopping.is_set() or not self._serve(connection, peer):
                    self._stopping.wait(REFUSED_S)
                self._open.discard(connection)

    def _serve(self, connection: socket.socket, peer: str) -> bool:
        """Whether an invitation came and was answered."""
        exchange = Exchange(connection)
        try:
            try:
                self._take(exchange, peer)
                exchange.answer(204)
                return True
            except Refused as refusal:
                exchange.answer(refusal.status, str(refusal), refusal.header)
                exchange.drain()
        except OSError as error:
            _log.debug("no request from %s: %s", peer, error)
        except Exception:  # noqa: BLE001  (a thread that ends is a connection fewer for ever)
            _log.exception("a request from %s failed", peer)
        return False

    def _take(self, exchange: Exchange, peer: str) -> None:
        head = exchange.read_head()
        if head.target != PATH:
            raise Refused(404, f"Only {PATH} is here.")
        if head.method != "POST":
            raise Refused(405, "Invitations are sent by POST.", "Allow: POST")
        if not self._is_authorized(head):
            if self._warnings.take(time.monotonic()):
                _log.warning("an invitation with a wrong token came from %s", peer)
            raise Refused(401, "This needs the right token.", "WWW-Authenticate: Bearer")
        dossier = _dossier(exchange.read_body(head))
        with self._one_at_a_time:
            if not self._invitations.take(time.monotonic()):
                raise Refused(429, "There are too many invitations.", "Retry-After: 1")
            try:
                self._on_invite(dossier)
            except Exception as error:
                _log.exception("whoever was told of an invitation failed")
                raise Refused(500, "The kiosk could not take this invitation.") from error

    def _is_authorized(self, head: Head) -> bool:
        scheme, _, token = " ".join(head.headers.get_all("Authorization", [])).partition(" ")
        right = hmac.compare_digest(_digest(token.strip().encode("utf-8", "replace")), self._token)
        return right and scheme.lower() == "bearer"


def _one_address(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise KioskError(
            f"{host!r} is no address for invitations; name one of this machine, as 192.168.1.20."
        ) from None
    mapped = getattr(address, "ipv4_mapped", None)
    if address.is_unspecified or (mapped is not None and mapped.is_unspecified):
        raise KioskError(
            f"Invitations are not taken on every network ({host}); name one address of this"
            " machine."
        )
    return str(address)


def _dossier(body: bytes) -> str | None:
    if not body:
        return None
    try:
        number = msgspec.json.decode(body, type=_Invitation).dossier
    except ValueError as error:
        raise Refused(400, 'The body is not {"dossier": "<number>"} in UTF-8.') from error
    if number is None:
        return None
    number = unicodedata.normalize("NFC", number.strip())
    if not 1 <= len(number) <= LONGEST_DOSSIER or not number.isprintable():
        raise Refused(400, f"A dossier has 1 to {LONGEST_DOSSIER} printable characters.")
    return number


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
