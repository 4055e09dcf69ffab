"""The log's commands, as an operator, an inspector and another body use them."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.checkpoint import LogKey, open_checkpoint, read_checkpoint, sign_checkpoint
from protocol.cosignature import ToCosign, Witness, cosign, open_cosignatures
from protocol.keys import new_key
from protocol.merkle import leaf_hash, verify_consistency
from protocol.note import add_signatures
from protocol.tiles import (
    TiledTree,
    bundles_of,
    parse_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
    unpack_hashes,
)
from tests.server.doors import knock
from tests.server.ledger.made import Made, add_votes, log_all, make_log, put_back, tables


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


@pytest.fixture
def made() -> Made:
    return make_log()


@pytest.fixture
def policy(server_folder: Path) -> Iterator[Path]:
    """HAILONG_DATA/witnesses, taken away after the test."""
    path = server_folder / "witnesses"
    yield path
    path.unlink(missing_ok=True)


def said(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> str:
    """stdout of a command that ends with this code; on 2, its one sentence."""
    capsys.readouterr()
    assert _run(*argv) == code, capsys.readouterr().err
    out, err = capsys.readouterr()
    if code == 2:
        assert len(err.splitlines()) == 1 and out == ""
    return out if code == 0 else err


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Path -> content and time of writing of every file below."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


class Body:
    """Another organisation that cosigns."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, new_key()

    @property
    def line(self) -> str:
        vkey = Witness(self.name, self.key.public_key()).vkey
        return f"witness {self.name} {vkey}\n"

    def sign(self, carried: bytes) -> bytes:
        note = ToCosign.unpack(carried).note
        return add_signatures(note, [cosign(note, name=self.name, key=self.key, at_s=1)])


# --- log-key ---


def test_the_key_is_printed_and_a_new_one_first(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    (old,) = said(capsys, "log-key").split()
    assert LogKey.parse(old).origin == "test.hailong.invalid/log"
    new = said(capsys, "log-key", "--rotate").split()
    assert new[1:] == [old]
    log_all()
    assert said(capsys, "log-key").split() == new
    note = knock("GET", "/log/checkpoint").body
    for vkey in new:  # both sign while the overlap lasts
        open_checkpoint(note, [LogKey.parse(vkey)])


# --- log-export ---


def check_export(folder: Path) -> list[bytes]:
    """A log read back by the layout alone: its entries, which lead to the signed root."""
    signed = read_checkpoint((folder / "checkpoint").read_bytes())
    tree = TiledTree(signed.size, lambda tile: (folder / tile_path(tile)).read_bytes())
    assert tree.root() == signed.root
    entries = []
    for bundle in bundles_of(signed.size):
        content = (folder / tile_path(bundle)).read_bytes()
        entries += unpack_entries(content, bundle.width)
    hashes = b"".join(
        (folder / tile_path(t)).read_bytes() for t in tiles_of(signed.size) if t.level == 0
    )
    assert [leaf_hash(entry) for entry in entries] == unpack_hashes(hashes)
    expected = {tile_path(t) for t in (*tiles_of(signed.size), *bundles_of(signed.size))}
    assert {name for name in files(folder) if name.startswith("tile/")} == expected
    return entries


def test_an_export_holds_exactly_the_log_of_its_checkpoint_and_grows(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "log"
    said(capsys, "log-export", str(out))
    entries = check_export(out)
    assert set(made.first.kiosk.lines) <= set(entries)
    before = files(out)
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o600}
    add_votes(made.first, 300)
    log_all()
    said(capsys, "log-export", str(out))
    assert check_export(out)[: len(entries)] == entries
    after = files(out)
    assert before["tile/0/000"] == after["tile/0/000"]  # full ones are not written again
    assert before["tile/entries/000"] == after["tile/entries/000"]
    assert all(parse_tile_path(name) for name in after if name.startswith("tile/"))


def test_an_export_says_in_the_log_that_somebody_looked(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.ledger.models import ServerRecord

    said(capsys, "log-export", str(tmp_path / "log"))
    (record,) = ServerRecord.objects.filter(type="viewed")
    assert b"written by log-export" in bytes(record.body)
    said(capsys, "log-export", str(tmp_path / "log"))  # no news: nobody looked at anything
    assert ServerRecord.objects.filter(type="viewed").count() == 1


def test_power_cut_in_the_middle_of_an_export(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "log"
    said(capsys, "log-export", str(out))
    (out / "checkpoint").unlink()
    (out / "tile" / "entries" / "000.part").write_bytes(b"half")
    (out / "tile" / "0" / "000").unlink()
    said(capsys, "log-export", str(out))
    check_export(out)


def test_an_export_is_refused_where_something_else_stands(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("x")
    assert "holds other files" in said(capsys, "log-export", str(tmp_path), code=2)
    note = sign_checkpoint(
        read_checkpoint(knock("GET", "/log/checkpoint").body)._replace(origin="other/log"),
        [new_key()],
    )
    (tmp_path / "checkpoint").write_bytes(note)
    assert "holds the log other/log" in said(capsys, "log-export", str(tmp_path), code=2)


def test_an_export_finds_that_the_database_was_rolled_back(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    yesterday = tables()
    add_votes(made.first, 10)
    log_all()
    said(capsys, "log-export", str(tmp_path / "log"))
    before = files(tmp_path)
    put_back(yesterday)
    told = said(capsys, "log-export", str(tmp_path / "log"), code=1)
    assert "A checkpoint over 334 entries stands in" in told
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "command",
    ["log-export x", "checkpoint", "sealed-export x.zip --from 2025-01-01 --to 2025-01-02"],
)
def test_what_needs_a_checkpoint_says_so_before_the_first(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert "Nothing is signed yet" in said(capsys, *command.split(), code=2)
    assert list(tmp_path.iterdir()) == []


# --- checkpoint and cosignature ---


def test_a_checkpoint_goes_to_two_bodies_and_comes_back(
    made: Made, policy: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.ledger.doors import forget_signed

    first, second = Body("thanh-tra.example"), Body("mat-tran.example")
    names = f"{first.name} {second.name}"
    policy.write_text(f"{first.line}{second.line}group both all {names}\nquorum both\n")
    carried = said(capsys, "checkpoint").encode()
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(first.sign(carried))
    two.write_bytes(second.sign(carried))
    said(capsys, "cosignature", str(one))
    assert knock("GET", "/log/cosigned").status == 404  # it takes both
    add_votes(made.first, 1)
    log_all()  # what one body signed is kept while the log goes on
    said(capsys, "cosignature", str(two))
    forget_signed()
    note = knock("GET", "/log/cosigned").body
    bodies = [Witness(body.name, body.key.public_key()) for body in (first, second)]
    assert {one.name for one in open_cosignatures(note, bodies)} == {first.name, second.name}
    said(capsys, "cosignature", str(two))  # twice is the same as once
    assert knock("GET", "/log/cosigned").body == note
    assert read_checkpoint(knock("GET", "/log/checkpoint").body).size == 325


def test_what_a_body_has_seen_is_proved_to_be_the_beginning(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    old = ToCosign.unpack(said(capsys, "checkpoint").encode())
    assert old.old == 0 and old.proof == ()
    seen = read_checkpoint(old.note)
    add_votes(made.first, 40)
    log_all()
    carried = ToCosign.unpack(said(capsys, "checkpoint", "--since", str(seen.size)).encode())
    now = read_checkpoint(carried.note)
    verify_consistency(
        old=seen.size, new=now.size, old_root=seen.root, new_root=now.root, proof=carried.proof
    )
    assert "fewer than 9,999" in said(capsys, "checkpoint", "--since", "9999", code=2)


def test_a_checkpoint_travels_as_a_picture(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    svg, file = tmp_path / "c.svg", tmp_path / "c.txt"
    assert said(capsys, "checkpoint", "--qr", str(svg), "--out", str(file)) == ""
    assert svg.read_bytes().startswith(b"<?xml") and b"</svg>" in svg.read_bytes()
    assert ToCosign.unpack(file.read_bytes()).old == 0
    assert "Cannot write" in said(capsys, "checkpoint", "--out", str(tmp_path / "a/b"), code=2)


def test_without_a_policy_the_command_says_how_to_write_one(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "c").write_bytes(b"x")
    assert "witness NAME VKEY" in said(capsys, "cosignature", str(tmp_path / "c"), code=2)


def test_a_cosigned_file_that_proves_nothing_is_refused(
    made: Made, policy: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.ledger.signing import stopped

    body, stranger = Body("thanh-tra.example"), Body("la.example")
    policy.write_text(f"{body.line}quorum {body.name}\n")
    file = tmp_path / "c"
    carried = said(capsys, "checkpoint").encode()
    note = ToCosign.unpack(carried).note
    forged = sign_checkpoint(read_checkpoint(note)._replace(root=bytes(32)), [new_key()])
    good = body.sign(carried)
    for content, why in (
        (b"\xff\x00", "is no cosigned checkpoint"),
        (carried, "carries no line"),
        (stranger.sign(carried), "carries no line"),
        (body.sign(forged), "is not signed by the log's key"),
        (good[:-20] + b"AAAA" + good[-16:], "does not fit"),
        (body.sign(sign_checkpoint(read_checkpoint(note)._replace(origin="other/log"),
                                   [new_key()])), "is not signed by the log's key"),
    ):  # fmt: skip
        file.write_bytes(content)
        assert why in said(capsys, "cosignature", str(file), code=2)
    assert stopped() is None
    assert knock("GET", "/log/cosigned").status == 404


def test_a_body_shows_a_history_that_is_not_ours_and_signing_stops(
    made: Made, policy: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Rolled back and gone on differently: the note that was cosigned is signed by our own key."""
    from django.conf import settings

    from server.ledger.guard import NAME
    from server.ledger.signing import stopped

    body = Body("thanh-tra.example")
    policy.write_text(f"{body.line}quorum {body.name}\n")
    yesterday = tables()
    add_votes(made.first, 10)
    log_all()
    (tmp_path / "c").write_bytes(body.sign(said(capsys, "checkpoint").encode()))
    put_back(yesterday)
    (settings.DATA.path / NAME).unlink()  # of another machine
    told = said(capsys, "cosignature", str(tmp_path / "c"), code=1)
    assert "A checkpoint over 334 entries was cosigned by another body" in told
    assert "log-break" in told
    stop = stopped()
    assert stop is not None and read_checkpoint(bytes(stop.note)).size == 334
    assert "over 334 entries was shown" in said(capsys, "log-resume", code=1)


# --- log-resume, log-break, check ---


def test_the_right_tables_are_put_back_and_the_log_resumes(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nothing had stopped it" in _err(capsys, "log-resume")
    yesterday = tables()
    add_votes(made.first, 10)
    log_all()
    today = tables()
    put_back(yesterday)
    add_votes(made.second, 1)
    assert _run("work", "--once") == 0
    from server.clock import now_ms
    from server.ledger.signing import sign_if_due

    assert sign_if_due(now_ms=now_ms() + 10_000, since_ms=0) is None
    told = _err(capsys, "check", code=1)
    assert "It signs no more. A checkpoint over 334 entries was signed here" in told
    put_back({m: r for m, r in today.items() if m.__name__ != "Stop"})
    assert "signs again, from 334 entries on" in _err(capsys, "log-resume")
    assert _run("work", "--once") == 0


def _err(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> str:
    capsys.readouterr()
    assert _run(*argv) == code
    return capsys.readouterr().err


def test_a_log_that_cannot_go_on_begins_anew_and_says_why(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from protocol.deeds import Break, understand_record
    from protocol.server_record import read_server_record

    (old,) = said(capsys, "log-key").split()
    assert "say --yes" in said(capsys, "log-break", "--reason", "key stolen", code=2)
    assert said(capsys, "log-key").split() == [old]
    (new,) = said(capsys, "log-break", "--reason", "key stolen", "--yes").split()
    assert LogKey.parse(new).origin == "test.hailong.invalid/log/2"
    assert _run("work", "--once") == 0
    assert _run("check") == 0
    said(capsys, "log-export", str(tmp_path / "log"))
    first, *rest = check_export(tmp_path / "log")
    told = understand_record("break", read_server_record(first).data)
    assert isinstance(told, Break)
    assert (told.why, told.by, told.size) == ("key stolen", "console", 323)
    assert (told.log_key, told.origin) == (new, "test.hailong.invalid/log")
    assert rest[: len(made.first.kiosk.lines[:101])] == made.first.kiosk.lines[:101]


def test_a_tile_or_checkpoint_that_is_damaged_is_said_in_a_sentence(
    made: Made, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from server.clock import now_ms
    from server.ledger.models import SignedCheckpoint, StoredTile
    from server.ledger.signing import sign_if_due, stopped

    tile = StoredTile.objects.filter(level=0, number=0)
    held = bytes(tile.get().hashes)
    tile.delete()
    for command in (f"log-export {tmp_path / 'log'}", "checkpoint --since 5"):
        assert "Tile 0/0 of the log is not there" in said(capsys, *command.split(), code=2)
    StoredTile.objects.create(level=0, number=0, hashes=held)
    SignedCheckpoint.objects.update(note=b"nothing")
    add_votes(made.first, 1)
    assert _run("work", "--once") == 0
    assert sign_if_due(now_ms=now_ms() + 10_000, since_ms=0) is None
    stop = stopped()
    assert stop is not None and "is damaged" in stop.why
    said(capsys, "log-break", "--reason", "the tables are damaged", "--yes")
    assert stopped() is None


# --- auditor-token ---


def test_a_token_opens_the_entries_until_it_is_ended(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    token = said(capsys, "auditor-token", "thanh-tra").strip()
    assert re.fullmatch(r"hl-[0-9a-f]{40}", token)
    asked = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert knock("GET", "/log/tile/entries/000", **asked).status == 200
    said(capsys, "auditor-token", "thanh-tra", "--end")
    assert knock("GET", "/log/tile/entries/000", **asked).status == 401
    assert "has no token" in said(capsys, "auditor-token", "thanh-tra", "--end", code=2)
    assert "1 to 100 letters" in said(capsys, "auditor-token", secrets.token_hex(60), code=2)
