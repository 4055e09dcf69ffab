"""One citizen, one vote; a change of mind; chatter. No press is lost and none counts twice."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.clock import Reading
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
    Voting,
)

UNDO_S = 10
START = 1_000_000


def face(rating: int, at: int, *, others_down: bool = False) -> Face:
    return Face(rating, Reading("boot", START + at, 0, False), "button", others_down)


def press(voting: Voting, rating: int, at: int, *, others_down: bool = False) -> list[Effect]:
    """Presses, and commits at once whatever that casts or revises."""
    effects = voting.press(face(rating, at, others_down=others_down))
    for effect in effects:
        if isinstance(effect, Cast | Revise):
            voting.committed(effect.token, START + at + 5)
    return effects


def answer(effects: list[Effect]) -> Any:
    """The one answer to a press, without records of earlier ones."""
    found = [e for e in effects if not isinstance(e, KeepSuppressed)]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def voting() -> Voting:
    return Voting(undo_s=UNDO_S)


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
    assert voting.scene(START + 61) == "thanks"


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
    assert voting.scene(START + 18_010) == "thanks"


def test_the_same_face_after_undo_thanks_again(voting: Voting) -> None:
    press(voting, 3, 0)
    voting.undo(START + 2_000)
    assert answer(press(voting, 3, 4_000)).why == "repeat"
    assert voting.scene(START + 4_001) == "thanks"


def test_a_ghost_contact_of_the_undo_tap_is_no_revision(voting: Voting) -> None:
    press(voting, 3, 0)
    voting.undo(START + 2_000)
    assert answer(press(voting, 1, 2_020)).why == "bounce"


def test_undo_is_too_late_after_its_time() -> None:
    voting = Voting(undo_s=1)
    press(voting, 3, 0)
    assert voting.scene(START + 2_000) == "thanks"
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
    kept = press(voting, 4, 30_000)[:-1]
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


STEP = st.tuples(
    st.sampled_from(["press", "press", "press", "tick", "undo", "commit", "fail"]),
    st.sampled_from([0, 1, 50, 299, 300, 900, 1_000, 3_000, 9_999, 10_000, 60_000]),
    st.integers(1, 5),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(undo_s=st.sampled_from([0, 1, 2, 10, 60]), steps=st.lists(STEP, max_size=60))
def test_presses_are_votes_and_revisions_and_suppressed_ones(
    undo_s: int, steps: list[tuple[str, int, int, bool]]
) -> None:
    voting, now, presses = Voting(undo_s=undo_s), START, 0
    count: Counter[str] = Counter()
    waiting: list[int] = []
    cast: dict[int, int] = {}

    def take(effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Cast(token, pressed):
                    cast[token] = pressed.at.mono_ms
                    waiting.append(token)
                    count["votes"] += 1
                case Revise(token, pressed):
                    assert token == max(cast)
                    assert 0 <= pressed.at.mono_ms - cast[token] <= REVISION_LIMIT_MS
                    waiting.append(token)
                    count["revised"] += 1
                case Suppress():
                    count["told"] += 1
                case KeepSuppressed(n, first, last, _):
                    assert n >= 1 and START <= first <= last <= now
                    count["suppressed"] += n

    for what, pause, rating, others_down in steps:
        now += pause
        if what == "press":
            presses += 1
            take(voting.press(face(rating, now - START, others_down=others_down)))
        elif what == "tick":
            take(voting.tick(now))
        elif what == "undo":
            voting.undo(now)
        elif waiting and what == "commit":
            voting.committed(waiting.pop(0), now)
        elif waiting:
            voting.failed(waiting.pop(0))
        assert presses == count["votes"] + count["revised"] + count["told"]
    for _ in range(5):  # every state leaves by time-out, and there are only so many
        now = max(now, voting.next_ms() or 0)
        take(voting.tick(now))
    assert voting.next_ms() is None
    assert voting.scene(now) == "asking"
    assert voting.is_between_citizens(now)
    assert presses == count["votes"] + count["revised"] + count["suppressed"]
