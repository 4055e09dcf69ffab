"""One process of the load generator: a share of the kiosks, told by lines on standard input.

measure            forget what was measured so far
figures            tell what was measured
down HOURS         the server is gone: votes of so many hours come at once, the back-off of all
                   kiosks is as after hours without an answer
up                 the server is back; tells `drained` when nothing of before is unsent
finish FILE        no more votes; send what is left, write what was sent to FILE
"""

import asyncio
import hashlib
import json
import random
import sys
import threading
import time
from pathlib import Path

from bench.fleet.kiosk import Identity, Kiosk, now_ms
from bench.fleet.wire import Reply, Wire
from bench.told import tell

HEARTBEAT_S, STATUS_S, JITTER = 60.0, 900.0, 0.1
VOTES_A_DAY, DAY_S = 100, 8 * 3600  # an office is open for eight hours
THANKED_S = 0.3  # as kiosk/sync_loop.py
FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 1.0, 300.0  # as kiosk/sync.py
ON_A_SECOND = 80  # so many are switched on: a first contact is four requests, not one
RATINGS = (1, 2, 3, 4, 5, 5, 5)


class Member:
    """A kiosk with its connection and its clock of things to do (seconds of time.monotonic)."""

    def __init__(self, kiosk: Kiosk, wire: Wire, on_within_s: float) -> None:
        self.kiosk, self.wire = kiosk, wire
        start = time.monotonic() + random.uniform(0, on_within_s)
        self.beat_at = start
        self.status_at = start + random.uniform(0, STATUS_S)
        self.vote_at = self.beat_at + next_vote_s()
        self.not_before = 0.0


class Herd:
    """All members, what they measured, and what they are told."""

    def __init__(self, port: int, server: str, identities: list[Identity]) -> None:
        within_s = max(HEARTBEAT_S, len(identities) / ON_A_SECOND)
        self.members = [
            Member(Kiosk(identity, server), Wire(port, f"127.0.0.{2 + i % 8}"), within_s)
            for i, identity in enumerate(identities)
        ]
        self.voting = True
        self.took_ms: dict[str, list[float]] = {}
        self.no_answers = 0
        self.odd: dict[str, int] = {}
        self.longest_wait_s = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self._up_at: float | None = None
        self._undrained: set[Member] = set()
        self._drained_s: list[float] = []

    # What it is told --------------------------------------------------------------------------

    def start(self) -> None:
        self._tasks = [asyncio.ensure_future(self._live(member)) for member in self.members]

    def measure(self) -> None:
        self.took_ms.clear()
        self.odd.clear()
        self.no_answers = 0
        tell("measuring")

    def figures(self) -> None:
        tell(
            "figures", took_ms=self.took_ms, odd=self.odd, no_answers=self.no_answers,
            unsent=sum(member.kiosk.unsent() for member in self.members),
            settled=all(member.kiosk.configured for member in self.members),
        )  # fmt: skip

    async def down(self, hours: float) -> None:
        await self._stop()
        lines = 0
        for member in self.members:
            for _ in range(poisson(VOTES_A_DAY * 3600 / DAY_S * hours)):
                member.kiosk.vote(random.choice(RATINGS), now_ms())
                lines += 1
            member.kiosk.failures = 16
            # Met in the middle of a wait: longer waits are met more often.
            wait_s = LONGEST_BACK_OFF_S * random.random() ** 0.5
            member.not_before = time.monotonic() + random.uniform(0, wait_s)
        self.start()
        tell("waiting", lines=lines)

    def up(self) -> None:
        self._up_at = time.monotonic()
        self.longest_wait_s = 0.0
        self._drained_s = []
        self._undrained = {m for m in self.members if m.kiosk.unsent()}

    async def finish(self, file: str) -> None:
        self.voting = False
        await self._stop()
        for member in self.members:
            member.not_before = member.kiosk.failures = 0
        for first in range(0, len(self.members), 200):
            await asyncio.gather(*map(self._empty, self.members[first : first + 200]))
        Path(file).write_text(json.dumps([sent(m.kiosk) for m in self.members]))
        tell("finished")

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for member in self.members:
            member.wire.close()

    # What a kiosk does ------------------------------------------------------------------------

    async def _live(self, member: Member) -> None:
        while True:
            await asyncio.sleep(min(member.vote_at, member.beat_at) - time.monotonic())
            if member.vote_at <= time.monotonic():
                member.vote_at = time.monotonic() + next_vote_s()
                if self.voting:
                    member.kiosk.vote(random.choice(RATINGS), now_ms())
                await asyncio.sleep(THANKED_S)
            if member.beat_at <= time.monotonic():
                member.beat_at = time.monotonic() + jittered(HEARTBEAT_S)
            await self._round(member)

    async def _empty(self, member: Member) -> None:
        while member.kiosk.unsent():
            await self._round(member)

    async def _round(self, member: Member) -> None:
        """Everything that waits, or one heartbeat; then what else is due. Waits where told to."""
        while (pause := member.not_before - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        try:
            if member.kiosk.code:
                await self._ask(member, "enrolment", member.kiosk.enrolment(), 201)
                member.kiosk.code = ""
            await self._send(member)
            await self._besides(member)
        except (OSError, EOFError, TimeoutError, LookupError):
            self.no_answers += 1
            limit = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2**member.kiosk.failures)
            member.kiosk.failures += 1
            member.not_before = time.monotonic() + random.uniform(0, limit)
            return
        member.kiosk.failures = 0

    async def _send(self, member: Member) -> None:
        kiosk = member.kiosk
        while True:
            request, lines = kiosk.lines_request()
            sent_ms = now_ms()
            reply = await self._ask(member, "votes" if lines else "heartbeat", request, 200)
            receipt = json.loads(reply.body)
            kiosk.acked = max(kiosk.acked, receipt["acked"])
            self._answered(member)
            if not kiosk.clocked:
                kiosk.keep_clock(receipt["server_ms"], now_ms() - sent_ms, sent_ms)
            if not kiosk.unsent():
                return

    async def _besides(self, member: Member) -> None:
        kiosk = member.kiosk
        if not kiosk.configured:
            await self._ask(member, "config", kiosk.request("GET", "/config"), 200)
            kiosk.configured = True
        if member.status_at <= time.monotonic():
            member.status_at = time.monotonic() + jittered(STATUS_S)
            body = json.dumps(kiosk.status()).encode()
            extra = "Content-Type: application/json\r\nConnection: close\r\n"
            await self._ask(member, "status", kiosk.request("PUT", "/status", body, extra), 204)

    async def _ask(self, member: Member, kind: str, request: bytes, wanted: int) -> Reply:
        start = time.perf_counter()
        reply = await member.wire.ask(request)
        self.took_ms.setdefault(kind, []).append(round((time.perf_counter() - start) * 1e3, 2))
        if reply.status != wanted:
            word = f"{kind}: {reply.status} {reply.body[:120].decode(errors='replace')}"
            self.odd[word] = self.odd.get(word, 0) + 1
            if kind != "status":  # a report that is not taken harms nothing
                raise LookupError(word)
        return reply

    def _answered(self, member: Member) -> None:
        """Note when those that had waited through an outage are through."""
        if self._up_at is None or member not in self._undrained or member.kiosk.unsent():
            return
        self._undrained.discard(member)
        self._drained_s.append(time.monotonic() - self._up_at)
        if not self._undrained:
            tell("drained", after_s=sorted(self._drained_s))
            self._up_at = None


def sent(kiosk: Kiosk) -> dict[str, object]:
    """What this kiosk sent, for the comparison with what the server holds."""
    return {
        "journal": kiosk.journal,
        "counter": kiosk.counter,
        "lines": len(kiosk.lines),
        "sha256": hashlib.sha256(b"\n".join(kiosk.lines)).hexdigest(),
        "ratings": [kiosk.ratings[rating] for rating in range(1, 6)],
    }


def next_vote_s() -> float:
    return random.expovariate(VOTES_A_DAY / DAY_S)


def jittered(seconds: float) -> float:
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)


def poisson(mean: float) -> int:
    """How many events of a Poisson process of this mean."""
    count, passed = 0, random.expovariate(1)
    while passed < mean:
        count, passed = count + 1, passed + random.expovariate(1)
    return count


async def main(port: int, server: str, identities: list[Identity]) -> None:
    herd = Herd(port, server, identities)
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[list[str]] = asyncio.Queue()

    def listen() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(told.put_nowait, line.split())
        loop.call_soon_threadsafe(told.put_nowait, ["end"])

    threading.Thread(target=listen, daemon=True).start()
    herd.start()
    tell("started")
    while (command := await told.get())[0] != "end":
        match command:
            case ["measure"]:
                herd.measure()
            case ["figures"]:
                herd.figures()
            case ["down", hours]:
                await herd.down(float(hours))
            case ["up"]:
                herd.up()
            case ["finish", file]:
                await herd.finish(file)


if __name__ == "__main__":
    port, server, file, share, of = sys.argv[1:]
    rows = json.loads(Path(file).read_text())[int(share) :: int(of)]
    asyncio.run(main(int(port), server, [Identity(*row) for row in rows]))
