"""One HTTP request from a stranger's socket, bounded in bytes and in time, and its answer."""

import contextlib
import io
import json
import socket
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, parse_headers

DEADLINE_S = 5.0  # from the first byte awaited to the last answered
MAX_HEAD_BYTES = 8192
MAX_BODY_BYTES = 1024
UNREAD_BYTES = 65_536  # of a refused request that are still taken off the wire


class Refused(Exception):
    """A refusal: its text is one sentence for whoever sets up the sender."""

    def __init__(self, status: int, sentence: str, header: str = "") -> None:
        super().__init__(sentence)
        self.status, self.header = status, header


@dataclass(frozen=True, slots=True)
class Head:
    """Request line and headers."""

    method: str
    target: str
    headers: HTTPMessage


class Exchange:
    """One connection that carries one request. Refused for what is no request; OSError, or
    TimeoutError after DEADLINE_S, when the other side goes or dawdles."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + DEADLINE_S
        self._read = b""

    def read_head(self) -> Head:
        """The request line and the headers."""
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            if len(self._read) > MAX_HEAD_BYTES:
                raise Refused(431, f"The headers are longer than {MAX_HEAD_BYTES} bytes.")
            self._read += self._receive()
        line, _, headers = self._read[: end + 4].partition(b"\r\n")
        self._read = self._read[end + 4 :]
        words = line.decode("latin-1").split(" ")
        if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
            raise Refused(400, "This is no HTTP/1.1 request.")
        try:
            return Head(words[0], words[1], parse_headers(io.BytesIO(headers)))
        except HTTPException as error:
            raise Refused(431, "There are too many headers.") from error

    def read_body(self, head: Head) -> bytes:
        """What follows the headers, b"" if nothing does."""
        lengths = head.headers.get_all("Content-Length", ["0"])
        length = lengths[0].strip()
        if "Transfer-Encoding" in head.headers or len(lengths) > 1 or not _is_number(length):
            raise Refused(400, "The body needs one Content-Length and no Transfer-Encoding.")
        if len(length) > 9 or int(length) > MAX_BODY_BYTES:
            raise Refused(413, f"The body is longer than {MAX_BODY_BYTES} bytes.")
        while len(self._read) < int(length):
            self._read += self._receive()
        return self._read[: int(length)]

    def answer(self, status: int, sentence: str = "", header: str = "") -> None:
        """Sends the answer; a refusal's body is application/problem+json."""
        phrase = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": phrase, "status": status, "detail": sentence}
        body = json.dumps(problem).encode() if sentence else b""
        lines = [f"HTTP/1.1 {status} {phrase}", "Connection: close"]
        if body:
            lines += ["Content-Type: application/problem+json", f"Content-Length: {len(body)}"]
        lines += [header] if header else []
        self._connection.settimeout(self._time_left_s())
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def drain(self) -> None:
        """After a refusal: closing with bytes unread would reset the line, and the other side
        might never see the answer."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            left = UNREAD_BYTES
            while left > 0:
                left -= len(self._receive())

    def _receive(self) -> bytes:
        self._connection.settimeout(self._time_left_s())
        got = self._connection.recv(4096)
        if not got:
            raise ConnectionAbortedError("the other side has gone")
        return got

    def _time_left_s(self) -> float:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request took too long")
        return left_s


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
