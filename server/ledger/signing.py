"""Checkpoints: signed when there is news, never below or beside what was signed before."""

import logging
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import transaction

from protocol.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from protocol.note import BadNote, add_signatures, split_note
from protocol.tiles import TiledTree
from server.ledger.guard import read_guard, write_guard
from server.ledger.keys import Log, read_log, record_break
from server.ledger.models import Pending, SignedCheckpoint, Span, Stop, StoredTile, Tree
from server.ledger.tree import THE_TREE, LostEntry, hold_tree, open_tree, tree_size

log_ = logging.getLogger(__name__)
EVERY_MS = 60_000
SETTLE_MS = 300_000  # after a start: kiosks and guard may know of more than the tables do
EVERY_SAMPLE_MS = 5_000  # nobody waits a minute for a proof in a demo
RECOVERY = (
    "Nothing is lost and votes are still taken, but no checkpoint is signed. Put back the tables "
    "that hold these entries and run `hailong-server log-resume`; if nobody has them, "
    "`hailong-server log-break` begins a new log that says so (docs/operating.md)."
)


class Refused(Exception):
    """The log must not sign; str() says why, for the operator."""

    def __init__(self, why: str, note: bytes = b"") -> None:
        super().__init__(why)
        self.note = note


def sign_if_due(*, now_ms: int, since_ms: int, folder: Path | None = None) -> bytes | None:
    """Sign a checkpoint over all that has a place, if there is news and it is time; the note.

    since_ms: when this process began to look after the log.
    """
    sample = settings.DATA.sample
    if now_ms < since_ms + (0 if sample else SETTLE_MS):
        return None
    log = read_log(now_ms=now_ms)
    newest = newest_checkpoint(log.origin)
    if newest is not None:
        wait_ms = EVERY_SAMPLE_MS if sample else EVERY_MS
        if newest.size == tree_size() or 0 <= now_ms - newest.signed_ms < wait_ms:
            return None
    with transaction.atomic():
        hold_tree()
        # Only now: another process may have begun a new log since, while this one waited.
        log = read_log(now_ms=now_ms)
        if stopped() is not None:
            return None
        try:
            return sign_checkpoint_now(log, folder or settings.DATA.path, now_ms=now_ms)
        except Refused as refused:
            stop_signing(str(refused), refused.note, now_ms=now_ms)
            log_.error("the log signs no more: %s %s", refused, RECOVERY)
            return None


def sign_checkpoint_now(log: Log, folder: Path, *, now_ms: int) -> bytes:
    """Sign the tree as it is; Refused if it does not extend what was signed before."""
    with transaction.atomic():
        size = hold_tree()
        tree = open_tree(size)
        check_extends(log, folder, tree)
        note = sign_checkpoint(Checkpoint(log.origin, size, tree.root()), log.signers)
        # A crash after this line: it was signed, nobody has seen it, and the tree extends it.
        write_guard(folder, note)
        _forget_older(log.origin, size)
        _keep(log.origin, size, note, now_ms)
    return note


def _keep(origin: str, size: int, note: bytes, now_ms: int) -> None:
    """With the lines of other bodies that stand under the same size already."""
    before = SignedCheckpoint.objects.filter(origin=origin, size=size).first()
    if before is not None:
        _, lines = split_note(bytes(before.note))
        note = add_signatures(note, [line for line in lines if line.name != origin])
    SignedCheckpoint.objects.update_or_create(
        origin=origin, size=size, defaults={"note": note, "signed_ms": now_ms}
    )


def _forget_older(origin: str, size: int) -> None:
    """Those that this one replaces; not those that carry a line of another body."""
    others = SignedCheckpoint.objects.filter(origin=origin, cosigned=False).exclude(size=size)
    for older in others:
        _, lines = split_note(bytes(older.note))
        if all(line.name == origin for line in lines):
            older.delete()


def check_extends(log: Log, folder: Path, tree: TiledTree) -> None:
    """Refused unless the tree begins with all that is known to have been signed."""
    signed = SignedCheckpoint.objects.filter(origin=log.origin).values_list("note", flat=True)
    for note in [read_guard(folder), *map(bytes, signed)]:
        try:
            ours = note is not None and read_checkpoint(note).origin == log.origin
        except BadNote as error:
            raise Refused(f"A checkpoint in the tables is damaged ({error})") from error
        if note is not None and ours:
            check_fits(note, tree, "was signed here")


def check_fits(note: bytes, tree: TiledTree, how: str) -> None:
    """Refused unless the tree begins with what the checkpoint vouches for."""
    signed = read_checkpoint(note)
    if signed.size > tree.size:
        raise Refused(
            f"A checkpoint over {signed.size:,} entries {how}, but the tables hold {tree.size:,}.",
            note,
        )
    try:
        root = tree.root(signed.size)
    except LostEntry as error:
        raise Refused(f"The tree cannot be read: {error}", note) from error
    if root != signed.root:
        raise Refused(
            f"A checkpoint {how} whose first {signed.size:,} entries are not those in the tables.",
            note,
        )


def newest_checkpoint(origin: str) -> SignedCheckpoint | None:
    """The newest that was signed under this origin."""
    return SignedCheckpoint.objects.filter(origin=origin).order_by("-size").first()


def cosigned_checkpoint(origin: str) -> SignedCheckpoint | None:
    """The newest under this origin that enough other bodies have cosigned."""
    rows = SignedCheckpoint.objects.filter(origin=origin, cosigned=True)
    return rows.order_by("-size").first()


def stopped() -> Stop | None:
    """Why nothing is signed; None if it is."""
    return Stop.objects.filter(ended_ms=None).order_by("id").first()


def stop_signing(why: str, note: bytes, *, now_ms: int) -> None:
    """Sign nothing more until an operator has acted; said once."""
    if stopped() is None:
        Stop.objects.create(at_ms=now_ms, why=why, note=note)


def resume_signing(*, now_ms: int) -> bytes:
    """Sign again; Refused if the tree still does not extend what is known to have been signed."""
    log = read_log(now_ms=now_ms)
    with transaction.atomic():
        tree = open_tree(hold_tree())
        for stop in Stop.objects.filter(ended_ms=None).exclude(note=b""):
            if read_checkpoint(bytes(stop.note)).origin == log.origin:
                check_fits(bytes(stop.note), tree, "was shown")
        note = sign_checkpoint_now(log, settings.DATA.path, now_ms=now_ms)
        Stop.objects.filter(ended_ms=None).update(ended_ms=now_ms)
    return note


def begin_new_log(*, now_ms: int, why: str = "", by: str = "") -> Log:
    """Declare that the old log cannot go on: a new origin and key, `break` first, then every
    entry that there is, in its old order."""
    with transaction.atomic():
        size = hold_tree()
        old = read_log(now_ms=now_ms)
        last = _last_signed(old) or Checkpoint(old.origin, size, open_tree(size).root())
        spans = Span.objects.order_by("first_index")
        again = list(spans.values_list("unit", "journal", "type", "seq"))
        waiting = Pending.objects.order_by("id")
        again += list(waiting.values_list("unit", "journal", "type", "seq"))
        # What was signed under the old name is in the record, and with those who were shown it.
        for table in (Pending, Span, StoredTile, SignedCheckpoint):
            table.objects.all().delete()
        Tree.objects.filter(id=THE_TREE).update(size=0)
        record_break(old, last, now_ms=now_ms, why=why, by=by)
        names = ("unit", "journal", "type", "seq")
        Pending.objects.bulk_create(
            (Pending(**dict(zip(names, row, strict=True))) for row in again), batch_size=1_000
        )
        Stop.objects.filter(ended_ms=None).update(ended_ms=now_ms)
    return read_log(now_ms=now_ms)


def _last_signed(log: Log) -> Checkpoint | None:
    """The furthest that is known to have been signed, in the tables or not."""
    signed = SignedCheckpoint.objects.filter(origin=log.origin).values_list("note", flat=True)
    stops = Stop.objects.filter(ended_ms=None).exclude(note=b"").values_list("note", flat=True)
    notes = [read_guard(settings.DATA.path), *map(bytes, signed), *map(bytes, stops)]
    ours = []
    for note in notes:
        with suppress(BadNote):  # a damaged one is a reason for the break, and says nothing
            if note is not None and (found := read_checkpoint(note)).origin == log.origin:
                ours.append(found)
    return max(ours, key=lambda checkpoint: checkpoint.size, default=None)
