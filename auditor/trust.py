"""Whom to believe: the log's key and what it was handed over to, its checkpoint, its witnesses."""

from collections.abc import Iterable
from typing import NamedTuple

from auditor.errors import Unable
from auditor.report import Report
from protocol.checkpoint import (
    Checkpoint,
    LogKey,
    follow_rotations,
    open_checkpoint,
    read_checkpoint,
)
from protocol.cosignature import Policy, open_cosignatures
from protocol.keys import public_bytes
from protocol.note import BadNote, key_id, split_note


class Signed(NamedTuple):
    """A checkpoint with the note that says so."""

    checkpoint: Checkpoint
    note: bytes


def follow(key: LogKey, rotations: Iterable[bytes]) -> list[LogKey]:
    """The key given and those that it, or its heirs, handed the log over to."""
    return follow_rotations([key], rotations)


def split_rotations(notes: bytes) -> list[bytes]:
    """The notes of the file `rotations`: each ends with its signatures and an empty line."""
    found, lines = [], list[bytes]()
    signed = False
    for line in notes.split(b"\n"):
        if signed and not line:
            found.append(b"\n".join(lines) + b"\n")
            lines, signed = [], False
            continue
        signed |= line.startswith("—".encode())
        if lines or line:
            lines.append(line)
    return [*found, b"\n".join(lines)] if lines else found


def open_log(note: bytes, keys: list[LogKey], report: Report) -> Signed | None:
    """The newest checkpoint under the log's keys; None, and a contradiction, if it is not."""
    try:
        found = read_checkpoint(note)
    except BadNote as error:
        report.against("checkpoint_broken", why=str(error))
        return None
    if found.origin != keys[0].origin:
        raise Unable("other_log", origin=found.origin, key=keys[0].origin)
    try:
        open_checkpoint(note, keys)
    except BadNote:
        report.against(
            "checkpoint_unsigned", origin=found.origin, size=found.size,
            keys=", ".join(_ids(note)), known=", ".join(_id(key) for key in keys),
        )  # fmt: skip
        report.notes.append(note.decode())
        return None
    report.prove("checkpoint_signed", origin=found.origin, size=found.size, key=_signer(note, keys))
    return Signed(found, note)


def check_witnesses(
    note: bytes | None, keys: list[LogKey], policy: Policy | None, report: Report
) -> Signed | None:
    """The cosigned checkpoint, if one was asked for or is there."""
    if note is None:
        if policy is not None:
            report.leave("not_cosigned")
        return None
    try:
        found = open_checkpoint(note, keys)
        cosigned = open_cosignatures(note, policy.witnesses.values() if policy else [])
    except BadNote as error:
        report.against("cosigned_broken", why=str(error))
        return None
    if policy is not None:
        if policy.is_met(cosigned):
            latest = max(one.at_s for one in cosigned) * 1000 if cosigned else 0
            names = ", ".join(sorted(one.name for one in cosigned))
            report.prove("cosigned", size=found.size, names=names, at_ms=latest)
        else:
            names = ", ".join(sorted(one.name for one in cosigned)) or "-"
            report.leave("quorum", size=found.size, names=names)
    return Signed(found, note)


def _ids(note: bytes) -> list[str]:
    _, signatures = split_note(note)
    return [f"{one.name}+{one.key_id.hex()}" for one in signatures]


def _id(key: LogKey) -> str:
    return f"{key.origin}+{key_id(key.origin, public_bytes(key.public)).hex()}"


def _signer(note: bytes, keys: list[LogKey]) -> str:
    there = set(_ids(note))
    return ", ".join(_id(key) for key in keys if _id(key) in there)
