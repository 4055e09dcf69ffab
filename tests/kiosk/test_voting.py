"""One citizen, one vote; a change of mind; chatter. No press is lost and none counts twice."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.clock import Reading
from kiosk.follow_up import EndFollowUp
from kiosk.voting import (
    MAX_REVISIONS,
    REVISION_LIMIT_MS,
    THANKS_MS,
    Cast,
    Effect,
    Face,
    KeepSuppressed,
    Revise,
    Suppress,
    Via,
    Voting,
)

UNDO_S = 10
START = 1_000_000


FOLLOW_UP_S = 12
OFFERED = {r: tuple(f"{'R' if r < 3 else 'P'}{n}" for n in range(6)) for r in range(1, 6)}


def face(rating: int, at: int, *, others_down: bool = False, via: Via = "button") -> Face:
    return Face(rating, Reading("boot", START + at, 0, False), via, others_down)


def press(
    voting: Voting, rating: int, at: int, *, others_down: bool = False, via: Via = "button"
) -> list[Effect]:
    """Presses, and commits at once whatever that casts or revises."""
    effects = voting.press(face(rating, at, others_down=others_down, via=via))
    for effect in effects:
        if isinstance(effect, Cast | Revise):
            voting.committed(effect.token, START + at + 5)
    return effects


def answer(effects: list[Effect]) -> Any:
    """The one answer to a press, without records of earlier ones."""
    found = [e for e in effects if not isinstance(e, KeepSuppressed | EndFollowUp)]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def voting() -> Voting:
    return Voting(undo_s=UNDO_S, follow_up_s=FOLLOW_UP_S, offered=OFFERED)


def test_the_first_press_is_a_vote(voting: Voting) -> None:
    assert answer(press(voting, 4, 0)) == Cast(1, face(4, 0))


def test_another_face_within_the_undo_time_revises_the_same_vote(voting: Voting) -> None:
    press(voting, 4, 0)
    assert answer(press(voting, 2, 9_999)) == Revise(1, face(2, 9_999))


def test_the_same_face_within_the_undo_time_is_a_repeat(voting: Voting) -> None:
    press(voting, 4, 0)
    assert answer(press(voting, 4, 5_000)).why == "repeat"


def test_after_the_undo_time_comes_the_next_citizen(voting: Voting) -> None:
    press(voting, 4, 0)
    assert answer(press(voting, 4, 10_000)) == Cast(2, face(4, 10_000))


def test_every_face_pressed_begins_the_undo_time_anew(voting: Voting) -> None:
    press(voting, 4, 0)
    press(voting, 4, 9_000)
    assert isinstance(answer(press(voting, 5, 18_000)), Revise)


def test_no_revision_comes_later_than_the_server_would_count_it(voting: Voting) -> None:
    press(voting, 4, 0)
    for at in range(9_000, REVISION_LIMIT_MS, 9_000):
        press(voting, 4, at)
    assert isinstance(answer(press(voting, 5, REVISION_LIMIT_MS)), Cast)


def test_two_contacts_within_300_ms_are_one_gesture(voting: Voting) -> None:
    press(voting, 4, 0)
    assert answer(press(voting, 5, 299)).why == "bounce"
    assert isinstance(answer(press(voting, 5, 300)), Revise)


def test_a_contact_that_overtook_another_by_some_ms_is_the_same_gesture(voting: Voting) -> None:
    press(voting, 4, 20)
    assert answer(press(voting, 5, 10)).why == "bounce"


def test_a_second_button_while_another_is_held_is_no_vote(voting: Voting) -> None:
    press(voting, 4, 0)
    assert answer(press(voting, 5, 5_000, others_down=True)).why == "bounce"


def test_a_citizen_who_plays_is_a_burst_after_five_revisions(voting: Voting) -> None:
    press(voting, 1, 0)
    for n in range(1, MAX_REVISIONS + 1):
        assert isinstance(answer(press(voting, 1 + n % 2, n * 1000)), Revise)
    assert answer(press(voting, 5, 7_000)).why == "burst"


def test_without_undo_time_every_press_is_a_vote_but_two_buttons_at_once() -> None:
    voting = Voting(undo_s=0)
    assert [type(answer(press(voting, 4, at))) for at in (0, 1, 1)] == [Cast, Cast, Cast]
    assert answer(press(voting, 5, 2, others_down=True)).why == "bounce"


def test_there_is_thanks_only_after_the_commit(voting: Voting) -> None:
    voting.press(face(4, 0))
    assert voting.scene(START + 50) == "asking"
    voting.committed(1, START + 60)
    assert voting.scene(START + 61) == "follow_up"


def test_a_vote_that_could_not_be_kept_is_not_thanked_and_leaves_the_faces(voting: Voting) -> None:
    voting.press(face(4, 0))
    voting.failed(1)
    assert voting.scene(START + 100) == "asking"
    assert isinstance(answer(press(voting, 4, 400)), Cast)


def test_a_change_of_mind_while_the_commit_is_under_way_names_the_same_vote(
    voting: Voting,
) -> None:
    voting.press(face(4, 0))
    assert answer(voting.press(face(2, 400))) == Revise(1, face(2, 400))
    voting.committed(1, START + 500)
    assert not voting.can_undo(START + 501)  # the revision is not on the disk yet
    voting.committed(1, START + 510)
    assert voting.can_undo(START + 511)


def test_undo_shows_the_faces_again_and_the_next_face_revises(voting: Voting) -> None:
    press(voting, 1, 0)
    assert voting.undo(START + 9_000)
    assert voting.scene(START + 9_001) == "asking"
    assert isinstance(answer(press(voting, 5, 18_000)), Revise)
    assert voting.scene(START + 18_010) == "follow_up"


def test_the_same_face_after_undo_thanks_again(voting: Voting) -> None:
    press(voting, 3, 0)
    voting.undo(START + 2_000)
    assert answer(press(voting, 3, 4_000)).why == "repeat"
    assert voting.scene(START + 4_001) == "follow_up"


def test_a_ghost_contact_of_the_undo_tap_is_no_revision(voting: Voting) -> None:
    press(voting, 3, 0)
    voting.undo(START + 2_000)
    assert answer(press(voting, 1, 2_020)).why == "bounce"


def test_undo_is_too_late_after_its_time() -> None:
    voting = Voting(undo_s=1, follow_up_s=FOLLOW_UP_S)
    press(voting, 3, 0)
    assert voting.scene(START + 2_000) == "follow_up"
    assert not voting.undo(START + 1_000)


def test_thanks_lasts_three_seconds_at_least() -> None:
    voting = Voting(undo_s=1)
    press(voting, 3, 0)
    assert voting.scene(START + THANKS_MS) == "thanks"
    assert voting.scene(START + THANKS_MS + 5) == "asking"


def test_suppressed_presses_are_handed_out_before_the_next_vote(voting: Voting) -> None:
    press(voting, 4, 0)
    press(voting, 4, 100)
    press(voting, 4, 400)
    press(voting, 4, 500)
    ended, *kept = press(voting, 4, 30_000)[:-1]
    assert isinstance(ended, EndFollowUp)
    at = START
    assert kept == [
        KeepSuppressed(2, at + 100, at + 500, "bounce"),
        KeepSuppressed(1, at + 400, at + 400, "repeat"),
    ]


def test_suppressed_presses_are_handed_out_within_about_a_second(voting: Voting) -> None:
    press(voting, 4, 0)
    press(voting, 4, 400)
    assert voting.next_ms() == START + 1_400
    assert len(voting.tick(START + 1_400)) == 1


def test_a_late_tick_does_not_make_an_earlier_press_the_next_citizen(voting: Voting) -> None:
    press(voting, 4, 0)
    voting.tick(START + 10_005)
    assert isinstance(answer(press(voting, 5, 9_990)), Revise)


# The follow-up ---------------------------------------------------------------------------------


def test_the_follow_up_offers_the_reasons_of_the_rating_and_records_those_chosen(
    voting: Voting,
) -> None:
    press(voting, 1, 0)
    assert voting.offered(START + 100) == OFFERED[1]
    voting.choose("R3", True, START + 1_000)
    voting.choose("R1", True, START + 2_000)
    voting.choose("R5", True, START + 3_000)
    voting.choose("R5", False, START + 4_000)
    voting.choose("P1", True, START + 4_000)  # not offered
    assert voting.chosen() == {"R1", "R3"}
    assert voting.finish("answered", START + 5_000) == [EndFollowUp(1, ("R1", "R3"), "answered")]
    assert voting.scene(START + 5_001) == "thanks"
    assert voting.scene(START + 5_000 + THANKS_MS) == "asking"


def test_done_without_a_reason_is_skipped(voting: Voting) -> None:
    press(voting, 4, 0)
    assert voting.finish("answered", START + 1_000) == [EndFollowUp(1, (), "skipped")]


def test_the_follow_up_ends_twelve_seconds_after_the_last_touch(voting: Voting) -> None:
    press(voting, 4, 0)
    voting.touched(START + 11_000)
    assert voting.scene(START + 22_999) == "follow_up"
    assert voting.tick(START + 22_999) == []
    assert voting.tick(START + 23_000) == [EndFollowUp(1, (), "timeout")]
    assert voting.scene(START + 23_000) == "asking"  # nobody is there to be thanked


def test_reasons_chosen_before_the_time_out_count(voting: Voting) -> None:
    press(voting, 5, 0)
    voting.choose("P2", True, START + 1_000)
    assert voting.tick(START + 13_000) == [EndFollowUp(1, ("P2",), "timeout")]


def test_a_button_after_the_undo_time_is_the_next_citizen_and_ends_the_follow_up(
    voting: Voting,
) -> None:
    press(voting, 4, 0)
    voting.choose("P1", True, START + 9_000)
    ended, cast = voting.press(face(1, 10_500))
    assert ended == EndFollowUp(1, ("P1",), "timeout")
    assert cast == Cast(2, face(1, 10_500))


def test_a_button_inside_the_undo_time_revises_and_asks_anew(voting: Voting) -> None:
    press(voting, 5, 0)
    voting.choose("P1", True, START + 1_000)
    press(voting, 1, 3_000)
    assert voting.offered(START + 3_100) == OFFERED[1]
    assert voting.chosen() == frozenset()


@pytest.mark.parametrize("via", ["touch", "button", "keyboard"])
@pytest.mark.parametrize("rating", [5, 1])
def test_once_the_citizen_is_done_every_press_is_the_next_ones(
    voting: Voting, via: Via, rating: int
) -> None:
    press(voting, 5, 0, via="touch")
    voting.finish("skipped", START + 1_000)
    voting.dismiss(START + 1_100)
    assert voting.scene(START + 1_100) == "asking"
    assert isinstance(answer(press(voting, rating, 2_000, via=via)), Cast)


def test_the_follow_up_is_not_over_while_another_button_would_revise() -> None:
    voting = Voting(undo_s=60, follow_up_s=5, offered=OFFERED)
    press(voting, 5, 0)
    assert voting.tick(START + 59_999) == []
    assert answer(press(voting, 1, 59_999)) == Revise(1, face(1, 59_999))


def test_done_waits_for_the_face_that_is_on_its_way(voting: Voting) -> None:
    press(voting, 5, 0)
    voting.choose("P1", True, START + 1_000)
    voting.press(face(1, 2_000))
    assert voting.finish("answered", START + 2_001) == []
    voting.committed(1, START + 2_010)
    assert voting.offered(START + 2_020) == OFFERED[1]


def test_a_revision_that_could_not_be_kept_leaves_the_vote_as_it_was(voting: Voting) -> None:
    press(voting, 4, 0)
    voting.press(face(2, 1_000))
    voting.failed(1)
    assert answer(press(voting, 2, 2_000)) == Revise(1, face(2, 2_000))
    assert answer(press(voting, 2, 3_000)).why == "repeat"


def test_who_chooses_again_and_leaves_keeps_the_vote(voting: Voting) -> None:
    press(voting, 5, 0, via="touch")
    voting.choose("P1", True, START + 1_000)
    voting.undo(START + 2_000)
    assert voting.is_choosing_again(START + 11_999)
    assert voting.tick(START + 12_000) == [EndFollowUp(1, ("P1",), "timeout")]
    assert voting.is_between_citizens(START + 12_000)


def test_without_reasons_there_is_a_follow_up_but_no_record() -> None:
    voting = Voting(undo_s=UNDO_S, follow_up_s=FOLLOW_UP_S)
    press(voting, 4, 0)
    assert voting.scene(START + 100) == "follow_up"
    assert voting.finish("skipped", START + 200) == []


def test_at_quit_the_follow_up_is_recorded(voting: Voting) -> None:
    press(voting, 4, 0)
    assert voting.end_all() == [EndFollowUp(1, (), "timeout")]
    assert voting.end_all() == []


def test_a_thousand_presses_a_minute_for_an_hour_are_all_accounted_for(voting: Voting) -> None:
    told: Counter[str] = Counter()
    for n in range(60_000):
        for effect in press(voting, 1 + n % 5, n * 60):
            told[type(effect).__name__] += effect.count if isinstance(effect, KeepSuppressed) else 1
        if n % 20 == 0:
            for effect in voting.tick(START + n * 60):
                assert isinstance(effect, KeepSuppressed | EndFollowUp)
                told[type(effect).__name__] += getattr(effect, "count", 1)
    for effect in voting.end_all():
        told[type(effect).__name__] += getattr(effect, "count", 1)
    assert told["Cast"] + told["Revise"] + told["Suppress"] == 60_000
    assert told["KeepSuppressed"] == told["Suppress"]
    assert told["Cast"] <= 62  # one citizen a minute at most


# Any path ----------------------------------------------------------------------------------------

STEP = st.tuples(
    st.sampled_from(
        ["press", "press", "press", "touch", "touch", "tick", "undo", "commit", "commit", "fail",
         "choose", "finish", "skip", "dismiss", "touched"]
    ),
    st.sampled_from([0, 1, 50, 299, 300, 900, 1_000, 3_000, 9_999, 10_000, 12_000, 60_000]),
    st.integers(1, 5),
    st.booleans(),
)  # fmt: skip


class Journal:
    """What a journal would hold, and whatever must be true of it at every step."""

    def __init__(self, undo_s: int, follow_up_s: int) -> None:
        self.voting = Voting(undo_s=undo_s, follow_up_s=follow_up_s, offered=OFFERED)
        self.now, self.presses = START, 0
        self.count: Counter[str] = Counter()
        self.waiting: list[int] = []
        self.cast: dict[int, int] = {}
        self.committed: set[int] = set()
        self.seen: list[object] = []  # what somebody beside the kiosk could notice

    def take(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Cast(token, pressed):
                    self.cast[token] = pressed.at.mono_ms
                    self.waiting.append(token)
                    self.count["votes"] += 1
                case Revise(token, pressed):
                    assert token == max(self.cast)
                    assert 0 <= pressed.at.mono_ms - self.cast[token] <= REVISION_LIMIT_MS
                    self.waiting.append(token)
                    self.count["revised"] += 1
                case Suppress():
                    self.count["told"] += 1
                case KeepSuppressed(n, first, last, _):
                    assert n >= 1 and START <= first <= last <= self.now
                    self.count["suppressed"] += n
                case EndFollowUp(token, reasons, outcome):
                    assert token in self.committed
                    assert len({code[0] for code in reasons}) <= 1
                    assert (outcome == "answered") <= bool(reasons)
            self.seen.append(type(effect).__name__)

    def step(self, what: str, pause: int, rating: int, flag: bool) -> None:
        self.now += pause
        voting, now = self.voting, self.now
        match what:
            case "press" | "touch":
                self.presses += 1
                via: Via = "button" if what == "press" else "touch"
                held = flag and what == "press" and rating == 3
                self.take(voting.press(face(rating, now - START, others_down=held, via=via)))
            case "tick":
                self.take(voting.tick(now))
            case "undo":
                voting.undo(now)
            case "choose":
                offered = voting.offered(now)
                if offered:
                    voting.choose(offered[rating], flag, now)
            case "finish" | "skip":
                self.take(voting.finish("answered" if what == "finish" else "skipped", now))
            case "dismiss":
                voting.dismiss(now)
            case "touched":
                voting.touched(now)
            case "commit" if self.waiting:
                token = self.waiting.pop(0)
                self.committed.add(token)
                voting.committed(token, now)
            case "fail" if self.waiting:
                voting.failed(self.waiting.pop(0))
        assert self.presses == self.count["votes"] + self.count["revised"] + self.count["told"]
        scene = voting.scene(now)
        self.seen.append((scene, voting.can_undo(now), len(voting.offered(now))))
        assert not (scene != "asking" and voting.is_between_citizens(now))


@settings(max_examples=400, deadline=None)
@given(
    undo_s=st.sampled_from([0, 1, 2, 10, 60]),
    follow_up_s=st.sampled_from([0, 5, 12]),
    steps=st.lists(STEP, max_size=60),
)
def test_no_path_loses_or_doubles_a_vote_and_every_state_leaves_by_time_out(
    undo_s: int, follow_up_s: int, steps: list[tuple[str, int, int, bool]]
) -> None:
    journal = Journal(undo_s, follow_up_s)
    for step in steps:
        journal.step(*step)
    voting, count = journal.voting, journal.count
    for _ in range(6):  # there are only so many states
        journal.now = max(journal.now, voting.next_ms() or 0)
        journal.take(voting.tick(journal.now))
    assert voting.next_ms() is None
    assert voting.scene(journal.now) == "asking"
    assert voting.is_between_citizens(journal.now)
    assert journal.presses == count["votes"] + count["revised"] + count["suppressed"]


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(STEP, max_size=40), swapped=st.permutations([1, 2, 3, 4, 5]))
def test_what_an_onlooker_can_notice_is_the_same_for_every_rating(
    steps: list[tuple[str, int, int, bool]], swapped: list[int]
) -> None:
    one, other = Journal(10, 12), Journal(10, 12)
    for what, pause, rating, flag in steps:
        flag = flag and what == "choose"  # a held button is another gesture, not another rating
        one.step(what, pause, rating, flag)
        pressed = what in ("press", "touch")
        other.step(what, pause, swapped[rating - 1] if pressed else rating, flag)
    assert one.seen == other.seen
