"""Whom votes are about, decided by the server and again by the auditor from the log alone."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from auditor.__main__ import main as audit
from tests.server.attribution.scene import HOUR, NINE
from tests.server.attribution.test_any_order import Life, attributions, told_in_turn
from tests.server.sealing.test_audited import DAYS, _run, key_of, verify

SEEDS = range(21, 25)
NUMBERS = ("n1", "n2", "n3", "n4", "n5")


def enter_in_the_log(life: Life) -> None:
    """What made the life's kiosks left out: their enrolments and first placements, as deeds."""
    from protocol.keys import b64, public_bytes
    from server.database import here
    from server.fleet.placed import record_placed
    from server.fleet.stays import Stay
    from server.ledger.services import record_deed

    for station in life.stations:
        kiosk, journal = station.kiosk.kiosk, station.kiosk.journal
        data = {
            "kiosk": kiosk, "unit": life.unit, "journal": journal,
            "public_key": b64(public_bytes(station.kiosk.key)),
        }  # fmt: skip
        with here() as cursor:
            record_deed(cursor, unit=life.unit, journal=journal, type="enrolled", seq=0,
                        at_ms=NINE - HOUR, data=data)  # fmt: skip
        stay = Stay(station.counter, 0, None)
        record_placed(kiosk=kiosk, unit=life.unit, stay=stay, by="x", now_ms=NINE - HOUR)


@pytest.fixture
def lives(server_folder: Path) -> list[Life]:
    """Units with every kind of evidence, and their log up to date."""
    from server.importing.models import Import

    found = [Life(seed) for seed in SEEDS]
    for life in found:
        enter_in_the_log(life)
        told_in_turn(life)
    file = server_folder / "holidays.csv"
    file.write_text("date,name\n2026-09-02,Sample\n")
    assert _run("import", "holidays", file) == 0
    assert _run("import-undo", Import.objects.latest("id").pk) == 0
    file.unlink()
    assert _run("work", "--once") == 0
    return found


def rewritten(zip: Path, out: Path, change: Any) -> Path:
    """The export with other figures, its manifest made to fit: whoever makes it can do that."""
    import hashlib

    with zipfile.ZipFile(zip) as old, zipfile.ZipFile(out, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        text = change(list(csv.DictReader(io.StringIO(old.read("attributions.csv").decode()))))
        for part in manifest["parts"]:
            if part["name"] == "attributions.csv":
                part |= {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name in old.namelist():
            body = {"manifest.json": json.dumps(manifest).encode(), "attributions.csv": text}
            new.writestr(name, body.get(name, old.read(name)))
    return out


def as_csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_the_auditor_decides_every_vote_as_the_server_did_but_for_what_was_imported(
    lives: list[Life], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    zip, key = tmp_path / "a.zip", key_of(capsys)
    assert _run("sealed-export", zip, *DAYS) == 0
    report = verify(capsys, zip, key)
    absent = {one["values"]["part"]: one["values"]["why"] for one in report["lists"]["absent"]}
    assert "attributions.csv" not in absent, absent
    (proved,) = [one["values"] for one in report["proved"] if one["code"] == "bases"]
    kept = [row for life in lives for row in attributions(life).values()]
    assert proved["votes"] == len(kept) > 50
    outside = {"dossier", "shift", "unknown-official", "no counter"}
    listed = {(one["values"]["unit"], one["values"]["what"]): one["values"]["votes"]
              for one in report["lists"]["imported"]}  # fmt: skip
    entered = [one["values"]["type"] for one in report["lists"]["entered"]]
    assert set(entered) == {"unit.rules", "imported", "import.undone"}
    assert entered.count("unit.rules") >= len(lives)
    imported = sum(n for (_, what), n in listed.items() if what in ("dossier", "shift"))
    assert imported == sum(row[2] in ("dossier", "shift") for row in kept) > 5
    assert {what for _, what in listed} <= outside

    def moved(rows: list[dict[str, str]]) -> bytes:
        """One vote of an official, given to nobody."""
        row = next(row for row in rows if row["basis"] == "duty" and row["n1"] != "0")
        row["n1"] = str(int(row["n1"]) - 1)
        gone = {"official": "", "basis": "none", "why": "nobody-signed-in", "n1": "1"}
        return as_csv([*rows, {**row, **dict.fromkeys(NUMBERS[1:], "0"), **gone}])

    found = verify(capsys, rewritten(zip, tmp_path / "b.zip", moved), key, code=1)
    assert {one["code"] for one in found["contradictions"]} == {"basis"}

    def dropped(rows: list[dict[str, str]]) -> bytes:
        return as_csv([row for row in rows if row["n1"] == "0"])

    found = verify(capsys, rewritten(zip, tmp_path / "c.zip", dropped), key, code=1)
    assert {one["code"] for one in found["contradictions"]} == {"basis_total"}

    def all_by_dossier(rows: list[dict[str, str]]) -> bytes:
        """Everything that hurts, said to rest on dossiers of a friend."""
        for row in rows:
            row |= {"official": "friend", "basis": "dossier", "why": ""} if row["n1"] != "0" else {}
        return as_csv(rows)

    found = verify(capsys, rewritten(zip, tmp_path / "d.zip", all_by_dossier), key, code=1)
    assert {one["code"] for one in found["contradictions"]} == {"basis_more"}

    def signed_by_shift(rows: list[dict[str, str]]) -> bytes:
        """Bad votes that name a friend's duty, said to be another's by a shift, in one unit."""
        one = next(row for row in rows if row["basis"] == "duty" and row["n1"] != "0")["unit"]
        for row in rows:
            if row["unit"] == one and row["basis"] in ("duty", "ruling") and row["n1"] != "0":
                row |= {"official": "foe", "basis": "shift", "why": ""}
                row |= dict.fromkeys(NUMBERS[1:], "0")
        return as_csv(rows)

    found = verify(capsys, rewritten(zip, tmp_path / "e.zip", signed_by_shift), key, code=1)
    assert "basis_more" in {one["code"] for one in found["contradictions"]}

    def vacant_elsewhere(rows: list[dict[str, str]]) -> bytes:
        """A vote that names a duty, said to be a shift's: nobody served at the other counter then,
        where as many stand for nobody."""
        one, n = next(
            (one, n) for one in rows for row in rows for n in NUMBERS
            if one["basis"] == "duty" and row["why"] == "nobody-signed-in" and one["counter"]
            and row["unit"] == one["unit"] and row["counter"] not in ("", one["counter"])
            and row["first"] == one["first"] and one[n] != "0" and int(row[n]) > 0
        )  # fmt: skip
        gone = {"official": "foe", "basis": "shift", "why": "", **dict.fromkeys(NUMBERS, "0")}
        left = [{**row, n: str(int(row[n]) - 1)} if row is one else row for row in rows]
        return as_csv([*left, {**one, **gone, n: "1"}])

    found = verify(capsys, rewritten(zip, tmp_path / "g.zip", vacant_elsewhere), key, code=1)
    assert "basis_more" in {one["code"] for one in found["contradictions"]}

    def at_the_other_counter(rows: list[dict[str, str]]) -> bytes:
        """The same votes, said to have been cast where nobody served."""
        one = next(row for row in rows if row["basis"] == "duty" and row["n1"] != "0")
        number = int(one["counter"][-1])
        moved = {"counter": f"{one['counter'][:-1]}{3 - number}", "official": "foe"}
        rest = {"basis": "shift", "why": "", **dict.fromkeys(NUMBERS[1:], "0")}
        left = [{**row, "n1": "0"} if row is one else row for row in rows]
        return as_csv([*left, {**one, **moved, **rest}])

    found = verify(capsys, rewritten(zip, tmp_path / "h.zip", at_the_other_counter), key, code=1)
    assert "basis_counter" in {one["code"] for one in found["contradictions"]}

    def left_out(rows: list[dict[str, str]]) -> bytes:
        """Bad votes that stay in the file, but that no page counts."""
        for row in rows:
            row["state"] = "excluded" if row["n1"] != "0" else row["state"]
        return as_csv(rows)

    found = verify(capsys, rewritten(zip, tmp_path / "f.zip", left_out), key, code=1)
    assert {one["code"] for one in found["contradictions"]} == {"excluded_more"}


def test_figures_by_counter_from_the_log(
    lives: list[Life], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert _run("log-export", tmp_path / "log") == 0
    capsys.readouterr()
    assert audit(["figures", str(tmp_path / "log"), "--by", "counter", "--jobs", "1"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    asking = [life for life in lives if life.facts.asking]
    plain = [life for life in lives if life not in asking]
    for life in plain:
        for number in (1, 2):
            kept = [row for row in attributions(life).values() if row[0] == number]
            counted = sum(int(r["n"]) for r in rows if r["counter"] == f"{life.unit}-{number}")
            assert counted == len(kept)


def test_what_waits_is_left_out_and_said(
    lives: list[Life], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from tests.server.attribution.scene import rule

    rule(lives[0].unit, "", NINE + 90 * HOUR, NINE + 91 * HOUR)
    assert _run("sealed-export", tmp_path / "a.zip", *DAYS) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        parts = {part["name"]: part for part in json.loads(file.read("manifest.json"))["parts"]}
    assert "not signed yet" in parts["attributions.csv"]["absent"]
