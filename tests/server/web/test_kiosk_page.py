"""One kiosk: its month by opening hour, what it tells of itself, and what it is asked to do."""

import re
from typing import Any

import pytest

from tests.server.kiosks import T0
from tests.server.web.conftest import NOW, Office
from tests.server.web.test_kiosks_page import MINUTE, keep, one_kiosk, text_of

HOUR = 60 * MINUTE


def page_of(reader: Any, username: str = "admin") -> str:
    return text_of(reader, username, f"/kiosks/{one_kiosk()}/")


def cells(reader: Any, day: str) -> list[tuple[str, str]]:
    """(class, what it says aloud) of a day's row."""
    page = reader("admin").get(f"/kiosks/{one_kiosk()}/").content.decode()
    row = page[page.index(day) :]
    found = re.findall(r'<td class="(\w+)">.*?"said">([^<]*)<', row[: row.index("</tr>")])
    return [(kind, said) for kind, said in found]


def test_the_month_shows_what_was_heard_in_each_opening_hour(
    busy_office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet.models import Outage, Silence

    now = NOW + 3 * 24 * HOUR  # Tuesday 25 November, 16:26
    monkeypatch.setattr("server.web.months.utc_ms", lambda: now)
    seven = T0 - T0 % MINUTE + 2 * 24 * HOUR - 86 * MINUTE - 7 * HOUR  # Monday, 7:00
    Silence.objects.all().delete()
    Silence.objects.create(kiosk=one_kiosk(), started_ms=seven + HOUR, ended_ms=seven + 90 * MINUTE)
    Outage.objects.create(started_ms=seven + 3 * HOUR, ended_ms=seven + 4 * HOUR)
    from server.ingest.models import Journal

    Journal.objects.update(seen_ms=now)
    row = cells(reader, "Thứ 2 24/11")
    assert row[:4] == [("u4", "100 %"), ("u2", "50 %"), ("u4", "100 %"), ("outage", "máy chủ dừng")]
    assert cells(reader, "Thứ 3 25/11")[-1] == ("u4", "100 %")
    assert (
        cells(reader, "Thứ 6 21/11") == [("before", "chưa đăng ký")] * 8 + [("u4", "100 %")] * 2
    )  # enrolled at 15:26
    text = page_of(reader)
    assert "Chưa cấu hình giờ làm việc" in text and "30 phút từ 08:00:00 24/11/2025" in text


def test_the_time_between_two_journals_is_silence_too(
    busy_office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet.models import Silence
    from server.ingest.models import Journal

    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 3 * 24 * HOUR)
    Silence.objects.all().delete()
    old = Journal.objects.get(kiosk=one_kiosk())
    Journal.objects.filter(journal=old.journal).update(state="closed")
    Journal.objects.create(
        unit="99001", journal="j-new", kiosk=one_kiosk(), public_key=b"new",
        enrolled_ms=NOW + 3 * 24 * HOUR - MINUTE, head_hash=b"", seen_ms=NOW + 3 * 24 * HOUR,
    )  # fmt: skip
    assert cells(reader, "Thứ 2 24/11") == [("u0", "0 %")] * 10


def test_what_the_lines_tell_is_listed(busy_office: Office, reader: Any) -> None:
    from server.ingest.services import accept_lines
    from server.pipeline import run_until_done

    paper = busy_office.kiosks["99001-1"]
    first = len(paper.lines) + 1
    paper.add("boot", {"software": "0.9.1", "os": "o", "hardware": "h", "cause": "watchdog"})
    paper.add("fault", {"part": "lamp-2", "kind": "missing", "since_ms": 0})
    paper.add("fault.cleared", {"part": "lamp-2", "kind": "missing", "since_ms": 0})
    paper.add("fault", {"part": "button-1", "kind": "stuck", "since_ms": 0})
    paper.add("fault", {"part": "button-1", "kind": "stuck", "since_ms": 0})
    paper.add("test", {"rating": 2})
    paper.add("suppressed", {"count": 9, "from_mono_ms": 1, "to_mono_ms": 2, "why": "burst"})
    day = {"uptime_s": 1, "suppressed": 9}
    paper.add(
        "day", {"date": "2025-11-22", "counts": {"5": 5, "4": 4, "3": 2, "2": 1, "1": 1}} | day
    )
    paper.add("day", {"date": "2025-11-22", "counts": {"5": 9}} | day)
    accept_lines(
        journal=paper.journal, head_note=paper.head(), body=paper.body(first), now_ms=NOW - MINUTE
    )
    run_until_done()
    text = page_of(reader)
    assert "Bị treo, được khởi động lại 0.9.1" in text
    assert "Đèn 2: không thấy hết lúc" in text
    assert re.search(r"Nút 1: bị kẹt chưa hết Báo 2 lần · lần cuối 15:\d\d", text)
    assert "Không hài lòng" in text and "9 · bấm dồn dập" in text
    assert "22/11/2025 · 9 lượt máy chủ: 16" in text
    assert "9 lần bấm không tính" in text


def test_a_days_count_that_agrees_says_so(busy_office: Office, reader: Any) -> None:
    from server.votes.models import KioskDay
    from tests.server.votes.test_events import TODAY

    paper = busy_office.kiosks["99001-3"]
    KioskDay.objects.create(
        unit="99001", journal=paper.journal, seq=99, kiosk=paper.kiosk, date=TODAY, scale="vn5",
        n1=0, n2=1, n3=0, n4=0, n5=2, uptime_s=1, suppressed=0,
    )  # fmt: skip
    text = text_of(reader, "admin", f"/kiosks/{paper.kiosk}/")
    assert "22/11/2025 · 3 lượt khớp máy chủ" in text


# Orders


def ask(reader: Any, what: str, username: str = "admin") -> Any:
    return reader(username).post(f"/kiosks/{one_kiosk()}/orders/", {"what": what})


@pytest.mark.usefixtures("busy_office")
def test_an_order_is_signed_into_the_configuration_and_stands_in_the_record(reader: Any) -> None:
    from protocol.configuration import read_config
    from server.fleet.models import Configuration, Order
    from server.ledger.models import ServerRecord

    reply = ask(reader, "selftest")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/kiosks/{one_kiosk()}/")
    (order,) = Order.objects.all()
    assert (order.number, order.what, order.by, order.at_ms) == (1, "selftest", "admin", NOW)
    newest = Configuration.objects.filter(kiosk=one_kiosk()).latest("version")
    (told,) = read_config(bytes(newest.body)).orders
    assert (told.id, told.what, told.at_ms) == (1, "selftest", NOW)
    record = ServerRecord.objects.get(type="ordered")
    assert b'"what":"selftest"' in bytes(record.body) and b'"by":"admin"' in bytes(record.body)
    assert "Tự kiểm tra Chờ thiết bị nhận admin yêu cầu lúc 16:26:40" in page_of(reader)


@pytest.mark.usefixtures("busy_office")
def test_two_clicks_are_one_order_until_it_is_answered(reader: Any) -> None:
    from server.fleet.models import Order
    from server.fleet.orders import answer_order

    assert ask(reader, "restart").status_code == 302
    again = ask(reader, "restart")
    assert again.status_code == 409 and "đã gửi rồi" in again.content.decode()
    assert ask(reader, "diagnostics").status_code == 302
    answer_order(kiosk=one_kiosk(), number=1, outcome="done", findings={}, at_ms=NOW)
    assert ask(reader, "restart").status_code == 302
    assert list(Order.objects.order_by("number").values_list("number", "what")) == [
        (1, "restart"), (2, "diagnostics"), (3, "restart"),
    ]  # fmt: skip


@pytest.mark.usefixtures("busy_office")
def test_nobody_but_an_administrator_gives_orders_and_none_that_there_are_not(reader: Any) -> None:
    from server.fleet.models import Order

    for username in ("supervisor", "supervisor2"):
        assert ask(reader, "restart", username).status_code == 403
    for what in ("", "reboot", "\0", "restart\n"):
        assert ask(reader, what).status_code == 409
    assert not Order.objects.exists()


def test_an_order_needs_its_forms_token(busy_office: Office, reader: Any) -> None:
    from django.test import Client

    from server.organisation.models import StaffAccount

    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffAccount.objects.get(username="admin"))
    assert client.post(f"/kiosks/{one_kiosk()}/orders/", {"what": "restart"}).status_code == 403


@pytest.mark.usefixtures("busy_office")
def test_a_kiosk_that_stands_nowhere_is_asked_nothing(reader: Any) -> None:
    from server.fleet.models import Order, Placement

    kiosk = one_kiosk()
    Placement.objects.filter(kiosk=kiosk).update(ended_ms=NOW)
    reply = reader("admin").post(f"/kiosks/{kiosk}/orders/", {"what": "restart"})
    assert reply.status_code == 409 and "phải đứng ở một quầy" in reply.content.decode()
    assert not Order.objects.exists()


def test_the_configuration_carries_the_newest_eight(busy_office: Office) -> None:
    from server.fleet.asked import newest_orders
    from server.fleet.models import Order

    Order.objects.bulk_create(
        Order(kiosk_id=one_kiosk(), number=n, what="restart", by="an", at_ms=n, outcome="done")
        for n in range(1, 12)
    )
    assert [order.id for order in newest_orders(one_kiosk())] == list(range(4, 12))


def test_two_orders_at_once_get_a_number_each(busy_office: Office) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    from server.fleet.models import Order
    from server.fleet.orders import order_deed

    kiosk = one_kiosk()

    def one(what: str) -> int:
        try:
            return order_deed(kiosk=kiosk, what=what, by="an", now_ms=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        numbers = list(pool.map(one, ["restart", "selftest", "diagnostics"]))
    assert sorted(numbers) == [1, 2, 3] and Order.objects.count() == 3


def test_diagnostics_are_shown_as_they_came(busy_office: Office, reader: Any) -> None:
    from server.fleet.models import Diagnostics

    Diagnostics.objects.create(
        kiosk_id=one_kiosk(), number=1, received_ms=NOW, text="line one\n<b>line two</b>"
    )
    page = reader("admin").get(f"/kiosks/{one_kiosk()}/").content.decode()
    assert "line one\n&lt;b&gt;line two&lt;/b&gt;" in page
    assert "line one" not in page_of(reader, "supervisor")


def test_the_command_asks_and_lists(
    busy_office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.__main__ import main
    from server.fleet.orders import answer_order

    kiosk = one_kiosk()
    assert main(["order", kiosk, "selftest"]) == 0
    assert "Order 1" in capsys.readouterr().err
    answer_order(kiosk=kiosk, number=1, outcome="done", findings={"screen": "ok"}, at_ms=NOW)
    assert main(["order", kiosk]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head == "order,what,at,by,outcome,findings"
    assert re.fullmatch(r"1,selftest,20.*Z,console,done,screen=ok", row)
    for argv in (["order", "k-none"], ["order", "k-none", "restart"], ["order", kiosk, "dance"]):
        assert main(argv) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_kiosks_state_says_what_to_do(busy_office: Office, reader: Any) -> None:
    assert "Không cần làm gì" in page_of(reader)
    keep(busy_office, "99001-1", refused=7, attention=["strange"])
    text = page_of(reader, "supervisor")
    for words in ("có việc cần xem", "strange", "Không dùng được cấu hình mới"):
        assert words in text


def test_a_forked_kiosk_says_that_new_votes_do_not_count(busy_office: Office, reader: Any) -> None:
    from server.ingest.models import Journal

    Journal.objects.filter(kiosk=one_kiosk()).update(state="forked")
    keep(busy_office, "99001-1", attention=["forked", "sending"])
    text = page_of(reader)
    assert "các lượt mới chưa được tính" in text and "vào khu cách ly, chưa được tính" in text
    assert "Không gửi được dữ liệu" not in text


def test_what_a_kiosk_saw_of_the_log_is_said_with_what_to_do(
    busy_office: Office, reader: Any
) -> None:
    for word, words in (
        ("contradiction", ("một sổ khác", "Báo thanh tra ngay")),
        ("missing", ("chưa chứng minh là có trong sổ", "hailong-server check")),
    ):
        keep(busy_office, "99001-1", attention=[word])
        text = page_of(reader)
        assert all(each in text for each in words), word
        assert "có việc cần xem" in text


def test_a_silent_old_copy_is_not_promised_that_a_network_helps(
    busy_office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 60 * MINUTE)
    assert "tự gửi khi có mạng" in page_of(reader)
    for word in ("old-copy", "forked", "pruned", "revoked"):
        keep(busy_office, "99001-1", attention=[word])
        text = page_of(reader)
        assert "tự gửi khi có mạng" not in text and "không gửi được nữa" in text, word


def test_a_share_needs_a_day_to_stand_on(
    busy_office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.ingest.models import Journal

    def share() -> str:
        text = page_of(reader)
        return text[text.index("31 ngày") : text.index("Lúc máy chủ dừng")]

    assert re.search(r"\d %", share())
    Journal.objects.update(enrolled_ms=NOW - 4 * MINUTE)
    assert "Chưa đủ một ngày" in share() and "%" not in share()


def test_of_a_self_test_what_is_not_well_stands_out(busy_office: Office, reader: Any) -> None:
    from server.fleet.models import Order

    Order.objects.create(
        kiosk_id=one_kiosk(), number=1, what="selftest", by="an", at_ms=NOW, outcome="done",
        answered_ms=NOW,
        findings={"screen": "ok", "clock": "unsynchronized", "buzzer": "none", "server": "ok"},
    )  # fmt: skip
    page = reader("admin").get(f"/kiosks/{one_kiosk()}/").content.decode()
    assert "4 mục: 2 tốt" in page
    before = page[: page.index("4 mục: 2 tốt")]
    assert re.findall(r'<li class="bad"><span>([^<]*)<', before) == ["Đồng hồ"]
    assert page.count('<li class="none"><span>Còi<') == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(30, "30 giây"), (85 * 60, "1 giờ 25 phút"), (3_600, "1 giờ"), (100_000, "1 ngày 3 giờ")],
)
def test_a_span_is_not_rounded_to_nothing(seconds: int, words: str, chosen_language: None) -> None:
    from server.web.kiosk_words import span_words

    assert span_words(seconds) == words


@pytest.mark.usefixtures("office")
def test_every_page_of_a_kiosk_belongs_to_the_kiosks(reader: Any) -> None:
    client, current = reader("admin"), r'href="([^"]*)" aria-current="page"'
    for path, home in (
        ("/kiosks/", "/kiosks/"), ("/kiosks/new/", "/kiosks/"),
        (f"/kiosks/{one_kiosk()}/code/", "/kiosks/"),
        (f"/kiosks/{one_kiosk()}/revoke/", "/kiosks/"),
        (f"/kiosks/{one_kiosk()}/settings/", "/settings/"), ("/settings/", "/settings/"),
    ):  # fmt: skip
        page = client.get(path, follow=True).content.decode()
        assert re.findall(current, page[: page.index("<main")]) == [home], path
