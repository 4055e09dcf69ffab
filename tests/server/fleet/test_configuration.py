"""What a kiosk is configured to show: signed, versioned, its own."""

import json

import pytest

from protocol.configuration import open_config
from protocol.keys import new_key, public_bytes, unb64
from protocol.note import vkey
from protocol.verifiers import check_pin
from tests.server.doors import Reply, enrol, knock, signature
from tests.server.kiosks import PaperKiosk

SERVER = "test.hailong.invalid"


@pytest.fixture
def paper() -> PaperKiosk:
    from server.fleet.services import make_code, make_kiosk
    from server.ingest.journals import now_ms
    from server.organisation.services import make_counter, make_official, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_counter(unit=unit, number=1, name="Quầy số 1")
    make_official(unit=unit, code="CB-0101", name="Cán bộ mẫu", title="Chuyên viên", pin="0101")
    kiosk = make_kiosk(counter="99001-1", now_ms=now_ms())
    paper = PaperKiosk(kiosk.id)
    code = make_code(kiosk=kiosk.id, now_ms=now_ms())
    assert enrol(code, paper.key, paper.journal).status == 201
    return paper


def fetch(paper: PaperKiosk, **headers: str) -> Reply:
    target = f"/api/v1/journals/{paper.journal}/config"
    signed = signature(paper.kiosk, paper.key, "GET", target, b"")
    return knock("GET", target, **{"HTTP_HAILONG_SIGNATURE": signed, **headers})


def test_the_configuration_is_signed_for_this_kiosk(paper: PaperKiosk) -> None:
    from django.conf import settings

    reply = fetch(paper)
    assert (reply.status, reply.headers["ETag"]) == (200, '"1"')
    key = vkey(f"{SERVER}/config", public_bytes(settings.DATA.signing_key("config")))
    note = unb64(reply.headers["Hailong-Config"])
    assert open_config(note, reply.body, server=SERVER, kiosk=paper.kiosk, config_key=key) == 1


def test_it_holds_counter_question_and_who_may_sign_in(paper: PaperKiosk) -> None:
    body = json.loads(fetch(paper).body)
    assert body["kiosk"]["id"] == paper.kiosk
    assert body["counter"] == {"code": "99001-1", "number": 1, "name": "Quầy số 1"}
    assert body["question"]["vi"].startswith("Ông/Bà có hài lòng")
    assert body["show_official"] is False
    (official,) = body["officials"]
    assert official["code"] == "CB-0101"
    fits = {"kiosk": paper.kiosk, "official": "CB-0101"}
    assert check_pin(official["pin"], **fits, pin="0101")
    assert not check_pin(official["pin"], **fits, pin="0102")


def test_an_unchanged_configuration_is_not_sent_again(paper: PaperKiosk) -> None:
    assert fetch(paper, HTTP_IF_NONE_MATCH='"1"').status == 304
    assert fetch(paper, HTTP_IF_NONE_MATCH='"0"').status == 200


def test_publishing_the_same_again_makes_no_new_version(paper: PaperKiosk) -> None:
    from server.fleet.services import publish_unit

    publish_unit(unit="99001", now_ms=1)
    assert fetch(paper).headers["ETag"] == '"1"'


def test_a_changed_roster_is_a_new_version(paper: PaperKiosk) -> None:
    from server.fleet.services import publish_unit
    from server.organisation.models import Official
    from server.organisation.services import set_pin

    set_pin(official=Official.objects.get(), pin="123456")
    publish_unit(unit="99001", now_ms=1)
    reply = fetch(paper)
    assert reply.headers["ETag"] == '"2"'
    verifier = json.loads(reply.body)["officials"][0]["pin"]
    assert check_pin(verifier, kiosk=paper.kiosk, official="CB-0101", pin="123456")


def test_the_receipt_names_the_newest_version(paper: PaperKiosk) -> None:
    from tests.server.doors import send

    paper.vote()
    assert send(paper).json["config"] == "1"


def test_nobody_else_reads_it(paper: PaperKiosk) -> None:
    target = f"/api/v1/journals/{paper.journal}/config"
    forged = signature(paper.kiosk, new_key(), "GET", target, b"")
    assert knock("GET", target, HTTP_HAILONG_SIGNATURE=forged).status == 401
    assert knock("GET", target).status == 400


def test_a_closed_journal_gets_none(paper: PaperKiosk) -> None:
    from server.ingest.models import Journal

    Journal.objects.update(state="closed")
    assert (fetch(paper).status, fetch(paper).word) == (403, "closed")
