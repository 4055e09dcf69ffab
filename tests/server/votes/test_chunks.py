"""However a journal arrives and is understood, in whatever pieces, the rows are the same."""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.votes.river import Station, new_station, new_unit, understood

BOOTS = tuple(f"{n:08d}-0000-4000-8000-000000000000" for n in range(3))
STEP = st.sampled_from([0, 1, 1_000, 59_999, 61_000, 3_600_000])
BACK = st.integers(0, 6)  # how many votes or duties back a line refers
RATING = st.integers(1, 5)

line = st.one_of(
    st.tuples(st.just("vote"), RATING, st.none() | BACK),
    st.tuples(st.just("vote.revised"), BACK, RATING),
    st.tuples(st.just("vote.reasons"), BACK,
              st.lists(st.sampled_from(["R1", "R3", "P1", "nonsense"]), max_size=3)),
    st.tuples(st.just("duty.started"), st.sampled_from(["CB-1", "CB-2"]), st.none()),
    st.tuples(st.just("duty.ended"), BACK, st.none()),
    st.tuples(st.just("clock"), st.sampled_from([0, 0, 400, 60_000, -5_000, 10**9]),
              st.sampled_from([0, 0, 0, -300_000])),
    st.tuples(st.just("boot"), st.sampled_from(BOOTS), st.booleans()),
    st.tuples(st.just("unheard"), st.none(), st.none()),
)  # fmt: skip
EXAMPLES = int(os.environ.get("HAILONG_EXAMPLES", "60"))
step = st.tuples(line, STEP, st.booleans(), st.booleans())  # line, pause, send, understand


def _add(station: Station, what: tuple[Any, ...], after_ms: int) -> None:
    kiosk, (type, first, second) = station.kiosk, what
    if type == "vote":
        duty = None if second is None else _back(station, "duty.started", second)
        kiosk.vote(first, duty=duty, after_ms=after_ms)
    elif type == "vote.revised":
        data = {"vote": _back(station, "vote", first), "rating": second}
        kiosk.add(type, data, after_ms=after_ms)
    elif type == "vote.reasons":
        data = {"vote": _back(station, "vote", first), "reasons": second, "outcome": "answered"}
        kiosk.add(type, data, after_ms=after_ms)
    elif type == "duty.started":
        kiosk.add(type, {"official": first, "by": "pin"}, after_ms=after_ms)
    elif type == "duty.ended":
        data = {"duty": _back(station, "duty.started", first), "by": "official"}
        kiosk.add(type, data, after_ms=after_ms)
    elif type == "clock":  # read `second` ms apart from its own line: no honest kiosk does that
        now_ms, mono_ms = kiosk.now_ms + after_ms, kiosk.mono_ms + after_ms
        data = {"server_ms": now_ms + first, "rtt_ms": 0, "wall_ms": now_ms,
                "mono_ms": mono_ms + second}  # fmt: skip
        kiosk.add(type, data, after_ms=after_ms)
    elif type == "boot":  # the boot changes, perhaps back to an older one, perhaps without a clock
        kiosk.boot, kiosk.sync = first, second
        kiosk.mono_ms = 10**6 * (1 + BOOTS.index(first))
    else:
        kiosk.add(type, {}, after_ms=after_ms)


def _back(station: Station, type: str, back: int) -> int:
    """The seq of the record `back` records of its type ago; of none, a line that is not there."""
    seqs = [
        seq
        for seq, line in enumerate(station.kiosk.lines, 1)
        if f'"type":"{type}",'.encode() in line
    ]
    return seqs[-1 - back] if back < len(seqs) else 99


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(step, min_size=1, max_size=20), round=st.integers(1, 4))
def test_in_pieces_as_at_once_as_rebuilt(steps: list[Any], round: int) -> None:
    from server.votes import services

    station = new_station(new_unit())
    station.kiosk.mono_ms = 10**6
    usual = services.ROUND
    services.ROUND = round  # type: ignore[misc]
    try:
        for what, pause, send, understand in steps:
            _add(station, what, pause)
            if send:
                station.send(station.kiosk.now_ms + 120_000)
            if understand:
                services.understand_pending()
        station.send(station.kiosk.now_ms + 120_000)
        while services.understand_pending():
            pass
    finally:
        services.ROUND = usual  # type: ignore[misc]
    in_pieces = understood(station.unit)
    _forget(station.unit)
    while services.understand_pending():
        pass
    assert understood(station.unit) == in_pieces


def _forget(unit: str) -> None:
    """What forget_votes does, for this example's unit alone."""
    from server.ingest.models import Journal
    from server.votes.models import (
        Duty,
        NotUnderstood,
        Revision,
        SettledBoot,
        Understanding,
        Vote,
        VoteCode,
    )

    for model in (Vote, VoteCode, Revision, Duty, NotUnderstood, SettledBoot, Understanding):
        model.objects.filter(unit=unit).delete()
    Journal.objects.filter(unit=unit).update(understood=0)
