"""A sealed export: its parts, its tallies, and zips that would do harm."""

import hashlib
import json
import stat
import zipfile
from pathlib import Path

import pytest

from auditor.__main__ import main
from auditor.errors import Unable
from auditor.pins import Pin
from auditor.place import open_folder
from auditor.report import Report
from auditor.sealed import unpack
from auditor.trust import Signed
from auditor.verify import Asked, verify
from protocol.checkpoint import read_checkpoint
from tests.auditor.maker import KEY, T0, kiosk, large_log, sealed, small_log, tallies, zipped

DAYS = ("2026-11-22", "2026-11-23", "2026-11-24")
TABLE = tallies(
    ("99001", f"k-{number}", f"CB-k-{number}", day, [2, 1, 1, 1, 1])
    for number in (1, 2)
    for day in DAYS
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sealed(small_log()[0], tmp_path / "sealed", ["99001"], TABLE)


def audit(folder: Path) -> Report:
    return verify(open_folder(folder), Asked(KEY, jobs=1))[0]


def found(report: Report) -> list[tuple[str, object]]:
    return [(one.code, one.values.get("part")) for one in report.contradictions]


def test_a_sealed_export_is_proved_and_says_what_it_does_not_prove(folder: Path) -> None:
    report = audit(folder)
    assert report.verdict == "proved", report.contradictions
    assert {"rebuilt_partly", "tallies"} <= {one.code for one in report.proved}
    assert "territory" in {one.code for one in report.limits}
    assert report.lists["absent"][0].values["part"] == "rulings.csv"


def test_the_same_as_a_zip(folder: Path, tmp_path: Path) -> None:
    file = zipped(folder, tmp_path / "sealed.zip")
    assert main(["verify", str(file), "--key", KEY.vkey]) == 0


def test_a_sealed_export_of_a_large_log_needs_a_part_of_its_tiles_only(tmp_path: Path) -> None:
    log, _ = large_log(600)
    table = tallies([("99001", "k-1", "", "2026-11-22", [120] * 5)])
    folder = sealed(log, tmp_path / "sealed", ["99001"], table)
    assert audit(folder).verdict == "proved"
    (folder / "log" / "tile" / "0" / "001").unlink()
    assert "tile_missing" in dict(found(audit(folder)))


def test_a_pin_of_which_an_export_cannot_tell_says_which_tile_it_takes(tmp_path: Path) -> None:
    log, _ = large_log(600)
    other = kiosk(3, "99002")
    log.enrol(other, T0)
    other.clock(T0 + 1)
    log.receive(other, T0 + 2)
    folder = sealed(log, tmp_path / "sealed", ["99002"], tallies([]))
    note = log.checkpoint(300)
    asked = Asked(KEY, [Pin(Signed(read_checkpoint(note), note), "mine")], jobs=1)
    (left,) = verify(open_folder(folder), asked)[0].unchecked
    assert left.code == "pin_untold"
    assert left.values == {"source": "mine", "size": 300, "tile": "tile/0/001"}
    (folder / "log" / "tile" / "0" / "001").write_bytes(log.tiles()["tile/0/001"])
    report = verify(open_folder(folder), asked)[0]
    assert "pins" in {one.code for one in report.proved}


def reseal(folder: Path, name: str, data: bytes) -> None:
    """Change a part and the manifest with it: who made the export can do that."""
    import hashlib

    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    for part in manifest["parts"]:
        if part["name"] == name:
            part["bytes"], part["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_tally_changed_by_one_is_named_with_its_cell(folder: Path) -> None:
    row = "99001,k-2,CB-k-2,2026-11-23,2,1,1,1,1,6"
    changed = TABLE.replace(row, "99001,k-2,CB-k-2,2026-11-23,1,1,1,1,2,6")
    assert changed != TABLE
    reseal(folder, "tallies.csv", changed.encode())
    cells = [one.values for one in audit(folder).contradictions]
    assert [(c["kiosk"], c["date"], c["rating"], c["counted"], c["told"]) for c in cells] == [
        ("k-2", "2026-11-23", 1, 2, 1),
        ("k-2", "2026-11-23", 5, 1, 2),
    ]


def test_tallies_made_up_over_an_export_emptied_of_its_entries_are_contradicted(
    folder: Path,
) -> None:
    reseal(folder, "log/entries.txt", b"")
    report = audit(folder)
    assert "tally" in {one.code for one in report.contradictions}
    reseal(folder, "tallies.csv", tallies([]).encode())
    report = audit(folder)
    assert (report.verdict, report.contradictions) == ("unchecked", [])
    assert "none_listed" in {one.code for one in report.unchecked}


def test_an_entry_left_out_is_a_gap(folder: Path) -> None:
    lines = (folder / "log" / "entries.txt").read_bytes().splitlines(keepends=True)
    reseal(folder, "log/entries.txt", b"".join(lines[:8] + lines[9:]))
    codes = {one.code for one in audit(folder).contradictions}
    assert "gap" in codes or "received_wrong" in codes


def test_an_entry_under_another_index_is_named(folder: Path) -> None:
    data = (folder / "log" / "entries.txt").read_bytes().replace(b"\n4 ", b"\n5 ", 1)
    reseal(folder, "log/entries.txt", data)
    assert "leaf" in {one.code for one in audit(folder).contradictions}


def test_a_changed_part_and_a_missing_part_are_named(folder: Path) -> None:
    (folder / "tallies.csv").write_text(TABLE + "\n")
    assert ("part_changed", "tallies.csv") in found(audit(folder))
    (folder / "tallies.csv").unlink()
    assert ("part_missing", "tallies.csv") in found(audit(folder))
    (folder / "more.txt").write_text("x")
    assert ("part_unnamed", "more.txt") in found(audit(folder))


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "c:evil", "a//b"]
)
def test_a_zip_whose_names_lead_out_is_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(Unable):
        unpack(tmp_path / "x.zip", tmp_path / "out" / "deep")
    assert not list(tmp_path.rglob("evil"))


def test_a_zip_with_a_link_or_a_name_twice_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(Unable):
        unpack(tmp_path / "x.zip", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as file, pytest.warns(UserWarning):
        file.writestr("a", "1")
        file.writestr("a", "2")
    with pytest.raises(Unable):
        unpack(tmp_path / "y.zip", tmp_path / "out")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", bytes(30_000_000))
    with pytest.raises(Unable, match="grows"):
        unpack(tmp_path / "x.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_page_of_the_desk_is_no_contradiction_but_says_where_its_hash_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.zip"
    with zipfile.ZipFile(file, "w") as zip:
        for name in ("figures.csv", "about.json", "checkpoint"):
            zip.writestr(name, b"x")
    assert main(["verify", str(file), "--key", KEY.vkey]) == 2
    assert hashlib.sha256(file.read_bytes()).hexdigest() in capsys.readouterr().err


def test_what_is_no_zip_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no")
    assert main(["verify", str(tmp_path / "x.zip"), "--key", KEY.vkey, "--lang", "vi"]) == 2
    assert "không phải tệp zip" in capsys.readouterr().err
