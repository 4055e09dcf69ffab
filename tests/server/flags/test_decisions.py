"""Two people decide on doubtful votes: never one, never by rating, always reversible."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.attribution.scene import DAY, HOUR, NINE, deeds, rule, vote
from tests.server.flags.scene import doubts, everything, mash, quiet_votes, run, scene, states
from tests.server.votes.river import Station

LATER = NINE + 2 * DAY


def propose(unit: str, what: str = "exclude", by: str = "lan", **more: Any) -> int:
    from server.flags.services import propose_decision

    wish = {"doubt": 1, "reason": "máy bấm", "now_ms": LATER}
    return propose_decision(unit=unit, what=what, by=by, **{**wish, **more})


def confirm(unit: str, number: int, by: str = "minh", now_ms: int = LATER + 5) -> None:
    from server.flags.services import confirm_decision

    confirm_decision(unit=unit, number=number, by=by, now_ms=now_ms)


def decide(unit: str, what: str = "exclude", **more: Any) -> int:
    number = propose(unit, what, **more)
    confirm(unit, number)
    return number


def mashed() -> tuple[str, Station, list[int]]:
    unit, station = scene()
    quiet_votes(station, [5, 4])
    seqs = mash(station, NINE + HOUR, [5, 5, 1, 5, 5, 5])
    run(station)
    return unit, station, seqs


def of(unit: str, state: str) -> list[int]:
    return sorted(seq for seq, each in states(unit).items() if each == state)


def differences() -> list[str]:
    from server.flags.audit import find_differences

    return find_differences()


def test_two_reviewers_exclude_what_the_rules_hold_and_the_log_names_the_lines() -> None:
    unit, station, seqs = mashed()
    held = [seqs[1], *seqs[3:]]
    assert of(unit, "held") == held
    number = propose(unit)
    assert of(unit, "held") == held  # one alone changes nothing
    confirm(unit, number)
    run(station)
    assert of(unit, "excluded") == held and of(unit, "held") == []
    (deed,) = deeds("excluded")
    assert deed == {
        "unit": unit, "number": 1, "doubt": 1, "journal": station.kiosk.journal,
        "seqs": f"{seqs[1]},{seqs[3]}-{seqs[5]}", "lifts": [], "why": "máy bấm", "by": "lan",
        "confirmed_by": "minh",
    }  # fmt: skip
    assert doubts(unit)[0].state == "excluded" and differences() == []


def test_what_is_decided_stands_in_a_log_that_agrees_with_its_own_records() -> None:
    from server.ledger.integrator import integrate_all
    from tests.server.ledger.made import differences as differences_of_log

    unit, station, _ = mashed()
    decide(unit)
    decide(unit, "include")
    run(station)
    integrate_all()
    assert len(deeds("excluded")) == len(deeds("included")) == 1
    assert differences_of_log() == []


def test_the_vote_that_the_rules_counted_in_a_crowd_stays_counted_whatever_is_decided() -> None:
    unit, _, seqs = mashed()
    decide(unit)
    assert {states(unit)[seqs[0]], states(unit)[seqs[2]]} == {"counted"}


def test_tallies_follow_a_decision_and_its_opposite() -> None:
    from server.analytics.models import UnitMonth

    def by_state() -> dict[str, int]:
        return {row.state: row.n1 + row.n4 + row.n5 for row in UnitMonth.objects.all()}

    unit, station, _ = mashed()
    assert by_state() == {"counted": 4, "held": 4}
    decide(unit)
    run(station)
    assert by_state() == {"counted": 4, "excluded": 4}
    decide(unit, "include")
    run(station)
    assert by_state() == {"counted": 8}
    assert [deed["lifts"] for deed in deeds("included")] == [[1]]
    decide(unit, "exclude")
    run(station)
    assert by_state() == {"counted": 4, "excluded": 4} and differences() == []


def test_a_rebuild_keeps_what_people_decided() -> None:
    from server import pipeline

    unit, station, _ = mashed()
    decide(unit)
    run(station)
    before = everything(unit)
    pipeline.rebuild()
    assert everything(unit) == before and doubts(unit)[0].state == "excluded"


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("own-proposal", lambda unit: confirm(unit, propose(unit), by="lan")),
        ("own-proposal", lambda unit: _refuse(unit, propose(unit), by="lan")),
        ("others-proposal", lambda unit: _withdraw(unit, propose(unit), by="minh")),
        ("waits", lambda unit: (propose(unit), propose(unit, by="minh"))),
        ("nothing-new", lambda unit: (decide(unit), propose(unit))),
        ("decided", lambda unit: confirm(unit, decide(unit))),
        ("decided", lambda unit: (_withdraw(unit, n := propose(unit)), confirm(unit, n))),
        ("no-decision", lambda unit: confirm(unit, 7)),
        ("no-doubt", lambda unit: propose(unit, doubt=9)),
        ("bad-words", lambda unit: propose(unit, reason=" \n ")),
        ("bad-words", lambda unit: propose(unit, reason="x" * 501)),
        ("bad-words", lambda unit: _refuse(unit, propose(unit), why="\u202e")),
    ],
)
def test_what_cannot_be_decided_is_refused_in_one_sentence(
    kind: str, act: Callable[[str], object]
) -> None:
    from server.flags.errors import FlagError

    unit, _, _ = mashed()
    held = of(unit, "held")
    with pytest.raises(FlagError) as refused:
        act(unit)
    assert refused.value.kind == kind
    assert refused.value.say("vi") != refused.value.say("en")
    assert sorted([*of(unit, "held"), *of(unit, "excluded")]) == held


def _refuse(unit: str, number: int, by: str = "minh", why: str = "không rõ") -> None:
    from server.flags.services import refuse_decision

    refuse_decision(unit=unit, number=number, why=why, by=by, now_ms=LATER)


def _withdraw(unit: str, number: int, by: str = "lan") -> None:
    from server.flags.services import withdraw_decision

    withdraw_decision(unit=unit, number=number, by=by, now_ms=LATER)


def test_what_is_refused_changes_no_vote_and_is_no_deed() -> None:
    unit, _, _ = mashed()
    before = states(unit)
    _refuse(unit, propose(unit))
    assert states(unit) == before and deeds("excluded") == []


def test_votes_that_arrive_late_and_join_a_decided_doubt_are_held_until_they_are_decided() -> None:
    unit, station, seqs = mashed()
    decide(unit)
    late = mash(station, NINE + HOUR + 12_000, [5, 5, 5])
    run(station)
    assert of(unit, "held") == late
    assert of(unit, "excluded") == [seqs[1], *seqs[3:]]
    (doubt,) = doubts(unit)
    assert doubt.state == "new"
    decide(unit)
    assert of(unit, "held") == [] and set(late) < set(of(unit, "excluded"))
    assert doubts(unit)[0].state == "excluded" and differences() == []


def test_votes_that_arrive_between_two_people_are_not_decided_with_the_rest() -> None:
    unit, station, _ = mashed()
    number = propose(unit)
    late = mash(station, NINE + HOUR + 12_000, [5, 5])
    run(station)
    confirm(unit, number)
    run(station)
    assert of(unit, "held") == late and doubts(unit)[0].state == "new"


def test_a_ruling_that_moves_the_votes_to_another_official_leaves_the_decision_in_force() -> None:
    from server.attribution.models import Attribution

    unit, station, seqs = mashed()
    decide(unit)
    rule(unit, "CB-2", NINE, NINE + 2 * HOUR)
    run(station)
    moved = Attribution.objects.filter(unit=unit, official="CB-2", state="excluded")
    assert sorted(moved.values_list("seq", flat=True)) == [seqs[1], *seqs[3:]]
    assert differences() == []


def test_a_decision_stands_though_no_rule_doubts_the_votes_any_more() -> None:
    from server.organisation.services import add_holiday, remove_holiday
    from tests.server.flags.test_stage import TODAY, open_from_seven

    unit, station = scene()
    open_from_seven(station.kiosk.kiosk, NINE - DAY)
    (cast,) = quiet_votes(station, [4])
    add_holiday(day=TODAY, name="Nghỉ", now_ms=NINE - DAY)
    run(station)
    decide(unit)
    remove_holiday(day=TODAY)
    run(station)
    assert states(unit) == {cast: "excluded"} and differences() == []
    decide(unit, "include")
    assert states(unit) == {cast: "counted"}


def test_what_is_flagged_and_not_held_may_be_excluded_too() -> None:
    from server.dossiers.services import Count, keep_transactions
    from tests.server.flags.test_stage import TODAY

    unit, station = scene()
    cast = quiet_votes(station, [5, 5, 5, 5])
    keep_transactions(rows=[Count(unit, f"{unit}-1", TODAY, 1)])
    run(station)
    decide(unit)
    assert of(unit, "excluded") == cast


def test_whoever_looked_without_a_proposal_is_named_until_more_votes_come() -> None:
    from server.flags.services import note_looked

    unit, station, _ = mashed()
    note_looked(unit=unit, doubt=1, note="đã hỏi đơn vị", by="lan", now_ms=LATER)
    (doubt,) = doubts(unit)
    assert (doubt.state, doubt.looked_by) == ("looked", "lan")
    mash(station, NINE + HOUR + 12_000, [5, 5])
    run(station)
    assert doubts(unit)[0].state == "new"


def test_a_look_at_single_votes_is_in_the_log_and_tells_times_but_no_rating() -> None:
    from server.flags.services import open_doubt

    unit, _, _ = mashed()
    seen = open_doubt(unit=unit, number=1, by="lan", now_ms=LATER)
    assert [row.gap_ms for row in seen][:3] == [None, 1_590, 1_770]
    assert len(seen) == 6 and seen[0].at_ms == NINE + HOUR
    # That two presses in a row are alike, or not, would tell of ratings.
    assert {row.flags for row in seen} == {("burst",)}
    assert seen[0]._fields == ("at_ms", "gap_ms", "flags", "decided")
    assert deeds("viewed") == [{"by": "lan", "what": f"doubt 1 of unit {unit}"}]


def test_a_doubt_of_thousands_of_lines_is_told_in_records_that_fit_the_log() -> None:
    from protocol.server_record import build_server_record
    from server.flags.decisions import as_ranges

    texts = list(as_ranges(range(10**9, 10**9 + 2_000, 2)))
    assert len(texts) > 5 and sum(text.count(",") + 1 for text in texts) == 1_000
    data = {
        "unit": "u" * 32, "number": 1, "doubt": 1, "journal": "j" * 36, "lifts": [1],
        "seqs": max(texts, key=len), "why": "ệ" * 500, "by": "b" * 150, "confirmed_by": "c" * 150,
    }  # fmt: skip
    assert build_server_record("excluded", data, wall_ms=1)


@given(st.sets(st.integers(1, 400)))
def test_ranges_name_each_line_once(seqs: set[int]) -> None:
    from server.flags.decisions import as_ranges

    named: list[int] = []
    for part in filter(None, ",".join(as_ranges(sorted(seqs))).split(",")):
        first, _, last = part.partition("-")
        named += range(int(first), int(last or first) + 1)
    assert named == sorted(seqs)


@pytest.mark.parametrize("state", ["excluded", "held"])
def test_a_state_that_somebody_set_in_the_table_is_found(state: str) -> None:
    from server.attribution.models import Attribution

    unit, _, seqs = mashed()
    Attribution.objects.filter(unit=unit, seq=seqs[0]).update(state=state)
    Attribution.objects.filter(unit=unit, seq=seqs[1]).update(state="counted")
    found = "\n".join(differences())
    assert f"Vote {seqs[0]} of journal" in found and "nothing says so" in found
    assert f"Vote {seqs[1]} of journal" in found and "say held" in found


def test_a_decision_that_somebody_changed_in_the_table_is_found() -> None:
    from server.flags.models import DecidedVote, Decision

    unit, _, seqs = mashed()
    decide(unit)
    DecidedVote.objects.filter(unit=unit, seq=seqs[1]).delete()
    assert "Decision 1 of unit" in "\n".join(differences())
    Decision.objects.filter(unit=unit).delete()
    assert "is in the log, but not in its table" in "\n".join(differences())


def test_flags_are_printed_with_their_rules(capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    from server.console.flags import main

    _, station = scene()
    seqs = mash(station, NINE, [4, 4])
    vote(station, NINE + HOUR)
    run(station)
    assert main(argparse.Namespace()) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header == "journal,seq,flag,held,rule"
    (row,) = rows
    assert row.startswith(f'{station.kiosk.journal},{seqs[1]},repeat,no,"repeat/2: ')


def test_check_finds_flags_forged_or_taken_away_together_with_the_states_of_their_votes() -> None:
    from server.attribution.models import Attribution
    from server.flags.models import Flag

    unit, _, seqs = mashed()
    assert differences() == []
    rows = Flag.objects.filter(unit=unit, seq=seqs[1])
    gone = list(rows.order_by("flag"))
    rows.delete()
    Attribution.objects.filter(unit=unit, seq=seqs[1]).update(state="counted")
    (found,) = differences()
    assert "flagged nothing, but the rules say burst (held) and repeat;" in found
    Flag.objects.bulk_create(gone)
    Attribution.objects.filter(unit=unit, seq=seqs[1]).update(state="held")
    assert differences() == []
    innocent = min(states(unit))
    forged = gone[0]
    forged.seq, forged.flag = innocent, "after-hours"
    forged.save(force_insert=True)
    Attribution.objects.filter(unit=unit, seq=innocent).update(state="held")
    (found,) = differences()
    assert f"Vote {innocent} " in found and "flagged after-hours (held), but the rules say nothing"
