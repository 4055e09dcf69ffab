"""protocol.md 8 a second time: each line by itself, word by word, slowly; only our types.

O(n²) on purpose: it is what the quick one is compared with.
"""

from collections.abc import Sequence
from typing import NamedTuple

from protocol.cast_time import CastAt, TimedLine


class Slow(NamedTuple):
    """When each line was written, the seqs of refused clocks and of stepped ones."""

    casts: list[CastAt]
    refused: list[int]
    stepped: list[int]


def by_the_page(lines: Sequence[TimedLine], *, enrolled_ms: int) -> Slow:
    """The times of a whole journal's lines, in the order of seq."""
    used = usable_clocks(lines, enrolled_ms)
    exacts = {
        one.seq: at for one in lines if (at := exact_time(one, used, enrolled_ms)) is not None
    }
    casts, stepped = [], []
    for one in lines:
        if one.seq in exacts:
            casts.append(CastAt(exacts[one.seq], exacts[one.seq], "exact"))
            continue
        earlier = [at for seq, at in sorted(exacts.items()) if seq < one.seq]
        later = [at for seq, at in sorted(exacts.items()) if seq > one.seq]
        low = earlier[-1] if earlier else enrolled_ms
        high = min(later[0], one.received_ms) if later else one.received_ms
        if low > high:
            casts.append(CastAt(high, high, "interval"))
            stepped.append(one.seq)
        elif not any(u.boot == one.boot for u in used) and one.sync and low <= one.wall_ms <= high:
            casts.append(CastAt(one.wall_ms, one.wall_ms, "wall"))
        else:
            casts.append(CastAt(low, high, "interval"))
    refused = [one.seq for one in lines if one.clock is not None and one not in used]
    return Slow(casts, refused, stepped)


def usable_clocks(lines: Sequence[TimedLine], enrolled_ms: int) -> list[TimedLine]:
    """0 <= rtt <= 10,000, not below enrolment or an earlier used clock, not above its receipt."""
    used: list[TimedLine] = []
    for one in lines:
        if one.clock is None or not 0 <= one.clock.rtt_ms <= 10_000:
            continue
        least = max([enrolled_ms, *(u.clock.server_ms for u in used if u.clock)])
        if least <= one.clock.server_ms <= one.received_ms:
            used.append(one)
    return used


def exact_time(one: TimedLine, used: Sequence[TimedLine], enrolled_ms: int) -> int | None:
    """By the newest usable clock of the boot up to the line, else by its first after."""
    own = [u for u in used if u.boot == one.boot]
    past = [u for u in own if u.seq <= one.seq]
    chosen = past[-1].clock if past else own[0].clock if own else None
    if chosen is None:
        return None
    at = chosen.server_ms - chosen.rtt_ms // 2 - chosen.mono_ms + one.mono_ms
    return at if enrolled_ms <= at <= one.received_ms else None
