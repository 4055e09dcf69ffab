"""The other doors refuse in their order too: enrolment, configuration, pictures; a real socket."""

import hashlib
import json
from typing import Any

import pytest

from protocol.keys import b64, new_key, public_bytes
from tests.protocol.test_keys import LOW_ORDER_KEYS
from tests.protocol.test_media import picture
from tests.server.doors import Reply, signature
from tests.server.ingest.test_enrolment import JOURNAL, OTHER, code_for, kiosk_id
from tests.server.ingest.test_line_door import enrolled
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live

__all__ = ["kiosk_id"]
TARGET = "/api/v1/enrolments"


@pytest.fixture
def paper() -> PaperKiosk:
    return enrolled()


def enrol(live: Live, key: Any, **changes: Any) -> Reply:
    """An enrolment by `key`; `body` replaces its bytes, other changes its members."""
    ms, signed_by = changes.pop("ms", None), changes.pop("signed_by", key)
    content = {
        "code": "ABCD-EFGH-JK", "public_key": b64(public_bytes(key)), "journal": JOURNAL,
        "hardware": {},
    }  # fmt: skip
    body = changes.pop("body", None) or json.dumps({**content, **changes}).encode()
    signed = signature("-", signed_by, "POST", TARGET, body, server="", ms=ms)
    return live.ask("POST", TARGET, body, Hailong_Signature=signed)


def test_a_device_is_enrolled_and_answered_the_same_again(live: Live, kiosk_id: str) -> None:
    code, key = code_for(kiosk_id), new_key()
    first, again = enrol(live, key, code=code), enrol(live, key, code=code)
    assert (first.status, again.status) == (201, 201)
    assert {**again.json, "server_ms": 0} == {**first.json, "server_ms": 0}
    assert enrol(live, new_key(), code=code, journal=OTHER).word == "code"
    assert enrol(live, key, code=code_for(kiosk_id), journal=OTHER).word == "enrolled"
    assert enrol(live, new_key(), code=code_for(kiosk_id)).word == "enrolled"


def test_every_key_of_low_order_and_every_non_canonical_one_is_refused(
    live: Live, kiosk_id: str
) -> None:
    from server.ingest.models import Journal

    assert len(LOW_ORDER_KEYS) == 14
    code = code_for(kiosk_id)
    for weak, _ in LOW_ORDER_KEYS:
        reply = enrol(live, new_key(), code=code, public_key=b64(bytes.fromhex(weak)))
        assert (reply.status, reply.word) == (422, "key"), weak
    assert not Journal.objects.exists()


def test_of_two_faults_of_an_enrolment_the_one_that_is_checked_first_is_the_answer(
    live: Live, kiosk_id: str
) -> None:
    weak, stranger = {"public_key": b64(bytes(32))}, {"signed_by": new_key()}
    late, bad = {"ms": 1_000}, {"journal": "no"}
    for faults, status, word in (
        ({**bad, **weak, **stranger, **late}, 400, "body"),
        ({**weak, **stranger, **late}, 422, "key"),
        ({**stranger, **late}, 401, "key"),
        (late, 401, "clock"),
        ({}, 403, "code"),
    ):
        reply = enrol(live, new_key(), **faults)
        assert (reply.status, reply.word) == (status, word), faults
    for _ in range(9):
        assert enrol(live, new_key()).word == "code"
    good = code_for(kiosk_id)
    reply = enrol(live, new_key(), code=good)
    assert (reply.status, reply.headers["retry-after"]) == (429, "60"), "even a good code waits"
    assert enrol(live, new_key(), **late).word == "clock", "and the clock is asked before"


def test_an_enrolment_that_cannot_be_read_is_a_bad_request(live: Live, kiosk_id: str) -> None:
    key = b64(public_bytes(new_key()))
    good = {"code": "A", "public_key": key, "journal": JOURNAL, "hardware": {}}
    text = json.dumps(good)
    for body in (
        b" ", b"null", b"[]", b'"x"', b"{", b"\xff", b"\xef\xbb\xbf" + text.encode(),
        text.replace("{}", "{" * 40 + "}" * 40).encode(),
        text.replace('"A"', '"A","code":"B"').encode(),
        text.replace('"A"', '"\\u0000"').encode(),
        text.replace('"A"', '"\\ud800"').encode(),
        text.replace("{}", "NaN").encode(),
        text.replace("{}", "[]").encode(),
        text.replace(JOURNAL, JOURNAL.replace("-", "")).encode(),
        text.replace(key, key[:-1]).encode(),
        text.replace(key, "é" * 44).encode(),
        *(json.dumps({k: v for k, v in good.items() if k != gone}).encode() for gone in good),
        *(json.dumps({**good, name: 1}).encode() for name in good),
    ):  # fmt: skip
        reply = enrol(live, new_key(), body=body)
        assert (reply.status, reply.word) == (400, "body"), body[:80]
    for short in (key[:-4] + "AA==", b64(b"x" * 33), ""):
        assert enrol(live, new_key(), public_key=short).status == 422, short
    assert enrol(live, new_key(), body=b"x" * ((1 << 20) + 1)).word == "size"


def test_codes_of_any_characters_are_only_wrong(live: Live, kiosk_id: str) -> None:
    for code in ("", "é" * 10, "٣" * 10, "A" * 100_000, "ABCD-EFGH-JKM", "U" * 10, "--", "\n"):
        assert (enrol(live, new_key(), code=code).status) == 403, code[:20]


def get(live: Live, paper: PaperKiosk, target: str, body: bytes = b"", **changes: Any) -> Reply:
    """A signed GET; `signed` replaces the bytes that are signed."""
    ms, key = changes.pop("ms", None), changes.pop("key", paper.key)
    signed = changes.pop("signed", body)
    header = signature(paper.kiosk, key, "GET", target, signed, ms=ms)
    return live.ask("GET", target, body, **{"Hailong_Signature": header, **changes})


def test_the_configuration_and_picture_doors_refuse_in_their_order(
    live: Live, paper: PaperKiosk
) -> None:
    from server.fleet.models import Media
    from server.ingest.models import Journal

    body = picture("png", 80, 48)
    Media.objects.create(sha256=hashlib.sha256(body).hexdigest(), body=body)
    config = f"/api/v1/journals/{paper.journal}/config"
    media = f"/api/v1/media/{'0' * 64}"
    for target in (config, media):
        for faults, status, word in (
            ({"Hailong_Signature": None}, 400, "body"),
            ({"Hailong_Signature": "rubbish"}, 400, "body"),
            ({"key": new_key(), "ms": 1}, 401, "key"),
            ({"body": b"x", "signed": b""}, 401, "key"),
            ({"ms": 1}, 401, "clock"),
            ({}, 404, "absent"),
            ({"body": b"x"}, 404, "absent"),
            ({"body": b"x" * ((1 << 20) + 1)}, 413, "size"),
        ):
            reply = get(live, paper, target, **faults)
            assert (reply.status, reply.word) == (status, word), (target, faults.keys())
        for state in ("closed", "revoked"):
            Journal.objects.filter(journal=paper.journal).update(state=state)
            reply = get(live, paper, target)
            assert (reply.status, reply.word) == (403, state)
        assert get(live, paper, target, ms=1).word == "clock"
        Journal.objects.filter(journal=paper.journal).update(state="open")
    found = get(live, paper, f"/api/v1/media/{hashlib.sha256(body).hexdigest()}")
    assert (found.status, found.body) == (200, body)
    paper.journal = OTHER
    assert get(live, paper, f"/api/v1/journals/{OTHER}/config").word == "key"
