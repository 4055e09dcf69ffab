"""Accepting what kiosks send: checks 4 to 9 of protocol.md 6 in their order, one transaction."""

from collections.abc import Sequence

from protocol.journal import CheckedLine, Head, line_hash
from protocol.keys import b64
from protocol.problems import Receipt
from server.database import Cursor, each_alone, write
from server.fleet.uptime import SEEN_EVERY_MS, silent_after_ms
from server.ingest.journals import (
    JournalKey,
    Refused,
    Stored,
    find_journal,
    read_head,
    read_journal,
    read_lines,
    stamp,
)
from server.ingest.silence import end_silence
from server.ledger.services import append_lines, record_deed, record_received

SELECT_LINES = (
    "SELECT seq, body FROM ledger_line "
    "WHERE unit = %s AND journal = %s AND seq BETWEEN %s AND %s ORDER BY seq"
)
UPDATE_HEAD = (
    "UPDATE ingest_journal SET acked = %s, head_hash = %s, head_note = %s, seen_ms = %s, "
    "signed_ms = %s WHERE unit = %s AND journal = %s"
)
UPDATE_SEEN = (
    "UPDATE ingest_journal SET seen_ms = %s, signed_ms = %s "
    "WHERE unit = %s AND journal = %s AND seen_ms < %s"
)
UPDATE_FORKED = (
    "UPDATE ingest_journal SET state = 'forked', fork_seq = %s, fork_note = %s "
    "WHERE unit = %s AND journal = %s"
)


def accept_lines(
    *, journal: str, head_note: bytes, body: bytes, now_ms: int | None = None
) -> Receipt:
    """Store a request's new lines and acknowledge them; twice is the same as once.

    body: lines joined by newlines, or empty for a heartbeat. now_ms: the receipt time, for
    histories; without it the time of the transaction. Raises Refused.
    """
    key = find_journal(journal)
    return accept(key, read_head(key, head_note), head_note, body, now_ms)


def accept(
    key: JournalKey,
    head: Head,
    head_note: bytes,
    body: bytes,
    at_ms: int | None = None,
    *,
    signed_ms: int | None = None,
    log_note: bytes | None = None,
) -> Receipt:
    """Checks 4 to 9 for a head that is already known to be the journal's own.

    log_note: the newest checkpoint that the kiosk holds. signed_ms: when the kiosk says that it
    signed this request. Only a later one than before moves *last seen* (protocol.md 7): whoever
    repeats a request keeps no kiosk alive.
    """
    from server.ledger.shown import show_log  # its tables need the settings

    receipt = _accept(key, head, head_note, body, at_ms, signed_ms)
    return show_log(receipt, enrolled_ms=key.enrolled_ms, held=log_note, now_ms=receipt.server_ms)


def _accept(
    key: JournalKey,
    head: Head,
    head_note: bytes,
    body: bytes,
    at_ms: int | None,
    signed_ms: int | None,
) -> Receipt:
    lines = _checked(key, head, body)
    if not lines and (receipt := _heartbeat(key, head, at_ms, signed_ms)):
        return receipt

    def work(cursor: Cursor) -> Receipt | Refused:
        return _store(cursor, key, head, head_note, lines, at_ms, signed_ms)

    # A refusal is an answer, not a failure: a fork that was found must be committed too.
    answer = write(work)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _heartbeat(
    key: JournalKey, head: Head, given_ms: int | None, signed_ms: int | None
) -> Receipt | None:
    """The answer to the usual heartbeat, which holds nothing and writes only *last seen*; None if
    there is more to it: the journal is not open, the head is another one, a silence ends."""

    def work(cursor: Cursor) -> Receipt | None:
        stored = read_journal(cursor, key, hold=False)
        at_ms = stamp(given_ms)
        usual = (
            stored.state == "open"
            and (head.seq, head.hash) == (stored.acked, stored.head_hash)
            and at_ms - stored.seen_ms <= silent_after_ms(stored.heartbeat_s)
        )
        if not usual:
            return None
        _see(cursor, key, stored, at_ms, signed_ms)
        return _receipt(stored, stored.acked, at_ms)

    return each_alone(work)


def _checked(key: JournalKey, head: Head, body: bytes) -> list[CheckedLine]:
    """Check 5, but a journal that is closed or revoked says so first (check 4)."""
    try:
        return read_lines(key, head, body)
    except Refused:
        state = write(lambda cursor: read_journal(cursor, key)).state
        if state in ("closed", "revoked"):
            raise Refused(state) from None
        raise


def _store(
    cursor: Cursor,
    key: JournalKey,
    head: Head,
    head_note: bytes,
    lines: list[CheckedLine],
    given_ms: int | None,
    signed_ms: int | None,
) -> Receipt | Refused:
    """Checks 4 and 6 to 9 in the caller's transaction."""
    stored = read_journal(cursor, key)
    at_ms = stamp(given_ms)  # under the journal's lock: a later seq has no earlier receipt time
    if stored.state in ("closed", "revoked"):
        return Refused(stored.state)
    place = _compare(cursor, key, stored, head, lines)
    if not _is_repeated(stored, signed_ms):
        end_silence(cursor, key, stored, at_ms)  # whatever the answer: it was heard
    if stored.state == "forked":
        _see(cursor, key, stored, at_ms, signed_ms)
        return _fork_answer(stored, strange=place != AGREES)
    if place == GAP:
        _see(cursor, key, stored, at_ms, signed_ms)
        return Refused("gap", expected=stored.acked + 1)
    if place != AGREES:
        return _record_fork(cursor, key, stored, head_note, seq=place, at_ms=at_ms)
    new = [line for line in lines if line.seq > stored.acked]
    if new:
        seen = (max(at_ms, stored.seen_ms), max(signed_ms or 0, stored.signed_ms))
        _append(cursor, key, new, head_note, at_ms, seen=seen)
    else:
        _see(cursor, key, stored, at_ms, signed_ms)
    return _receipt(stored, new[-1].seq if new else stored.acked, at_ms)


def _receipt(stored: Stored, acked: int, at_ms: int) -> Receipt:
    config = None if stored.config is None else str(stored.config)
    note = None if stored.checkpoint is None else stored.checkpoint.decode()
    return Receipt(acked=acked, server_ms=at_ms, config=config, checkpoint=note)


def _is_repeated(stored: Stored, signed_ms: int | None) -> bool:
    return signed_ms is not None and signed_ms <= stored.signed_ms


def _see(
    cursor: Cursor, key: JournalKey, stored: Stored, at_ms: int, signed_ms: int | None
) -> None:
    """Move *last seen*, forward only."""
    if at_ms - stored.seen_ms > SEEN_EVERY_MS and not _is_repeated(stored, signed_ms):
        signed_ms = stored.signed_ms if signed_ms is None else signed_ms
        cursor.execute(UPDATE_SEEN, (at_ms, signed_ms, key.unit, key.journal, at_ms))


AGREES, GAP = 0, -1


def _compare(
    cursor: Cursor, key: JournalKey, stored: Stored, head: Head, lines: Sequence[CheckedLine]
) -> int:
    """AGREES, GAP, or the lowest seq at which the sender's journal is another one (6 to 8)."""
    first = lines[0].seq if lines else head.seq
    if first > stored.acked + bool(lines):
        return GAP
    if lines and first == stored.acked + 1:
        return AGREES if stored.acked == 0 or lines[0].prev == stored.head_hash else stored.acked
    if not lines:
        return AGREES if _hash_at(cursor, key, stored, head.seq) == head.hash else head.seq
    last = min(lines[-1].seq, stored.acked)
    held = cursor.all(SELECT_LINES, (key.unit, key.journal, first, last))
    for line, (seq, body) in zip(lines, held, strict=False):
        if line.seq != seq or line.line != bytes(body):
            return line.seq
    return AGREES


def _hash_at(cursor: Cursor, key: JournalKey, stored: Stored, seq: int) -> bytes:
    if seq == 0:
        return key.genesis
    if seq == stored.acked:
        return stored.head_hash
    ((_, body),) = cursor.all(SELECT_LINES, (key.unit, key.journal, seq, seq))
    return line_hash(bytes(body))


def _append(
    cursor: Cursor,
    key: JournalKey,
    new: Sequence[CheckedLine],
    head_note: bytes,
    at_ms: int,
    *,
    seen: tuple[int, int],
) -> None:
    """Check 9: the new lines, their `received` record and the journal's head, together."""
    first, last = new[0].seq, new[-1]
    append_lines(
        cursor, unit=key.unit, journal=key.journal, first=first, lines=[n.line for n in new]
    )
    record_received(
        cursor,
        unit=key.unit,
        journal=key.journal,
        first=first,
        last=last.seq,
        head=head_note,
        at_ms=at_ms,
    )
    cursor.execute(UPDATE_HEAD, (last.seq, last.hash, head_note, *seen, key.unit, key.journal))


def _record_fork(
    cursor: Cursor, key: JournalKey, stored: Stored, head_note: bytes, *, seq: int, at_ms: int
) -> Refused:
    """Two journals claim one place: both heads are kept, nothing more is stored."""
    record_deed(
        cursor,
        unit=key.unit,
        journal=key.journal,
        type="forked",
        seq=seq,
        at_ms=at_ms,
        data={
            "journal": key.journal,
            "seq": seq,
            "head_a": b64(stored.head_note),
            "head_b": b64(head_note),
        },
    )
    cursor.execute(UPDATE_FORKED, (seq, head_note, key.unit, key.journal))
    return Refused("fork", seq=seq, head=b64(stored.head_note))


def _fork_answer(stored: Stored, *, strange: bool) -> Refused:
    """Show the sender a head that is not on its own branch."""
    note = stored.head_note if strange else stored.fork_note
    return Refused("fork", seq=stored.fork_seq, head=b64(note))
