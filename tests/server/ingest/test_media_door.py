"""GET /api/v1/media/<hash>: a picture's bytes, to kiosks that are enrolled."""

import hashlib

import pytest

from protocol.keys import new_key
from tests.protocol.test_media import picture
from tests.server.doors import Reply, knock, signature
from tests.server.kiosks import PaperKiosk
from tests.server.votes.river import enrol, new_station, new_unit

PNG, JPEG = picture("png", 80, 48), picture("jpeg", 80, 48)


@pytest.fixture
def paper() -> PaperKiosk:
    from server.fleet.models import Media

    for body in (PNG, JPEG):
        Media.objects.create(sha256=hashlib.sha256(body).hexdigest(), body=body)
    return new_station(new_unit()).kiosk


def fetch(paper: PaperKiosk, sha256: str, *, ms: int | None = None, **headers: str) -> Reply:
    target = f"/api/v1/media/{sha256}"
    signed = signature(paper.kiosk, paper.key, "GET", target, b"", ms=ms)
    return knock("GET", target, **{"HTTP_HAILONG_SIGNATURE": signed, **headers})


@pytest.mark.parametrize(("body", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_comes_as_it_is_stored(paper: PaperKiosk, body: bytes, kind: str) -> None:
    reply = fetch(paper, hashlib.sha256(body).hexdigest())
    assert (reply.status, reply.body) == (200, body)
    assert reply.headers["Content-Type"] == kind
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_hash_that_is_not_here_is_absent(paper: PaperKiosk) -> None:
    reply = fetch(paper, "0" * 64)
    assert (reply.status, reply.word) == (404, "absent")


@pytest.mark.parametrize("name", ["0" * 63, "A" * 64, "../keys/log"])
def test_what_is_no_hash_is_no_door(paper: PaperKiosk, name: str) -> None:
    reply = fetch(paper, name)
    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/plain")


def test_nothing_is_put_there(paper: PaperKiosk) -> None:
    assert knock("PUT", f"/api/v1/media/{'0' * 64}", PNG).status == 405


def test_a_stranger_gets_nothing(paper: PaperKiosk) -> None:
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert knock("GET", f"/api/v1/media/{sha256}").status == 400
    for stranger in (PaperKiosk(paper.kiosk, new_key()), PaperKiosk("k-nobody")):
        assert (fetch(stranger, sha256).status, fetch(stranger, sha256).word) == (401, "key")


def test_a_signature_is_for_one_picture_and_one_moment(paper: PaperKiosk) -> None:
    sha256 = hashlib.sha256(PNG).hexdigest()
    other = signature(paper.kiosk, paper.key, "GET", f"/api/v1/media/{'0' * 64}", b"")
    assert fetch(paper, sha256, HTTP_HAILONG_SIGNATURE=other).word == "key"
    assert fetch(paper, sha256, ms=1).word == "clock"


def test_a_journal_that_was_replaced_gets_nothing_and_the_new_one_does(paper: PaperKiosk) -> None:
    from server.fleet.models import Kiosk

    renewed = enrol(paper.kiosk, Kiosk.objects.get().unit, "")
    sha256 = hashlib.sha256(JPEG).hexdigest()
    assert (fetch(paper, sha256).status, fetch(paper, sha256).word) == (403, "closed")
    assert fetch(renewed.kiosk, sha256).status == 200
