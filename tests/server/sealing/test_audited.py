"""What the server hands out, read by the auditor, who trusts none of it."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from auditor.__main__ import main as audit
from tests.server.ledger.made import Made, add_votes, log_all, make_log

DAYS = ["--from", "2025-11-01", "--to", "2025-11-30"]


def _run(*argv: object) -> int:
    from server.__main__ import main

    return main([str(word) for word in argv])


@pytest.fixture
def made(server_folder: Path) -> Any:
    """A log whose votes are all enrolled, understood and counted."""
    made = make_log(enrolled=True)
    assert _run("work", "--once") == 0
    yield made
    (server_folder / "witnesses").unlink(missing_ok=True)


def verify(
    capsys: pytest.CaptureFixture[str], where: Path, key: str, *argv: object, code: int = 0
) -> dict[str, Any]:
    """The auditor's report."""
    capsys.readouterr()
    words = ["verify", where, "--key", key, "--json", "--jobs", "1", *argv]
    status = audit([str(word) for word in words])
    out, err = capsys.readouterr()
    assert status == code, out + err
    return dict(json.loads(out))


def key_of(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert _run("log-key") == 0
    return capsys.readouterr().out.split()[0]


def test_the_auditor_proves_both_exports_across_a_change_of_key_with_a_witness(
    made: Made, server_folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = key_of(capsys)
    assert _run("log-key", "--rotate") == 0
    add_votes(made.first, 30)
    log_all()
    assert _run("work", "--once") == 0
    secret, carried, back = tmp_path / "key", tmp_path / "carried", tmp_path / "back"
    capsys.readouterr()
    assert audit(["cosign", "--new-key", "thanh-tra.example", str(secret)]) == 0
    vkey = next(word for word in capsys.readouterr().out.split() if "+" in word)
    policy = server_folder / "witnesses"
    policy.write_text(f"witness thanh-tra {vkey}\nquorum thanh-tra\n")
    state = tmp_path / "state"
    for since in (0, 357):  # a second time, from the size that it has signed
        assert _run("checkpoint", "--out", carried, "--since", since) == 0
        assert audit(["cosign", str(carried), "--key", str(secret), "--log", old,
                      "--state", str(state), "--out", str(back)]) == 0  # fmt: skip
        assert _run("cosignature", back) == 0
        add_votes(made.first, 5)
        log_all()
    assert _run("work", "--once") == 0
    assert _run("log-export", tmp_path / "log") == 0
    assert _run("sealed-export", tmp_path / "a.zip", *DAYS) == 0
    for where in (tmp_path / "log", tmp_path / "a.zip"):
        report = verify(capsys, where, old, "--witness", vkey)
        proved = {one["code"] for one in report["proved"]}
        assert {"checkpoint_signed", "cosigned", "journals"} <= proved
    assert "tallies" in proved


@pytest.mark.parametrize(
    ("column", "value", "why"), [("rating", 5, "tally"), ("low_ms", 0, "tally")]
)
def test_figures_that_are_not_those_of_the_lines_are_named_by_the_auditor(
    made: Made, column: str, value: int, why: str, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    """Somebody changed a vote in the tables that all pages read; the log knows better."""
    from server.votes.models import Vote

    vote = Vote.objects.filter(journal=made.journal, rating=1).order_by("seq")[0]
    Vote.objects.filter(pk=vote.pk).update(**{column: value})
    assert _run("sealed-export", tmp_path / "a.zip", *DAYS) == 0
    report = verify(capsys, tmp_path / "a.zip", key_of(capsys), code=1)
    assert {one["code"] for one in report["contradictions"]} == {why}


def test_an_entry_that_was_edited_after_it_was_logged_is_named_by_the_auditor(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.ledger.models import Line

    line = Line.objects.get(journal=made.journal, seq=7)
    line.body = bytes(line.body).replace(b'"salt":"', b'"salt":"0')[:-1] + b"}"
    Line.objects.filter(pk=line.pk).update(body=line.body)
    assert _run("log-export", tmp_path / "log") == 0
    report = verify(capsys, tmp_path / "log", key_of(capsys), code=1)
    places = {one["values"].get("index") for one in report["contradictions"]}
    assert 8 in places  # after the two `enrolled`


def test_the_auditor_follows_a_break_by_the_new_key_alone(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = key_of(capsys)
    assert _run("log-break", "--reason", "key stolen", "--yes") == 0
    log_all()
    assert _run("log-export", tmp_path / "log") == 0
    verify(capsys, tmp_path / "log", key_of(capsys))
    capsys.readouterr()
    assert audit(["verify", str(tmp_path / "log"), "--key", old, "--json"]) != 0


def test_an_official_whose_code_is_a_formula_runs_in_no_inspectors_spreadsheet(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A kiosk may write anything; the auditor still counts the same."""
    codes = ["=1+1", "\N{MINUS SIGN}1", "@a\u202eb"]
    for code in codes:
        made.first.kiosk.vote(2, duty=made.first.kiosk.duty(code))
    made.first.send()
    log_all()
    assert _run("work", "--once") == 0
    assert _run("sealed-export", tmp_path / "a.zip", *DAYS) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        told = list(csv.DictReader(io.StringIO(file.read("tallies.csv").decode())))
    assert {f"'{code}" for code in codes} <= {row["official"] for row in told}
    report = verify(capsys, tmp_path / "a.zip", key_of(capsys))
    assert "tallies" in {one["code"] for one in report["proved"]}
