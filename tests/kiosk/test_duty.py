"""Who is on duty, and how long a wrong PIN costs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.clock import Reading
from kiosk.duty import FREE_TRIES, DutyDesk, Tries, is_right_pin
from kiosk.errors import KioskError
from kiosk.journal_store import Appended, Kept, NewRecord
from protocol.configuration import ConfigOfficial
from protocol.records import Record
from protocol.verifiers import pin_verifier

AT = Reading("boot", 1, 2, False)
AN = ConfigOfficial(code="CB-0101", name="An")
BINH = ConfigOfficial(code="CB-0102", name="Bình")


class Paper:
    """Takes records down and tells of them when asked to."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.waiting: list[tuple[Appended, Callable[[Appended], None]]] = []

    def append(self, record: NewRecord, _at: Reading, then: Callable[[Appended], None]) -> Appended:
        done = Appended()
        self.records.append(record() if callable(record) else record)
        done.seq = len(self.records)
        self.waiting.append((done, then))
        return done

    def settle(self, failure: Exception | None = None) -> None:
        for done, then in self.waiting:
            if failure is None:
                done.set_result(Kept(done.seq or 0, b""))
            else:
                done.seq = None
                done.set_exception(failure)
            then(done)
        self.waiting.clear()

    def told(self) -> list[str]:
        return [
            f"{type(r).__name__} {getattr(r, 'official', getattr(r, 'duty', ''))} {r.by}"  # type: ignore[union-attr]
            for r in self.records
        ]


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def desk(paper: Paper) -> DutyDesk:
    return DutyDesk(paper.append)


def nothing(_: Appended) -> None:
    pass


def test_a_takeover_ends_the_duty_before(paper: Paper, desk: DutyDesk) -> None:
    desk.start(AN, AT, nothing)
    desk.start(BINH, AT, nothing)
    assert paper.told() == [
        "DutyStarted CB-0101 pin", "DutyEnded 1 next", "DutyStarted CB-0102 pin",
    ]  # fmt: skip


def test_signing_out_ends_the_duty_by_the_official(paper: Paper, desk: DutyDesk) -> None:
    desk.start(AN, AT, nothing)
    assert desk.end("official", AT, nothing)
    assert paper.told()[1] == "DutyEnded 1 official"
    assert desk.current is None
    assert not desk.end("official", AT, nothing)


def test_a_duty_that_could_not_be_kept_has_not_begun(paper: Paper, desk: DutyDesk) -> None:
    desk.start(AN, AT, nothing)
    paper.settle(KioskError("The disk is full."))
    assert desk.current is None


def test_four_wrong_pins_cost_nothing_and_the_fifth_a_minute() -> None:
    tries = Tries()
    for _ in range(FREE_TRIES - 1):
        tries.wrong("CB-0101", 0)
    assert tries.wait_ms("CB-0101", 0) == 0
    tries.wrong("CB-0101", 0)
    assert tries.wait_ms("CB-0101", 0) == 60_000
    assert tries.wait_ms("CB-0101", 59_999) == 1
    assert tries.wait_ms("CB-0101", 60_000) == 0
    assert tries.wait_ms("CB-0102", 0) == 0


def test_each_further_wrong_pin_doubles_the_wait_to_a_quarter_of_an_hour() -> None:
    tries, waits = Tries(), []
    for _ in range(FREE_TRIES + 6):
        tries.wrong("CB-0101", 0)
        waits.append(tries.wait_ms("CB-0101", 0) // 1000)
    assert waits[4:] == [60, 120, 240, 480, 900, 900, 900]


def test_the_right_pin_forgives() -> None:
    tries = Tries()
    for _ in range(8):
        tries.wrong("CB-0101", 0)
    tries.right("CB-0101")
    assert tries.wait_ms("CB-0101", 0) == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), max_size=60))
def test_no_run_of_tries_waits_longer_than_a_quarter_of_an_hour(
    run: list[tuple[bool, int]],
) -> None:
    tries, now = Tries(), 0
    for right, pause in run:
        now += pause
        if tries.wait_ms("x", now) == 0:
            tries.right("x") if right else tries.wrong("x", now)
        assert 0 <= tries.wait_ms("x", now) <= 15 * 60_000


def test_only_the_right_pin_of_somebody_who_has_one_is_right() -> None:
    pin = pin_verifier(kiosk="k", official="CB-0101", pin="123456")
    official = ConfigOfficial(code="CB-0101", name="An", pin=pin)
    assert is_right_pin(official, kiosk="k", pin="123456")
    assert not is_right_pin(official, kiosk="k", pin="123457")
    assert not is_right_pin(official, kiosk="other", pin="123456")
    assert not is_right_pin(AN, kiosk="k", pin="")
    assert not is_right_pin(None, kiosk="k", pin="123456")
