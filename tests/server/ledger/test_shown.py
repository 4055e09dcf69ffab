"""What kiosks are shown of the log, and what happens when they show another one."""

import pytest

from protocol.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from protocol.inclusion import decode_inclusion
from protocol.keys import b64, new_key, unb64
from protocol.merkle import leaf_hash, verify_consistency, verify_inclusion
from tests.server.doors import Reply, knock, send, signature
from tests.server.kiosks import PaperKiosk
from tests.server.ledger.logs import START_MS, integrate_and_sign, log_key


def shown(kiosk: PaperKiosk, held: bytes | None = None) -> Reply:
    return send(kiosk, HTTP_HAILONG_LOG="absent" if held is None else b64(held))


def grow(kiosk: PaperKiosk, minute: int) -> bytes:
    kiosk.vote(3)
    assert send(kiosk).status == 200
    note = integrate_and_sign(START_MS + minute * 60_000)
    assert note is not None
    return note


def test_a_kiosk_that_holds_nothing_is_shown_the_newest_without_a_proof(kiosk: PaperKiosk) -> None:
    note = grow(kiosk, 0)
    answer = shown(kiosk).json
    assert (answer["checkpoint"].encode(), answer["consistency"]) == (note, [])


def test_a_kiosk_is_led_from_what_it_holds_to_the_newest(kiosk: PaperKiosk) -> None:
    notes = [grow(kiosk, minute) for minute in range(12)]
    new = open_checkpoint(notes[-1], [log_key()])
    for note in notes:
        old = open_checkpoint(note, [log_key()])
        answer = shown(kiosk, note).json
        assert answer["checkpoint"].encode() == notes[-1]
        proof = [unb64(hash) for hash in answer["consistency"]]
        verify_consistency(
            old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=proof
        )


def test_a_heartbeat_is_shown_it_too(kiosk: PaperKiosk) -> None:
    note = grow(kiosk, 0)
    answer = send(kiosk, b"", HTTP_HAILONG_LOG=b64(note)).json
    assert (answer["checkpoint"].encode(), answer["consistency"]) == (note, [])


@pytest.mark.parametrize("held", [b"", b"garbage", b"x" * 5_000, b"\xff\xfe"])
def test_what_cannot_be_read_counts_as_nothing(kiosk: PaperKiosk, held: bytes) -> None:
    note = grow(kiosk, 0)
    assert shown(kiosk, held).json["checkpoint"].encode() == note
    assert send(kiosk, HTTP_HAILONG_LOG="%%%").json["checkpoint"].encode() == note


def test_a_stolen_key_does_not_fill_the_memory_with_what_it_shows(kiosk: PaperKiosk) -> None:
    from server.ledger import shown as module

    note = grow(kiosk, 0)
    for number in range(3):
        assert shown(kiosk, bytes([number]) * 200_000).json["checkpoint"].encode() == note
    assert not module._fitting._held, "what is too long to be a checkpoint is not kept at all"
    for number in range(3):
        shown(kiosk, bytes([number]) * 4_000)
    kept = [hash for _, hash in module._fitting._held]
    assert [len(hash) for hash in kept] == [32] * 3


def test_a_signature_repeated_is_checked_once(kiosk: PaperKiosk) -> None:
    """The second line of the log is not looked at, else this one would count as none."""
    old, _ = grow(kiosk, 0), grow(kiosk, 1)
    name, line = old.decode().splitlines()[0], old.decode().splitlines()[-1]
    wrong = f"— {name} {b64(unb64(line.split(' ')[2])[:4] + bytes(64))}\n".encode()
    assert shown(kiosk, old + wrong * 20).json["consistency"] != []
    assert shown(kiosk, old.removesuffix(f"{line}\n".encode()) + wrong).json["consistency"] == []


def test_a_checkpoint_that_the_log_never_signed_stops_nothing(kiosk: PaperKiosk) -> None:
    """Any kiosk's key could otherwise silence the log."""
    from server.ledger.signing import stopped

    note = grow(kiosk, 0)
    forged = sign_checkpoint(Checkpoint(log_key().origin, 10**6, bytes(32)), [new_key()])
    assert shown(kiosk, forged).json["checkpoint"].encode() == note
    assert stopped() is None


@pytest.mark.parametrize(
    ("size", "says"),
    [(10**6, "but the tables hold"), (6, "are not those in the tables"), (4, "not")],
)
def test_a_kiosk_that_saw_another_history_stops_the_log_but_not_the_votes(
    kiosk: PaperKiosk, size: int, says: str
) -> None:
    from django.conf import settings

    from server.ledger.models import Stop

    grow(kiosk, 0)
    other = Checkpoint(log_key().origin, size, bytes(range(32)))
    held = sign_checkpoint(other, [settings.DATA.signing_key("log")])
    answer = shown(kiosk, held)
    assert (answer.status, answer.json["acked"], answer.json["checkpoint"]) == (200, 4, None)
    (stop,) = Stop.objects.all()
    assert says in stop.why
    assert bytes(stop.note) == held, "the evidence is kept"
    kiosk.vote(1)
    assert shown(kiosk).json["acked"] == 5
    assert shown(kiosk).json["checkpoint"] is None, "nobody else is shown it either"
    assert integrate_and_sign(START_MS + 10**7) is None


def inclusion(kiosk: PaperKiosk, query: str) -> Reply:
    target = f"/api/v1/journals/{kiosk.journal}/inclusion{query}"
    signed = signature(kiosk.kiosk, kiosk.key, "GET", target, b"")
    return knock("GET", target, HTTP_HAILONG_SIGNATURE=signed)


def test_every_line_of_a_journal_proves_itself(kiosk: PaperKiosk, other: PaperKiosk) -> None:
    send(other)
    for _ in range(300):
        kiosk.vote(2)
    send(kiosk)
    note = integrate_and_sign() or b""
    checkpoint = open_checkpoint(note, [log_key()])
    proved = {}
    for first in range(1, 400, 100):
        answer = decode_inclusion(inclusion(kiosk, f"?from={first}&to={first + 99}").body)
        assert answer.checkpoint is not None
        assert answer.checkpoint.encode() == note
        for line in answer.lines:
            leaf = leaf_hash(kiosk.lines[line.seq - 1])
            verify_inclusion(
                index=line.index, size=checkpoint.size, leaf=leaf, proof=line.hashes(),
                root=checkpoint.root,
            )  # fmt: skip
            proved[line.seq] = line.index
    assert sorted(proved) == list(range(1, 304))


def test_lines_that_are_under_no_checkpoint_yet_are_left_out(kiosk: PaperKiosk) -> None:
    from server.ledger.integrator import integrate_all

    send(kiosk)
    assert decode_inclusion(inclusion(kiosk, "?from=1&to=3").body).checkpoint is None
    integrate_and_sign()
    kiosk.vote(1)
    send(kiosk)
    integrate_all()
    answer = decode_inclusion(inclusion(kiosk, "?from=1&to=4").body)
    assert [line.seq for line in answer.lines] == [1, 2, 3]


@pytest.mark.parametrize(
    "query",
    ["", "?from=1", "?from=0&to=3", "?from=5&to=4", "?from=1&to=101", "?from=x&to=3",
     "?to=3&from=1", "?from=1&to=99999999999999999", "?from=1&to=3&more=1"],
)  # fmt: skip
def test_another_range_is_refused(kiosk: PaperKiosk, query: str) -> None:
    send(kiosk)
    reply = inclusion(kiosk, query)
    assert (reply.status, reply.word) == (400, "body")


def test_a_stranger_is_told_nothing(kiosk: PaperKiosk, other: PaperKiosk) -> None:
    send(kiosk)
    integrate_and_sign()
    target = f"/api/v1/journals/{kiosk.journal}/inclusion?from=1&to=3"
    signed = signature(other.kiosk, other.key, "GET", target, b"")
    assert knock("GET", target, HTTP_HAILONG_SIGNATURE=signed).word == "key"


def test_a_log_that_cannot_be_read_does_not_hold_up_a_vote(kiosk: PaperKiosk) -> None:
    from server.ledger.models import StoredTile

    notes = [grow(kiosk, minute) for minute in range(2)]
    StoredTile.objects.all().delete()
    kiosk.vote(2)
    answer = shown(kiosk, notes[0])
    assert (answer.status, answer.json["acked"], answer.json["checkpoint"]) == (200, 6, None)


def test_after_a_break_nobody_is_shown_the_old_log_nor_stops_the_new_one(
    kiosk: PaperKiosk,
) -> None:
    from server.ledger.signing import begin_new_log, stopped

    held = grow(kiosk, 0)
    assert shown(kiosk, held).json["checkpoint"].encode() == held
    begin_new_log(now_ms=START_MS + 10**8)
    kiosk.vote(1)
    assert shown(kiosk, held).json["checkpoint"] is None
    assert stopped() is None
    assert integrate_and_sign(START_MS + 10**8 + 1) is not None
    assert shown(kiosk, held).json["checkpoint"] is None, "it was enrolled under the old one"
    assert stopped() is None
