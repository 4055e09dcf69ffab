"""Lines become votes, revisions and duties as protocol.md 3 says."""

from typing import Any

import pytest

from tests.server.kiosks import T0
from tests.server.votes.river import Station, new_station, new_unit, online, rows, understood


@pytest.fixture
def station() -> Station:
    return online(new_unit())


def _understand(station: Station) -> dict[str, list[dict[str, Any]]]:
    from server.votes.services import understand_pending

    station.send()
    while understand_pending():
        pass
    return understood(station.unit)


def test_a_vote_is_understood_with_its_exact_time(station: Station) -> None:
    station.kiosk.vote(4)
    (vote,) = _understand(station)["Vote"]
    assert vote["rating"] == vote["first_rating"] == 4
    assert vote["low_ms"] == vote["high_ms"] == station.kiosk.now_ms
    assert vote["quality"] == "exact"
    assert (vote["duty"], vote["duty_named"]) == (None, False)


def test_a_second_look_changes_nothing(station: Station) -> None:
    from server.votes.services import understand_pending

    station.kiosk.vote(4)
    before = _understand(station)
    assert not understand_pending()
    assert understood(station.unit) == before


def test_the_highest_revision_within_a_minute_wins(station: Station) -> None:
    vote = station.kiosk.vote(5)
    for rating, after_ms in ((2, 1_000), (3, 59_000), (1, 1)):
        station.kiosk.add("vote.revised", {"vote": vote, "rating": rating}, after_ms=after_ms)
    found = _understand(station)
    assert [vote["rating"] for vote in found["Vote"]] == [3]
    assert [row["rating"] for row in found["Revision"]] == [2, 3]
    assert found["NotUnderstood"] == []


def test_a_revision_of_another_boot_does_not_count(station: Station) -> None:
    vote = station.kiosk.vote(5)
    station.kiosk.boot = "00000000-0000-4000-8000-000000000000"
    station.kiosk.add("vote.revised", {"vote": vote, "rating": 1})
    assert _understand(station)["Vote"][0]["rating"] == 5


def test_a_revision_that_comes_in_a_later_round_still_counts(station: Station) -> None:
    vote = station.kiosk.vote(5)
    _understand(station)
    station.kiosk.add("vote.revised", {"vote": vote, "rating": 1})
    (row,) = _understand(station)["Vote"]
    assert (row["rating"], row["first_rating"]) == (1, 5)


def test_a_revision_outside_the_scale_of_its_vote_is_not_understood(station: Station) -> None:
    data = {"rating": 4, "scale": "vn3", "via": "button", "locale": "vi", "duty": None,
            "counter": None, "not_official": False, "dossier": None, "invited": False}  # fmt: skip
    vote = station.kiosk.add("vote", data)
    station.kiosk.add("vote.revised", {"vote": vote, "rating": 1})
    found = _understand(station)
    assert found["Vote"][0]["rating"] == 4
    assert found["NotUnderstood"][0]["why"] == "Scale vn3 does not offer rating 1."


@pytest.mark.parametrize("type", ["vote.revised", "vote.reasons", "vote.comment"])
def test_a_reference_to_what_is_no_vote_is_not_understood(station: Station, type: str) -> None:
    data: dict[str, dict[str, object]] = {
        "vote.revised": {"vote": 1, "rating": 2},
        "vote.reasons": {"vote": 1, "reasons": ["R1"], "outcome": "answered"},
        "vote.comment": {"vote": 1, "commitment": "0" * 64},
    }
    seq = station.kiosk.add(type, data[type])
    (row,) = _understand(station)["NotUnderstood"]
    assert row["seq"] == seq
    assert row["why"] == "There is no vote with seq 1 before it."


def _reasons(station: Station, vote: int, *codes: str, outcome: str = "answered") -> int:
    data = {"vote": vote, "reasons": list(codes), "outcome": outcome}
    return station.kiosk.add("vote.reasons", data)


def test_reasons_are_kept_in_the_order_told_each_once_and_only_known_ones(
    station: Station,
) -> None:
    _reasons(station, station.kiosk.vote(2), "R3", "nonsense", "R1", "R3", "P1")
    assert _understand(station)["Vote"][0]["reasons"] == "R3 R1 P1"


def test_of_several_reasons_lines_the_last_counts_also_when_it_comes_later(
    station: Station,
) -> None:
    from server.votes.audit import find_differences
    from server.votes.models import Vote

    vote = station.kiosk.vote(2)
    _reasons(station, vote, "R1")
    _understand(station)
    before = Vote.objects.get().gen
    _reasons(station, vote, "R5")
    assert _understand(station)["Vote"][0]["reasons"] == "R5"
    assert Vote.objects.get().gen > before  # so that whoever counts reasons looks again
    assert find_differences(unit=station.unit, journal=station.kiosk.journal) == []
    _reasons(station, vote, outcome="skipped")
    assert _understand(station)["Vote"][0]["reasons"] == ""


@pytest.mark.parametrize(
    ("named", "kept"),
    [(None, ""), (" H01.2-26 ", "H01.2-26"), ("x" * 64, "x" * 64), ("x" * 65, ""), ("  ", "")],
)
def test_a_vote_keeps_the_dossier_that_it_names(
    station: Station, named: str | None, kept: str
) -> None:
    data = {"rating": 4, "scale": "vn5", "via": "button", "locale": "vi", "duty": None,
            "counter": None, "not_official": False, "dossier": named, "invited": False}  # fmt: skip
    station.kiosk.add("vote", data)
    assert _understand(station)["Vote"][0]["dossier"] == kept


def test_reasons_and_dossiers_changed_in_the_table_are_found(station: Station) -> None:
    from server.votes.audit import find_differences
    from server.votes.models import Vote

    _reasons(station, station.kiosk.vote(2), "R1")
    _understand(station)
    Vote.objects.update(reasons="R9")
    (sentence,) = find_differences(unit=station.unit, journal=station.kiosk.journal)
    assert "has reasons R9 and dossier none, the lines say R1 and none" in sentence


def test_what_no_version_knows_is_kept_as_not_understood(station: Station) -> None:
    station.kiosk.add("hologram", {})
    station.kiosk.vote()
    found = _understand(station)
    assert len(found["Vote"]) == len(found["NotUnderstood"]) == 1


def test_a_vote_names_the_duty_in_force(station: Station) -> None:
    duty = station.kiosk.duty("CB-1")
    station.kiosk.vote(duty=duty)
    found = _understand(station)
    assert found["Vote"][0]["duty"] == duty
    assert found["Duty"][0]["ended_seq"] is None


@pytest.mark.parametrize("end", ["duty.ended", "duty.started"])
def test_a_vote_that_names_an_ended_duty_stands_without_it(station: Station, end: str) -> None:
    duty = station.kiosk.duty("CB-1")
    if end == "duty.ended":
        ending = station.kiosk.add("duty.ended", {"duty": duty, "by": "idle"})
    else:
        ending = station.kiosk.duty("CB-2")
    _understand(station)
    station.kiosk.vote(duty=duty)
    found = _understand(station)
    assert (found["Vote"][0]["duty"], found["Vote"][0]["duty_named"]) == (None, True)
    ended = found["Duty"][0]
    assert (ended["ended_seq"], ended["ended_by"]) == (
        ending,
        "idle" if end == "duty.ended" else "next",
    )


def test_the_end_of_something_that_is_no_duty_is_not_understood(station: Station) -> None:
    vote = station.kiosk.vote()
    station.kiosk.add("duty.ended", {"duty": vote, "by": "idle"})
    assert len(_understand(station)["NotUnderstood"]) == 1


def test_a_duty_ends_with_its_closed_journal() -> None:
    from server.ingest.models import Journal
    from server.votes.services import understand_pending

    station = online(new_unit())
    station.kiosk.duty("CB-1")
    last = station.kiosk.vote()
    _understand(station)
    Journal.objects.update(state="closed")
    while understand_pending():
        pass
    (duty,) = understood(station.unit)["Duty"]
    assert (duty["ended_seq"], duty["ended_by"]) == (last, "journal")
    assert duty["ended_low_ms"] == duty["ended_ms"] == station.kiosk.now_ms


def test_a_clock_gives_the_votes_before_it_their_exact_time() -> None:
    station = new_station(new_unit())
    station.kiosk.sync = False
    station.kiosk.vote(3)
    cast_ms = station.kiosk.now_ms
    (vote,) = _understand(station)["Vote"]
    assert (vote["quality"], vote["high_ms"]) == ("interval", cast_ms + 2_000)
    station.kiosk.clock()
    (vote,) = _understand(station)["Vote"]
    assert (vote["quality"], vote["low_ms"]) == ("exact", cast_ms)


def test_the_newest_exact_line_closes_the_interval_of_an_earlier_boot() -> None:
    station = new_station(new_unit())
    station.kiosk.sync = False
    station.kiosk.vote(3)
    (before,) = _understand(station)["Vote"]
    station.kiosk.boot = "00000000-0000-4000-8000-000000000000"
    station.kiosk.mono_ms = 5
    clock = station.kiosk.clock()
    station.kiosk.vote(3, after_ms=86_400_000)
    early = station.kiosk.now_ms - 86_400_000
    (vote, _) = _understand(station)["Vote"]
    assert clock == 2
    assert (vote["quality"], vote["high_ms"]) == ("interval", min(before["high_ms"], early))


def test_an_online_journal_reads_no_line_twice(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.votes import services, timing

    read: list[tuple[int, int]] = []
    spans, lines = services.read_spans, timing.read_lines

    def read_again(*, from_seq: int, to_seq: int, **key: str) -> Any:
        read.append((from_seq, to_seq))
        return lines(from_seq=from_seq, to_seq=to_seq, **key)

    def read_new(wanted: Any) -> Any:
        read.extend((span.from_seq, span.to_seq) for span in wanted)
        return spans(wanted)

    monkeypatch.setattr(services, "read_spans", read_new)
    monkeypatch.setattr(timing, "read_lines", read_again)
    for _ in range(5):
        station.kiosk.vote()
        _understand(station)
    assert read == [(1, 2), (3, 3), (4, 4), (5, 5), (6, 6)]


def test_an_offline_backlog_in_many_requests_is_timed_again_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server.votes import timing

    station = new_station(new_unit())
    station.kiosk.sync = False
    read: list[int] = []
    real = timing.read_lines
    monkeypatch.setattr(
        timing, "read_lines", lambda **key: read.append(key["from_seq"]) or real(**key)
    )
    for _ in range(4):
        station.kiosk.vote()
        _understand(station)
    assert read == []
    station.kiosk.clock()
    _understand(station)
    assert read == [1]


def test_a_round_that_another_process_claimed_is_dropped(station: Station) -> None:
    from server.ingest.models import Journal
    from server.votes import services
    from server.votes.models import Understanding, Vote

    station.kiosk.vote()
    station.send()
    stale = Journal.objects.get()
    services.understand_pending()
    services._understand([stale])
    assert Vote.objects.count() == 1
    assert Understanding.objects.get().gen == 1


def test_a_journal_that_another_process_claimed_does_not_hold_up_its_group() -> None:
    from server.ingest.models import Journal
    from server.votes import services
    from server.votes.models import Understanding, Vote

    unit = new_unit()
    claimed, waiting = new_station(unit, 1), new_station(unit, 2)
    for each in (claimed, waiting):
        each.kiosk.vote()
    claimed.send()
    stale = Journal.objects.get(journal=claimed.kiosk.journal)
    services.understand_pending()
    waiting.send()
    fresh = Journal.objects.get(journal=waiting.kiosk.journal)
    services._understand([stale, fresh])
    assert sorted(Vote.objects.values_list("journal", "seq")) == sorted(
        (each.kiosk.journal, 1) for each in (claimed, waiting)
    )
    assert set(Understanding.objects.values_list("gen", flat=True)) == {1}


def test_a_code_that_is_too_long_for_any_code_is_cut_so_that_it_equals_none(
    station: Station,
) -> None:
    station.kiosk.duty("CB-1" + "x" * 100)
    (duty,) = _understand(station)["Duty"]
    assert len(str(duty["official"])) == 32
    assert str(duty["official"]).endswith("…")


def test_rows_carry_their_receipt_time(station: Station) -> None:
    station.kiosk.vote()
    station.send(T0 + 50_000)
    from server.votes.models import Vote
    from server.votes.services import understand_pending

    understand_pending()
    assert [row["received_ms"] for row in rows(Vote)] == [T0 + 50_000]
