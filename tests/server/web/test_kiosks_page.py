"""The list of kiosks: where they stand and when they were last heard of."""

import html
import re
from typing import Any

import pytest

from tests.server.web.conftest import NOW, Office


def text_of(reader: Any, username: str = "supervisor") -> str:
    page = reader(username).get("/kiosks/").content.decode()
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.usefixtures("busy_office")
def test_a_kiosk_shows_its_counter_its_journal_and_its_last_contact(reader: Any) -> None:
    text = text_of(reader, "admin")
    assert "Kiosk 99001-1" in text and " 1 Việc 1 " in text
    assert "Số bản ghi đã nhận" in text
    assert "Đang nhận" in text
    assert "Đang kết nối 16:25:40 22/11/2025 20 " in text  # 2 duties, 2 ends, 16 votes


@pytest.mark.usefixtures("busy_office")
def test_a_supervisor_cannot_watch_single_lines_arrive(reader: Any) -> None:
    text = text_of(reader)
    assert "Kiosk 99001-1" in text and "Đang nhận" in text
    assert "bản ghi" not in text
    # Connected, and no instant of it: every line that arrives would move it.
    assert "Đang kết nối Kiosk 99001-2" in text and "16:25" not in text


@pytest.mark.usefixtures("busy_office")
def test_a_kiosk_that_was_not_heard_of_is_lost(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 10 * 60_000)
    assert "Mất liên lạc từ 16:25:40" in text_of(reader)


def test_the_newest_journal_stands_for_the_kiosk(busy_office: Office) -> None:
    from protocol.enrolment import hash_code
    from protocol.keys import new_key, public_bytes
    from server.fleet.services import make_code
    from server.ingest.enrolment import Wish, enrol
    from server.ingest.selectors import kiosks_of

    paper = busy_office.kiosks["99001-1"]
    code = make_code(kiosk=paper.kiosk, now_ms=NOW)
    wish = Wish(hash_code(code), "00000000-0000-4000-8000-000000000001", public_bytes(new_key()))
    enrol(wish, now_ms=NOW)
    (kiosk, *_) = kiosks_of(unit="99001")
    assert (kiosk.id, kiosk.counter) == (paper.kiosk, "99001-1")
    assert (kiosk.state, kiosk.acked) == ("open", 0)
    assert len(kiosks_of(unit="99001")) == 3


def test_a_kiosk_without_counter_and_journal_is_shown_too(office: Office, reader: Any) -> None:
    from server.fleet.models import Kiosk

    Kiosk.objects.create(id="k-bare", unit="99001", name="")
    text = text_of(reader, "admin")
    assert "k-bare – Chưa đăng ký Chưa lần nào 0 " in text


@pytest.mark.usefixtures("office")
def test_a_supervisor_sees_the_kiosks_of_their_own_unit_only(reader: Any) -> None:
    assert "99001" in text_of(reader, "supervisor")
    assert "99001" not in text_of(reader, "supervisor2")
    assert "99001" in text_of(reader, "admin") and "99002" in text_of(reader, "admin")
