"""Votes that no figure counts: held ones are said, excluded ones must be named by the log."""

from pathlib import Path
from typing import Any

import pytest

from auditor import left_out
from auditor.errors import Unable
from auditor.join import Told
from auditor.report import Report

HEAD = "unit,counter,official,basis,why,first,last,state,n1,n2,n3,n4,n5\n"


def told(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "attributions.csv"
    path.write_text(HEAD + "".join(f"u,u-1,,none,,2025-11-03,2025-11-03,{row}\n" for row in rows))
    return path


def deed(type: str, seqs: object, journal: str = "j") -> Told:
    return Told(1, type, 0, {"unit": "u", "journal": journal, "seqs": seqs})


def checked(path: Path, *deeds: Told) -> tuple[list[str], list[str]]:
    """The codes of what is listed, and of what contradicts."""
    report: Any = Report(log="l", size=0, root="", timezone="UTC")
    left_out.check(left_out.read(path), deeds, "attributions.csv", report)
    listed = [one.code for one in report.lists.get("left_out", [])]
    return listed, [one.code for one in report.contradictions]


def test_held_votes_are_listed_and_contradict_nothing(tmp_path: Path) -> None:
    path = told(tmp_path, "counted,1,0,0,0,4", "held,0,0,0,0,9")
    assert checked(path) == (["held"], [])


def test_an_exclusion_that_no_record_names_contradicts(tmp_path: Path) -> None:
    path = told(tmp_path, "excluded,3,0,0,0,0")
    assert checked(path, deed("excluded", "3-5")) == (["excluded"], [])
    assert checked(path, deed("excluded", "3,5"))[1] == ["excluded_more"]
    assert checked(path)[1] == ["excluded_more"]


def test_what_was_included_again_may_not_be_left_out(tmp_path: Path) -> None:
    path = told(tmp_path, "excluded,2,0,0,0,0")
    out, back = deed("excluded", "3-5"), deed("included", "3-4")
    assert checked(path, out, back)[1] == ["excluded_more"]
    assert checked(path, back, out)[1] == []
    assert checked(path, out, deed("included", "3-4", "another"))[1] == []


@pytest.mark.parametrize("seqs", [None, "", "x", "5-", "-", "9-3", "1-x,2", 7])
def test_a_record_that_names_no_lines_allows_no_exclusion(tmp_path: Path, seqs: object) -> None:
    assert checked(told(tmp_path, "excluded,2,0,0,0,0"), deed("excluded", seqs))[1] != []


def test_a_state_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unable):
        left_out.read(told(tmp_path, "forgotten,1,0,0,0,0"))
