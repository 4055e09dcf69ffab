"""Heads, signatures, clocks and a journal's state: what is refused, on a real socket."""

import pytest

from protocol.keys import b64, new_key, unb64
from protocol.note import sign_note
from tests.server.doors import send, signature
from tests.server.ingest.test_line_door import enrolled, stored
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live


@pytest.fixture
def paper() -> PaperKiosk:
    return enrolled()


def test_a_signature_with_s_past_the_groups_order_is_no_signature(
    live: Live, paper: PaperKiosk
) -> None:
    """S + L verifies under a careless reader; RFC 8032 and protocol.md 1 want S < L."""
    order = 2**252 + 27742317777372353535851937790883648493

    def shifted(signature: bytes) -> bytes:
        s = int.from_bytes(signature[-32:], "little") + order
        return signature[:-32] + s.to_bytes(32, "little")

    note = paper.head()
    text, _, line = note.decode().rpartition("— ")
    name, encoded = line.split()
    forged = f"{text}— {name} {b64(shifted(unb64(encoded)))}\n".encode()
    assert live.send(paper, head=forged).word == "key"
    target = f"/api/v1/journals/{paper.journal}/lines"
    who, ms, encoded = signature(paper.kiosk, paper.key, "POST", target, paper.body()).split()
    header = f"{who} {ms} {b64(shifted(unb64(encoded)))}"
    reply = live.send(paper, Hailong_Signature=header)
    assert (reply.status, reply.word) == (401, "key")
    assert stored(paper) == []


def notes(paper: PaperKiosk) -> dict[str, bytes]:
    """Head notes that are not quite one; the text of the last three is signed by the right key."""
    good = paper.head()
    text = good.partition(b"\n\n")[0].decode() + "\n"
    kiosk, journal, seq, hash = paper.kiosk, paper.journal, 3, paper.hash_at(3)
    signed = [(kiosk, paper.key)]
    return {
        "no signature line": good.partition(b"\n\n")[0] + b"\n\n",
        "two signature lines": sign_note(text, [*signed, ("k-2", new_key())]),
        "a hyphen for the dash": good.replace("—".encode(), b"-"),
        "carriage returns": good.replace(b"\n", b"\r\n"),
        "no last newline": good[:-1],
        "a line behind": good + b"\n",
        "no UTF-8": good + b"\xff",
        "another key's id": sign_note(text, [(kiosk, new_key())]),
        "another name": sign_note(text, [("k-2", paper.key)]),
        "a seq of 03": sign_note(f"{kiosk}/journal/{journal}\n03\n{b64(hash)}\n", signed),
        "a seq of 2^53": sign_note(f"{kiosk}/journal/{journal}\n{2**53}\n{b64(hash)}\n", signed),
        "a fourth line": sign_note(f"{text}more\n", signed),
        "a hash of 31 bytes": sign_note(
            f"{kiosk}/journal/{journal}\n{seq}\n{b64(hash[:31])}\n", signed
        ),
        "another journal": sign_note(
            f"{kiosk}/journal/00000000-0000-4000-8000-000000000000\n{seq}\n{b64(hash)}\n", signed
        ),
        "another kiosk": sign_note(f"k-2/journal/{journal}\n{seq}\n{b64(hash)}\n", signed),
        "nothing but a byte": b"x",
    }


def test_a_head_note_that_is_not_quite_one_is_refused(live: Live, paper: PaperKiosk) -> None:
    for what, note in notes(paper).items():
        reply = live.send(paper, head=note)
        assert (reply.status, reply.word) == (401, "key"), what
    assert stored(paper) == []


def test_a_header_that_cannot_be_read_is_a_bad_request(live: Live, paper: PaperKiosk) -> None:
    target = f"/api/v1/journals/{paper.journal}/lines"
    good = {
        "Hailong_Head": b64(paper.head()),
        "Hailong_Signature": signature(paper.kiosk, paper.key, "POST", target, paper.body()),
    }
    for header, usual in good.items():
        twice = f"{usual}\r\n{header.replace('_', '-')}: {usual}"
        for value in (None, "", " ", "rubbish!", "YR==", b"\xff\xfe", "é", usual[:-1], twice):
            reply = live.send(paper, **{header: value})
            assert (reply.status, reply.word) == (400, "body"), (header, value)
    assert stored(paper) == []


def test_a_signature_header_of_another_form_is_a_bad_request(live: Live, paper: PaperKiosk) -> None:
    zeros = b64(bytes(64))
    for start in ("k-paper 1", "k-paper x", "k-paper -1", "k-paper  1", "K-PAPER 1", "k paper 1",
                  "k-paper 01", "k-paper 99999999999999999999", f"k-paper {2**53}"):  # fmt: skip
        value = start if start == "k-paper 1" else f"{start} {zeros}"
        reply = live.send(paper, Hailong_Signature=value)
        assert (reply.status, reply.word) == (400, "body"), start
    assert live.send(paper, Hailong_Signature=f"- 1 {zeros}").word == "key"


def test_an_unreadable_log_header_counts_as_absent(live: Live, paper: PaperKiosk) -> None:
    for value in ("", "rubbish!", "YQ==", b"\xff"):
        assert live.send(paper, Hailong_Log=value).json["acked"] == 3


def test_a_clock_of_300_000_ms_off_is_taken_and_of_300_001_is_not(paper: PaperKiosk) -> None:
    """The answers' own times tell how far off the clock was when it was judged."""
    from server.ingest.journals import now_ms

    taken, refused = set(), set()
    for _ in range(2_000):
        for ms in (now_ms() + 300_001, now_ms() - 300_000):
            reply = send(paper, b"", head=paper.head(0), ms=ms)
            off = abs(reply.json["server_ms"] - ms)
            if reply.status == 200:
                taken.add(off)
            else:
                assert (reply.status, reply.word) == (401, "clock")
                assert off > 300_000
                refused.add(off)
        # A receipt is stamped after the check, so only a clock that is ahead proves the bound.
        if 300_001 in refused and any(off == 300_000 for off in taken):
            return
    pytest.fail(f"taken {sorted(taken)[-3:]}, refused {sorted(refused)[:3]}")


# -- states -------------------------------------------------------------------------------------


def test_a_forked_journal_answers_fork_to_good_lines_and_line_to_bad_ones(
    live: Live, paper: PaperKiosk
) -> None:
    clone = paper.branch(2)
    clone.vote(1)
    assert live.send(paper).status == 200
    for _ in range(2):
        reply = live.send(clone)
        assert (reply.status, reply.word, reply.json["seq"]) == (409, "fork", 3)
        assert reply.json["head"] == b64(paper.head())
    for body in (paper.body(), b""):
        reply = live.send(paper, body)
        assert (reply.status, reply.word) == (409, "fork")
        assert reply.json["head"] == b64(clone.head())
    assert live.send(paper, b"rubbish").word == "line"
    assert stored(paper) == paper.lines


@pytest.mark.parametrize("name", ["closed", "revoked"])
def test_closed_and_revoked_are_said_before_a_line_is_read_and_their_quarantine_is_open(
    live: Live, paper: PaperKiosk, name: str
) -> None:
    from server.ingest.models import Journal, Quarantined

    assert (live.send(paper, door="quarantine").status) == 409
    Journal.objects.filter(journal=paper.journal).update(state=name)
    for body in (paper.body(), b"", b"rubbish"):
        reply = live.send(paper, body)
        assert (reply.status, reply.word) == (403, name)
    assert live.send(paper, b"rubbish", door="quarantine").word == "line"
    assert live.send(paper, paper.body(2), door="quarantine").json == {"kept": 2}
    assert live.send(paper, paper.body(), door="quarantine").json == {"kept": 3}
    assert live.send(paper, b"", door="quarantine").json == {"kept": 0}
    assert Quarantined.objects.filter(journal=paper.journal).count() == 3
    assert stored(paper) == []


def test_an_open_journals_quarantine_door_says_so_after_the_lines_were_read(
    live: Live, paper: PaperKiosk
) -> None:
    assert live.send(paper, b"rubbish", door="quarantine").word == "line"
    reply = live.send(paper, door="quarantine")
    assert (reply.status, reply.word) == (409, "open")


def test_a_full_quarantine_asks_to_wait(live: Live, paper: PaperKiosk) -> None:
    from django.db import connection

    from server.ingest.models import Journal
    from server.ingest.quarantine import MAX_QUARANTINED

    Journal.objects.filter(journal=paper.journal).update(state="revoked")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ingest_quarantined (unit, journal, seq, sha256, body) "
            "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
            "SELECT '99001', %s, i, 'x', '' FROM n",
            [99 + MAX_QUARANTINED, paper.journal],
        )
    reply = live.send(paper, door="quarantine")
    assert (reply.status, reply.word, reply.headers["retry-after"]) == (429, "rate", "3600")
