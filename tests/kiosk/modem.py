"""What lies between a kiosk and its server, on real sockets: slow, cut off, or somebody else."""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator


class Modem:
    """Carries bytes both ways, `up_bytes_s` of them in a second upwards (None: all). `dies` holds
    for each next connection after how many bytes ("up" or "down") it is cut, or None."""

    def __init__(self, port: int, *, up_bytes_s: int | None = None) -> None:
        self.up_bytes_s = up_bytes_s
        self.dies: deque[tuple[str, int] | None] = deque()
        self.made = self.open = 0
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.made += 1
                self.open += 1
                far = socket.create_connection(("127.0.0.1", self._port))
                way, count = (self.dies.popleft() if self.dies else None) or ("", 0)
                up = count if way == "up" else None
                down = count if way == "down" else None
                for pump in ((near, far, up, True), (far, near, down, False)):
                    threading.Thread(target=self._pump, args=pump, daemon=True).start()

    def _pump(
        self, source: socket.socket, target: socket.socket, left: int | None, going_up: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(1024):
                if self.up_bytes_s and going_up:
                    time.sleep(len(block) / self.up_bytes_s)
                target.sendall(block if left is None else block[:left])
                if left is not None and (left := left - len(block)) <= 0:
                    break
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        if going_up:
            self.open -= 1
        source.close()


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None], *, host: str = "127.0.0.1") -> Iterator[int]:
    """A server that does with each connection what `answer` does; its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            answer(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Its head and the body that Content-Length tells of; b"" when the other side has gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        block = connection.recv(65536)
        if not block:
            return b""
        got += block
    head, _, body = got.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
         if line.startswith(b"content-length:")), 0,
    )  # fmt: skip
    while len(body) < length:
        body += connection.recv(65536)
    return got


def open_proxy(port: int) -> Callable[[socket.socket], None]:
    """An HTTP proxy for which every name is this machine's `port`: CONNECT, and plain requests."""

    def answer(near: socket.socket) -> None:
        request = read_request(near)
        with socket.create_connection(("127.0.0.1", port)) as far:
            if request.startswith(b"CONNECT "):
                near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                method, target, rest = request.split(b" ", 2)
                path = b"/" + target.split(b"/", 3)[3]
                far.sendall(b" ".join((method, path, rest)))
            back = threading.Thread(target=_copy, args=(far, near), daemon=True)
            back.start()
            _copy(near, far)
            back.join(5)

    return answer


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
