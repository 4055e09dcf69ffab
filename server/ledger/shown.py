"""What a kiosk shows of the log, and what it is shown: checkpoint, proof, new keys."""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import DatabaseError

from protocol.checkpoint import MAX_CHECKPOINT_BYTES, LogKey, open_checkpoint, read_checkpoint
from protocol.errors import ProtocolError
from protocol.keys import b64, public_bytes
from protocol.note import BadNote, key_id, split_note
from protocol.problems import Receipt
from server.folder import SetupError
from server.ledger.doors import forget_signed
from server.ledger.keys import Log, read_log
from server.ledger.signing import RECOVERY, Refused, check_fits, stop_signing
from server.ledger.tree import LostEntry, open_tree

log_ = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Kept(Generic[K, V]):
    """The answers asked for last. What is kept never changes, for the log only grows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, find: Callable[[], V]) -> V:
        try:
            return self._held[key]
        except KeyError:
            found = self._held[key] = find()
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return found


_logs: _Kept[tuple[bytes, int], Log] = _Kept(4)
_fitting: _Kept[tuple[str, bytes], int | None] = _Kept(4_096)
_proofs: _Kept[tuple[str, int, int], tuple[str, ...]] = _Kept(4_096)
A_DAY_MS = 24 * 3600 * 1000


def forget_shown() -> None:
    """Empty what is kept: a test's database changes as no server's does."""
    for kept in (_logs, _fitting, _proofs):
        kept._held.clear()
    forget_signed()


def show_log(receipt: Receipt, *, enrolled_ms: int, held: bytes | None, now_ms: int) -> Receipt:
    """The receipt with what its kiosk needs to follow the log from the checkpoint that it holds.

    receipt.checkpoint is the newest, or None. A held one that the tree does not extend stops the
    signing: then somebody has put back older tables, or the log has two histories. Whatever is
    the matter with the log, what is stored is acknowledged.
    """
    if receipt.checkpoint is None:
        return receipt
    try:
        return _show(receipt, enrolled_ms, held, now_ms)
    except (LostEntry, ProtocolError, SetupError, DatabaseError):
        log_.exception("a kiosk cannot be shown the log; `hailong-server check` says what is amiss")
        return _with(receipt, None)


def _show(receipt: Receipt, enrolled_ms: int, held: bytes | None, now_ms: int) -> Receipt:
    note = (receipt.checkpoint or "").encode()
    newest = read_checkpoint(note)
    log = _log_of(note, now_ms)
    if newest.origin != log.origin or enrolled_ms < log.since_ms:
        return _with(receipt, None)
    size = 0
    if held is not None and len(held) <= MAX_CHECKPOINT_BYTES:
        # By its hash: whoever has a kiosk's key may show us what they like, as often as they like.
        key = log.origin, hashlib.sha256(held).digest()
        try:
            size = _fitting.get(key, lambda: _fits(held, log.known)) or 0
        except Refused as refused:
            log_.error("a kiosk shows another history: %s %s", refused, RECOVERY)
            stop_signing(str(refused), held, now_ms=now_ms)
            return _with(receipt, None)
    return _with(
        receipt,
        receipt.checkpoint,
        _consistency(log.origin, size, newest.size),
        tuple(note.decode() for note in log.rotations),
    )


def _with(
    receipt: Receipt,
    checkpoint: str | None,
    consistency: tuple[str, ...] = (),
    log_keys: tuple[str, ...] = (),
) -> Receipt:
    return Receipt(
        acked=receipt.acked, server_ms=receipt.server_ms, config=receipt.config,
        checkpoint=checkpoint, consistency=consistency, log_keys=log_keys,
    )  # fmt: skip


def _log_of(note: bytes, now_ms: int) -> Log:
    """The log that signed the newest checkpoint; read anew when the keys or the day change."""
    text, signatures = split_note(note)
    signers = b"".join(signature.key_id for signature in signatures)
    key = (text.split("\n", 1)[0].encode() + signers, now_ms // A_DAY_MS)
    return _logs.get(key, lambda: read_log(now_ms=now_ms))


def _fits(held: bytes, keys: tuple[LogKey, ...]) -> int | None:
    """The held checkpoint's size; None for what counts as absent. Raises Refused."""
    try:
        signed = open_checkpoint(_once_signed(held, keys), keys)
    except BadNote:
        return None
    check_fits(held, open_tree(), "was shown by a kiosk")
    return signed.size


def _once_signed(note: bytes, keys: tuple[LogKey, ...]) -> bytes:
    """The note with the first line of the log alone: a line repeated costs no further check."""
    text, lines = split_note(note)
    ours = {(key.origin, key_id(key.origin, public_bytes(key.public))) for key in keys}
    for line in lines:
        if (line.name, line.key_id) in ours:
            signed = f"{text}\n— {line.name} {b64(line.key_id + line.signature)}\n"
            return signed.encode()
    return note


def _consistency(origin: str, old: int, new: int) -> tuple[str, ...]:
    if not 0 < old < new:
        return ()
    return _proofs.get(
        (origin, old, new), lambda: tuple(b64(hash) for hash in open_tree(new).consistency(old))
    )
