"""A card without room: enrolment begins nothing that it cannot finish, and harms nothing."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.desk import read_status
from kiosk.enrolling import ROOM_BYTES, SIDE, enrol, finish_move
from kiosk.errors import KioskError
from kiosk.journal_file import FILE, Journal, JournalRow, create_store
from tests.kiosk.conftest import CODE, KioskProcess

OTHER = "ABCD-EFGH-JM"
UUID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def small_card(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB."""
    card = tmp_path / "card"
    card.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(card)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here: that needs root")
    yield card
    subprocess.run(["umount", str(card)], check=True)


def fill(card: Path, free: int) -> None:
    """Leaves so many bytes."""
    ballast = card / "ballast"
    ballast.unlink(missing_ok=True)
    ballast.write_bytes(bytes(shutil.disk_usage(card).free - free))


def row_of(folder: Path) -> JournalRow:
    with closing(Journal(folder)) as journal:
        return journal.row()


def test_a_journal_made_on_a_nearly_full_card_is_whole_or_not_there(small_card: Path) -> None:
    """A hundred kilobytes were left, and the new journal lost what was still in its WAL."""
    outcomes = set()
    for pages in range(41):
        folder = small_card / str(pages)
        folder.mkdir()
        fill(small_card, pages * 4096)
        try:
            create_store(folder, uuid=UUID, public_key=bytes(32), code_hash="x")
        except KioskError:
            assert not (folder / FILE).exists()
        (small_card / "ballast").unlink()
        outcomes.add((folder / FILE).exists())
        if (folder / FILE).exists():
            assert [path.name for path in folder.iterdir()] == [FILE]
            with closing(Journal(folder)) as journal:
                journal.check(thorough=True)
                assert journal.row().uuid == UUID
        shutil.rmtree(folder)
    assert outcomes == {True, False}  # else no card here was nearly full


@pytest.mark.parametrize("free", [0, 100_000, ROOM_BYTES - 100_000])
def test_on_a_full_card_enrolment_is_refused_in_a_sentence_before_it_makes_anything(
    server: Any, small_card: Path, free: int
) -> None:
    folder = small_card / "kiosk"
    enrol(folder, url=server.url, code=CODE)
    server.give_code(OTHER)
    server.requests.clear()
    before = row_of(folder)
    names = {path.name for path in folder.iterdir()}
    fill(small_card, free)
    for again in (False, True):
        with pytest.raises(KioskError, match=r"has \d\.\d MB free .* make room"):
            enrol(folder, url=server.url, code=OTHER, again=again)
    assert server.requests == []
    assert {path.name for path in folder.iterdir()} == names
    (small_card / "ballast").unlink()
    assert row_of(folder) == before
    assert enrol(folder, url=server.url, code=OTHER).uuid != before.uuid


def spoil(side: Path, how: str) -> None:
    """What an older version, or the card, has left of the journal that was being enrolled."""
    path = side / FILE
    if how == "parted from its WAL":
        path.write_bytes(path.read_bytes()[:4096])  # the first page came, the others did not
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(b"no database " * 1000)


@pytest.fixture(params=["parted from its WAL", "empty", "no database"])
def half_enrolled(server: Any, enrolled: Path, request: Any) -> Path:
    """A kiosk whose next journal cannot be read; the reply about it was lost."""
    server.give_code(OTHER)
    server.answers.append("lose")
    with pytest.raises(KioskError, match="No answer"):
        enrol(enrolled, url=server.url, code=OTHER)
    spoil(enrolled / SIDE, request.param)
    return enrolled


def test_a_kiosk_runs_on_with_its_journal_when_the_half_made_one_cannot_be_read(
    half_enrolled: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = row_of(half_enrolled)
    assert finish_move(half_enrolled) is None
    assert "no vote was in it" in caplog.text
    assert not (half_enrolled / SIDE).exists()
    assert row_of(half_enrolled) == before


def test_a_half_made_journal_that_cannot_be_read_hinders_no_other_enrolment(
    server: Any, half_enrolled: Path
) -> None:
    server.give_code(CODE)
    before = row_of(half_enrolled)
    new = enrol(half_enrolled, url=server.url, code=CODE, again=True)
    assert new.uuid == server.journal != before.uuid
    assert read_status(half_enrolled).state == "open"
    assert row_of(half_enrolled / f"journal-{before.uuid}") == before


def test_a_kiosk_starts_beside_a_half_made_journal_that_cannot_be_read(
    server: Any, enrolled: Path, start: Any
) -> None:
    (enrolled / SIDE).mkdir()
    spoil(enrolled / SIDE, "no database")
    kiosk: KioskProcess = start(enrolled)
    kiosk.wait_for("ready")
    kiosk.say("quit")
    assert kiosk.end() == 0, "".join(kiosk.errors)
