"""PUT /api/v1/journals/<journal>/status and /diagnostics: what a kiosk says of itself."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from protocol.keys import new_key
from server.ingest import journals
from tests.server.doors import Reply, knock, send, signature
from tests.server.kiosks import PaperKiosk
from tests.server.votes.river import enrol, new_station, new_unit


@pytest.fixture
def paper() -> PaperKiosk:
    return new_station(new_unit()).kiosk


def status(paper: PaperKiosk, **changes: Any) -> bytes:
    content = {
        "v": 1, "software": "0.1.0", "boot": paper.boot, "wall_ms": paper.now_ms,
        "mono_ms": paper.mono_ms, "sync": True, "uptime_s": 60, "config": 1, "refused": None,
        "unsent": 0, "disk": {"free": 1 << 30, "total": 1 << 34, "low": False},
        "temperature_mc": 48_200, "faults": [], "attention": [], "head": "", "checkpoint": None,
    }  # fmt: skip
    return json.dumps(content | changes).encode()


def put(
    paper: PaperKiosk, body: bytes, *, door: str = "status", ms: int | None = None, **headers: str
) -> Reply:
    target = f"/api/v1/journals/{paper.journal}/{door}"
    signed = signature(paper.kiosk, paper.key, "PUT", target, body, ms=ms)
    return knock("PUT", target, body, **{"HTTP_HAILONG_SIGNATURE": signed, **headers})


def kept(paper: PaperKiosk) -> Any:
    from server.fleet.models import KioskStatus

    return KioskStatus.objects.filter(kiosk=paper.kiosk).first()


def order(paper: PaperKiosk, number: int, what: str = "diagnostics") -> None:
    from server.fleet.models import Order

    Order.objects.create(kiosk_id=paper.kiosk, number=number, what=what, by="an", at_ms=1)


def diagnostics(number: int, text: str = "all is well") -> bytes:
    return json.dumps({"v": 1, "order": number, "text": text}).encode()


def texts(paper: PaperKiosk) -> dict[int, str]:
    from server.fleet.models import Diagnostics

    return dict(Diagnostics.objects.filter(kiosk=paper.kiosk).values_list("number", "text"))


def test_a_status_is_kept_as_it_came(paper: PaperKiosk) -> None:
    body = status(paper, unknown_key={"of": "a newer kiosk"})
    at_ms = journals.now_ms()
    reply = put(paper, body, ms=at_ms)
    assert (reply.status, reply.body) == (204, b"")
    assert "Content-Length" not in reply.headers
    row = kept(paper)
    assert (bytes(row.body), row.ms, row.journal) == (body, at_ms, paper.journal)
    assert at_ms <= row.received_ms < at_ms + 60_000


def test_a_newer_status_replaces_it_and_an_older_or_equal_one_changes_nothing(
    paper: PaperKiosk,
) -> None:
    at_ms = journals.now_ms()
    put(paper, status(paper, unsent=1), ms=at_ms)
    assert put(paper, status(paper, unsent=2), ms=at_ms + 5).status == 204
    for late in (at_ms + 5, at_ms + 4):
        assert put(paper, status(paper, unsent=3), ms=late).status == 204
    assert json.loads(bytes(kept(paper).body))["unsent"] == 2


def test_of_many_at_once_the_one_signed_last_stays(paper: PaperKiosk) -> None:
    from django.db import connections

    at_ms = journals.now_ms()

    def one(place: int) -> int:
        try:
            return put(paper, status(paper, unsent=place), ms=at_ms + place).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, [9, 30, 3, 17, 25, 1, 12, 28])) == {204}
    assert json.loads(bytes(kept(paper).body))["unsent"] == 30


def test_a_new_journal_of_the_kiosk_goes_on_with_the_same_row(paper: PaperKiosk) -> None:
    from server.fleet.models import Kiosk

    put(paper, status(paper))
    renewed = enrol(paper.kiosk, Kiosk.objects.get().unit, "").kiosk
    assert put(renewed, status(renewed)).status == 204
    assert kept(paper).journal == renewed.journal
    assert (put(paper, status(paper)).status, put(paper, status(paper)).word) == (403, "closed")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"v":1}', b"\xff", b'{"v":1,"v":1}', b"null"],
)
def test_what_is_no_status_is_refused(paper: PaperKiosk, body: bytes) -> None:
    reply = put(paper, body)
    assert (reply.status, reply.word) == (400, "body")
    assert kept(paper) is None


@pytest.mark.parametrize(
    "change",
    [
        {"unsent": -1},
        {"unsent": 1.5},
        {"unsent": True},
        {"wall_ms": 2**53},
        {"faults": [{"part": "x"}]},
        {"attention": ["w"] * 101},
        {"software": "x" * 101},
        {"disk": 5},
        {"temperature_mc": "hot"},
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(
    paper: PaperKiosk, change: dict[str, object]
) -> None:
    reply = put(paper, status(paper, **change))
    assert (reply.status, reply.word) == (400, "body")
    assert reply.json["detail"].startswith("The body cannot be read:")


def test_the_largest_status_is_taken_and_one_byte_more_is_not(paper: PaperKiosk) -> None:
    body = status(paper)
    assert put(paper, body + b" " * (16_384 - len(body))).status == 204
    reply = put(paper, body + b" " * (16_385 - len(body)))
    assert (reply.status, reply.word) == (413, "size")
    bomb = gzip.compress(body + b" " * 500_000)
    assert put(paper, bomb, HTTP_CONTENT_ENCODING="gzip").word == "size"
    assert put(paper, gzip.compress(body), HTTP_CONTENT_ENCODING="gzip").status == 204


def test_a_stranger_reports_nothing(paper: PaperKiosk) -> None:
    target = f"/api/v1/journals/{paper.journal}/status"
    assert knock("PUT", target, status(paper)).status == 400
    stranger = PaperKiosk(paper.kiosk, new_key(), paper.journal)
    for door in ("status", "diagnostics"):
        reply = put(stranger, status(stranger), door=door)
        assert (reply.status, reply.word) == (401, "key")
    assert put(PaperKiosk("k-nobody"), b"{}").word == "key"
    assert put(paper, status(paper), ms=1).word == "clock"
    assert kept(paper) is None


def test_the_doors_take_put_only(paper: PaperKiosk) -> None:
    for door in ("status", "diagnostics"):
        reply = knock("POST", f"/api/v1/journals/{paper.journal}/{door}", b"{}")
        assert (reply.status, reply.headers["Allow"]) == (405, "PUT")


def test_a_revoked_journal_is_shut_out_before_its_body_is_judged(paper: PaperKiosk) -> None:
    from server.ingest.models import Journal

    Journal.objects.update(state="revoked")
    for door in ("status", "diagnostics"):
        assert (put(paper, b"{", door=door).status, put(paper, b"{", door=door).word) == (
            403,
            "revoked",
        )


def test_a_forked_journal_may_still_say_how_it_does(paper: PaperKiosk) -> None:
    other = paper.branch(0)
    paper.vote(5)
    other.vote(1)
    send(paper)
    assert send(other).word == "fork"
    assert put(paper, status(paper)).status == 204
    order(paper, 1)
    assert put(paper, diagnostics(1), door="diagnostics").status == 204


def test_diagnostics_answer_an_order_that_asked_for_them(paper: PaperKiosk) -> None:
    order(paper, 7)
    order(paper, 8, "restart")
    assert put(paper, diagnostics(7), door="diagnostics").status == 204
    for number in (6, 8, 2**53 - 1):
        reply = put(paper, diagnostics(number), door="diagnostics")
        assert (reply.status, reply.word) == (404, "absent")
    assert texts(paper) == {7: "all is well"}


def test_another_kiosks_order_is_nobodys_business(paper: PaperKiosk) -> None:
    order(paper, 1)
    other = new_station(new_unit()).kiosk
    assert put(other, diagnostics(1), door="diagnostics").word == "absent"


def test_diagnostics_sent_twice_are_kept_once_as_they_came_first(paper: PaperKiosk) -> None:
    order(paper, 1)
    for text in ("first", "second"):
        assert put(paper, diagnostics(1, text), door="diagnostics").status == 204
    assert texts(paper) == {1: "first"}


def test_the_newest_five_diagnostics_are_kept_in_whatever_order_they_come(
    paper: PaperKiosk,
) -> None:
    for number in range(1, 8):
        order(paper, number)
    for number in (2, 7, 3, 6, 5, 4, 1):
        assert put(paper, diagnostics(number, f"n{number}"), door="diagnostics").status == 204
    assert sorted(texts(paper)) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("number", [0, -1, 2**53, 10**30, 1.5, True, "1"])
def test_an_order_that_is_no_number_is_refused(paper: PaperKiosk, number: object) -> None:
    body = json.dumps({"v": 1, "order": number, "text": ""}).encode()
    assert put(paper, body, door="diagnostics").word == "body"


def test_long_diagnostics_are_taken_and_longer_ones_are_not(paper: PaperKiosk) -> None:
    order(paper, 1)
    assert put(paper, diagnostics(1, "x" * 200_001), door="diagnostics").word == "body"
    assert put(paper, diagnostics(1, "x" * 262_144), door="diagnostics").word == "size"
    assert put(paper, diagnostics(1, "x" * 200_000), door="diagnostics").status == 204
