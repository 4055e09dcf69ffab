"""Checkpoints: when there is news, never two roots for one size, never a shorter tree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.checkpoint import LogKey, follow_rotations, open_checkpoint, read_checkpoint
from protocol.note import split_note
from tests.server.doors import send
from tests.server.kiosks import PaperKiosk
from tests.server.ledger.logs import START_MS, checkpoint, get, integrate_and_sign, log_key

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def real(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server whose data is no sample: it waits as a real one does."""
    from django.conf import settings

    monkeypatch.setattr(
        settings.DATA, "_settings", {"name": settings.DATA.server_name, "sample": False}
    )
    yield


@pytest.fixture(autouse=True)
def keys_of_this_test_only(server_folder: Path) -> Iterator[None]:
    yield
    for path in (server_folder / "keys").glob("log-*"):
        path.unlink()


def sign(now_ms: int, *, since_ms: int = 0) -> bytes | None:
    from server.ledger.integrator import integrate_all
    from server.ledger.signing import sign_if_due

    integrate_all()
    return sign_if_due(now_ms=now_ms, since_ms=since_ms)


def more(kiosk: PaperKiosk) -> None:
    kiosk.vote(4)
    assert send(kiosk).status == 200


def why_stopped() -> str:
    from server.ledger.signing import stopped

    stop = stopped()
    return "" if stop is None else stop.why


def test_a_checkpoint_is_signed_when_there_is_news_at_most_once_a_minute(
    kiosk: PaperKiosk, real: None
) -> None:
    send(kiosk)
    first = sign(START_MS)
    assert first is not None
    assert read_checkpoint(first).size == 5
    more(kiosk)
    assert sign(START_MS + 59_999) is None
    second = sign(START_MS + 60_000)
    assert second is not None
    assert read_checkpoint(second).size == 7
    assert sign(START_MS + 600_000) is None, "nothing is new"
    assert get("checkpoint").body == second


def test_a_server_that_just_began_hears_its_kiosks_first(kiosk: PaperKiosk, real: None) -> None:
    send(kiosk)
    assert sign(START_MS + 299_999, since_ms=START_MS) is None
    assert sign(START_MS + 300_000, since_ms=START_MS) is not None


def test_a_clock_that_went_back_does_not_silence_the_log(kiosk: PaperKiosk, real: None) -> None:
    send(kiosk)
    assert sign(START_MS) is not None
    more(kiosk)
    assert sign(START_MS - DAY_MS) is not None


def forget_everything_but_the_guard() -> None:
    """The tables as of a backup that was made before the log had anything in it."""
    from server.ledger.models import SignedCheckpoint, Span, StoredTile, Tree

    for table in (SignedCheckpoint, Span, StoredTile, Tree):
        table.objects.all().delete()


def test_yesterdays_tables_are_not_signed_beside_todays_checkpoint(kiosk: PaperKiosk) -> None:
    send(kiosk)
    assert sign(START_MS) is not None
    forget_everything_but_the_guard()
    assert sign(START_MS + DAY_MS) is None
    assert "over 5 entries was signed here, but the tables hold 0" in why_stopped()
    assert get("checkpoint").status == 404


def test_a_line_that_was_changed_with_its_tile_is_not_signed(kiosk: PaperKiosk) -> None:
    from server.ledger.models import StoredTile

    send(kiosk)
    assert sign(START_MS) is not None
    tile = StoredTile.objects.get()
    tile.hashes = bytes(tile.hashes)[:32] + bytes(32) + bytes(tile.hashes)[64:]
    StoredTile.objects.filter(level=0, number=0).update(hashes=tile.hashes)
    more(kiosk)
    assert sign(START_MS + DAY_MS) is None
    assert "whose first 5 entries are not those in the tables" in why_stopped()


def test_what_stopped_the_log_is_said_once_and_lasts(kiosk: PaperKiosk) -> None:
    from server.ledger.models import Stop

    send(kiosk)
    sign(START_MS)
    forget_everything_but_the_guard()
    for hour in range(3):
        assert sign(START_MS + DAY_MS + hour) is None
    assert Stop.objects.count() == 1
    assert send(kiosk).json["acked"] == 3, "votes are taken all the same"
    assert send(kiosk).json["checkpoint"] is None


def test_once_the_tables_are_back_an_operator_lets_it_sign_again(kiosk: PaperKiosk) -> None:
    from server.ledger.models import SignedCheckpoint, Span, StoredTile, Tree
    from server.ledger.signing import Refused, resume_signing

    send(kiosk)
    sign(START_MS)
    tables: tuple[Any, ...] = (SignedCheckpoint, Span, StoredTile, Tree)
    kept = [list(table.objects.all()) for table in tables]
    forget_everything_but_the_guard()
    sign(START_MS + 1_000)
    with pytest.raises(Refused):
        resume_signing(now_ms=START_MS + 2_000)
    for table, rows in zip(tables, kept, strict=True):
        table.objects.all().delete()
        table.objects.bulk_create(rows)
    more(kiosk)
    note = resume_signing(now_ms=START_MS + 3_000)
    assert why_stopped() == ""
    assert read_checkpoint(note).size == 5
    assert sign(START_MS + DAY_MS) is not None


def test_what_nobody_can_give_back_is_declared_and_a_new_log_begins(kiosk: PaperKiosk) -> None:
    import msgspec

    from server.ledger.keys import read_log
    from server.ledger.signing import begin_new_log
    from server.ledger.tree import read_entries, tree_size

    send(kiosk)
    old = checkpoint_of(sign(START_MS))
    old_key = log_key()
    forget_everything_but_the_guard()
    sign(START_MS + 1_000)
    begin_new_log(now_ms=START_MS + DAY_MS)
    new = checkpoint_of(sign(START_MS + DAY_MS + 1))
    assert new.origin == f"{old.origin}/2"
    first = msgspec.json.decode(read_entries(0, 1)[0])
    assert (first["type"], first["data"]["origin"], first["data"]["size"]) == (
        "break", old.origin, old.size,
    )  # fmt: skip
    log = read_log(now_ms=START_MS + DAY_MS)
    assert log.key.vkey != old_key.vkey
    assert log.key.origin == new.origin
    # A kiosk that was enrolled before follows only by a new enrolment.
    kiosk.vote(1)
    assert send(kiosk).json["checkpoint"] is None
    begin_new_log(now_ms=START_MS + 2 * DAY_MS)
    third = checkpoint_of(sign(START_MS + 2 * DAY_MS + 1))
    assert third.origin == f"{old.origin}/3"
    assert tree_size() == third.size


def test_a_break_keeps_every_entry_that_there_is(kiosk: PaperKiosk, other: PaperKiosk) -> None:
    from server.ledger.integrator import integrate_all
    from server.ledger.signing import begin_new_log
    from server.ledger.tree import read_entries, tree_size

    send(kiosk)
    sign(START_MS)
    before = read_entries(0, tree_size())
    send(other)  # waits
    begin_new_log(now_ms=START_MS + DAY_MS)
    integrate_all()
    after = read_entries(0, tree_size())
    assert after[1 : 1 + len(before)] == before
    assert after[1 + len(before) : -1] == other.lines


def test_a_new_log_is_not_stopped_by_whoever_was_about_to_sign_the_old_one(
    kiosk: PaperKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pipeline waits for the tree while an operator begins the new log."""
    from server.ledger import signing, tree

    send(kiosk)
    old = checkpoint_of(sign(START_MS))
    forget_everything_but_the_guard()

    def wait_for_the_operator() -> int:
        monkeypatch.setattr(signing, "hold_tree", tree.hold_tree)
        signing.begin_new_log(now_ms=START_MS + DAY_MS)
        return tree.hold_tree()

    monkeypatch.setattr(signing, "hold_tree", wait_for_the_operator)
    sign(START_MS + DAY_MS)
    assert why_stopped() == ""
    assert checkpoint_of(sign(START_MS + 2 * DAY_MS)).origin == f"{old.origin}/2"


def checkpoint_of(note: bytes | None) -> Any:
    assert note is not None
    return read_checkpoint(note)


def test_a_new_key_is_handed_over_by_the_old_one_and_both_sign_for_400_days(
    kiosk: PaperKiosk,
) -> None:
    from server.ledger.keys import read_log, rotate_key

    old = log_key()
    send(kiosk)
    sign(START_MS)
    new = rotate_key(now_ms=START_MS + DAY_MS).key
    assert (new.origin, new.vkey != old.vkey) == (old.origin, True)
    more(kiosk)
    note = sign(START_MS + DAY_MS + 1)
    assert note is not None
    for known in old, new:
        assert open_checkpoint(note, [known]).size > 5
    (rotation,) = get("rotations").body.split(b"\n\n\n")
    assert new.vkey in {
        key.vkey for key in follow_rotations([old], [rotation.rstrip(b"\n") + b"\n"])
    }
    late = read_log(now_ms=START_MS + 402 * DAY_MS)
    assert (len(late.signers), late.rotations) == (1, ())
    assert [key.vkey for key in late.known] == [new.vkey, old.vkey]


def test_receipts_hand_over_the_new_key(kiosk: PaperKiosk) -> None:
    from server.ledger.keys import rotate_key

    old = log_key()
    send(kiosk)
    sign(START_MS)
    assert "log_keys" not in send(kiosk).json
    import time

    now_ms = time.time_ns() // 1_000_000
    new = rotate_key(now_ms=now_ms).key
    sign(now_ms + 1)
    (note,) = send(kiosk).json["log_keys"]
    assert {key.vkey for key in follow_rotations([old], [note.encode()])} == {old.vkey, new.vkey}


def test_a_second_rotation_and_a_key_file_that_is_gone(
    kiosk: PaperKiosk, server_folder: Path
) -> None:
    from server.folder import SetupError
    from server.ledger.keys import all_rotations, read_log, rotate_key

    first = log_key()
    rotate_key(now_ms=START_MS)
    last = rotate_key(now_ms=START_MS + DAY_MS).key
    known = follow_rotations([first], all_rotations())
    assert last.vkey in {key.vkey for key in known}
    send(kiosk)
    _, signatures = split_note(sign(START_MS + 2 * DAY_MS) or b"")
    assert len(signatures) == 3
    for path in (server_folder / "keys").glob("log-*"):
        path.unlink()
    with pytest.raises(SetupError, match="restore it"):
        read_log(now_ms=START_MS + 2 * DAY_MS)


def test_a_damaged_guard_is_named_and_nothing_is_signed(
    kiosk: PaperKiosk, server_folder: Path
) -> None:
    from server.folder import SetupError

    send(kiosk)
    sign(START_MS)
    (server_folder / "log-guard").write_bytes(b"garbage")
    more(kiosk)
    with pytest.raises(SetupError, match="log-guard is no checkpoint"):
        sign(START_MS + DAY_MS)
    assert checkpoint().size == 5


def test_an_outsider_reads_the_same_key_that_kiosks_are_told(kiosk: PaperKiosk) -> None:
    send(kiosk)
    note = integrate_and_sign()
    assert note is not None
    assert open_checkpoint(note, [LogKey.parse(log_key().vkey)]).origin.endswith("/log")
