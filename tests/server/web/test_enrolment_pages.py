"""Making kiosks, their codes and cards, and revoking them: from the administrator's browser."""

import html
import re
from typing import Any

import pytest

from tests.server.doors import enrol
from tests.server.fleet.test_settings import put
from tests.server.kiosks import PaperKiosk
from tests.server.web.conftest import NOW, Office

ADDRESS = "https://hailong.tinhmau.example"


@pytest.fixture(autouse=True)
def no_address(server_folder: Any) -> Any:
    """The address that one test says is not known to the next."""
    yield
    from django.conf import settings

    settings.DATA.set_public_url("")


def text_of(reply: Any) -> str:
    page = re.sub(r"<(style|script|svg).*?</\1>", " ", reply.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def make(client: Any, kiosk: str, **given: str) -> Any:
    return client.post(f"/kiosks/{kiosk}/code/", {"do": "make", "address": ADDRESS, **given})


def code_on(reply: Any) -> str:
    found = re.search(r'class="big mono">([0-9A-Z-]{12})<', reply.content.decode())
    assert found
    return found[1]


def test_a_new_kiosk_is_made_at_a_counter(office: Office, reader: Any) -> None:
    from server.fleet.models import Configuration

    client = reader("admin")
    assert "Việc 2 · 99002-2" in text_of(client.get("/kiosks/new/"))
    reply = client.post("/kiosks/new/", {"counter": "99002-2", "name": "Máy cửa vào"})
    kiosk = reply.headers["Location"].split("/")[2]
    row = Configuration.objects.get(kiosk=kiosk)
    assert (row.by, row.why, row.version) == ("admin", "new kiosk", 1)
    page = text_of(client.get(reply.headers["Location"]))
    assert "Máy cửa vào" in page and "Chưa có mã nào đang chờ" in page


@pytest.mark.parametrize("counter", ["", "99002-9", "\x00", "99002"])
def test_a_counter_that_is_none_is_said_beside_the_field(
    office: Office, reader: Any, counter: str
) -> None:
    reply = reader("admin").post("/kiosks/new/", {"counter": counter, "name": ""})
    assert reply.status_code == 422
    assert "Không có quầy này" in reply.content.decode()


def test_the_code_is_shown_once_with_its_card_and_stored_hashed(
    office: Office, reader: Any
) -> None:
    from protocol.enrolment import hash_code
    from server.fleet.models import EnrolmentCode

    client, kiosk = reader("admin"), office.kiosks["99001-1"].kiosk
    reply = make(client, kiosk)
    code = code_on(reply)
    row = EnrolmentCode.objects.get(kiosk=kiosk, used_key="")
    assert (row.code_hash, row.made_by, row.made_ms) == (hash_code(code), "admin", NOW)
    page = text_of(reply)
    for part in (ADDRESS, "Xã Mẫu Một", "Việc 1", "16:26 23/11/2025", "2025-11-23 16:26", kiosk):
        assert part in page
    assert code not in client.get(f"/kiosks/{kiosk}/code/").content.decode()
    assert code not in str(list(EnrolmentCode.objects.values()))


def test_the_qr_holds_the_two_lines_of_a_prepared_card() -> None:
    import tomllib
    from datetime import UTC, datetime

    from server.fleet.enrolling import KioskPlace
    from server.web.cards import Card

    place = KioskPlace("k-1", "", "99001", "Xã", "Asia/Ho_Chi_Minh", "99001-1", 1, "Quầy 1")
    card = Card(place, "ABCD-EFGH-JK", ADDRESS, datetime.now(UTC), 1)
    assert tomllib.loads(card.lines) == {"server": ADDRESS, "code": "ABCD-EFGH-JK"}
    assert card.qr.startswith("<svg") and "style" not in card.qr


def test_an_address_that_nobody_has_said_is_called_a_guess_and_then_kept(
    office: Office, reader: Any
) -> None:
    client, kiosk = reader("admin"), office.kiosks["99001-1"].kiosk
    page = client.get(f"/kiosks/{kiosk}/code/").content.decode()
    assert 'value="http://testserver"' in page and "chỉ là địa chỉ mà trình duyệt" in page
    make(client, kiosk)
    page = client.get(f"/kiosks/{kiosk}/code/").content.decode()
    assert f'value="{ADDRESS}"' in page and "chỉ là địa chỉ mà trình duyệt" not in page


@pytest.mark.parametrize("address", ["", "hailong", "javascript:1", 'https://a"b', "https://a\nb"])
def test_a_card_with_no_address_is_not_made(office: Office, reader: Any, address: str) -> None:
    from server.fleet.models import EnrolmentCode

    reply = make(reader("admin"), office.kiosks["99001-1"].kiosk, address=address)
    assert reply.status_code == 422
    assert "phải có dạng" in reply.content.decode()
    assert not EnrolmentCode.objects.filter(used_key="").exists()


def test_the_page_follows_the_code_until_a_device_has_used_it(
    office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    from protocol.keys import new_key, public_bytes
    from server.fleet.services import make_kiosk

    monkeypatch.undo()  # enrolment goes by the real time
    client = reader("admin")
    kiosk = make_kiosk(counter="99002-1", now_ms=NOW).id
    page = f"/kiosks/{kiosk}/code/"
    code = code_on(make(client, kiosk))
    assert "Mã đang chờ thiết bị" in text_of(client.get(page))
    device, stranger = PaperKiosk(kiosk), PaperKiosk(kiosk, new_key())
    assert enrol(code, device.key, device.journal).status == 201
    told = text_of(client.get(page))
    mine, theirs = (
        hashlib.sha256(public_bytes(each.key)).hexdigest()[:8] for each in (device, stranger)
    )
    assert "Một thiết bị đã đăng ký" in told and mine in told and theirs not in told
    assert enrol(code, stranger.key, stranger.journal).status == 403
    told = text_of(client.get(page))
    assert "Mã đã bị một thiết bị khác thử dùng" in told and theirs in told


def test_an_old_code_is_told_as_expired_and_a_withdrawn_one_opens_nothing(
    office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, kiosk = reader("admin"), office.kiosks["99001-1"].kiosk
    code = code_on(make(client, kiosk))
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 25 * 3_600_000)
    page = f"/kiosks/{kiosk}/code/"
    assert "Mã đã hết hạn" in text_of(client.get(page))
    assert client.post(page, {"do": "withdraw"}).status_code == 302
    assert "đã đăng ký bằng mã này" in text_of(client.get(page))  # the one before, which was used
    assert enrol(code, PaperKiosk(kiosk).key, PaperKiosk(kiosk).journal).word == "code"


def revoke(client: Any, paper: PaperKiosk, **given: str) -> Any:
    sent = {"journal": paper.journal, "from_seq": "15", "reason": "Bị mất", "confirm": paper.kiosk}
    return client.post(f"/kiosks/{paper.kiosk}/revoke/", sent | given)


def test_revoking_is_confirmed_by_typing_the_kiosk_and_tells_what_is_doubted(
    busy_office: Office, reader: Any
) -> None:
    from server.organisation.models import Official
    from server.organisation.services import set_pin

    client, paper = reader("admin"), busy_office.kiosks["99001-1"]
    set_pin(official=Official.objects.get(code="CB-0101"), pin="123456")
    put("99001", 'admin_pin = "135791"')
    assert 'value="21"' in client.get(f"/kiosks/{paper.kiosk}/revoke/").content.decode()
    assert revoke(client, paper).status_code == 302
    page = text_of(client.get(f"/kiosks/{paper.kiosk}/revoke/"))
    assert "Đã thu hồi từ bản ghi 15" in page and "Bị mất" in page
    assert "6 bản ghi từ đó trở đi đã được lưu trước khi thu hồi" in page
    assert "Mã PIN phải đổi" in page and "CB-0101" in page
    assert "Mã PIN kỹ thuật của Xã Mẫu Một 99001" in page and "135791" not in page
    linked = client.get(f"/kiosks/{paper.kiosk}/revoke/").content.decode()
    assert 'href="/settings/unit/99001/#pin"' in linked and "Đăng ký lại bằng mã mới" in page
    assert "CB-0101" in text_of(reader("supervisor").get("/settings/unit/99001/"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"confirm": ""}, "không khớp"),
        ({"confirm": "k-other"}, "không khớp"),
        ({"from_seq": "0"}, "từ 1 đến"),
        ({"from_seq": "22"}, "từ 1 đến"),
        ({"from_seq": "9" * 40}, "Hãy ghi một số"),
        ({"from_seq": "²"}, "Hãy ghi một số"),
        ({"reason": " "}, "Hãy ghi lý do"),
        ({"reason": "a\x00"}, "Hãy ghi lý do"),
        ({"journal": "00000000-0000-4000-8000-000000000009"}, "Hãy chọn một nhật ký"),
    ],
)
def test_a_revocation_that_is_not_meant_changes_nothing(
    busy_office: Office, reader: Any, given: dict[str, str], sentence: str
) -> None:
    from server.ingest.models import Journal

    paper = busy_office.kiosks["99001-1"]
    reply = revoke(reader("admin"), paper, **given)
    assert reply.status_code == 422
    assert sentence in text_of(reply)
    assert Journal.objects.get(journal=paper.journal).state == "open"


def test_a_kiosks_page_revokes_no_other_kiosks_journal(busy_office: Office, reader: Any) -> None:
    from server.ingest.models import Journal

    one, other = busy_office.kiosks["99001-1"], busy_office.kiosks["99001-2"]
    assert revoke(reader("admin"), one, journal=other.journal).status_code == 422
    assert set(Journal.objects.values_list("state", flat=True)) == {"open"}


@pytest.mark.parametrize("who", ["supervisor", "supervisor2", None])
def test_nobody_but_administrators_makes_codes_or_revokes(
    busy_office: Office, reader: Any, who: str | None
) -> None:
    from server.fleet.models import EnrolmentCode, Kiosk
    from server.ingest.models import Journal

    client, paper = reader(who), busy_office.kiosks["99001-1"]
    before = Kiosk.objects.count()
    for reply in (
        make(client, paper.kiosk),
        revoke(client, paper),
        client.post("/kiosks/new/", {"counter": "99001-1"}),
    ):
        assert reply.status_code == (403 if who else 302)
    assert not EnrolmentCode.objects.filter(used_key="").exists()
    assert set(Journal.objects.values_list("state", flat=True)) == {"open"}
    assert Kiosk.objects.count() == before


@pytest.mark.usefixtures("busy_office")
def test_a_form_from_elsewhere_does_nothing(busy_office: Office) -> None:
    from django.test import Client

    from server.ingest.models import Journal
    from server.organisation.models import StaffAccount

    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffAccount.objects.get(username="admin"))
    assert revoke(client, busy_office.kiosks["99001-1"]).status_code == 403
    assert set(Journal.objects.values_list("state", flat=True)) == {"open"}
