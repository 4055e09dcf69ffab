"""A checkpoint's way to other bodies and back: what is carried there, what comes back."""

from pathlib import Path
from typing import NamedTuple

from django.db import transaction

from protocol.checkpoint import MAX_CHECKPOINT_BYTES, Checkpoint, open_checkpoint, sign_checkpoint
from protocol.cosignature import (
    BadPolicy,
    Cosigned,
    Policy,
    ToCosign,
    open_cosignatures,
    parse_policy,
)
from protocol.errors import ProtocolError
from protocol.keys import public_bytes
from protocol.note import COSIGNATURE, Signature, add_signatures, key_id, split_note
from server.folder import SetupError
from server.ledger.keys import Log, read_log
from server.ledger.models import SignedCheckpoint
from server.ledger.signing import Refused, check_fits, newest_checkpoint, stop_signing
from server.ledger.tree import hold_tree, open_tree

POLICY = "witnesses"
HOW = (
    "write one line `witness NAME VKEY` for each body that cosigns, then `group all K NAME…` and "
    "`quorum all` (C2SP tlog-policy; docs/operating.md)"
)


class Kept(NamedTuple):
    """A cosigned checkpoint that was taken back: how far, by whom so far, and whether enough."""

    size: int
    by: tuple[Cosigned, ...]
    enough: bool


def read_policy(folder: Path) -> Policy:
    """Which bodies are believed, and how many it takes; SetupError without a readable file."""
    path = folder / POLICY
    try:
        return parse_policy(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SetupError(f"There is no {path} yet; {HOW}.") from None
    except (OSError, UnicodeDecodeError, BadPolicy) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error


def to_cosign(*, since: int, now_ms: int) -> ToCosign:
    """The newest checkpoint, with the proof that it extends the one over `since` entries, which
    the body has seen last (0: none). SetupError if there is none, or it is smaller."""
    newest = newest_checkpoint(read_log(now_ms=now_ms).origin)
    if newest is None:
        raise SetupError(NOTHING_SIGNED)
    if since > newest.size:
        raise SetupError(
            f"The newest checkpoint has {newest.size:,} entries, fewer than {since:,}; if a body "
            "has seen more, take its checkpoint back by `hailong-server cosignature FILE`."
        )
    tree = open_tree(newest.size)
    return ToCosign(since, tuple(tree.consistency(since)), bytes(newest.note))


NOTHING_SIGNED = (
    "Nothing is signed yet: `hailong-server run` signs the first checkpoint a few minutes after "
    "its start, `work --once` in a sample folder at once."
)


def take_back(file: bytes, *, policy: Policy, now_ms: int) -> Kept:
    """Keep what other bodies have cosigned.

    SetupError for what is none of ours or carries none of their lines. Refused, and signing has
    stopped with the note as evidence, if our own key signed it over other entries than ours.
    """
    log = read_log(now_ms=now_ms)
    try:
        note = ToCosign.unpack(file.replace(b"\r\n", b"\n")).note
        signed = open_checkpoint(note, log.known)
        if signed.origin != log.origin:
            raise SetupError(f"This is a checkpoint of {signed.origin}; this log is {log.origin}.")
        lines = _lines_of(note, policy)
    except ProtocolError as error:
        raise SetupError(f"This is no cosigned checkpoint of {log.origin}: {error}") from error
    try:
        check_fits(note, open_tree(), "was cosigned by another body")
    except Refused as refused:
        stop_signing(str(refused), note, now_ms=now_ms)
        raise
    return _keep(log, signed, lines, policy)


def _lines_of(note: bytes, policy: Policy) -> list[Signature]:
    """The good lines of the bodies that the policy names; BadNote if one does not fit."""
    bodies = policy.witnesses.values()
    if not open_cosignatures(note, bodies):
        raise SetupError(
            f"It carries no line of a body that {POLICY} names; add the body's verifier key there."
        )
    known = {(w.name, key_id(w.name, public_bytes(w.public), COSIGNATURE)) for w in bodies}
    _, lines = split_note(note)
    return [line for line in lines if (line.name, line.key_id) in known]


def _keep(log: Log, signed: Checkpoint, lines: list[Signature], policy: Policy) -> Kept:
    with transaction.atomic():
        hold_tree()  # nobody signs meanwhile, or keeps another body's line
        row = SignedCheckpoint.objects.filter(origin=log.origin, size=signed.size).first()
        if row is None:
            # When it was signed is forgotten; kiosks are shown by time and have a newer one.
            row = SignedCheckpoint(origin=log.origin, size=signed.size, signed_ms=0)
            row.note = sign_checkpoint(signed, log.signers)
        row.note = add_signatures(bytes(row.note), lines)
        if len(row.note) > MAX_CHECKPOINT_BYTES:
            raise SetupError("So many lines are on this checkpoint that none more goes on it.")
        by = tuple(open_cosignatures(row.note, policy.witnesses.values()))
        row.cosigned = row.cosigned or (policy.quorum != "none" and policy.is_met(by))
        row.save(force_insert=row.signed_ms == 0)
    return Kept(signed.size, by, row.cosigned)
