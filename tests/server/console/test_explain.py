"""The operator's commands about whom votes are about: explain, rulings, reattribute, place."""

import argparse

import pytest

from tests.server.attribution.scene import (
    HOUR,
    MINUTE,
    NINE,
    attributed,
    deeds,
    file_dossier,
    morning,
    rule,
    sign_in,
    vote,
    write,
)
from tests.server.attribution.test_posted import put
from tests.server.votes.river import Station, new_unit


@pytest.fixture
def unit() -> str:
    return new_unit()


def explained(
    station: Station, seq: int, capsys: pytest.CaptureFixture[str], *, pipeline: bool = True
) -> list[str]:
    from server.console.explain import main

    if pipeline:
        attributed(station.unit)
    capsys.readouterr()
    assert main(argparse.Namespace(journal=station.kiosk.journal, seq=seq)) == 0
    return capsys.readouterr().out.splitlines()


def test_a_vote_is_explained_in_four_sentences_and_the_look_is_a_deed(
    unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    station = morning(unit)
    duty = sign_in(station, NINE - 2 * MINUTE, "CB-1")
    seq = vote(station, NINE + MINUTE, duty=duty, rating=1)
    write(station, NINE + 2 * HOUR + 31 * MINUTE, "duty.ended", {"duty": duty, "by": "official"})
    station.send()
    assert explained(station, seq, capsys) == [
        f"Place: counter {unit}-1: kiosk {station.kiosk.kiosk} stood there.",
        "Time: 2025-11-22 09:01:00 (Asia/Ho_Chi_Minh), as the server's clock tells.",
        "About: CB-1.",
        "Basis: duty: duty of CB-1 from 2025-11-22 08:58:00 to 2025-11-22 11:31:00, "
        "signed in by badge; signed out.",
    ]
    (look,) = deeds("viewed")
    assert look == {
        "by": "console",
        "what": f"whom vote {seq} of journal {station.kiosk.journal} is about",
    }


def test_every_basis_has_its_words(unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    station = morning(unit)
    seqs = [vote(station, NINE + n * HOUR, dossier="H-1" if n == 2 else None) for n in range(4)]
    station.send()
    file_dossier(unit, "H-1", "CB-1")
    put(unit, "CB-2", NINE + 3 * HOUR)
    rule(unit, "", NINE + HOUR, NINE + 2 * HOUR)
    said = [explained(station, seq, capsys)[2:] for seq in seqs]
    assert said == [
        ["About: nobody.", "Basis: none: nobody was on duty at the counter."],
        ["About: nobody.",
         "Basis: ruling: a ruling says that nobody of the organisation served: number 1."],
        ["About: CB-1.", "Basis: dossier: H-1."],
        ["About: CB-2.",
         "Basis: board: duty of CB-2 from 2025-11-22 12:00:00 to 2025-11-23 00:00:00, "
         "set on the board; nobody ended it, so midnight did."],
    ]  # fmt: skip


def test_every_why_has_its_words() -> None:
    import server.attribution.verdicts as verdicts
    from server.console.explain import WHY

    rows = [
        row.split("|")[1].strip() for row in (verdicts.__doc__ or "").splitlines() if "|" in row
    ]
    assert rows[2:] == list(WHY)


def test_what_is_no_vote_is_refused(unit: str) -> None:
    from server.console.explain import main
    from server.folder import SetupError

    station = morning(unit)
    station.send()
    for journal, seq in ((station.kiosk.journal, 1), ("no-journal", 1), ("x", 0)):
        with pytest.raises(SetupError, match="no vote that is attributed"):
            main(argparse.Namespace(journal=journal, seq=seq))
    assert deeds("viewed") == []


def test_rulings_are_listed(unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    from server.console.rulings import main

    rule(unit, "CB-2")
    assert main(argparse.Namespace(unit=unit)) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.startswith("number,counter,from,to,official")
    assert row.startswith(f"1,{unit}-1,2025-11-22T02:00:00.000Z,2025-11-22T03:00:00.000Z,CB-2,,for")


def test_a_kiosk_is_placed_and_a_counter_attributed_anew(
    unit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.attribution.models import Attribution
    from server.console.place import main as place
    from server.console.reattribute import main as reattribute
    from server.fleet.models import Placement
    from server.folder import SetupError

    station = morning(unit)
    vote(station, NINE + HOUR)
    station.send()
    attributed(unit)
    wish = {"kiosk": station.kiosk.kiosk, "counter": f"{unit}-2"}
    span = {"first": "2025-11-22T09:00", "last": "2025-11-22T12:00+07:00"}
    assert place(argparse.Namespace(**wish, **span)) == 0
    attributed(unit)
    assert Attribution.objects.get().counter == f"{unit}-2"
    Placement.objects.filter(counter=f"{unit}-2").delete()  # by hand, which nobody notices
    known = {"unit": unit, "counter": f"{unit}-2"}
    assert reattribute(argparse.Namespace(**known, **span)) == 0
    assert capsys.readouterr().out.startswith("1 votes changed")
    for odd in (known | {"counter": "x"}, known | {"last": "2025-11-22"}, known | {"first": "now"}):
        with pytest.raises(SetupError):
            reattribute(argparse.Namespace(**{**span, **odd}))
    with pytest.raises(SetupError, match="no counter"):
        place(argparse.Namespace(**{**wish, **span, "counter": "elsewhere"}))
