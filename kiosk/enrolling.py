"""Enrolment: a code becomes a key and a journal that the server knows; a lost reply is repeated."""

import hashlib
import logging
import platform
import time
import uuid
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.clock import Clock
from kiosk.config import (
    CONFIG_FILE,
    KEY_FILE,
    check_url,
    configured_ca,
    load_config,
    load_key,
    write_key,
    write_server,
)
from kiosk.door import Door, NoAnswer, Reply
from kiosk.errors import KioskError
from kiosk.folder import held, make_folder
from kiosk.journal_file import FILE, Journal, JournalRow, create_store, fsync_folder
from kiosk.sync import Sender
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

_log = logging.getLogger(__name__)


def enrol(folder: Path, *, url: str, code: str, again: bool = False) -> JournalRow:
    """Enrols the kiosk of `folder`; the row of its journal. The same code again is the exact
    repeat and changes nothing. KioskError with the sentence of whatever refuses it.

    `again` sets an open journal with unsent lines aside; without unsent lines that needs no word.
    """
    url = check_url(url, where="--server")
    try:
        hashed = hash_code(normalize_code(code))
    except ValueError as error:
        raise KioskError(str(error)) from None
    make_folder(folder)
    with held(folder):
        row = _prepare(folder, hashed, again=again)
        key = load_key(folder, row)
        answer = _ask(url, code, row, key, configured_ca(folder))
        write_server(folder, url)
        # A crash before this mark: the same command again is the exact repeat.
        journal = Journal(folder)
        journal.mark(
            kiosk=answer.kiosk, name=answer.name, server=answer.server, log_key=answer.log_key,
            config_key=answer.config_key, enrolled_ms=row.enrolled_ms or answer.server_ms,
            code_hash=hashed, state="open" if row.state == "enrolling" else row.state,
        )  # fmt: skip
        row = journal.row()
        _first_contact(folder, journal, url, key)
        journal.close()
    return row


def _first_contact(folder: Path, journal: Journal, url: str, key: Ed25519PrivateKey) -> None:
    """Fetches the configuration while the network is surely there; `run` would, too."""
    row, clock = journal.row(), Clock()
    door = Door(
        url, kiosk=row.kiosk or "", server=row.server or "", key=key, clock=clock,
        ca=configured_ca(folder),
    )  # fmt: skip
    sender = Sender(
        folder, journal, door, key=key, clock=clock, writer=None, held=load_config(folder, journal)
    )
    if not sender.round():
        _log.info("no configuration yet: %s", sender.health.defect or "no answer")
    door.close()


def fingerprint(row: JournalRow) -> str:
    """8 hex digits to compare with the administrator's page."""
    return hashlib.sha256(row.public_key).hexdigest()[:8]


def _prepare(folder: Path, code_hash: str, *, again: bool) -> JournalRow:
    """The journal to enrol, durable together with its key before anything is sent."""
    if (folder / FILE).exists():
        journal = Journal(folder)
        row, newest = journal.row(), journal.head().seq
        journal.close()
        unfinished = row.state == "enrolling"
        if not again and (unfinished or row.code_hash == code_hash):
            return row
        if newest > row.acked and row.state == "open" and not again:
            raise KioskError(
                f"The journal here has {newest - row.acked} lines that the server has not; send"
                " them with hailong-kiosk flush, or add --again to set them aside."
            )
        _set_aside(folder, row)
    key = new_key()
    # The journal's file is the last to appear: without it, the key beside it belongs to nothing.
    write_key(folder, key)
    create_store(folder, uuid=str(uuid.uuid4()), public_key=public_bytes(key), code_hash=code_hash)
    journal = Journal(folder)
    row = journal.row()
    journal.close()
    return row


def _set_aside(folder: Path, row: JournalRow) -> None:
    """Keeps an old journal, its key and configuration as evidence under its own name."""
    if (folder / f"{FILE}-wal").exists():
        raise KioskError("Another program has the journal open; end it and try again.")
    aside = folder / f"journal-{row.uuid}"
    aside.mkdir(exist_ok=True)
    for name in (KEY_FILE, CONFIG_FILE, FILE):
        if (folder / name).exists():
            (folder / name).rename(aside / name)
    fsync_folder(aside)
    fsync_folder(folder)
    _log.warning("the old journal is kept in %s", aside)


def _ask(
    url: str, code: str, row: JournalRow, key: Ed25519PrivateKey, ca: str | None
) -> Enrolled:
    body = msgspec.json.encode(
        EnrolmentRequest(
            code=code.strip(), public_key=b64(row.public_key), journal=row.uuid,
            hardware=describe_hardware(),
        )
    )  # fmt: skip
    door = Door(url, kiosk=NOBODY, server="", key=key, clock=Clock(), ca=ca)
    try:
        reply = door.ask("POST", TARGET, body, {"Content-Type": "application/json"})
        problem = reply.problem()
        if problem is not None and problem.word == "clock":
            door.believe_time(int(str(problem.members["server_ms"])), reply)
            reply = door.ask("POST", TARGET, body, {"Content-Type": "application/json"})
    except NoAnswer as error:
        raise KioskError(
            f"No answer from {url} ({error}); try again with the same code, which is safe."
        ) from None
    finally:
        door.close()
    return _read(reply, url)


def _read(reply: Reply, url: str) -> Enrolled:
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
