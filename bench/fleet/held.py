"""Connections that asked once and then stay open, in a process of their own."""

import asyncio
import random
import sys

from bench.told import tell

GREETING = b"GET /api/v1/ HTTP/1.1\r\nHost: fleet\r\nContent-Length: 0\r\n\r\n"
AGAIN_S = 30.0
AT_ONCE = 50
SOURCES = [f"127.0.1.{n}" for n in range(1, 9)]  # one address has 28,000 ports


class Held(asyncio.Protocol):
    """One of them; where it is lost, another takes its place after a while."""

    port = opened = lost = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Held.opened += 1
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(GREETING)

    def connection_lost(self, exc: Exception | None) -> None:
        Held.opened -= 1
        Held.lost += 1
        again()


tasks: set[asyncio.Task[None]] = set()


def again() -> None:
    task = asyncio.ensure_future(open_one(random.uniform(0, AGAIN_S)))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def open_one(after_s: float) -> None:
    await asyncio.sleep(after_s)
    loop = asyncio.get_running_loop()
    try:
        await loop.create_connection(
            Held, "127.0.0.1", Held.port, local_addr=(random.choice(SOURCES), 0)
        )
    except OSError:
        again()


async def main(port: int, count: int) -> None:
    """Tells `held` with how many are open and how many were lost, every second."""
    Held.port = port
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(open_one(0.0) for _ in range(min(AT_ONCE, count - first))))
    while True:
        tell("held", open=Held.opened, lost=Held.lost)
        await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
