"""How long is waited and how much is sent, for any course of luck."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.pace import FIRST_BYTES, MAX_BYTES, MAX_LINES, BackOff, Batch, about

WAITS = st.lists(st.none() | st.floats(0, 10_000), min_size=1, max_size=30)
EXCHANGES = st.lists(
    st.tuples(st.sampled_from(["answered", "slow", "cut", ""]), st.floats(0, 60)), max_size=80
)


@given(WAITS)
def test_no_wait_is_shorter_than_told_or_longer_than_five_minutes_beyond(told: list[float]) -> None:
    back_off, limit = BackOff(), 1.0
    for told_s in told:
        least = min(told_s or 0.0, 3600.0)
        assert least <= back_off.wait_s(told_s) <= least + max(limit, least / 2)
        limit = min(300.0, 2 * limit)


def test_waits_grow_from_one_second_to_five_minutes_and_begin_anew_after_success() -> None:
    for failures, limit in ((0, 1.0), (1, 2.0), (5, 32.0), (9, 300.0), (5000, 300.0)):
        longest = 0.0
        for _ in range(60):
            back_off = BackOff()
            for _ in range(min(failures, 12)):
                back_off.wait_s()
            longest = max(longest, back_off.wait_s())
        assert limit / 2 < longest <= limit
    back_off.succeed()
    assert back_off.wait_s() <= 1.0


def test_a_herd_that_fails_together_or_is_told_the_same_does_not_return_together() -> None:
    """Of 1,000 kiosks no tenth of the span gets more than twice its share."""
    for told_s, low, span in ((None, 0.0, 16.0), (60.0, 60.0, 30.0)):
        waits = []
        for _ in range(1000):
            back_off = BackOff()
            for _ in range(4):
                back_off.wait_s()
            waits.append(back_off.wait_s(told_s))
        for tenth in range(10):
            begin = low + tenth * span / 10
            assert 0 < sum(begin <= wait < begin + span / 10 for wait in waits) < 200
    assert len({round(about(3600.0)) for _ in range(100)}) > 50


@given(EXCHANGES)
def test_a_batch_always_holds_a_line_and_never_more_than_the_protocol_allows(
    exchanges: list[tuple[str, float]],
) -> None:
    batch = Batch()
    for what, seconds in exchanges:
        lines, size = batch.lines, batch.bytes
        if what == "answered":
            batch.carried(seconds, lines=lines, size=size)
        else:
            batch.broke(what, lines=lines, size=size)
            assert (batch.lines, batch.bytes) <= (lines, size)
        assert 1 <= batch.lines <= MAX_LINES
        assert 1 <= batch.bytes <= MAX_BYTES


def test_a_slow_connection_gets_ever_smaller_batches_and_a_quick_one_large_ones_again() -> None:
    batch = Batch()
    for _ in range(30):
        batch.broke("slow", lines=batch.lines, size=batch.bytes)
    assert batch.lines == batch.bytes == 1
    for _ in range(30):
        batch.carried(0.1, lines=batch.lines, size=batch.bytes)
    assert (batch.lines, batch.bytes) == (MAX_LINES, MAX_BYTES)


def test_one_cut_repeats_the_same_bytes_and_a_second_sends_fewer() -> None:
    batch = Batch()
    batch.broke("cut", lines=100, size=30_000)
    assert (batch.lines, batch.bytes) == (MAX_LINES, FIRST_BYTES)
    batch.broke("cut", lines=100, size=30_000)
    assert (batch.lines, batch.bytes) == (50, 15_000)


def test_a_small_batch_that_went_well_says_nothing_about_larger_ones() -> None:
    batch = Batch()
    batch.broke("slow", lines=100, size=30_000)
    batch.carried(0.1, lines=1, size=300)
    assert (batch.lines, batch.bytes) == (50, 15_000)
