"""A line that cuts, delays, repeats, truncates and reorders what goes over it, by a seed."""

import contextlib
import random
import socket
import socketserver
import threading
import time
from collections import Counter

UPSTREAM_S = 20.0
# How often what happens among forty requests; dealt like cards, so that each of it comes.
DECK = {
    "pass": 18,
    "slow": 4,  # both ways
    "drip": 2,  # the answer a few bytes at a time
    "cut": 2,  # before anything went on
    "cut-request": 3,  # the server gets half of it
    "lose": 3,  # the server gets it, its answer is lost
    "cut-answer": 3,  # half of the answer arrives
    "twice": 2,  # the server gets it twice
    "late": 2,  # the server gets it after a later one
    "portal": 1,  # somebody else's page, with status 200
    "gateway": 1,  # 502
}
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 37\r\n\r\n"
    b"<html>Please accept our terms</html>\n"
)
GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


class BadLine(socketserver.ThreadingTCPServer):
    """An HTTP relay to a port of this machine; `quiet` makes it a good line."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, *, seed: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = port
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.quiet = False
        self.met: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._cards: list[str] = []
        self._lock = threading.Lock()
        self._held: list[bytes] = []
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def deal(self) -> tuple[str, float]:
        """What happens to this request, and a number in [0, 1) that says how."""
        with self._lock:
            if self.quiet:
                return "pass", 0.0
            if not self._cards:
                self._cards = [fate for fate, often in DECK.items() for _ in range(often)]
                self._chance.shuffle(self._cards)
            fate = self._cards.pop()
            self.met[fate] += 1
            return fate, self._chance.random()

    def hold(self, request: bytes) -> None:
        """Keep a request for later."""
        with self._lock:
            self._held.append(request)

    def release(self) -> None:
        """Let what was held go on now; nobody waits for its answer any more."""
        with self._lock:
            held, self._held = self._held, []
        for request in held:
            self.ask(request)

    def ask(self, request: bytes) -> bytes:
        """The server's answer; empty if there is none."""
        try:
            with socket.create_connection(("127.0.0.1", self.upstream), UPSTREAM_S) as line:
                line.sendall(request)
                return read_message(line)
        except OSError:
            return b""

    def whisper(self, request: bytes) -> None:
        """Half of a request, and then nothing."""
        address = ("127.0.0.1", self.upstream)
        with (
            contextlib.suppress(OSError),
            socket.create_connection(address, UPSTREAM_S) as line,
        ):
            line.sendall(request)

    def handle_error(self, *_: object) -> None:
        """Whoever hangs up is no error."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


def read_message(line: socket.socket) -> bytes:
    """One whole HTTP message with its Content-Length; empty if it ends before."""
    read = b""
    while b"\r\n\r\n" not in read:
        block = line.recv(65_536)
        if not block:
            return b""
        read += block
    head = read.split(b"\r\n\r\n", 1)[0]
    length = 0
    for field in head.split(b"\r\n")[1:]:
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(read) < len(head) + 4 + length:
        block = line.recv(65_536)
        if not block:
            return b""
        read += block
    return read


class _Handler(socketserver.BaseRequestHandler):
    server: BadLine
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(60)
        while request := read_message(self.request):
            fate, how = self.server.deal()
            if not self._suffer(fate, how, request):
                return  # the connection is cut

    def _suffer(self, fate: str, how: float, request: bytes) -> bool:
        """Let it happen; False: the connection ends with it."""
        line = self.server
        if fate == "cut-request":
            line.whisper(request[: int(len(request) * how)])
        elif fate == "late":
            line.hold(request)
        elif fate in ("portal", "gateway"):
            self.request.sendall(PORTAL if fate == "portal" else GATEWAY)
            return True
        if fate in ("cut", "cut-request", "late"):
            return False
        if fate == "slow":
            time.sleep(2 * how)
        if fate == "twice":
            line.ask(request)
        answer = line.ask(request)
        line.release()
        return self._answer(fate, how, answer)

    def _answer(self, fate: str, how: float, answer: bytes) -> bool:
        if fate == "slow":
            time.sleep(how)
        if fate == "lose":
            answer = b""
        elif fate == "cut-answer":
            answer = answer[: int(len(answer) * how)]
        step = 64 if fate == "drip" else len(answer)
        for start in range(0, len(answer), step or 1):
            self.request.sendall(answer[start : start + step])
            if fate == "drip":
                time.sleep(0.05)
        return bool(answer) and fate != "cut-answer"
