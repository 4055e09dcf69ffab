"""Each refusal is one sentence in both languages, about the same things."""

from datetime import UTC, date, datetime
from string import Formatter

import pytest

from server.organisation.errors import REFUSALS, OrganisationError


def named(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("kind", REFUSALS)
def test_both_languages_say_the_same_in_one_sentence(kind: str) -> None:
    english, vietnamese = REFUSALS[kind]
    assert named(english) == named(vietnamese)
    for words in (english, vietnamese):
        assert words.endswith((".", "{sentence}")) and words.count(". ") == 0
        assert words[0].isupper() or words[0] == "{"


def test_days_and_times_are_written_as_the_reader_writes_them() -> None:
    moment = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
    error = OrganisationError(
        "counter-planned", counter="99001-1", official="CB-1", started=moment, ended=None
    )
    assert "from 2026-11-23 08:05 to no set day" in str(error)
    assert "từ 23/11/2026 08:05 đến không xác định" in error.say("vi")
    error = OrganisationError("not-ended", predecessor="91", successor="93")
    assert error.say("en") == str(error) != error.say("vi")
    error = OrganisationError("bad-days", started=date(2025, 7, 1), ended=date(2025, 6, 1))
    assert "2025-07-01" in str(error) and "01/07/2025" in error.say("vi")
