"""Cards that are copied, restored or moved: real kiosks, a real server, and no vote that is thanked
for goes missing; the technician is told what to do."""

import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import write_setting
from kiosk.desk import read_status
from kiosk.enrolling import enrol
from kiosk.errors import KioskError
from kiosk.evidence import EVIDENCE
from kiosk.journal_file import FILE
from kiosk.outcast import Outcast
from kiosk.quarantine import read_progress
from tests.journeys.river import Server
from tests.kiosk.conftest import KioskProcess, eventually
from tests.kiosk.test_run import setting

Start = Callable[..., KioskProcess]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server") / "data", {"HAILONG_DATABASE_URL": ""})
    made.start()
    yield made
    made.stop()


def give_code(server: Server, kiosk: str = "") -> str:
    wanted = ("--kiosk", kiosk) if kiosk else ("99001-1",)
    return str(server.run("kiosk-code", *wanted).stdout.split()[-1])


@pytest.fixture
def card(server: Server, tmp_path: Path) -> Path:
    """The folder of an enrolled kiosk at which every press is a vote."""
    folder = tmp_path / "card"
    enrol(folder, url=server.url, code=give_code(server))
    setting(folder, "undo_s = 0")
    return folder


def copy(card: Path, name: str) -> Path:
    """What `cp -a` makes of the folder, the WAL included."""
    return Path(shutil.copytree(card, card.parent / name, ignore=shutil.ignore_patterns("*-shm")))


def ask(path: Path, query: str, *values: object) -> list[Any]:
    con = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    try:
        return con.execute(query, values).fetchall()
    finally:
        con.close()


class Held:
    """What the server has of a journal."""

    def __init__(self, server: Server, journal: str) -> None:
        self._file = next(server.folder.glob("*.sqlite3"))
        self._journal = journal

    def _bodies(self, table: str) -> set[bytes]:
        query = f"select body from {table} where journal = ?"  # noqa: S608
        return {bytes(body) for (body,) in ask(self._file, query, self._journal)}

    def stored(self) -> set[bytes]:
        return self._bodies("ledger_line")

    def apart(self) -> set[bytes]:
        return self._bodies("ingest_quarantined")

    def has(self, lines: set[bytes]) -> bool:
        return lines <= self.stored() | self.apart()


def votes(folder: Path) -> set[bytes]:
    """The lines of the votes on a card, those of journals set aside included."""
    found = set()
    for place in (folder, *folder.glob(f"{EVIDENCE}*/"), *folder.glob("journal-*/")):
        query = "select body from line where type = 'vote'"
        found |= {bytes(body) for (body,) in ask(place / FILE, query)}
    return found


def press(kiosk: KioskProcess, rating: int, count: int) -> None:
    """So many votes, each thanked."""
    before = len(kiosk.of("thanks"))
    kiosk.say(*[f"press {rating}"] * count)
    kiosk.wait_for("thanks", before + count)


def finish(kiosk: KioskProcess) -> None:
    kiosk.say("quit")
    assert kiosk.end() == 0, "".join(kiosk.errors)


def go(start: Start, folder: Path, rating: int, count: int, *until: Callable[[], Any]) -> None:
    """A run with so many votes that ends when all of `until` is true."""
    kiosk = start(folder)
    kiosk.wait_for("ready")
    press(kiosk, rating, count)
    for condition in until:
        eventually(condition)
    finish(kiosk)


def state(folder: Path) -> str:
    return read_status(folder).state


def is_sent(folder: Path) -> Callable[[], bool]:
    return lambda: read_status(folder).unsent == 0


def cut_off(folder: Path) -> None:
    """From now on there is nobody at the server's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        write_setting(folder, "server", f"http://127.0.0.1:{probe.getsockname()[1]}")


def enrol_again(server: Server, folder: Path, start: Start) -> None:
    """What the screen told the technician to do; votes of the new journal count then."""
    kiosk = read_status(folder).kiosk
    assert kiosk
    enrol(folder, url=server.url, code=give_code(server, kiosk))
    assert not read_status(folder).advice
    go(start, folder, 5, 1, is_sent(folder), lambda: not read_status(folder).waiting_apart)
    new = Held(server, read_status(folder).journal)
    assert len([line for line in new.stored() if b'"type":"vote"' in line]) >= 1


def test_a_clone_beside_the_original_is_told_apart_and_no_vote_is_lost(
    server: Server, card: Path, start: Start
) -> None:
    original = start(card)
    original.wait_for("ready")
    press(original, 5, 2)
    eventually(is_sent(card))
    clone = copy(card, "clone")  # while it runs, as somebody might
    copied = start(clone)
    copied.wait_for("ready")
    press(copied, 1, 4)
    eventually(is_sent(clone))  # the first to send goes on where the card was copied …
    press(original, 4, 2)
    eventually(lambda: state(card) == "forked")  # … and the second is told
    press(original, 4, 1)
    press(copied, 1, 1)
    held = Held(server, read_status(card).journal)
    eventually(lambda: held.has(votes(card) | votes(clone)))
    eventually(lambda: state(clone) == "forked" and not read_status(clone).waiting_apart)
    assert len(votes(card) | votes(clone)) == 2 + 3 + 5
    finish(original)
    finish(copied)
    told = read_status(card)
    assert told.kept_apart >= 3
    assert "bản sao" in told.advice["vi"] and "copy" in told.advice["en"]


def test_an_image_of_yesterday_is_an_old_copy_and_goes_on_with_a_new_journal(
    server: Server, card: Path, start: Start
) -> None:
    go(start, card, 5, 2, is_sent(card))
    image = copy(card, "image")
    go(start, card, 4, 6, is_sent(card))
    old = read_status(card).journal
    stored = Held(server, old).stored()
    restored = start(image)
    restored.wait_for("ready")
    press(restored, 1, 1)
    restored.wait_for("ready", 2)  # the program has begun anew by itself
    press(restored, 2, 2)
    finish(restored)
    told = read_status(image)
    assert (told.state, told.evidence) == ("enrolling", ("evidence-1",))
    assert told.journal != old and told.waiting_apart
    assert "bản sao cũ" in told.advice["vi"] and "old copy" in told.advice["en"]
    assert Held(server, old).stored() == stored  # the journal of the true card is as it was
    enrol_again(server, image, start)
    new = Held(server, read_status(image).journal)
    kept = Held(server, old).apart() | Held(server, old).stored() | new.stored()
    assert votes(image) | votes(card) <= kept


def test_an_old_copy_that_becomes_another_kiosk_takes_its_configuration(
    server: Server, card: Path, start: Start
) -> None:
    go(start, card, 5, 1, is_sent(card))
    image = copy(card, "image")
    go(start, card, 4, 2, is_sent(card))
    kiosk = start(image)
    kiosk.wait_for("ready", 2)  # the server had more: it has begun a journal of its own
    finish(kiosk)
    assert read_status(image).config == 1  # still the first kiosk's
    enrol(image, url=server.url, code=give_code(server))
    told = read_status(image)
    assert told.kiosk != read_status(card).kiosk
    assert (told.config, told.state) == (1, "open")
    assert told.kiosk.encode() in (image / "config.json").read_bytes()


def test_an_image_that_took_votes_before_it_had_contact_is_a_fork(
    server: Server, card: Path, start: Start
) -> None:
    go(start, card, 5, 2, is_sent(card))
    image = copy(card, "image")
    go(start, card, 4, 2, is_sent(card))
    cut_off(image)
    go(start, image, 1, 9)
    write_setting(image, "server", server.url)
    held = Held(server, read_status(card).journal)
    go(start, image, 1, 1, lambda: held.has(votes(image)))
    assert state(image) == "forked"
    assert len(votes(image) & held.apart()) == 10
    go(start, image, 2, 2, lambda: held.has(votes(image)))  # and after a restart
    assert (state(image), len(votes(image) & held.apart())) == ("forked", 12)
    assert votes(card) <= held.stored()


def test_two_clones_that_were_both_offline_for_long_lose_nothing(
    server: Server, card: Path, start: Start
) -> None:
    go(start, card, 5, 1, is_sent(card))
    clones = [copy(card, name) for name in ("one", "two")]
    for rating, clone in enumerate(clones, 1):
        cut_off(clone)
        go(start, clone, rating, 12)
        write_setting(clone, "server", server.url)
    held = Held(server, read_status(card).journal)
    one, two = clones
    go(start, one, 1, 1, lambda: held.has(votes(one)))
    go(start, two, 2, 1, lambda: held.has(votes(two)))
    assert state(two) == "forked"
    assert votes(one) <= held.stored()
    assert len(votes(two) & held.apart()) == 13


def test_a_clone_of_a_folder_that_was_just_being_enrolled(
    server: Server, tmp_path: Path, start: Start
) -> None:
    """The same code with the same key is the exact repeat, so both are enrolled."""
    code, card = give_code(server), tmp_path / "card"
    with pytest.raises(KioskError, match="No answer"):
        enrol(card, url="http://127.0.0.1:9", code=code)
    clone = copy(card, "clone")
    for folder in (card, clone):
        enrol(folder, url=server.url, code=code)
        setting(folder, "undo_s = 0")
    held = Held(server, read_status(card).journal)
    go(start, card, 5, 6, lambda: held.has(votes(card)))
    kiosk = start(clone)
    kiosk.wait_for("ready")
    press(kiosk, 1, 1)
    kiosk.wait_for("ready", 2)  # the server had more: it is the copy
    press(kiosk, 2, 1)
    finish(kiosk)
    assert votes(card) <= held.stored()
    assert read_status(clone).advice  # enrolled again, it hands over what it has: as the image does


def test_a_card_that_moves_to_another_machine_goes_on_and_says_so(
    server: Server, card: Path, start: Start
) -> None:
    setarch = shutil.which("setarch")
    if setarch is None:
        pytest.skip("needs setarch, to look like another machine")
    go(start, card, 5, 1, is_sent(card))
    moved = card.rename(card.with_name("elsewhere"))
    subprocess.run(
        [setarch, "i686", sys.executable, "-m", "kiosk", "run", "--headless", "--panel", "stdin",
         "--data", str(moved)],
        input="press 4\nwait 1500\nquit\n", text=True, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    held = Held(server, read_status(moved).journal)
    assert state(moved) == "open"
    assert len(votes(moved)) == 2 and held.has(votes(moved))
    boots = [line for line in held.stored() if b'"type":"boot"' in line]
    assert len({line.split(b'"hardware":')[1].split(b",")[0] for line in boots}) == 2


def test_a_server_restored_from_a_backup_is_refilled_and_calls_it_no_fork(
    server: Server, card: Path, start: Start
) -> None:
    go(start, card, 5, 3, is_sent(card))
    server.stop()
    backup = Path(shutil.copytree(server.folder, card.parent / "backup"))
    server.start()
    kiosk = start(card)
    kiosk.wait_for("ready")
    press(kiosk, 4, 4)
    eventually(is_sent(card))
    server.stop()
    shutil.rmtree(server.folder)
    shutil.copytree(backup, server.folder)
    server.start()
    press(kiosk, 3, 1)
    held = Held(server, read_status(card).journal)
    eventually(lambda: votes(card) <= held.stored())
    assert (state(card), len(votes(card))) == ("open", 8)
    assert not held.apart()
    finish(kiosk)


def test_a_restored_server_gets_again_what_was_kept_apart_and_knows_what_it_forgot(
    server: Server, card: Path, tmp_path: Path, start: Start
) -> None:
    """Votes that a revoked kiosk handed over after the backup, and a kiosk enrolled after it."""
    backup, late = tmp_path / "backup", tmp_path / "late"
    go(start, card, 5, 2, is_sent(card))
    told = read_status(card)
    assert told.kiosk
    server.run("revoke", told.kiosk, "--from", "2", "--reason", "test")
    server.run("backup", str(backup))
    held = Held(server, told.journal)
    go(start, card, 4, 3, lambda: held.has(votes(card)))
    enrol(late, url=server.url, code=give_code(server))
    setting(late, "undo_s = 0")
    go(start, late, 3, 2, is_sent(late))
    server.stop()
    server.run("restore", str(backup), "--force")
    server.start()
    assert not held.has(votes(card))
    kept_out = votes(card)
    enrol(card, url=server.url, code=give_code(server, told.kiosk))
    go(start, card, 5, 1, lambda: held.has(kept_out))
    go(start, late, 3, 1, lambda: state(late) == "key")
    enrol(late, url=server.url, code=give_code(server))
    old = next(late.glob("journal-*/"))
    go(start, late, 2, 1, is_sent(late), lambda: read_progress(old).why == "unknown")
    with closing(Outcast(old)) as forgotten:
        assert read_status(late).waiting_apart == forgotten.newest()
    assert "a newer backup" in read_status(late).advice["en"]
