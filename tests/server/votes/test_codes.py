"""A vote code finds its line, and only the line decides."""

import pytest

from protocol.crockford import BadCode, vote_code
from tests.server.kiosks import PaperKiosk
from tests.server.votes.river import Station, new_station, new_unit


def understand(station: Station) -> None:
    """The lines go through the door and the whole river."""
    from server.pipeline import run_until_done

    station.send()
    run_until_done()


def _codes(paper: PaperKiosk) -> list[str]:
    return [vote_code(line) for line in paper.lines if b'"type":"vote"' in line]


def test_every_vote_is_found_by_its_code_however_it_is_typed() -> None:
    from server.votes.codes import find_votes, read_vote_code

    station = new_station(new_unit())
    paper = station.kiosk
    for rating in (5, 1, 3):
        paper.vote(rating)
    understand(station)
    for code in _codes(paper):
        typed = f" {code.lower().replace('-', ' ').replace('1', 'l').replace('0', 'o')} "
        assert read_vote_code(typed) == code
        (found,) = find_votes(code)
        assert vote_code(found.body) == code and found.body in paper.lines


@pytest.mark.parametrize("typed", ["", "7K3M-9QXA-2B4", "7K3M-9QXA-2B4DX", "7K3M-9QXA-2B4U", "\0"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    from server.votes.codes import read_vote_code

    with pytest.raises(BadCode):
        read_vote_code(typed)


def test_the_number_that_is_kept_is_the_code_of_the_page() -> None:
    from server.votes.codes import _number, number_of_line

    for line in (b"", b"a line", "một dòng".encode()):
        assert number_of_line(line) == _number(vote_code(line)) < 2**60


def test_a_press_in_a_self_test_has_no_code() -> None:
    from server.votes.codes import find_votes

    station = new_station(new_unit())
    paper = station.kiosk
    paper.add("test", {"rating": 5})
    understand(station)
    assert find_votes(vote_code(paper.lines[-1])) == []


def test_codes_come_again_with_a_rebuild_and_check_misses_one_that_is_gone() -> None:
    from server import pipeline
    from server.votes.audit import find_differences
    from server.votes.codes import find_votes
    from server.votes.models import VoteCode

    station = new_station(new_unit())
    paper = station.kiosk
    paper.vote(4)
    paper.vote(2)
    understand(station)
    VoteCode.objects.filter(seq=len(paper.lines)).delete()
    (sentence,) = find_differences(unit=station.unit, journal=paper.journal)
    assert f"vote {len(paper.lines)} of" in sentence and "rebuild" in sentence
    pipeline.rebuild()
    assert find_differences(unit=station.unit, journal=paper.journal) == []
    assert all(len(find_votes(code)) == 1 for code in _codes(paper))


def test_a_row_that_names_another_line_shows_nothing() -> None:
    from server.votes.codes import find_votes
    from server.votes.models import VoteCode

    station = new_station(new_unit())
    paper = station.kiosk
    first, second = paper.vote(4), paper.vote(2)
    understand(station)
    code = vote_code(paper.lines[first - 1])
    rows = VoteCode.objects.filter(seq=first)
    VoteCode.objects.create(code=rows[0].code, unit=rows[0].unit, journal=paper.journal, seq=second)
    assert [found.seq for found in find_votes(code)] == [first]
    rows.delete()
    assert find_votes(code) == []


def test_votes_of_before_get_their_codes_with_the_migration() -> None:
    from importlib import import_module

    from django.apps import apps
    from django.db import connection

    from server.votes.models import VoteCode

    station = new_station(new_unit())
    paper = station.kiosk
    for rating in (5, 1, 3):
        paper.vote(rating)
    understand(station)
    before = sorted(VoteCode.objects.values_list("code", "unit", "journal", "seq"))
    VoteCode.objects.all().delete()
    with connection.schema_editor() as editor:
        import_module("server.votes.migrations.0003_votecode").fill(apps, editor)
    assert sorted(VoteCode.objects.values_list("code", "unit", "journal", "seq")) == before
    assert len(before) == 3
