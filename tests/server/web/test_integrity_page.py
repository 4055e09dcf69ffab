"""The log's page: how it stands, and auditors' reports as the claims that they are."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.server.web.conftest import HOSTILE, NOW, Office
from tests.server.web.test_proof_pages import sign


def report(**changes: Any) -> dict[str, Any]:
    """As `hailong-audit verify --json` writes it, of the log as it stands here."""
    from protocol.keys import b64
    from server.ledger.keys import read_log
    from server.ledger.tree import open_tree, tree_size

    return {
        "verdict": "proved",
        "log": read_log(now_ms=NOW).origin,
        "size": tree_size(),
        "root": b64(open_tree().root()),
        "timezone": "Asia/Ho_Chi_Minh",
        "statement": [{"code": "complete", "values": {"to_ms": 1}, "text": "Đủ đến 16:59:30"}],
        "contradictions": [],
        "proved": [{"code": "root", "values": {}, "text": "Gốc đúng"}],
        "unchecked": [],
        "lists": {"late": [{"code": "late", "values": {"seq": 3}, "text": "Dòng 3 của k-1"}]},
        "counts": {"votes": 25},
        "limits": [{"code": "no_pin", "values": {}, "text": "Không có điểm mốc cũ"}],
        "notes": [],
    } | changes


def hand_in(client: Client, body: bytes | dict[str, Any]) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/integrity/", {"report": SimpleUploadedFile("audit.json", data)})


@pytest.fixture
def signed(busy_office: Office, server_folder: Path) -> Office:
    sign(server_folder)
    return busy_office


def test_the_page_shows_the_newest_checkpoint_that_anybody_can_fetch(
    signed: Office, reader: Any
) -> None:
    from protocol.checkpoint import read_checkpoint
    from server.ledger.models import SignedCheckpoint

    note = bytes(SignedCheckpoint.objects.get().note)
    for who in ("supervisor", "supervisor2", "admin"):
        page = reader(who).get("/integrity/").content.decode()
        assert note.decode().splitlines()[2] in page
        groups = re.findall(r"<span>([0-9a-f]{4})</span>", page)
        assert bytes.fromhex("".join(groups)) == read_checkpoint(note).root
        assert "<svg" in page and "Chưa có cơ quan nào ký" in page
        assert ('name="report"' in page) == (who == "admin")
    signed.votes("99001-2", None, [5, 5, 5])
    # Three lines and the record that they were received.
    assert "<dd>4 mục</dd>" in reader("admin").get("/integrity/").content.decode()


@pytest.mark.usefixtures("office")
def test_a_server_without_a_checkpoint_says_when_there_will_be_one(reader: Any) -> None:
    reply = reader("supervisor").get("/integrity/")
    assert reply.status_code == 200
    assert "Chưa có điểm mốc nào" in reply.content.decode()


@pytest.mark.usefixtures("signed")
def test_when_signing_stops_staff_are_told_why_and_what_to_do(reader: Any) -> None:
    from server.ledger.signing import stop_signing

    stop_signing(f"A checkpoint over 99 entries {HOSTILE}", b"", now_ms=NOW)
    page = reader("supervisor").get("/integrity/").content.decode()
    assert "Sổ đang ngừng ký" in page and "A checkpoint over 99 entries" in page
    assert "log-resume" in page and HOSTILE not in page


@pytest.mark.usefixtures("signed")
def test_a_report_is_kept_as_it_came_and_told_as_a_claim(reader: Any) -> None:
    body = json.dumps(report()).encode()
    reply = hand_in(reader("admin"), body)
    page = reader("admin").get(reply.headers["Location"]).content.decode()
    for words in ("Khớp, trong phạm vi", "Đủ đến 16:59:30", "Không có điểm mốc cũ", "Dòng 3",
                  "lời của người gửi", "Trùng với sổ ở đây"):  # fmt: skip
        assert words in page, words
    assert hashlib.sha256(body).hexdigest() in page
    assert reader("admin").get(reply.headers["Location"] + "?file").content == body
    # The same file once more is the same report.
    assert hand_in(reader("admin"), body).headers["Location"] == reply.headers["Location"]


@pytest.mark.usefixtures("signed")
def test_who_may_not_see_lines_sees_the_verdict_and_not_the_report(reader: Any) -> None:
    address = hand_in(reader("admin"), report()).headers["Location"]
    page = reader("supervisor").get("/integrity/").content.decode()
    assert "Khớp, trong phạm vi đã kiểm tra" in page and address not in page
    assert reader("supervisor").get(address).status_code == 403
    assert hand_in(reader("supervisor"), report(verdict="proved")).status_code == 403


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"root": "A" * 43 + "="}, "KHÁC với sổ ở đây"),
        ({"size": 10_000}, "Dài hơn sổ ở đây"),
        ({"log": "other.example/log"}, "Của một sổ khác tên"),
    ],
)
def test_a_report_of_another_history_is_marked_so(
    reader: Any, changes: dict[str, Any], words: str
) -> None:
    address = hand_in(reader("admin"), report(**changes)).headers["Location"]
    for page in ("/integrity/", address):
        assert words in reader("admin").get(page).content.decode()


@pytest.mark.usefixtures("signed")
def test_what_a_report_says_is_never_run(reader: Any) -> None:
    hostile = [{"text": HOSTILE}]
    address = hand_in(
        reader("admin"),
        report(log=HOSTILE, verdict="contradicted", contradictions=hostile, statement=hostile,
               lists={HOSTILE: hostile}),
    ).headers["Location"]  # fmt: skip
    for page in ("/integrity/", address):
        assert HOSTILE not in reader("admin").get(page).content.decode()


@pytest.mark.usefixtures("signed")
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"\xff\xfe", b'{"verdict":"proved"}', b"null", b"{" * 5_000,
        {"verdict": "fine"}, {"size": -1}, {"size": 2**60}, {"proved": [{"text": "x" * 5_000}]},
        {"proved": [{"text": "a\0b"}]}, {"lists": []}, {"root": 5},
        # The verdict has to follow from the report's own sentences.
        {"contradictions": [{"text": "x"}]}, {"unchecked": [{"text": "x"}]},
        {"verdict": "contradicted"}, {"verdict": "unchecked"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_report_is_refused_in_one_sentence(
    reader: Any, body: bytes | dict[str, Any]
) -> None:
    from server.ledger.models import AuditReport

    sent = body if isinstance(body, bytes) else report(**body)
    reply = hand_in(reader("admin"), sent)
    assert reply.status_code == 422
    assert 'role="alert"' in reply.content.decode()
    assert not AuditReport.objects.exists()


@pytest.mark.usefixtures("signed")
def test_a_report_that_is_too_long_is_refused(reader: Any) -> None:
    reply = hand_in(reader("admin"), b" " * 1_000_001)
    assert reply.status_code == 422
    # Cut off before us, a form that is far too long comes without its bytes and its token.
    client = Client(enforce_csrf_checks=True)
    client.cookies = reader("admin").cookies
    reply = client.post(
        "/integrity/", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="5000000"
    )
    assert reply.status_code == 413
    assert "nhiều nhất 1 MB" in reply.content.decode()


@pytest.mark.usefixtures("signed")
def test_a_report_is_not_taken_from_another_site(reader: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = reader("admin").cookies
    assert hand_in(client, report()).status_code == 403
