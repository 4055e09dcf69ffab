"""Enrolment: a code becomes a key and a journal that the server knows; a lost reply is repeated."""

import logging
import platform
import shutil
import sqlite3
import time
import uuid
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Clock
from kiosk.config import (
    CONFIG_FILE,
    KEY_FILE,
    SETTINGS_FILE,
    HeldConfig,
    check_url,
    configured_way,
    load_config,
    load_key,
    write_file,
    write_key,
    write_setting,
)
from kiosk.door import Door, NoAnswer, Reply
from kiosk.errors import KioskError
from kiosk.evidence import QUARANTINE_FILE, finish_setting_aside
from kiosk.folder import held, is_held, make_folder
from kiosk.journal_file import (
    FILE,
    Journal,
    JournalRow,
    as_sentence,
    create_store,
    fsync_folder,
    is_damage,
)
from kiosk.sync import Sender
from kiosk.way import Way
from protocol.enrolment import (
    TARGET,
    BadEnrolment,
    Enrolled,
    EnrolmentRequest,
    hash_code,
    normalize_code,
    read_enrolled,
)
from protocol.keys import b64, new_key, public_bytes
from protocol.problems import Problem
from protocol.request import NOBODY

SIDE = "enrolling"  # the new key and journal, while the old ones beside it stay in use
CA_FILE = "ca.pem"
_SCRATCH = ".enrolling"  # whatever is here is half made or half removed
ROOM_BYTES = 4 << 20  # a journal, its WAL and its index take a tenth of it

_log = logging.getLogger(__name__)


def is_enrolled(folder: Path) -> bool:
    """Whether there is a journal here that a server knows."""
    if not (folder / FILE).exists():
        return False
    journal = Journal(folder)
    try:
        return journal.row().kiosk is not None
    finally:
        journal.close()


def set_way(folder: Path, way: Way) -> None:
    """Keeps how the server is reached in kiosk.toml, the authority's certificate beside it.
    KioskError if that cannot be read, the proxy is no address, or the card is full."""
    make_folder(folder)
    _check_room(folder)
    if way.ca is not None:
        try:
            write_file(folder / CA_FILE, Path(way.ca).read_bytes())
        except OSError as error:
            raise KioskError(f"{way.ca} cannot be read ({error.strerror}); correct --ca.") from None
        write_setting(folder, "ca", CA_FILE)
    if way.proxy is not None:
        write_setting(folder, "proxy", check_url(way.proxy, where="--proxy"))


def enrol(folder: Path, *, url: str, code: str, again: bool = False) -> JournalRow:
    """Enrols the kiosk of `folder`; the row of its journal. The same code again is the exact
    repeat and changes nothing. KioskError with the sentence of whatever refuses it.

    `again` sets an open journal with unsent lines aside; without unsent lines that needs no word.
    An enrolled kiosk stays as it is until the server has said yes to the new key.
    """
    url = check_url(url, where="--server")
    try:
        hashed = hash_code(normalize_code(code))
    except ValueError as error:
        raise KioskError(str(error)) from None
    make_folder(folder)
    if (done := _enrolled_with(folder, hashed)) and not again:
        return done  # also beside a running kiosk
    with held(folder):
        _check_room(folder)
        try:
            finish_setting_aside(folder)
            row = finish_move(folder)
            if row is None or row.code_hash != hashed:
                place = _prepare(folder, hashed, again=again)
                row = _enrol_in(place, folder, url=url, code=code, code_hash=hashed)
            _first_contact(folder, url)
        except (OSError, sqlite3.Error) as error:
            raise KioskError(
                f"The enrolment in {folder} broke off ({error}); check the card, and use the same"
                " code again."
            ) from error
    return row


def _check_room(folder: Path) -> None:
    """KioskError on a card that is as good as full: nothing is begun that it cannot hold."""
    free = shutil.disk_usage(folder).free
    if free < ROOM_BYTES:
        raise KioskError(
            f"The card of {folder} has {free / 1e6:.1f} MB free and enrolment needs"
            f" {ROOM_BYTES / 1e6:.1f}; make room and enrol then."
        )


def _enrolled_with(folder: Path, code_hash: str) -> JournalRow | None:
    """The row of a journal that this very code has enrolled; it has had its first contact or
    will have it when it runs."""
    if not is_held(folder) or not is_enrolled(folder):
        return None
    row, _ = _read(folder)
    return row if row.code_hash == code_hash and row.state == "open" else None


def _enrol_in(place: Path, folder: Path, *, url: str, code: str, code_hash: str) -> JournalRow:
    """Asks the server about the journal in `place`, and makes it the one of `folder`."""
    row, _ = _read(place)
    answer = _ask(url, code, row, load_key(place, row), configured_way(folder))
    settings = folder / SETTINGS_FILE
    if place != folder and settings.exists():
        write_file(place / SETTINGS_FILE, settings.read_bytes())
    write_setting(place, "server", url)
    journal = Journal(place)
    if (row.kiosk, row.server, row.config_key) != (answer.kiosk, answer.server, answer.config_key):
        _drop_config(place, journal)
    # A crash before this mark: the same command again is the exact repeat.
    journal.mark(
        kiosk=answer.kiosk, name=answer.name, server=answer.server, log_key=answer.log_key,
        config_key=answer.config_key, enrolled_ms=row.enrolled_ms or answer.server_ms,
        code_hash=code_hash, state="open" if row.state == "enrolling" else row.state,
    )  # fmt: skip
    row = journal.row()
    journal.close()
    if place != folder:  # a crash from here on: any enrolment finishes the move
        _move_in(folder)
    return row


def _drop_config(place: Path, journal: Journal) -> None:
    """Forgets the configuration of whoever this was before: a journal begun anew has its notes,
    and their versions say nothing about the ones to come. The file goes first: without its notes it
    would be a forged one."""
    (place / CONFIG_FILE).unlink(missing_ok=True)
    fsync_folder(place)
    journal.drop_notes()


def _first_contact(folder: Path, url: str) -> None:
    """Fetches the configuration while the network is surely there; `run` would, too."""
    journal, clock = Journal(folder), Clock()
    row = journal.row()
    key = load_key(folder, row)
    door = Door(
        url, kiosk=row.kiosk or "", server=row.server or "", key=key, clock=clock,
        way=configured_way(folder),
    )  # fmt: skip
    sender = Sender(
        folder, journal, door, key=key, clock=clock, writer=None, held=_held(folder, journal)
    )
    if not sender.round():
        _log.info("no configuration yet: %s", sender.health.defect or "no answer")
    door.close()
    journal.close()


def _held(folder: Path, journal: Journal) -> HeldConfig | None:
    """Another server's configuration, or a damaged one, is replaced by the one that comes."""
    try:
        return load_config(folder, journal)
    except KioskError as error:
        _log.warning("%s", error)
        return None


def _prepare(folder: Path, code_hash: str, *, again: bool) -> Path:
    """The folder of the key and journal to enrol, durable before anything is sent: `folder`, or
    the side folder in it where an enrolled journal must stay in use meanwhile."""
    if not (folder / FILE).exists():
        _build(folder, code_hash)
        return folder
    row, newest = _read(folder)
    if row.state == "enrolling":
        if again:
            _set_aside(folder)
            _build(folder, code_hash)
        return folder
    if row.code_hash == code_hash and not again:
        return folder
    if newest > row.acked and row.state == "open" and not again:
        raise KioskError(
            f"The journal here has {newest - row.acked} lines that the server has not; send"
            " them with hailong-kiosk flush, or add --again to set them aside."
        )
    _check_unshared(folder)  # before the server is asked, not after
    return _prepare_side(folder, code_hash)


def _prepare_side(folder: Path, code_hash: str) -> Path:
    """The side folder, which is there whole or not at all. The same code finds the key that it
    was sent with, for its reply may have been lost; that of another code is discarded."""
    side, scratch = folder / SIDE, folder / _SCRATCH
    row = _read_side(folder)
    if row is not None and row.code_hash == code_hash:
        return side
    _discard_side(folder)
    scratch.mkdir(mode=0o700)
    _build(scratch, code_hash)
    scratch.rename(side)
    fsync_folder(folder)
    return side


def _read_side(folder: Path) -> JournalRow | None:
    """The row of the side journal, None if there is none. A damaged one never took a vote: it is
    discarded and the old journal goes on. KioskError if it cannot be had just now."""
    path = folder / SIDE / FILE
    if not path.exists():
        return None
    try:
        with as_sentence(path):
            return _read(path.parent)[0]
    except KioskError as error:
        if error.__cause__ is not None and not is_damage(error.__cause__):
            raise
        _log.error("the half-made journal is discarded, no vote was in it: %s", error)
    _discard_side(folder)
    return None


def _discard_side(folder: Path) -> None:
    side, scratch = folder / SIDE, folder / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    if side.exists():
        side.rename(scratch)  # all at once: a crash leaves no half of it under its name
        shutil.rmtree(scratch)


def _build(place: Path, code_hash: str) -> None:
    """A new key and its journal."""
    key = new_key()
    # The journal's file is the last to appear: without it, the key beside it belongs to nothing.
    write_key(place, key)
    create_store(place, uuid=str(uuid.uuid4()), public_key=public_bytes(key), code_hash=code_hash)


def _read(place: Path) -> tuple[JournalRow, int]:
    """The journal's row, and how many lines it has."""
    journal = Journal(place)
    try:
        return journal.row(), journal.head().seq
    finally:
        journal.close()


def finish_move(folder: Path) -> JournalRow | None:
    """Finishes a move that a crash cut short; the row of the journal moved in, None if none was.

    The mark in the side journal decides: once it is enrolled, it is this kiosk's.
    """
    row = _read_side(folder)
    if row is None or row.state == "enrolling":
        return None
    _move_in(folder)
    _log.warning("the enrolment cut short is finished: this is kiosk %s (%s)", row.kiosk, row.name)
    return row


def _move_in(folder: Path) -> None:
    """Sets the old journal aside and puts the enrolled one in its place; can be repeated after a
    crash anywhere, as of each set of files the journal is the last to move."""
    side = folder / SIDE
    _check_unshared(side)
    if (folder / FILE).exists():
        _set_aside(folder)
    for name in (SETTINGS_FILE, KEY_FILE):
        if (side / name).exists():
            (side / name).rename(folder / name)
    fsync_folder(folder)  # the key is there before its journal is
    (side / FILE).rename(folder / FILE)
    fsync_folder(side)
    fsync_folder(folder)
    shutil.rmtree(side, ignore_errors=True)  # empty; a leftover is discarded some time


def _set_aside(folder: Path) -> None:
    """Keeps an old journal, its key and configuration as evidence under its own name."""
    row, newest = _read(folder)
    _check_unshared(folder)
    aside = folder / f"journal-{row.uuid}"
    aside.mkdir(exist_ok=True)
    for name in (KEY_FILE, CONFIG_FILE, QUARANTINE_FILE, FILE):
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    fsync_folder(aside)
    fsync_folder(folder)
    unsent = newest - row.acked
    _log.warning("the old journal is kept in %s; the server lacks %d of its lines", aside, unsent)


def _check_unshared(place: Path) -> None:
    """KioskError while anybody has the journal open: a rename would part it from its WAL."""
    if (place / f"{FILE}-wal").exists():
        raise KioskError("Another program has the journal open; end it and try again.")


def _ask(url: str, code: str, row: JournalRow, key: Ed25519PrivateKey, way: Way) -> Enrolled:
    body = msgspec.json.encode(
        EnrolmentRequest(
            code=code.strip(), public_key=b64(row.public_key), journal=row.uuid,
            hardware=describe_hardware(),
        )
    )  # fmt: skip
    door = Door(url, kiosk=NOBODY, server="", key=key, clock=Clock(), way=way)
    try:
        reply = door.ask("POST", TARGET, body, {"Content-Type": "application/json"})
        problem = reply.problem()
        if problem is not None and problem.word == "clock":
            door.believe_time(int(str(problem.members["server_ms"])), reply)
            reply = door.ask("POST", TARGET, body, {"Content-Type": "application/json"})
    except NoAnswer as error:
        raise KioskError(
            f"No answer from {url}: {error}; check the address and the network; the same code may"
            " be used again."
        ) from None
    finally:
        door.close()
    return _read_answer(reply, url)


def _read_answer(reply: Reply, url: str) -> Enrolled:
    if reply.is_json(201):
        try:
            return read_enrolled(reply.body)
        except BadEnrolment as error:
            raise KioskError(str(error)) from None
    problem = reply.problem()
    if problem is None:
        raise KioskError(
            f"{url} answered with status {reply.status} and is no Hài Lòng server; check the"
            " address."
        )
    raise KioskError(_sentence(problem, reply))


def _sentence(problem: Problem, reply: Reply) -> str:
    said = problem.detail or problem.title
    if problem.word == "code":
        return f"{said} Ask the administrator for a new code."
    if problem.word == "enrolled":
        return f"{said} Use the code of the first try, or add --again for a new key."
    if problem.status == 429:
        seconds = reply.headers.get("retry-after", "60")
        return f"{said} Wait {seconds} seconds."
    return said


def describe_hardware() -> dict[str, object]:
    """What this machine says of itself, for the administrator's page."""
    return {"model": model(), "os": platform.platform(), "at_ms": time.time_ns() // 1_000_000}


def model() -> str:
    """The board's name, such as "Raspberry Pi 4 Model B Rev 1.5", else the architecture."""
    try:
        text = Path("/proc/device-tree/model").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return platform.machine()
    return text.rstrip("\0\n") or platform.machine()
