"""The enrolment door: a code becomes a kiosk's journal, once (protocol.md 5)."""

import json
import uuid

import pytest

from protocol.journal import genesis_hash
from protocol.keys import b64, new_key, public_bytes
from protocol.note import parse_vkey
from tests.server.doors import enrol, knock, send
from tests.server.kiosks import PaperKiosk

JOURNAL = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
LOW_ORDER = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


@pytest.fixture
def kiosk_id() -> str:
    from server.fleet.services import make_kiosk
    from server.ingest.journals import now_ms
    from server.organisation.services import make_counter, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_counter(unit=unit, number=1)
    return make_kiosk(counter="99001-1", now_ms=now_ms()).id


def code_for(kiosk: str, *, hours_ago: int = 0) -> str:
    from server.fleet.services import make_code
    from server.ingest.journals import now_ms

    return make_code(kiosk=kiosk, now_ms=now_ms() - hours_ago * 3_600_000)


def test_a_code_enrols_a_kiosk(kiosk_id: str) -> None:
    from server.ingest.journals import now_ms
    from server.ingest.models import Journal
    from server.ledger.models import ServerRecord

    key = new_key()
    reply = enrol(code_for(kiosk_id), key, JOURNAL)
    assert reply.status == 201
    assert reply.json["kiosk"] == kiosk_id
    assert reply.json["server"] == "test.hailong.invalid"
    assert parse_vkey(reply.json["log_key"])[0] == "test.hailong.invalid/log"
    assert parse_vkey(reply.json["config_key"])[0] == "test.hailong.invalid/config"
    assert abs(reply.json["server_ms"] - now_ms()) < 10_000
    row = Journal.objects.get(journal=JOURNAL)
    assert (row.unit, row.kiosk, row.state, row.acked) == ("99001", kiosk_id, "open", 0)
    assert bytes(row.head_hash) == genesis_hash(JOURNAL, public_bytes(key))
    data = json.loads(bytes(ServerRecord.objects.get(type="enrolled").body))["data"]
    assert data == {
        "kiosk": kiosk_id,
        "unit": "99001",
        "journal": JOURNAL,
        "public_key": b64(public_bytes(key)),
    }


def test_case_hyphens_and_look_alikes_in_a_code_are_ignored(kiosk_id: str) -> None:
    code = code_for(kiosk_id).replace("-", "").lower().replace("1", "l").replace("0", "o")
    assert enrol(code, new_key(), JOURNAL).status == 201


def test_a_lost_reply_is_repeated_exactly_at_any_time(kiosk_id: str) -> None:
    from server.fleet.models import EnrolmentCode

    code, key = code_for(kiosk_id), new_key()
    first = enrol(code, key, JOURNAL).json
    EnrolmentCode.objects.update(expires_ms=0)
    second = enrol(code, key, JOURNAL)
    assert second.status == 201
    assert {**second.json, "server_ms": 0} == {**first, "server_ms": 0}


def test_a_used_code_is_refused_to_another_device_and_noted(kiosk_id: str) -> None:
    from server.fleet.models import EnrolmentCode

    code, stranger = code_for(kiosk_id), new_key()
    enrol(code, new_key(), JOURNAL)
    reply = enrol(code, stranger, OTHER)
    assert (reply.status, reply.word) == (403, "code")
    assert EnrolmentCode.objects.get().refused_key == public_bytes(stranger).hex()


@pytest.mark.parametrize("code", ["ABCD-EFGH-JK", "", "U", "ABCD-EFGH-J!"])
def test_an_unknown_code_is_refused(kiosk_id: str, code: str) -> None:
    assert (enrol(code, new_key(), JOURNAL).status, enrol(code, new_key(), JOURNAL).word) == (
        403,
        "code",
    )


def test_a_code_expires_after_24_hours(kiosk_id: str) -> None:
    assert enrol(code_for(kiosk_id, hours_ago=25), new_key(), JOURNAL).word == "code"
    assert enrol(code_for(kiosk_id, hours_ago=23), new_key(), JOURNAL).status == 201


def test_a_newer_code_replaces_the_unused_one(kiosk_id: str) -> None:
    old, new = code_for(kiosk_id), code_for(kiosk_id)
    assert enrol(old, new_key(), JOURNAL).status == 403
    assert enrol(new, new_key(), JOURNAL).status == 201


def test_a_key_or_journal_that_is_enrolled_is_refused(kiosk_id: str) -> None:
    key = new_key()
    enrol(code_for(kiosk_id), key, JOURNAL)
    for reply in (
        enrol(code_for(kiosk_id), key, OTHER),
        enrol(code_for(kiosk_id), new_key(), JOURNAL),
    ):
        assert (reply.status, reply.word) == (409, "enrolled")


def test_enrolling_again_closes_the_journal_before_at_its_head(kiosk_id: str) -> None:
    from server.ingest.models import Journal
    from server.ledger.models import ServerRecord

    paper = PaperKiosk(kiosk_id)
    enrol(code_for(kiosk_id), paper.key, paper.journal)
    paper.vote()
    send(paper)
    enrol(code_for(kiosk_id), new_key(), JOURNAL)
    assert Journal.objects.get(journal=paper.journal).state == "closed"
    data = json.loads(bytes(ServerRecord.objects.get(type="closed").body))["data"]
    assert data == {"journal": paper.journal, "seq": 1}
    paper.vote()
    assert (send(paper).status, send(paper).word) == (403, "closed")


def test_the_repeat_of_a_closed_journals_enrolment_says_closed(kiosk_id: str) -> None:
    code, key = code_for(kiosk_id), new_key()
    enrol(code, key, JOURNAL)
    enrol(code_for(kiosk_id), new_key(), OTHER)
    assert (enrol(code, key, JOURNAL).status, enrol(code, key, JOURNAL).word) == (403, "closed")


def test_ten_wrong_codes_a_minute_from_one_address_are_enough(kiosk_id: str) -> None:
    for _ in range(10):
        assert enrol("ABCD-EFGH-JK", new_key(), JOURNAL).status == 403
    reply = enrol(code_for(kiosk_id), new_key(), JOURNAL)
    assert (reply.status, reply.headers["Retry-After"]) == (429, "60")
    assert enrol(code_for(kiosk_id), new_key(), JOURNAL, REMOTE_ADDR="10.0.0.9").status == 201


def test_addresses_of_one_ipv6_network_are_one(kiosk_id: str) -> None:
    for host in range(10):
        enrol("ABCD-EFGH-JK", new_key(), JOURNAL, REMOTE_ADDR=f"2001:db8:0:1::{host}")
    assert enrol("X", new_key(), JOURNAL, REMOTE_ADDR="2001:db8:0:1:ffff::1").status == 429
    assert enrol("X", new_key(), JOURNAL, REMOTE_ADDR="2001:db8:0:2::1").status == 403


def test_weak_keys_are_refused_before_the_signature(kiosk_id: str) -> None:
    content = {"public_key": b64(LOW_ORDER)}
    reply = enrol(code_for(kiosk_id), new_key(), JOURNAL, content=content)
    assert (reply.status, reply.word) == (422, "key")


def test_a_request_signed_by_another_key_is_refused(kiosk_id: str) -> None:
    content = {"public_key": b64(public_bytes(new_key()))}
    reply = enrol(code_for(kiosk_id), new_key(), JOURNAL, content=content)
    assert (reply.status, reply.word) == (401, "key")


def test_a_wrong_clock_is_told_the_time(kiosk_id: str) -> None:
    reply = enrol(code_for(kiosk_id), new_key(), JOURNAL, ms=1_000)
    assert (reply.status, reply.word) == (401, "clock")
    assert reply.json["server_ms"] > 1_700_000_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"code":"A"}',
        json.dumps({"code": "A", "public_key": "x", "journal": JOURNAL, "hardware": {}}).encode(),
        json.dumps({"code": 1, "public_key": "", "journal": JOURNAL, "hardware": {}}).encode(),
        json.dumps({"code": "A", "public_key": "", "journal": "no", "hardware": {}}).encode(),
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(kiosk_id: str, body: bytes) -> None:
    if not body:
        assert knock("POST", "/api/v1/enrolments").status == 400
        return
    assert enrol("", new_key(), JOURNAL, body=body).status == 400


def test_a_missing_signature_is_a_bad_request(kiosk_id: str) -> None:
    body = json.dumps(
        {"code": "A", "public_key": b64(bytes(32)), "journal": str(uuid.uuid4()), "hardware": {}}
    ).encode()
    assert knock("POST", "/api/v1/enrolments", body).status == 400
