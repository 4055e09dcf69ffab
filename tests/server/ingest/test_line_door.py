"""The line door: every check of protocol.md 6, in its order, from raw bytes."""

import gzip
import json
import re
import uuid

import pytest

from protocol.journal import sign_head
from protocol.keys import b64, new_key, public_bytes
from tests.server.doors import send, signature
from tests.server.kiosks import PaperKiosk


@pytest.fixture
def kiosk() -> PaperKiosk:
    return enrolled()


def enrolled(name: str = "k-paper") -> PaperKiosk:
    """A kiosk whose journal the server knows, with three votes not yet sent."""
    from server.database import write
    from server.ingest.enrolment import Wish, _open

    paper = PaperKiosk(name)
    wish = Wish(None, paper.journal, public_bytes(paper.key))
    write(lambda cursor: _open(cursor, wish, paper.kiosk, "99001", paper.now_ms))
    for rating in (5, 4, 1):
        paper.vote(rating)
    return paper


def stored(paper: PaperKiosk) -> list[bytes]:
    from server.ledger.models import Line

    rows = Line.objects.filter(journal=paper.journal).order_by("seq")
    return [bytes(body) for body in rows.values_list("body", flat=True)]


def test_lines_are_stored_byte_for_byte_and_acknowledged(kiosk: PaperKiosk) -> None:
    reply = send(kiosk)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json["acked"] == 3
    assert reply.json["checkpoint"] is None
    assert reply.json["consistency"] == []
    assert stored(kiosk) == kiosk.lines


def test_a_final_newline_is_optional(kiosk: PaperKiosk) -> None:
    assert send(kiosk, kiosk.body() + b"\n").json["acked"] == 3


def test_the_received_record_stands_beside_the_lines(kiosk: PaperKiosk) -> None:
    from server.ledger.models import ServerRecord

    send(kiosk)
    record = ServerRecord.objects.get(type="received")
    assert re.fullmatch(
        rb'\{"v":1,"journal":"server","wall_ms":\d+,"salt":"[0-9a-f]{32}","type":"received",'
        rb'"data":\{.*\}\}',
        bytes(record.body),
    )
    data = json.loads(bytes(record.body))["data"]
    assert data == {
        "journal": kiosk.journal,
        "from": 1,
        "to": 3,
        "head": b64(kiosk.head()),
        "ms": record.at_ms,
    }


def test_sending_twice_changes_nothing_and_appends_no_record(kiosk: PaperKiosk) -> None:
    from server.ledger.models import ServerRecord

    send(kiosk)
    assert send(kiosk).json["acked"] == 3
    assert stored(kiosk) == kiosk.lines
    assert ServerRecord.objects.filter(type="received").count() == 1


def test_a_resend_that_overlaps_stores_only_what_is_new(kiosk: PaperKiosk) -> None:
    send(kiosk, kiosk.body(1, 2), head=kiosk.head(2))
    assert send(kiosk).json["acked"] == 3
    assert stored(kiosk) == kiosk.lines


def test_the_server_survives_ten_thousand_votes_sent_twice(kiosk: PaperKiosk) -> None:
    for _ in range(9_997):
        kiosk.vote(4)
    for _ in range(2):
        for first in range(1, 10_001, 500):
            last = first + 499
            reply = send(kiosk, kiosk.body(first, last), head=kiosk.head(last))
            assert reply.status == 200
    assert reply.json["acked"] == 10_000
    assert stored(kiosk) == kiosk.lines


def test_gzip_is_taken(kiosk: PaperKiosk) -> None:
    reply = send(kiosk, gzip.compress(kiosk.body()), HTTP_CONTENT_ENCODING="gzip")
    assert reply.json["acked"] == 3


def test_the_content_types_parameters_are_ignored(kiosk: PaperKiosk) -> None:
    assert send(kiosk, CONTENT_TYPE="application/x-ndjson; charset=utf-8").status == 200


def test_zero_bytes_are_a_heartbeat(kiosk: PaperKiosk) -> None:
    send(kiosk)
    assert send(kiosk, b"").json["acked"] == 3
    assert send(kiosk, b"\n").json["acked"] == 3


def test_the_heartbeat_of_an_empty_journal_names_its_genesis(kiosk: PaperKiosk) -> None:
    assert send(kiosk, b"", head=kiosk.head(0)).json["acked"] == 0
    other = sign_head(
        kiosk=kiosk.kiosk, journal=kiosk.journal, seq=0, hash=b"\0" * 32, key=kiosk.key
    )
    reply = send(kiosk, b"", head=other)
    assert (reply.status, reply.word) == (401, "key")


def test_a_heartbeat_ahead_of_the_server_is_a_gap(kiosk: PaperKiosk) -> None:
    reply = send(kiosk, b"")
    assert (reply.status, reply.word, reply.json["expected"]) == (409, "gap", 1)


def test_an_older_heartbeat_is_no_fork(kiosk: PaperKiosk) -> None:
    send(kiosk)
    assert send(kiosk, b"", head=kiosk.head(2)).json["acked"] == 3


def test_a_gap_names_the_seq_that_is_expected(kiosk: PaperKiosk) -> None:
    reply = send(kiosk, kiosk.body(2))
    assert (reply.status, reply.word, reply.json["expected"]) == (409, "gap", 1)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert stored(kiosk) == []


# -- forks ------------------------------------------------------------------------------------


def test_another_line_at_a_stored_seq_is_a_fork(kiosk: PaperKiosk) -> None:
    clone = kiosk.branch(1)
    clone.vote(1)
    send(kiosk)
    reply = send(clone)
    assert (reply.status, reply.word, reply.json["seq"]) == (409, "fork", 2)
    assert reply.json["head"] == b64(kiosk.head()), "the head held here, not on the sender's branch"
    assert stored(kiosk) == kiosk.lines


def test_a_new_line_that_continues_another_head_is_a_fork_at_the_newest_seq(
    kiosk: PaperKiosk,
) -> None:
    clone = kiosk.branch(2)
    for _ in range(2):
        clone.vote(1)
    send(kiosk)
    reply = send(clone, clone.body(4), head=clone.head())
    assert (reply.word, reply.json["seq"]) == ("fork", 3)


def test_a_heartbeat_with_a_strange_head_is_a_fork(kiosk: PaperKiosk) -> None:
    clone = kiosk.branch(2)
    clone.vote(1)
    send(kiosk)
    assert send(clone, b"").word == "fork"


def test_a_forked_journal_stores_no_new_line_and_shows_each_branch_the_other(
    kiosk: PaperKiosk,
) -> None:
    from server.ledger.models import ServerRecord

    clone = kiosk.branch(2)
    clone.vote(1)
    send(kiosk)
    send(clone)
    held = kiosk.head()
    kiosk.vote(5)
    reply = send(kiosk, kiosk.body(4))
    assert (reply.word, reply.json["seq"]) == ("fork", 3)
    assert reply.json["head"] == b64(clone.head())
    assert send(kiosk, b"", head=held).json["head"] == b64(clone.head())
    assert send(clone).json["head"] == b64(held)
    assert len(stored(kiosk)) == 3
    data = json.loads(bytes(ServerRecord.objects.get(type="forked").body))["data"]
    assert data["head_a"] == b64(held)
    assert data["head_b"] == b64(clone.head())


# -- states -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["closed", "revoked"])
def test_a_closed_or_revoked_journal_says_so_even_to_malformed_lines(
    kiosk: PaperKiosk, state: str
) -> None:
    from server.ingest.models import Journal

    Journal.objects.filter(journal=kiosk.journal).update(state=state)
    for body in (kiosk.body(), b"rubbish", b""):
        reply = send(kiosk, body, head=kiosk.head())
        assert (reply.status, reply.word) == (403, state)


def test_an_unknown_journal_is_refused_as_a_key(kiosk: PaperKiosk) -> None:
    stranger = PaperKiosk(kiosk.kiosk, key=kiosk.key)
    stranger.vote()
    assert (send(stranger).status, send(stranger).word) == (401, "key")


def test_a_journal_that_is_no_uuid_is_refused_as_a_key(kiosk: PaperKiosk) -> None:
    stranger = PaperKiosk(kiosk.kiosk, key=kiosk.key)
    stranger.vote()
    stranger.journal = "no-uuid"
    assert send(stranger, b"", head=b"x").status == 401


# -- heads and signatures ---------------------------------------------------------------------


def test_a_head_under_another_key_is_refused(kiosk: PaperKiosk) -> None:
    forged = sign_head(
        kiosk=kiosk.kiosk, journal=kiosk.journal, seq=3, hash=kiosk.hash_at(3), key=new_key()
    )
    assert send(kiosk, head=forged).word == "key"


def test_the_head_of_another_journal_is_refused(kiosk: PaperKiosk) -> None:
    other = sign_head(
        kiosk=kiosk.kiosk, journal=str(uuid.uuid4()), seq=3, hash=kiosk.hash_at(3), key=kiosk.key
    )
    assert send(kiosk, head=other).word == "key"


def test_the_head_of_another_kiosk_is_refused(kiosk: PaperKiosk) -> None:
    other = sign_head(
        kiosk="k-other", journal=kiosk.journal, seq=3, hash=kiosk.hash_at(3), key=kiosk.key
    )
    assert send(kiosk, head=other).word == "key"


@pytest.mark.parametrize("header", ["HTTP_HAILONG_HEAD", "HTTP_HAILONG_SIGNATURE"])
@pytest.mark.parametrize("value", ["absent", "", "not base64!", "YQ==", "YR=="])
def test_a_header_that_is_absent_or_unreadable_is_a_bad_request(
    kiosk: PaperKiosk, header: str, value: str
) -> None:
    reply = send(kiosk, **{header: value})
    assert reply.status == (401 if header == "HTTP_HAILONG_HEAD" and value == "YQ==" else 400)


def test_a_request_signed_for_another_server_path_or_body_is_refused(kiosk: PaperKiosk) -> None:
    target = f"/api/v1/journals/{kiosk.journal}/lines"
    for signed in (
        signature(kiosk.kiosk, kiosk.key, "POST", target, kiosk.body(), server="other.invalid"),
        signature(kiosk.kiosk, kiosk.key, "POST", target + "?x=1", kiosk.body()),
        signature(kiosk.kiosk, kiosk.key, "PUT", target, kiosk.body()),
        signature(kiosk.kiosk, kiosk.key, "POST", target, b""),
        signature("k-other", kiosk.key, "POST", target, kiosk.body()),
        signature(kiosk.kiosk, new_key(), "POST", target, kiosk.body()),
    ):
        reply = send(kiosk, HTTP_HAILONG_SIGNATURE=signed)
        assert (reply.status, reply.word) == (401, "key")
    assert stored(kiosk) == []


def test_the_query_is_part_of_what_is_signed(kiosk: PaperKiosk) -> None:
    from tests.server.doors import knock

    target = f"/api/v1/journals/{kiosk.journal}/lines?x=1"
    reply = knock(
        "POST",
        target,
        kiosk.body(),
        CONTENT_TYPE="application/x-ndjson",
        HTTP_HAILONG_HEAD=b64(kiosk.head()),
        HTTP_HAILONG_SIGNATURE=signature(kiosk.kiosk, kiosk.key, "POST", target, kiosk.body()),
    )
    assert reply.status == 200


def test_a_clock_five_minutes_off_is_told_the_servers_time(kiosk: PaperKiosk) -> None:
    from server.ingest.journals import now_ms

    before = now_ms()
    for off_ms in (-301_000, 301_000):
        reply = send(kiosk, ms=before + off_ms)
        assert (reply.status, reply.word) == (401, "clock")
        assert before <= reply.json["server_ms"] <= now_ms()
    assert send(kiosk, ms=before - 290_000).status == 200


# -- bodies -----------------------------------------------------------------------------------


def test_another_content_type_or_encoding_is_refused(kiosk: PaperKiosk) -> None:
    assert send(kiosk, CONTENT_TYPE="application/json").status == 415
    assert send(kiosk, HTTP_CONTENT_ENCODING="br").status == 415


def test_broken_gzip_is_a_bad_request(kiosk: PaperKiosk) -> None:
    good = gzip.compress(kiosk.body())
    for sent in (b"rubbish", good[:-5], good + b"tail", good + good):
        reply = send(kiosk, sent, HTTP_CONTENT_ENCODING="gzip")
        assert (reply.status, reply.word) == (400, "body")


def test_a_gzip_bomb_is_cut_off(kiosk: PaperKiosk) -> None:
    bomb = gzip.compress(b"\0" * (200 << 20))
    assert send(kiosk, bomb, HTTP_CONTENT_ENCODING="gzip").status == 413


def test_a_body_over_a_mebibyte_or_a_thousand_lines_is_too_large(kiosk: PaperKiosk) -> None:
    assert send(kiosk, b"x" * ((1 << 20) + 1)).status == 413
    assert send(kiosk, b"x\n" * 1_001).status == 413


def test_a_thousand_lines_are_not_too_many(kiosk: PaperKiosk) -> None:
    for _ in range(997):
        kiosk.vote(3)
    assert send(kiosk, kiosk.body() + b"\n").json["acked"] == 1_000


def change(old: bytes, new: bytes):  # type: ignore[no-untyped-def]
    def changed(paper: PaperKiosk) -> bytes:
        assert old in paper.lines[1]
        return b"\n".join([paper.lines[0], paper.lines[1].replace(old, new, 1), paper.lines[2]])

    return changed


MALFORMED = {
    "another key order": change(b'{"v":1,"journal"', b'{"journal":1,"v"'),
    "a space in the envelope": change(b'{"v":1,', b'{"v":1, '),
    "a leading zero": change(b'"seq":2', b'"seq":02'),
    "an integer over 2^53-1": change(b'"mono_ms":', b'"mono_ms":9007199254740992'),
    "upper-case hex": lambda p: b"\n".join(
        [p.lines[0], re.sub(rb'"salt":"\w+"', b'"salt":"' + b"AB" * 16 + b'"', p.lines[1])]
    ),
    "a control byte": change(b'"via":"button"', b'"via":"but\x01ton"'),
    "NUL": change(b'"via":"button"', b'"via":"but\x00ton"'),
    "bytes that are no UTF-8": change(b'"via":"button"', b'"via":"\xff\xfe"'),
    "an empty line among others": lambda p: b"\n\n".join(p.lines),
    "a line of 4,097 bytes": lambda p: b"\n".join(
        [p.lines[0], p.lines[1][:-1] + b" " * (4_097 - len(p.lines[1])) + b"}"]
    ),
    "lines in another order": lambda p: b"\n".join([p.lines[1], p.lines[0], p.lines[2]]),
    "a missing line": lambda p: b"\n".join([p.lines[0], p.lines[2]]),
    "a repeated line": lambda p: b"\n".join([*p.lines[:2], p.lines[1], p.lines[2]]),
    "a line less than the head names": lambda p: p.body(1, 2),
    "a line of another journal": change(b'"journal":"', b'"journal":"0'),
    "a changed byte": change(b'"rating":4', b'"rating":5'),
    "no JSON at all": lambda p: b"hello",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_body_is_refused_with_its_place(kiosk: PaperKiosk, what: str) -> None:
    reply = send(kiosk, MALFORMED[what](kiosk))
    assert (reply.status, reply.word) == (422, "line")
    assert 1 <= reply.json["line"] <= 4
    assert reply.json["seq"] is None or isinstance(reply.json["seq"], int)
    assert reply.json["detail"].endswith((".", "?"))
    assert stored(kiosk) == []


def test_a_first_line_with_another_genesis_is_malformed(kiosk: PaperKiosk) -> None:
    stranger = PaperKiosk(kiosk.kiosk, journal=kiosk.journal)  # the same journal, another key
    stranger.vote()
    body = stranger.body()
    head = sign_head(
        kiosk=kiosk.kiosk, journal=kiosk.journal, seq=1, hash=stranger.hash_at(1), key=kiosk.key
    )
    reply = send(kiosk, body, head=head)
    assert (reply.status, reply.json["line"], reply.json["seq"]) == (422, 1, 1)


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("vote", {"rating": 9}),
        ("vote", {"rating": 3, "scale": "vn3"}),
        ("something.new", {"a": [1, {"b": None}]}),
        ("clock", {}),
    ],
)
def test_what_is_merely_not_understood_is_kept(
    kiosk: PaperKiosk, type: str, data: dict[str, object]
) -> None:
    kiosk.add(type, data)
    assert send(kiosk).json["acked"] == 4


def test_a_future_version_is_kept(kiosk: PaperKiosk) -> None:
    kiosk.vote()
    kiosk.lines[-1] = kiosk.lines[-1].replace(b'{"v":1,', b'{"v":2,', 1)
    assert send(kiosk).json["acked"] == 4


# -- the other methods and doors --------------------------------------------------------------


def test_other_methods_and_doors_are_answered_plainly(kiosk: PaperKiosk) -> None:
    from tests.server.doors import knock

    target = f"/api/v1/journals/{kiosk.journal}/lines"
    assert knock("GET", target).status == 405
    assert knock("GET", target).headers["Allow"] == "POST"
    assert knock("POST", "/api/v1/nothing").status == 404


# -- quarantine -------------------------------------------------------------------------------


def test_an_open_journal_has_no_quarantine(kiosk: PaperKiosk) -> None:
    assert (send(kiosk, door="quarantine").status, send(kiosk, door="quarantine").word) == (
        409,
        "open",
    )


def test_lines_that_a_journals_state_keeps_out_are_kept_apart(kiosk: PaperKiosk) -> None:
    from server.ingest.models import Journal, Quarantined
    from server.ledger.models import ServerRecord

    Journal.objects.filter(journal=kiosk.journal).update(state="revoked")
    for _ in range(2):  # repeats are free
        reply = send(kiosk, kiosk.body(2), door="quarantine")
        assert (reply.status, reply.json) == (202, {"kept": 2})
    assert Quarantined.objects.count() == 2
    assert ServerRecord.objects.filter(type="quarantined").count() == 1
    assert stored(kiosk) == []
