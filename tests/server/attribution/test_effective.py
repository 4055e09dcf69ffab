"""Who was on duty at a counter, when the clocks tell and when they do not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from server.attribution.effective import FREE, NOBODY, Hold, Stand, Watch


def _stand(
    official: str,
    low: int,
    high: int | None = None,
    until: int | None = None,
    *,
    until_low: int | None = None,
    journal: str = "j",
    seq: int = 1,
) -> Stand:
    return Stand(
        high_ms=low if high is None else high,
        low_ms=low,
        journal=journal,
        seq=seq,
        official=official,
        until_low_ms=until if until_low is None else until_low,
        until_ms=until,
    )


def _holder(watch: Watch, ms: int) -> str | None:
    hold = watch.hold_at(ms)
    return None if hold is None else hold.official


def test_nobody_before_the_first_sign_in_and_after_the_end() -> None:
    watch = Watch([_stand("A", 10, until=20)])
    assert [_holder(watch, ms) for ms in (9, 10, 19, 20)] == [NOBODY, "A", "A", NOBODY]


def test_the_next_sign_in_on_any_kiosk_ends_the_last() -> None:
    watch = Watch([_stand("A", 10, journal="one"), _stand("B", 30, journal="two")])
    assert [_holder(watch, ms) for ms in (29, 30, 99)] == ["A", "B", "B"]


def test_when_the_later_duty_ends_the_earlier_one_does_not_come_back() -> None:
    watch = Watch([_stand("A", 10, journal="one"), _stand("B", 30, until=40, journal="two")])
    assert _holder(watch, 50) == NOBODY


def test_an_uncertain_sign_in_leaves_it_open_while_it_may_have_happened() -> None:
    watch = Watch([_stand("A", 10, journal="one"), _stand("B", 20, 40, journal="two")])
    assert [_holder(watch, ms) for ms in (19, 20, 39, 40)] == ["A", None, None, "B"]


def test_an_uncertain_sign_in_of_the_same_official_leaves_nothing_open() -> None:
    watch = Watch([_stand("A", 10, journal="one"), _stand("A", 20, 40, journal="two")])
    assert _holder(watch, 30) == "A"


def test_an_uncertain_end_leaves_it_open() -> None:
    watch = Watch([_stand("A", 10, until=40, until_low=20)])
    assert [_holder(watch, ms) for ms in (19, 20, 39, 40)] == ["A", None, None, NOBODY]


def test_in_one_journal_the_later_seq_is_the_later_duty_whatever_the_clocks() -> None:
    watch = Watch([_stand("A", 0, 100, until=100, seq=1), _stand("B", 0, 100, seq=2)])
    assert _holder(watch, 100) == "B"


def test_of_evidence_that_names_the_same_official_the_strongest_is_the_basis() -> None:
    board = Stand(20, 20, "", 1, "A", None, None, "board")
    watch = Watch([board, _stand("A", 10, 40, journal="k")])
    assert watch.hold_at(30) == Hold("A", "duty")
    assert watch.hold_at(9, since=0) == FREE


def test_what_had_certainly_begun_before_midnight_is_not_looked_at() -> None:
    watch = Watch([_stand("A", 10, journal="one"), _stand("B", 15, 30, journal="two")])
    assert [watch.hold_at(25, since=ms) for ms in (0, 12)] == [None, None]
    assert watch.hold_at(35, since=20) == Hold("B", "duty")
    assert watch.hold_at(35, since=31) == FREE


stands = st.lists(
    st.builds(
        lambda official, low, wide, lasts, doubt, journal: (
            official, low, wide, lasts, doubt, journal
        ),
        st.sampled_from("ABC"), st.integers(0, 30), st.sampled_from([0, 0, 0, 5]),
        st.none() | st.integers(0, 20), st.sampled_from([0, 0, 4]), st.sampled_from("xyz"),
    ),
    max_size=7,
)  # fmt: skip


@settings(max_examples=500)
@given(stands, st.integers(0, 60))
def test_it_agrees_with_trying_every_order_that_the_clocks_allow(
    found: list[tuple[str, int, int, int | None, int, str]], ms: int
) -> None:
    made = [
        _stand(
            official,
            low,
            low + wide,
            None if lasts is None else low + wide + lasts + doubt,
            until_low=None if lasts is None else low + wide + lasts,
            journal=journal + str(seq),  # journals of their own: no order but the clocks'
            seq=seq,
        )
        for seq, (official, low, wide, lasts, doubt, journal) in enumerate(found, 1)
    ]
    assert _holder(Watch(made), ms) == _by_hand(made, ms)


def _by_hand(stands: list[Stand], ms: int) -> str | None:
    """Slow and plain: whoever may have begun by then, and was not followed for certain."""
    certain = [stand for stand in stands if stand.high_ms <= ms]

    def followed(stand: Stand) -> bool:
        return any(stand.high_ms <= other.low_ms and stand < other for other in certain)

    possible = [stand for stand in stands if stand.low_ms <= ms and not followed(stand)]
    holds = {stand.hold_at(ms) for stand in possible} | (set() if certain else {FREE})
    holders = {None if hold is None else hold.official for hold in holds}
    return holders.pop() if len(holders) == 1 else None
