"""/log/: C2SP tlog-tiles to anyone, entries to auditors alone."""

import msgspec
import pytest

from tests.server.doors import knock, send
from tests.server.kiosks import PaperKiosk
from tests.server.ledger.logs import START_MS, checkpoint, get, integrate_and_sign, token


def test_before_the_first_checkpoint_there_is_none() -> None:
    assert get("checkpoint").status == 404
    assert get("cosigned").status == 404
    assert (get("rotations").status, get("rotations").body) == (200, b"")
    assert get("tile/0/000.p/1").status == 404


def test_anyone_reads_the_checkpoint_and_the_tiles(kiosk: PaperKiosk) -> None:
    send(kiosk)
    note = integrate_and_sign()
    found = get("checkpoint")
    assert (found.status, found.body) == (200, note)
    assert found.headers["Content-Type"].startswith("text/plain")
    tile = get("tile/0/000.p/5")
    assert (tile.status, len(tile.body)) == (200, 160)
    assert "immutable" in tile.headers["Cache-Control"]
    assert get("tile/0/000.p/3").body == tile.body[:96], "as it was at an earlier size"


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/000.p/6", "tile/0/001.p/1", "tile/1/000.p/1", "tile/99/000",
     "tile/0/000.p/0", "", "x", "../settings"],
)  # fmt: skip
def test_what_is_not_there_is_404(path: str, kiosk: PaperKiosk) -> None:
    send(kiosk)
    integrate_and_sign()
    assert get(path).status == 404


def test_entries_take_an_auditors_token(kiosk: PaperKiosk) -> None:
    send(kiosk)
    integrate_and_sign()
    path = "tile/entries/000.p/5"
    for headers in (
        {}, {"HTTP_AUTHORIZATION": "Bearer "}, {"HTTP_AUTHORIZATION": "Bearer hl-00"},
        {"HTTP_AUTHORIZATION": "Basic eDp5"}, {"HTTP_AUTHORIZATION": "Bearer \udcff"},
    ):  # fmt: skip
        reply = get(path, **headers)
        assert (reply.status, b"rating" in reply.body) == (401, False)
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    reply = get(path, **token())
    assert reply.status == 200
    assert kiosk.lines[0] in reply.body
    assert reply.headers["Cache-Control"] == "private, no-store"


def test_an_ended_token_opens_nothing(kiosk: PaperKiosk) -> None:
    from server.ledger.tokens import end_tokens

    send(kiosk)
    integrate_and_sign()
    auditor = token()
    assert end_tokens(name="thanh-tra", now_ms=START_MS) == 1
    assert get("tile/entries/000.p/5", **auditor).status == 401


def test_a_look_at_the_entries_stands_in_the_log_once_a_day(kiosk: PaperKiosk) -> None:
    from server.ledger.models import ServerRecord

    send(kiosk)
    integrate_and_sign()
    auditor = token()
    for _ in range(3):
        get("tile/entries/000.p/5", **auditor)
    (record,) = ServerRecord.objects.filter(type="viewed")
    assert msgspec.json.decode(bytes(record.body))["data"] == {
        "by": "thanh-tra", "what": "entries of the log, with an auditor's token",
    }  # fmt: skip
    integrate_and_sign(START_MS + 600_000)
    assert checkpoint().size == 6


def test_the_token_itself_is_kept_nowhere(kiosk: PaperKiosk) -> None:
    from server.ledger.models import AuditorToken

    auditor = token()["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    (row,) = AuditorToken.objects.values()
    assert auditor not in str(row)


def test_the_log_is_only_read() -> None:
    for method in ("POST", "PUT", "DELETE"):
        reply = knock(method, "/log/checkpoint")
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_request_has_no_body(kiosk: PaperKiosk) -> None:
    send(kiosk)
    note = integrate_and_sign() or b""
    reply = knock("HEAD", "/log/checkpoint")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(note))


def test_an_entry_that_is_gone_is_no_traceback(kiosk: PaperKiosk) -> None:
    from server.ledger.models import Line

    send(kiosk)
    integrate_and_sign()
    auditor = token()
    Line.objects.filter(seq=2).delete()
    assert get("tile/entries/000.p/5", **auditor).status == 503


def test_anonymous_threads_that_ask_for_the_checkpoint_do_not_keep_the_database_busy(
    kiosk: PaperKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.ledger import doors

    send(kiosk)
    note = integrate_and_sign()
    assert get("checkpoint").body == note
    with CaptureQueriesContext(connection) as queries:
        for path in ("checkpoint", "cosigned", "rotations") * 5:
            get(path)
    assert len(queries) == 0
    kiosk.vote(1)
    send(kiosk)
    newer = integrate_and_sign(START_MS + 60_000)
    monkeypatch.setattr(doors, "KEPT_S", 0.0)
    assert get("checkpoint").body == newer != note, "seen as soon as the time is over"
