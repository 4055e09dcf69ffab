"""Pins: checkpoints that somebody kept earlier, and whether the log still extends them."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from auditor.errors import Unable
from auditor.report import Report
from auditor.trust import Signed
from auditor.words import Value
from protocol.checkpoint import LogKey, open_checkpoint, read_checkpoint
from protocol.journal import MalformedLine, read_line
from protocol.note import BadNote
from protocol.records import Checkpoint, Contradiction, NotUnderstood, understand
from protocol.tiles import BadTile

MAX_PIN_BYTES: Final = 64_000_000
_NOTE: Final = re.compile(
    rb"(?m)^[^\n]{1,4000}\n(?:0|[1-9][0-9]{0,15})\n[A-Za-z0-9+/]{43}=\n(?:[^\n]{1,4000}\n){0,16}\n"
    rb"(?:\xe2\x80\x94 [^\n]{1,4000}\n){1,100}"
)  # anchored and bounded: a file made to be slow is read in one go as any other
_HEAD: Final = re.compile(rb"[^\n]+/journal/[^/\n]+\n")  # how the note over a journal's end begins


class Pin(NamedTuple):
    """A checkpoint and who kept it: a file, or a kiosk's line."""

    signed: Signed
    source: str


def read_pins(path: Path) -> list[Signed]:
    """The checkpoints in a file, however it came: notes, a QR's text, lines of a journal."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_PIN_BYTES).replace(b"\r\n", b"\n")
    except OSError as error:
        raise Unable("unreadable", file=str(path), why=error.strerror or "") from None
    notes = [found[0] for found in _NOTE.finditer(text if text.endswith(b"\n") else text + b"\n")]
    for line in text.split(b"\n"):
        if line.startswith(b'{"v":'):
            notes += notes_of_line(line)
    found = [Signed(read_checkpoint(note), note) for note in notes if _is_checkpoint(note)]
    if not found:
        raise Unable("no_pin", file=str(path))
    return found


def notes_of_line(line: bytes) -> list[bytes]:
    """The checkpoints that a journal's line quotes, none if it is no such line."""
    try:
        read = read_line(line)
        record = understand(read.type, read.data, v=read.v)
    except (MalformedLine, NotUnderstood):
        return []
    if isinstance(record, Checkpoint):
        return [record.note.encode()]
    return [note.encode() for note in record.notes] if isinstance(record, Contradiction) else []


def _is_checkpoint(note: bytes) -> bool:
    if _HEAD.match(note):  # at the end of every kiosk's export: the kiosk's word, of its own chain
        return False
    try:
        read_checkpoint(note)
    except BadNote:
        return False
    return True


def check_pins(
    pins: Iterable[Pin],
    *,
    now: Signed,
    keys: list[LogKey],
    root_at: Callable[[int], bytes],
    report: Report,
    asked: bool = True,
) -> tuple[int, int]:
    """Each pin that the log's key signed is the beginning of the log as it is now.

    Returns how many fitted, and the largest size among them. root_at: the root of the first so
    many entries; BadTile names the tile that it takes and that is not here. What cannot be told
    of a pin that nobody asked for (not `asked`: a kiosk's) is listed, and leaves nothing unchecked.
    """
    fitted = largest = 0
    known: dict[tuple[int, bytes], bool] = {}
    for pin in pins:
        checkpoint, note = pin.signed
        try:
            open_checkpoint(note, keys)
        except BadNote:
            _untold("pin_unsigned", asked, report, source=pin.source, origin=checkpoint.origin,
                         size=checkpoint.size)  # fmt: skip
            continue
        same = (checkpoint.size, checkpoint.root)
        if same not in known:
            verdict = _fits(pin, now, root_at, report, asked)
            if verdict is None:
                continue
            known[same] = verdict
        if known[same]:
            fitted, largest = fitted + 1, max(largest, checkpoint.size)
    return fitted, largest


def _fits(
    pin: Pin, now: Signed, root_at: Callable[[int], bytes], report: Report, asked: bool
) -> bool | None:
    size, current = pin.signed.checkpoint.size, now.checkpoint.size
    if size > current:
        report.against("pin_larger", source=pin.source, size=size, now=current)
    elif size == current and pin.signed.checkpoint.root != now.checkpoint.root:
        report.against("pin_other_root", source=pin.source, size=size)
    else:
        try:
            root = root_at(size)
        except BadTile as error:
            _untold("pin_untold", asked, report, source=pin.source, size=size, tile=str(error))
            return None
        if root == pin.signed.checkpoint.root:
            return True
        report.against("pin_inconsistent", source=pin.source, size=size, now=current)
    report.notes += [pin.signed.note.decode(), now.note.decode()]
    return False


def _untold(code: str, asked: bool, report: Report, **values: Value) -> None:
    if asked:
        report.leave(code, **values)
    else:
        report.enlist("kiosk_pins", code, **values)
