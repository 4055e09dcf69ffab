"""The sealed export: what an auditor who trusts nobody reads in it, and what it leaves out."""

import csv
import hashlib
import io
import json
import random
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from protocol.checkpoint import LogKey, open_checkpoint
from protocol.merkle import leaf_hash
from protocol.tiles import WIDTH, Tile, TiledTree, tile_path, width_at
from tests.server.kiosks import T0
from tests.server.ledger.made import Made, add_votes, log_all, make_log
from tests.server.votes.river import Station, new_station, new_unit, online

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = ["--from", "2025-11-01", "--to", "2025-11-30"]


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


class Opened:
    """An export as read by its format alone (docs of the auditor's room)."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.manifest: dict[str, Any] = json.loads(self.zip.read("manifest.json"))
        self.parts = {p["name"]: p for p in self.manifest["parts"] if "absent" not in p}
        self.absent = {p["name"] for p in self.manifest["parts"] if "absent" in p}
        lines = self.zip.read("log/entries.txt").splitlines()
        self.entries = {int(line.split(b" ")[0]): line.split(b" ", 1)[1] for line in lines}
        self.order = [int(line.split(b" ")[0]) for line in lines]

    def check(self) -> None:
        """Hashes of the parts, the signature, and every entry under the root."""
        assert {*self.parts, "manifest.json"} == set(self.zip.namelist())
        for name, part in self.parts.items():
            content = self.zip.read(name)
            assert (len(content), hashlib.sha256(content).hexdigest()) == (
                part["bytes"], part["sha256"],
            )  # fmt: skip
        signed = open_checkpoint(
            self.zip.read("log/checkpoint"), [LogKey.parse(self.manifest["log_key"])]
        )
        assert signed.size == self.manifest["size"]
        tree = TiledTree(signed.size, lambda tile: self.zip.read(f"log/{tile_path(tile)}"))
        assert tree.root() == signed.root
        assert self.order == sorted(set(self.order))
        for index, entry in self.entries.items():
            tile = Tile(0, index // WIDTH, width_at(0, index // WIDTH, signed.size))
            hashes = self.zip.read(f"log/{tile_path(tile)}")
            at = index % WIDTH * 32
            assert hashes[at : at + 32] == leaf_hash(entry)

    @property
    def tallies(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.zip.read("tallies.csv").decode())))


def sealed(path: Path, *argv: str) -> Opened:
    assert _run("sealed-export", str(path), *argv) == 0
    opened = Opened(path)
    opened.check()
    return opened


def test_a_sealed_export_proves_what_it_holds_and_names_what_it_lacks(tmp_path: Path) -> None:
    made = make_log()
    found = sealed(tmp_path / "a.zip", *DAYS)
    assert len(found.entries) == found.manifest["size"] == 323
    assert found.manifest["units"] == [made.first.unit]
    assert (found.manifest["from"], found.manifest["to"]) == ("2025-11-01", "2025-11-30")
    assert found.absent == {
        "attributions.csv", "log/cosigned", "log/rotations", "rulings.csv", "complaints.csv",
        "reports",
    }  # fmt: skip
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == 0o600
    assert [row["n"] for row in found.tallies] == ["300", "15"]


def test_one_unit_is_exported_whole_and_the_others_not_at_all(tmp_path: Path) -> None:
    made, other = make_log(), make_log()
    add_votes(made.first, 600)
    add_votes(other.first, 1)
    assert _run("log-key", "--rotate") == 0
    log_all()
    found = sealed(tmp_path / "a.zip", *DAYS, "--unit", other.first.unit)
    text = b"\n".join(found.entries.values())
    assert made.journal.encode() not in text
    assert set(other.first.kiosk.lines) <= set(found.entries.values())
    assert b'"type":"log_key"' in text  # what the server does for all is everybody's
    # Of level 0 only the tiles that its entries stand in, and the right edge.
    tiles = {name for name in found.parts if name.startswith("log/tile/0/")}
    assert tiles == {f"log/tile/0/{name}" for name in ("001", "002", "004.p/226")}
    assert {row["unit"] for row in found.tallies} == {other.first.unit}


def test_what_was_exported_and_that_somebody_looked_stands_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from protocol.deeds import Published, Viewed, understand_record
    from protocol.server_record import read_server_record
    from server.ledger.models import ServerRecord

    make_log()
    capsys.readouterr()
    sealed(tmp_path / "a.zip", *DAYS)
    told = capsys.readouterr().out.split()[0]
    deeds = [
        understand_record(row.type, read_server_record(bytes(row.body)).data)
        for row in ServerRecord.objects.filter(unit="").order_by("at_ms", "-type")
    ]
    sha256 = hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    assert told == sha256
    assert Published(sha256=sha256, size=323, by="console") in deeds
    (viewed,) = (deed for deed in deeds if isinstance(deed, Viewed))
    assert "sealed export of 2025-11-01 to 2025-11-30" in viewed.what


def _recount(stations: list[Station], seqs: dict[str, int]) -> dict[tuple[str, ...], list[int]]:
    """Of lines that were all written in the kiosks' own exact time: counted by hand."""
    cells: dict[tuple[str, ...], list[int]] = {}
    for station in stations:
        votes: dict[int, tuple[int, str, int]] = {}
        officials: dict[int, str] = {}
        duty = None
        for seq, line in enumerate(station.kiosk.lines[: seqs[station.kiosk.journal]], 1):
            found = json.loads(line)
            data = found["data"]
            if found["type"] == "vote":
                named = data["duty"] is not None and data["duty"] == duty
                official = officials[duty] if named and not data["not_official"] else ""  # type: ignore[index]
                votes[seq] = (data["rating"], official, found["wall_ms"])
            elif found["type"] == "vote.revised":
                votes[data["vote"]] = (data["rating"], *votes[data["vote"]][1:])
            elif found["type"] == "duty.started":
                duty, officials[seq] = seq, data["official"]
            elif found["type"] == "duty.ended":
                duty = None
        for rating, official, at_ms in votes.values():
            day = datetime.fromtimestamp(at_ms / 1000, ZONE).date().isoformat()
            cell = (station.unit, station.kiosk.kiosk, official, day)
            cells.setdefault(cell, [0] * 5)[rating - 1] += 1
    return cells


@pytest.mark.parametrize("seed", range(4))
def test_tallies_are_those_of_the_entries_however_far_the_server_has_gone_on(
    seed: int, tmp_path: Path
) -> None:
    """Lines after the checkpoint, revisions of votes before it among them, are not counted."""
    deal = random.Random(seed)
    unit = new_unit()
    stations = [online(unit), online(unit, 2)]
    logged: dict[str, int] = {}
    for round in range(4):
        for station in stations:
            _live(station, deal)
            station.send()
        if round == 2:
            log_all()
            logged = {s.kiosk.journal: s.sent for s in stations}
        if deal.random() < 0.5:
            assert _run("work", "--once") == 0
    if seed % 2:  # everything is logged: the tables themselves are exported
        log_all()
        logged = {s.kiosk.journal: s.sent for s in stations}
        assert _run("work", "--once") == 0
    found = sealed(tmp_path / "a.zip", *DAYS)
    told = {
        (row["unit"], row["kiosk"], row["official"], row["date"]): [
            int(row[f"n{n}"]) for n in range(1, 6)
        ]
        for row in found.tallies
    }
    assert told == _recount(stations, logged)


def _live(station: Station, deal: random.Random) -> None:
    """Some presses, a revision now and then, officials who come and go."""
    kiosk = station.kiosk
    duty = kiosk.duty(deal.choice(["CB-1", "CB-2"])) if deal.random() < 0.7 else None
    for _ in range(deal.randrange(1, 8)):
        vote = kiosk.vote(
            deal.randrange(1, 6), duty=duty, after_ms=deal.choice([1_000, 40_000_000])
        )
        if deal.random() < 0.4:
            kiosk.add("vote.revised", {"vote": vote, "rating": deal.randrange(1, 6)})
    if duty is not None and deal.random() < 0.5:
        kiosk.add("duty.ended", {"duty": duty, "by": "idle"})


def test_a_vote_of_uncertain_time_has_no_date_and_counts_in_a_period_that_holds_it(
    tmp_path: Path,
) -> None:
    lost = new_station(new_unit())
    lost.kiosk.sync = False
    lost.kiosk.vote(2)
    lost.send(T0 + 2 * 86_400_000)  # cast on the 22nd, 23rd or 24th
    log_all()
    assert _run("work", "--once") == 0
    (row,) = sealed(tmp_path / "a.zip", *DAYS).tallies
    assert (row["date"], row["n2"], row["n"]) == ("", "1", "1")
    partly = sealed(tmp_path / "b.zip", "--from", "2025-11-23", "--to", "2025-11-30")
    assert partly.tallies == []


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--from", "2025-11-02", "--to", "2025-11-01"], "is before"),
        ([*DAYS, "--unit", "nowhere"], "There is no unit nowhere."),
        (["--from", "1.11.2025", "--to", "2025-11-01"], "see `hailong-server sealed-export"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(
    argv: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_log()
    capsys.readouterr()
    assert _run("sealed-export", str(tmp_path / "a.zip"), *argv) == 2
    assert sentence in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_is_gone_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.ledger.models import Line

    made: Made = make_log()
    Line.objects.filter(journal=made.journal, seq=7).delete()
    capsys.readouterr()
    assert _run("sealed-export", str(tmp_path / "a.zip"), *DAYS) == 2
    assert "`hailong-server check` names them" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_not_written_over(tmp_path: Path) -> None:
    make_log()
    sealed(tmp_path / "a.zip", *DAYS)
    assert _run("sealed-export", str(tmp_path / "a.zip"), *DAYS) == 2
    sealed(tmp_path / "a.zip", *DAYS, "--force")
