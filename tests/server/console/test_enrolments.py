"""`check` compares the journals with the deeds that made them what they are."""

from pathlib import Path

import pytest

from tests.server.ledger.made import Made, log_all, make_log


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


@pytest.fixture
def made() -> Made:
    from server.pipeline import run_until_done

    made = make_log(enrolled=True)
    run_until_done()
    return made


def deed(made: Made, type: str, seq: int) -> None:
    from server.database import write
    from server.ledger.services import record_deed

    write(
        lambda cursor: record_deed(
            cursor, unit=made.first.unit, journal=made.journal, type=type, seq=seq, at_ms=9, data={}
        )
    )
    log_all()


def change(made: Made, **columns: object) -> None:
    from server.ingest.models import Journal

    assert Journal.objects.filter(journal=made.journal).update(**columns) == 1


def delete(made: Made) -> None:
    from server.ingest.models import Journal

    Journal.objects.filter(journal=made.journal).delete()


def found(capsys: pytest.CaptureFixture[str], *, code: int) -> str:
    capsys.readouterr()
    assert _run("check") == code
    return capsys.readouterr().out


@pytest.mark.parametrize("deed_too", [True, False])
def test_a_journal_whose_row_was_deleted_is_named(
    capsys: pytest.CaptureFixture[str], deed_too: bool
) -> None:
    made = make_log(enrolled=deed_too)
    assert found(capsys, code=0) == ""
    delete(made)
    assert f"Journal {made.journal} of unit {made.first.unit} has records" in found(capsys, code=1)


@pytest.mark.parametrize(
    ("column", "value"), [("kiosk", "k-0"), ("public_key", bytes(32)), ("enrolled_ms", 5)]
)
def test_a_journal_that_says_otherwise_than_its_enrolment_is_named(
    made: Made, capsys: pytest.CaptureFixture[str], column: str, value: object
) -> None:
    change(made, **{column: value})
    assert f"its row says otherwise of {column}." in found(capsys, code=1)


@pytest.mark.parametrize("state", ["closed", "revoked", "forked"])
def test_a_state_that_no_deed_gave_is_named_and_one_taken_back(
    made: Made, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    change(made, state=state, revoked_seq=3 if state == "revoked" else 0)
    assert f"stands as {state}, but the records make it open" in found(capsys, code=1)
    deed(made, state, 3)
    assert found(capsys, code=0) == ""
    change(made, state="open")
    assert f"stands as open, but the records make it {state}" in found(capsys, code=1)


def test_a_revocation_moved_to_a_later_line_is_named(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    deed(made, "closed", 301)
    deed(made, "revoked", 9)
    deed(made, "revoked", 3)
    change(made, state="revoked", revoked_seq=3)
    assert found(capsys, code=0) == ""
    change(made, revoked_seq=9)
    assert "revoked from line 9 on; the record says 3." in found(capsys, code=1)


def test_without_a_journals_row_nothing_is_made_of_the_lines(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.votes.models import Vote

    delete(made)
    votes = Vote.objects.count()
    file = tmp_path / "a.zip"
    commands = (["rebuild"], ["sealed-export", str(file), "--from", "2025-01-01",
                              "--to", "2027-12-31"])  # fmt: skip
    for argv in commands:
        capsys.readouterr()
        assert _run(*argv) == 2
        (sentence,) = capsys.readouterr().err.splitlines()
        assert made.journal in sentence and "Restore a backup" in sentence
    assert (Vote.objects.count(), file.exists()) == (votes, False), "the figures stand as they were"


def test_work_does_not_wait_for_ever_for_a_journal_without_its_row(made: Made) -> None:
    from django.db.models import F

    from server.attribution.services import attribute_pending
    from server.votes.models import Understanding

    assert not attribute_pending()
    Understanding.objects.update(gen=F("gen") + 1)
    delete(made)
    assert attribute_pending(), "the other journal's"
    assert not attribute_pending()
