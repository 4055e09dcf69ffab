"""One signed request to the server within a deadline, and what came back, bounded.

requests is imported with the first request: the first face must not wait for it.
"""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Clock, Reading
from kiosk.way import Way
from kiosk.wire import Broken, Wire, open_session, system_store
from protocol.problems import JSON, Problem, parse_problem
from protocol.request import HEADER, sign_request

if TYPE_CHECKING:
    import requests

DIRECT = Way()
DEADLINE_S = 30.0  # for a request and its whole answer, connecting included
SLOWEST_BYTES_S = 4096  # what is sent gets a second more for so many bytes …
LONGEST_S = 60.0  # … up to here: what does not get through in this time is sent in smaller pieces
IDLE_S = 20.0  # a connection that has rested for longer may be dead: a router forgets it in silence
MAX_ANSWER_BYTES = 1 << 20

_log = logging.getLogger(__name__)


class NoAnswer(Exception):
    """Nothing that counts as an answer came: no network, a portal's page, a time-out. Its text
    is a few plain words for a sentence."""

    def __init__(self, words: str, how: Broken = "") -> None:
        super().__init__(words)
        self.how = how


class TooLong(NoAnswer):
    """The answer is larger than any that could be of use."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, with the clocks as they stood just before the request was sent: when the
    connection was made, if that was done for it."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(repr=False)
    sent: Reading
    rtt_ms: int

    def is_json(self, status: int) -> bool:
        """Whether it has this status and is JSON (a portal's page is not)."""
        media = self.content_type.partition(";")[0].strip().lower()
        return self.status == status and media == JSON

    def problem(self) -> Problem | None:
        """The refusal that it is, if it is one."""
        return parse_problem(self.status, self.content_type, self.body)


class Door:
    """The server as seen by one journal's key. For one thread."""

    def __init__(
        self,
        url: str,
        *,
        kiosk: str,
        server: str,
        key: Ed25519PrivateKey,
        clock: Clock,
        way: Way = DIRECT,
    ) -> None:
        self._url, self._kiosk, self._server, self._key = url, kiosk, server, key
        self._clock = clock
        self._server_minus_mono_ms: int | None = None
        self._way = way
        self._opened: requests.Session | None = None
        self._wire = Wire(self._note_sending)
        self._sent = clock.read()
        self._used = 0.0

    def close(self) -> None:
        """Frees the connection; the next request makes another."""
        if self._opened is not None:
            self._opened.close()

    def believe_time(self, server_ms: int, reply: Reply) -> None:
        """Signs from now on with the server's time; the system's clock is left alone."""
        self._server_minus_mono_ms = server_ms - reply.rtt_ms // 2 - reply.sent.mono_ms

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        most_bytes: int = MAX_ANSWER_BYTES,
        last: bool = False,
        within_s: float | None = None,
    ) -> Reply:
        """Sends one request and reads the whole answer; NoAnswer if there is none in time,
        TooLong for one of more than `most_bytes`. With `last` the connection is closed after it.
        `within_s`: for what must not hold up votes; else DEADLINE_S, and more for a large body."""
        session = self._session()
        if time.monotonic() - self._used > IDLE_S:
            self.close()
        headers = (headers or {}) | ({"Connection": "close"} if last else {})
        try:
            most_s = min(LONGEST_S, DEADLINE_S + len(body) / SLOWEST_BYTES_S)
            with self._wire.within(within_s or most_s):
                return self._exchange(session, method, path, body, headers, most_bytes)
        except NoAnswer:
            self.close()  # half an answer must not be taken for the next one's beginning
            raise
        finally:
            self._used = time.monotonic()
            if last:
                self.close()

    def _exchange(
        self, session: requests.Session, method: str, path: str, body: bytes,
        headers: dict[str, str], most_bytes: int,
    ) -> Reply:  # fmt: skip
        import requests
        from urllib3.exceptions import HTTPError

        request = requests.Request(method, self._url + path, data=body, headers=headers)
        try:
            prepared = session.prepare_request(request)
            self._note_sending()
            prepared.headers[HEADER] = self._sign(method, prepared.path_url, body, self._sent)
            settings = session.merge_environment_settings(
                prepared.url or "", {}, stream=True, verify=None, cert=None
            )
            with session.send(
                prepared, timeout=LONGEST_S, allow_redirects=False, **settings
            ) as response:
                content = _read_whole(response, most_bytes)
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            _log.debug("no answer: %r", error)
            words = "time-out" if self._wire.expired else _in_plain_words(error)
            raise NoAnswer(words, self._wire.how()) from error
        if self._wire.expired:  # whatever it looks like, it is not whole
            raise NoAnswer("time-out", "slow")
        return Reply(
            response.status_code,
            response.headers.get("Content-Type", ""),
            content,
            dict(response.headers.lower_items()),
            self._sent,
            self._clock.mono_ms() - self._sent.mono_ms,
        )

    def _note_sending(self) -> None:
        """Making a connection may take seconds, which must not look like a wrong clock."""
        self._sent = self._clock.read()

    def _session(self) -> requests.Session:
        if self._opened is None:
            self._opened = open_session(self._wire)
            self._opened.headers.update(
                {
                    "Accept-Encoding": "identity",
                    "Cache-Control": "no-store",  # no proxy answers in the server's place
                    "User-Agent": "hailong",
                }
            )
            # The environment's proxies and CA bundle are for the world outside: a proxy would take
            # the loopback for its own, and a CA bundle would overrule the CA that was configured.
            self._opened.trust_env = self._way == DIRECT and not is_loopback(self._url)
            self._opened.verify = self._way.ca or system_store() or True
            if self._way.proxy:
                self._opened.proxies = {"http": self._way.proxy, "https": self._way.proxy}
        return self._opened

    def _sign(self, method: str, target: str, body: bytes, now: Reading) -> str:
        offset = self._server_minus_mono_ms
        ms = now.wall_ms if offset is None else now.mono_ms + offset
        return sign_request(
            kiosk=self._kiosk, server=self._server, method=method, target=target, ms=ms,
            body=body, key=self._key,
        )  # fmt: skip


def is_loopback(url: str) -> bool:
    """Whether the server is this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _in_plain_words(error: Exception) -> str:
    """Why there is no answer, without the insides of the HTTP library."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = _CERTIFICATE.get(cause.verify_code, cause.verify_message)
            return f"certificate not trusted ({why})"
        if isinstance(cause, OSError) and "TLS CA certificate" in str(cause):  # requests' own check
            return "the authority's certificate file is missing"
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}:
        return "network not reachable"
    return next(
        (words for kinds, words in _words() if any(isinstance(c, kinds) for c in causes)),
        "connection failed",
    )


_CERTIFICATE: Final = {
    9: "not yet valid; is this unit's clock right?",
    10: "expired, or this unit's clock is wrong",
    18: "signed by itself; name its authority with --ca",
    19: "of an authority that is not known here; name it with --ca",
    20: "of an authority that is not known here; name it with --ca",
    62: "for another name than this address",
    64: "for another name than this address",
}  # openssl/x509_vfy.h


def _words() -> tuple[tuple[tuple[type[BaseException], ...], str], ...]:
    import requests
    from urllib3 import exceptions

    return (
        ((ConnectionRefusedError,), "connection refused"),
        ((socket.gaierror,), "name not found"),
        ((ssl.SSLError, requests.exceptions.SSLError), "no secure connection"),
        ((TimeoutError, requests.Timeout, exceptions.TimeoutError), "time-out"),
        ((ConnectionError, HTTPException, exceptions.ProtocolError), "connection lost"),
        ((requests.exceptions.InvalidURL, UnicodeError), "no usable address"),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those within it; requests and urllib3 wrap them in three ways."""
    yield error
    for inner in (getattr(error, "reason", None), error.__cause__, *error.args):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _read_whole(response: requests.Response, most_bytes: int) -> bytes:
    """The body, unless it is too large. requests' own reading waits for full blocks, this takes
    what is there."""
    content = b""
    while block := response.raw.read1(65_536, decode_content=False):
        content += block
        if len(content) > most_bytes:
            raise TooLong(f"the answer has more than {most_bytes} bytes")
    return content
