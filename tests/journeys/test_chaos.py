"""Bad lines, kill -9 anywhere, days passing: at the end all is there, once, and counted right."""

import json
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.journeys import recount
from tests.journeys.chaos import Chaos
from tests.journeys.reckoning import (
    Held,
    Journal,
    compare,
    counted,
    tally_faults,
    thanked_faults,
)
from tests.journeys.river import Sample

SEED = 5
SECONDS = 20.0  # and then until each thing has happened; `make soak` takes an hour


def test_after_chaos_every_journal_is_on_the_server_and_counted(
    tmp_path: Path, environment: dict[str, str], sample: Sample
) -> None:
    chaos = Chaos(tmp_path, environment, seed=SEED, kiosks=4, sample=sample)
    try:
        chaos.live(SECONDS)
        chaos.settle()
        faults = chaos.faults()
        print(chaos.report(), file=sys.stderr)  # noqa: T201 - shown if it fails
        assert faults == []
        assert chaos.votes > SECONDS
        assert chaos.unsure * 10 < chaos.votes
        assert chaos.missing() == set()
    finally:
        chaos.end()


# That the comparison can fail ---------------------------------------------------------------


@pytest.fixture
def journal() -> Journal:
    """Two votes of one official, the second revised, and the kiosk's own count of the day."""
    data = {"rating": 4, "duty": 1}
    records = [
        ("duty.started", {"official": "CB-1", "by": "pin"}),
        ("vote", data),
        ("vote", data),
        ("vote.revised", {"vote": 3, "rating": 1}),
        ("day", {"date": "2026-11-23", "counts": {"1": 1, "4": 1}}),
    ]
    lines: list[bytes] = []
    before = sha256(b"hailong/journal/v1\nj\nQUJD\n").hexdigest()
    for seq, (kind, content) in enumerate(records, 1):
        line = {"journal": "j", "seq": seq, "prev": before, "boot": "b", "mono_ms": seq}
        line |= {"wall_ms": 1_795_420_000_000, "type": kind, "data": content}
        lines.append(json.dumps(line).encode())
        before = sha256(lines[-1]).hexdigest()
    return Journal("k", "99001-1", "j", b"ABC", len(lines), lines)


def _held(journal: Journal) -> Held:
    return Held({(journal.journal, seq): line for seq, line in enumerate(journal.lines, 1)})


@pytest.mark.one_database
def test_what_agrees_is_found_to_agree(journal: Journal) -> None:
    held = _held(journal)
    assert compare([journal], held) == []
    assert thanked_faults([("j", 2, 4), ("j", 3, 4)], [journal]) == []
    assert recount.day_faults(journal.lines) == []
    mine = counted([journal], held, officials=True)
    assert mine == {("99001", "99001-1", "CB-1"): {"2026-11-23": [1, 0, 0, 1, 0]}}
    assert tally_faults(mine, mine) == []


@pytest.mark.one_database
def test_a_line_that_the_server_dropped_changed_or_invented_is_named(journal: Journal) -> None:
    dropped = _held(journal)
    line = dropped.lines.pop(("j", 3))
    assert compare([journal], dropped) == ["kiosk k journal j seq 3: the server does not have it"]
    assert counted([journal], dropped, officials=True) != counted(
        [journal], _held(journal), officials=True
    )
    dropped.apart.add(("j", 3, line))
    assert compare([journal], dropped) == [], "kept apart is kept"
    changed = _held(journal)
    changed.lines["j", 2] = changed.lines["j", 2].replace(b"4", b"5")
    assert compare([journal], changed) == ["kiosk k journal j seq 2: the server has other bytes"]
    invented = _held(journal)
    invented.lines["j", 6] = b"{}"
    assert compare([journal], invented) == ["journal j seq 6: no card has it"]


@pytest.mark.one_database
def test_a_tally_that_is_not_what_the_journals_say_is_named() -> None:
    place = ("99001", "99001-1", "CB-1")
    mine = {place: {"2026-11-23": [1, 0, 0, 1, 0], "2026-11-24": [0, 2, 0, 0, 0]}}
    unsure = {place: {"2026-11-23/2026-11-24": [1, 1, 0, 1, 0], "2026-11-24": [0, 1, 0, 0, 0]}}
    assert tally_faults(mine, unsure) == [], "these two may be the same votes"
    for theirs in (
        {},
        {place: {"2026-11-23": [1, 0, 0, 1, 0], "2026-11-24": [0, 1, 0, 0, 0]}},
        {place: {"2026-11-23": [1, 0, 0, 1, 0], "2026-11-24": [0, 1, 1, 0, 0]}},
        {place: {"2026-11-23": [1, 2, 0, 1, 0]}},
        {place: {"2026-11-24": [1, 2, 0, 1, 0]}},
        {place: {"2026-11-25/2026-11-26": [1, 0, 0, 1, 0], "2026-11-24": [0, 2, 0, 0, 0]}},
        {("99001", "99001-1", ""): mine[place]},
    ):
        assert tally_faults(mine, theirs) != [], theirs


@pytest.mark.one_database
def test_a_line_that_the_card_lost_or_altered_is_named(journal: Journal) -> None:
    lost = Journal("k", "99001-1", "j", b"ABC", 5, journal.lines[:4])
    assert compare([lost], _held(journal)) == [
        "kiosk k journal j: acknowledged 5 of 4 lines",
        "journal j seq 5: no card has it",
    ]
    altered = [*journal.lines]
    altered[1] = altered[1].replace(b'"rating": 4', b'"rating": 5')
    (fault,) = recount.chain_faults(altered, journal="j", public_key="QUJD")
    assert "seq 3" in fault
    assert recount.day_faults(altered) != []


@pytest.mark.one_database
def test_a_thanks_without_its_vote_or_said_twice_is_named(journal: Journal) -> None:
    assert len(thanked_faults([("j", 1, 4)], [journal])) == 1
    assert len(thanked_faults([("j", 2, 5)], [journal])) == 1
    assert len(thanked_faults([("j", 9, 4)], [journal])) == 1
    assert len(thanked_faults([("j", 2, 4), ("j", 2, 4)], [journal])) == 1
