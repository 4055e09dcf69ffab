"""The thinnest HTTP client: one connection, one answer at a time."""

import asyncio
from typing import NamedTuple

ANSWER_S = 30.0


class Reply(NamedTuple):
    status: int
    body: bytes
    closed: bool


class Wire:
    """A kiosk's connection, opened when it is needed. `source`: the address it comes from, so that
    the ports of one do not run out."""

    def __init__(self, port: int, source: str) -> None:
        self._port, self._source = port, source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Reply:
        """Raises OSError, EOFError or TimeoutError where no answer came."""
        try:
            async with asyncio.timeout(ANSWER_S):
                reply = await self._ask(request)
        except BaseException:
            self.close()
            raise
        if reply.closed:
            self.close()
        return reply

    async def _ask(self, request: bytes) -> Reply:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=(self._source, 0)
            )
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        return Reply(int(head[9:12]), body, b"connection: close" in head)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
