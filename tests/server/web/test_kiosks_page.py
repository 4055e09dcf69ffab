"""The fleet: how every kiosk stands, for whom, at any size; and the same list as CSV."""

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from tests.server.ingest.test_status_door import status
from tests.server.web.conftest import HOSTILE, NOW, Office

MINUTE = 60_000


def text_of(reader: Any, username: str = "supervisor", path: str = "/kiosks/") -> str:
    page = reader(username).get(path).content.decode()
    page = page[page.index("<main") :]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def keep(office: Office, counter: str, at_ms: int = NOW - 30_000, **changes: Any) -> None:
    """The kiosk's status, as its door would have kept it."""
    from protocol.status import read_status
    from server.fleet.models import KioskStatus
    from server.ingest.status import needs_attention

    paper = office.kiosks[counter]
    body = status(paper, **{"wall_ms": at_ms, **changes})
    KioskStatus.objects.update_or_create(
        kiosk_id=paper.kiosk,
        defaults={
            "journal": paper.journal, "ms": at_ms, "received_ms": at_ms, "body": body,
            "attention": needs_attention(read_status(body)),
        },
    )  # fmt: skip


STUCK = {"faults": [{"part": "button-3", "kind": "stuck", "since_ms": 0}]}


@pytest.mark.usefixtures("busy_office")
def test_a_kiosk_shows_its_counter_its_state_and_its_last_contact(reader: Any) -> None:
    text = text_of(reader, "admin")
    assert "Kiosk 99001-1" in text and " 1 Kiosk 99001-1 Việc 1 " in text
    assert "Đang kết nối 16:25:40 22/11/2025 – chưa báo cáo" in text
    assert "Lượt cuối" in text and "– 15:51:40 22/11/2025 2 Kiosk 99001-2" in text


def test_a_status_shows_version_temperature_card_clock_and_what_waits(
    busy_office: Office, reader: Any
) -> None:
    keep(busy_office, "99001-1", unsent=1234, wall_ms=NOW + 90_000)
    text = text_of(reader, "admin")
    assert "phiên bản 0.1.0, trừ khi ghi khác" in text
    assert "thẻ trống 6 % 48 °C nhanh 2 phút 16:26:10 22/11/2025 1.234 " in text
    keep(busy_office, "99001-2", software="0.2.0")
    keep(busy_office, "99001-3")
    assert "0.2.0 thẻ trống 6 %" in text_of(reader, "admin")


def test_a_clock_that_is_right_by_chance_is_not_called_right(
    busy_office: Office, reader: Any
) -> None:
    keep(busy_office, "99001-1", sync=False)
    for path in ("/kiosks/", f"/kiosks/{one_kiosk()}/"):
        text = text_of(reader, "admin", path)
        assert "chưa đồng bộ" in text and "đúng giờ" not in text


def test_a_kiosk_that_takes_no_votes_does_not_count_as_well(
    busy_office: Office, reader: Any
) -> None:
    keep(busy_office, "99001-1", attention=["full", "disk"])
    keep(busy_office, "99001-2", attention=["screen"])
    text = text_of(reader)
    assert "1 kết nối 2 cần sửa ngay 2 cần xem" in text
    assert "Ngừng nhận đánh giá" in text and "Màn hình không hiển thị" in text
    assert names(reader, "show=failing") == ["Kiosk 99001-1", "Kiosk 99001-2"]
    assert names(reader, "show=live") == ["Kiosk 99001-3"]
    page = text_of(reader, path=f"/kiosks/{one_kiosk()}/")
    assert "không đánh giá được" in page and "Đang kết nối" not in page
    assert "Thẻ nhớ đầy" in page and "sắp đầy" not in page
    # No instant of its contact is shown to a supervisor either.
    assert "16:25:40" not in page


def test_a_revoked_kiosk_is_not_one_that_waits_for_its_code(
    busy_office: Office, reader: Any
) -> None:
    from server.fleet.models import Kiosk
    from server.ingest.models import Journal

    Journal.objects.filter(kiosk=one_kiosk()).update(state="revoked")
    Kiosk.objects.create(id="k-bare", unit="99001", name="")
    assert "2 kết nối 1 cần xem 1 chưa đăng ký 1 đã đóng hoặc thu hồi" in text_of(reader)


def test_a_supervisor_cannot_watch_single_lines_arrive(busy_office: Office, reader: Any) -> None:
    keep(busy_office, "99001-1", unsent=1234)
    kiosk = busy_office.kiosks["99001-1"].kiosk
    for path in ("/kiosks/", f"/kiosks/{kiosk}/", "/kiosks.csv"):
        page = reader("supervisor").get(path).content.decode()
        assert "99001-1" in page and "1.234" not in page and "1234" not in page, path
        # Connected, and no instant of it: every line that arrives would move it.
        assert "Đang kết nối" in page and "16:25" not in page, path
        # Nor when the last citizen pressed.
        assert "15:51:40" not in page and "08:51:40" not in page, path
    for words in ("Chờ gửi", "Lượt cuối", "Yêu cầu từ xa", "Các lần khởi động"):
        assert words not in text_of(reader, "supervisor", f"/kiosks/{kiosk}/")
        assert words in text_of(reader, "admin", f"/kiosks/{kiosk}/")


@pytest.mark.usefixtures("busy_office")
def test_a_kiosk_that_missed_three_heartbeats_is_silent(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Mất liên lạc 16:25" not in text_of(reader)
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 10 * MINUTE)
    assert "Mất liên lạc 16:25:40" in text_of(reader)
    assert "Mất liên lạc từ 16:25:40" in text_of(reader, path=f"/kiosks/{one_kiosk()}/")


@pytest.mark.usefixtures("busy_office")
def test_nobody_is_silent_because_the_server_was(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet.health import beat

    beat(now_ms=NOW - MINUTE)
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 60 * MINUTE)
    assert "3 kết nối" in text_of(reader)  # the server has just come back and has not beaten yet
    beat(now_ms=NOW + 60 * MINUTE)
    assert "3 kết nối" in text_of(reader)
    beat(now_ms=NOW + 70 * MINUTE - 1)
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 70 * MINUTE)
    assert "3 kết nối" in text_of(reader)  # that was another outage of ten minutes
    for minute in range(71, 80):
        beat(now_ms=NOW + minute * MINUTE)
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 80 * MINUTE - 1)
    assert "3 mất liên lạc" in text_of(reader)


def one_kiosk(counter: str = "99001-1") -> str:
    from server.fleet.models import Placement

    return str(Placement.objects.get(counter=counter).kiosk_id)


def test_the_newest_journal_stands_for_the_kiosk(busy_office: Office) -> None:
    from protocol.enrolment import hash_code
    from protocol.keys import new_key, public_bytes
    from server.fleet.services import make_code
    from server.ingest.enrolment import Wish, enrol
    from server.ingest.selectors import kiosk_details, kiosk_states

    paper = busy_office.kiosks["99001-1"]
    code = make_code(kiosk=paper.kiosk, now_ms=NOW)
    wish = Wish(hash_code(code), "00000000-0000-4000-8000-000000000001", public_bytes(new_key()))
    enrol(wish, now_ms=NOW)
    (kiosk, *_) = states = kiosk_states(["99001"])
    detail = kiosk_details([paper.kiosk])[paper.kiosk]
    assert (kiosk.id, detail.counter) == (paper.kiosk, "99001-1")
    assert (kiosk.state, detail.acked) == ("open", 0)
    assert len(states) == 3
    assert kiosk_states([]) == [] and kiosk_details([]) == {}


def test_a_kiosk_without_counter_and_journal_is_shown_too(office: Office, reader: Any) -> None:
    from server.fleet.models import Kiosk

    Kiosk.objects.create(id="k-bare", unit="99001", name="")
    text = text_of(reader, "admin")
    assert "– k-bare không đặt ở quầy nào Chưa đăng ký – chưa báo cáo" in text
    page = text_of(reader, "admin", "/kiosks/k-bare/")
    assert "Chưa đăng ký" in page and "Tạo mã" in page


@pytest.mark.usefixtures("office")
def test_a_supervisor_sees_the_kiosks_of_their_own_unit_only(reader: Any) -> None:
    assert "99001" in text_of(reader, "supervisor")
    assert "99001" not in text_of(reader, "supervisor2")
    assert "99001" in text_of(reader, "admin") and "99002" in text_of(reader, "admin")
    # A unit asked for that the reader may not see is not asked for at all.
    assert "99001" not in text_of(reader, "supervisor2", "/kiosks/?unit=99001")


def names(reader: Any, query: str, username: str = "admin") -> list[str]:
    page = reader(username).get(f"/kiosks/?{query}").content.decode()
    return re.findall(r'class="name" href="[^"]*">([^<]*)<', page)


def test_the_list_narrows_to_what_somebody_asks_for(
    busy_office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import date

    from server.ingest.models import Journal
    from server.organisation.services import add_holiday

    keep(busy_office, "99001-1", **STUCK)
    Journal.objects.filter(kiosk=one_kiosk("99001-2")).update(seen_ms=NOW - 60 * MINUTE)
    Journal.objects.filter(kiosk=one_kiosk("99001-3")).update(state="forked")
    assert names(reader, "show=live") == ["Kiosk 99001-1", "Kiosk 99001-3"]
    assert names(reader, "show=silent") == ["Kiosk 99001-2"]
    assert names(reader, "show=attention") == ["Kiosk 99001-1", "Kiosk 99001-3"]
    assert names(reader, "show=open") == []  # a Saturday afternoon
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 2 * 86_400_000)
    assert len(names(reader, "show=open")) == 3  # a Monday afternoon
    add_holiday(day=date(2025, 11, 24), name="Ngày nghỉ (mẫu)")
    assert names(reader, "show=open") == []
    assert names(reader, "show=nonsense&page=%00") == names(reader, "")
    assert "Nút 3: bị kẹt" in text_of(reader) and "hai bản nhật ký" in text_of(reader)


def test_a_level_that_nobody_presses_is_named(busy_office: Office, reader: Any) -> None:
    from datetime import date, timedelta

    from server.votes.models import KioskDay

    paper = busy_office.kiosks["99001-2"]
    for back in range(10):
        KioskDay.objects.create(
            unit="99001", journal=paper.journal, seq=900 + back, kiosk=paper.kiosk,
            date=date(2025, 11, 21) - timedelta(days=back), scale="vn5",
            n1=0, n2=1, n3=2, n4=9, n5=30, uptime_s=1, suppressed=0,
        )  # fmt: skip
    assert names(reader, "show=unpressed") == ["Kiosk 99001-2"]
    assert "Lâu không ai bấm “Rất không hài lòng”" in text_of(reader, "admin")
    # It would tell those who know whom they served how each of them voted.
    assert "Lâu không ai bấm" not in text_of(reader)
    assert names(reader, "show=unpressed", "supervisor") == []
    assert "không ai bấm" not in text_of(reader, path=f"/kiosks/{paper.kiosk}/")


def many(units: int, each: int) -> None:
    """A province of kiosks that were enrolled and heard a moment ago."""
    from server.fleet.models import Kiosk, Placement
    from server.ingest.models import Journal
    from server.organisation.models import Counter, Unit

    province = Unit.objects.create(code="98", name="Tỉnh Thử")
    codes = [f"98{number:03d}" for number in range(units)]
    Unit.objects.bulk_create(Unit(code=c, name=f"Xã {c}", parent=province) for c in codes)
    Counter.objects.bulk_create(
        Counter(code=f"{c}-{n}", unit_id=c, number=n, name="Q") for c in codes for n in range(each)
    )
    kiosks = [Kiosk(id=f"k-{c}-{n}", unit=c, name="") for c in codes for n in range(each)]
    Kiosk.objects.bulk_create(kiosks)
    Placement.objects.bulk_create(
        Placement(kiosk=k, unit=k.unit, counter=k.id[2:], started_ms=0) for k in kiosks
    )
    Journal.objects.bulk_create(
        Journal(
            unit=k.unit, journal=f"j-{k.id}", kiosk=k.id, public_key=k.id.encode(),
            enrolled_ms=1, head_hash=b"", seen_ms=NOW - 1_000,
        )
        for k in kiosks
    )  # fmt: skip


def queries(reader: Any, path: str) -> int:
    from django.db import connection

    client = reader("admin")
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.usefixtures("busy_office")
def test_a_province_takes_no_more_queries_than_a_commune(reader: Any) -> None:
    paths = ("/kiosks/", "/kiosks/?show=live", "/kiosks/?show=live&page=2", "/kiosks.csv")
    few = {path: queries(reader, path) for path in paths}
    many(units=120, each=3)
    for path in paths:
        assert queries(reader, path) <= max(few[path], 12), path
    assert max(few.values()) <= 12


def test_many_kiosks_are_a_tree_with_counts_and_lists_in_pages(office: Office, reader: Any) -> None:
    many(units=30, each=3)
    text = text_of(reader, "admin")
    assert "Tỉnh Thử 98 90 kết nối" in text and "Xã 98007 98007 3 kết nối" in text
    assert "k-98007-1" not in text
    assert "k-98007-1" in text_of(reader, "admin", "/kiosks/?unit=98007")
    first, last = text_of(reader, "admin", "/kiosks/?show=live"), "/kiosks/?show=live&page=99"
    assert "Trang 1/2 · 90 thiết bị" in first and "Trang 2/2" in text_of(reader, "admin", last)
    assert len(names(reader, "show=live")) == 50 and len(names(reader, "show=live&page=2")) == 40
    assert len(names(reader, "show=live&unit=98")) == 50
    assert len(names(reader, "show=live&unit=98&page=2")) == 40


def test_a_country_of_units_is_shown_a_level_at_a_time(office: Office, reader: Any) -> None:
    many(units=260, each=1)
    text = text_of(reader, "admin")
    assert "Tỉnh Thử 98 260 kết nối" in text and "Xã 98007" not in text
    assert "Xã 98007 98007 1 kết nối" in text_of(reader, "admin", "/kiosks/?unit=98")


def test_the_csv_holds_the_list_and_no_formula(busy_office: Office, reader: Any) -> None:
    from server.fleet.models import Kiosk

    keep(busy_office, "99001-1", unsent=7, **STUCK)
    Kiosk.objects.filter(id=one_kiosk()).update(name="=1+1")
    reply = reader("admin").get("/kiosks.csv?show=attention")
    assert (
        reply.headers["Content-Disposition"] == 'attachment; filename="hailong-kiosks-sample.csv"'
    )
    (head, row) = csv.reader(io.StringIO(reply.content.decode("utf-8-sig")))
    assert head[:3] == ["đơn vị", "tên đơn vị", "thiết bị"]
    told = dict(zip(head, row, strict=True))
    assert told["tên thiết bị"] == "'=1+1"
    assert told["cần xem"] == "Nút 3: bị kẹt"
    assert (told["bản ghi chờ gửi"], told["thẻ nhớ trống (%)"]) == ("7", "6")
    assert told["liên lạc lần cuối"] == "2025-11-22T16:25:40+07:00"


def test_what_a_kiosk_says_of_itself_is_text_and_nothing_else(
    busy_office: Office, reader: Any
) -> None:
    keep(
        busy_office, "99001-1", software=HOSTILE, attention=[HOSTILE],
        faults=[{"part": HOSTILE, "kind": "%(number)s", "since_ms": 0}],
    )  # fmt: skip
    for path in ("/kiosks/", f"/kiosks/{one_kiosk()}/"):
        page = reader("admin").get(path).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_a_status_that_this_version_cannot_read_is_no_status(
    busy_office: Office, reader: Any
) -> None:
    from server.fleet.models import KioskStatus

    keep(busy_office, "99001-1")
    KioskStatus.objects.update(body=json.dumps({"v": 9}).encode())
    assert "chưa báo cáo" in text_of(reader, "admin", f"/kiosks/{one_kiosk()}/")
