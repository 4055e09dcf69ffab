"""Importing files from the browser: preview, apply, history, undo, and who may."""

import csv
import html
import io
import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.server.importing.files import excel_file
from tests.server.web.conftest import NOW, Office

HEADING = "mã đơn vị,số hồ sơ,mã cán bộ,ngày tiếp nhận,ngày hẹn trả,ngày trả kết quả\n"
GOOD = HEADING + "99001,H1,,20/11/2025,25/11/2025,24/11/2025\n99001,H2,,21/11/2025,,\n"
BAD = HEADING + "99001,H1,CB-0101,31/02/2025,,\n99009,H2,,21/11/2025,,\n"


def text_of(reply: Any) -> str:
    page = re.sub(r"<(style|script|svg).*?</\1>", " ", reply.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def preview(client: Any, kind: str, text: str, name: str = "hồ sơ.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode())
    return client.post(f"/imports/{kind}/", {"do": "preview", "file": file})


def carried(previewed: Any) -> str:
    found = re.search(r'name="carried" value="([^"]*)"', previewed.content.decode())
    assert found
    return found[1]


def apply(client: Any, kind: str, previewed: Any) -> Any:
    """Press the button of the preview: what the form of the page itself holds."""
    form = re.search(r'<form[^>]*>(?:(?!</form>).)*value="apply".*?</form>',
                     previewed.content.decode(), flags=re.S)  # fmt: skip
    assert form
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    given = {name: html.unescape(value) for name, value in hidden.items()}
    return client.post(f"/imports/{kind}/", {**given, "do": "apply"})


def test_a_file_is_previewed_then_applied_then_undone(office: Office, reader: Any) -> None:
    from server.dossiers.models import Dossier
    from server.importing.models import Import

    client = reader("supervisor")
    shown = preview(client, "dossiers", GOOD)
    page = text_of(shown)
    assert shown.status_code == 200
    assert "Thêm 2 Sửa 0 Không đổi 0" in page and "Nhập 2 dòng" in page and "hồ sơ.csv" in page
    assert "24/11/2025" in page  # the first rows
    assert not Dossier.objects.exists() and not Import.objects.exists()

    done = apply(client, "dossiers", shown)
    assert done.headers["Location"] == "/imports/"
    page = text_of(client.get("/imports/"))
    assert "Đã nhập: thêm 2, sửa 0, không đổi 0." in page and "hồ sơ.csv supervisor" in page
    row = Import.objects.get()
    assert (row.kind, row.by, row.at_ms, row.added) == ("dossiers", "supervisor", NOW, 2)

    again = preview(client, "dossiers", GOOD)
    assert "không có gì để nhập" in text_of(again) and 'value="apply"' not in str(again.content)

    client.post(f"/imports/{row.pk}/undo/")
    assert f"Đã hoàn tác lần nhập số {row.pk}." in text_of(client.get("/imports/"))
    assert not Dossier.objects.exists()
    client.post(f"/imports/{row.pk}/undo/")
    assert "đã được hoàn tác" in text_of(client.get("/imports/"))


def test_every_fault_is_a_row_of_a_table_and_nothing_is_imported(
    office: Office, reader: Any
) -> None:
    from server.dossiers.models import Dossier

    client = reader("supervisor")
    reply = preview(client, "dossiers", BAD)
    page = text_of(reply)
    assert reply.status_code == 422
    assert "2 chỗ sai trong 2 dòng" in page and 'value="apply"' not in str(reply.content)
    assert "2 D (ngày tiếp nhận) “31/02/2025” không phải ngày" in page
    assert "3 A (mã đơn vị) không có đơn vị 99009." in page
    client.post("/language/", {"language": "en"})
    assert "2 D (received) “31/02/2025” is no day" in text_of(preview(client, "dossiers", BAD))
    assert not Dossier.objects.exists()


def test_what_is_no_table_is_one_sentence_beside_the_field(office: Office, reader: Any) -> None:
    client = reader("admin")
    for text, sentence in (
        ("", "Hãy chọn một tệp có dữ liệu."),
        ("%PDF-1.7", "Tệp không phải bảng CSV"),
        ("mã đơn vị,màu tóc\n1,2\n", "“màu tóc”) không thuộc bảng này"),
        (HEADING, "không có dòng nào để nhập"),
    ):
        reply = preview(client, "dossiers", text)
        assert reply.status_code == 422 and sentence in text_of(reply)
        assert 'aria-invalid="true"' in reply.content.decode()
    assert client.post("/imports/dossiers/", {"do": "apply", "carried": "%%"}).status_code == 422


def test_a_file_that_is_too_long_for_the_page_is_told_so(office: Office, reader: Any) -> None:
    client = reader("admin")
    for length in (700_001, 1_100_000):
        reply = preview(client, "dossiers", HEADING + "x" * length)
        assert reply.status_code in (413, 422)
        assert "hailong-server import" in text_of(reply)
    many = "ngày,tên\n" + "".join(f"{date.fromordinal(738_000 + n)},x\n" for n in range(2_001))
    assert "hơn 2000 dòng" in text_of(preview(client, "holidays", many))


def test_a_form_of_another_page_imports_nothing(office: Office) -> None:
    from django.test import Client

    from server.organisation.models import StaffAccount

    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffAccount.objects.get(username="admin"))
    assert preview(client, "dossiers", GOOD).status_code == 403
    assert client.post("/imports/1/undo/").status_code == 403


def test_a_preview_shown_by_one_is_checked_again_when_it_is_applied(
    office: Office, reader: Any
) -> None:
    """The carried file is whatever the browser sends: every row is asked for anew."""
    from server.dossiers.models import Dossier

    shown = preview(reader("supervisor"), "dossiers", GOOD)
    reply = apply(reader("supervisor2"), "dossiers", shown)
    assert reply.status_code == 422 and not Dossier.objects.exists()
    assert "không nhập được cho đơn vị 99001" in text_of(reply)


def test_supervisors_have_four_kinds_and_administrators_all(office: Office, reader: Any) -> None:
    from server.importing.kinds import KINDS

    for account, count in (("supervisor", 4), ("admin", len(KINDS))):
        client = reader(account)
        listed = re.findall(r'href="/imports/(\w+)/"', client.get("/imports/").content.decode())
        assert len(listed) == count
        for kind in KINDS:
            expected = 200 if kind in listed else 403
            assert client.get(f"/imports/{kind}/").status_code == expected
            assert client.get(f"/imports/{kind}/template.csv").status_code == expected


def test_supervisors_see_and_undo_no_imports_of_others(office: Office, reader: Any) -> None:
    from server.importing.models import Import

    client = reader("supervisor")
    apply(client, "dossiers", preview(client, "dossiers", GOOD))
    row = Import.objects.get()
    other = reader("supervisor2")
    assert "hồ sơ.csv" not in text_of(other.get("/imports/"))
    other.post(f"/imports/{row.pk}/undo/")
    assert Import.objects.get().undone_ms is None
    assert "hồ sơ.csv" in text_of(reader("admin").get("/imports/"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_template_of_every_kind_is_read_as_it_was_made(
    office: Office, reader: Any, language: str
) -> None:
    """Its sample row is read over; without the mark it has the right form."""
    from server.importing.kinds import KINDS

    client = reader("admin")
    client.post("/language/", {"language": language})
    for kind in KINDS:
        body = client.get(f"/imports/{kind}/template.csv").content.decode("utf-8-sig")
        alone = {"vi": "không có dòng nào", "en": "no row to import"}[language]
        assert alone in text_of(preview(client, kind, body))
        heading, sample = csv.reader(io.StringIO(body))
        assert sample[0].startswith("# ")
        sample[0] = sample[0].removeprefix("# ").partition(" (")[0]
        filled = io.StringIO()
        csv.writer(filled).writerows([heading, sample])
        page = text_of(preview(client, kind, filled.getvalue()))
        faults = re.findall(r"(?:không phải|is no|không thuộc|is none) (?!unit)[^.]*", page)
        assert not faults, (kind, faults)


def test_a_name_that_steers_is_shown_as_a_sign(office: Office, reader: Any) -> None:
    shown = preview(reader("admin"), "dossiers", GOOD, name="a\u202e<b>.csv")
    page = shown.content.decode()
    assert "a&lt;b&gt;.csv" in page and "\u202e" not in page
    given = {"do": "preview", "name": "a\u202eb.csv", "carried": carried(shown)}
    assert "a\ufffdb.csv" in reader("admin").post("/imports/dossiers/", given).content.decode()


SHIFT = "mã quầy,mã cán bộ,ngày,từ giờ,đến giờ\n99001-1,CB-0102,{day},{start},{end}\n"


def test_a_supervisor_moves_no_single_vote_by_a_shift_of_one_minute_planned_afterwards(
    office: Office, reader: Any
) -> None:
    """No reason, no second person, no deed: times that are over need a ruling."""
    from server.attribution.models import Attribution
    from server.organisation.models import Shift, Unit
    from server.organisation.services import set_rules
    from server.pipeline import run_until_done

    set_rules(
        unit=Unit.objects.get(code="99001"),
        shifts_count=True,
        two_for_rulings=True,
        by="x",
        now_ms=1,
    )
    office.votes("99001-1", None, [1])
    client = reader("supervisor")
    past = SHIFT.format(day="22/11/2025", start="00:01", end="16:26")
    reply = client.post(
        "/imports/shifts/", {"do": "apply", "file": SimpleUploadedFile("a.csv", past.encode())}
    )
    assert reply.status_code == 422 and "thời gian đã qua cần một quyết định" in text_of(reply)
    run_until_done()
    assert not Shift.objects.exists()
    assert set(Attribution.objects.values_list("official", flat=True)) == {""}
    client.post("/language/", {"language": "en"})
    assert "times that are over need a ruling" in text_of(preview(client, "shifts", past))
    # What is to come they plan, and an administrator may enter what was planned on paper.
    later = SHIFT.format(day="22/11/2025", start="16:27", end="16:30")
    assert apply(client, "shifts", preview(client, "shifts", later)).status_code == 302
    admin = reader("admin")
    assert apply(admin, "shifts", preview(admin, "shifts", past)).status_code == 302
    run_until_done()
    assert set(Attribution.objects.values_list("official", flat=True)) == {"CB-0102"}


def test_a_supervisor_takes_no_shift_back_that_votes_may_be_about(
    office: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.importing.models import Import
    from server.organisation.models import Shift, Unit
    from server.organisation.services import set_rules

    set_rules(
        unit=Unit.objects.get(code="99001"),
        shifts_count=True,
        two_for_rulings=True,
        by="x",
        now_ms=1,
    )
    client = reader("supervisor")
    later = SHIFT.format(day="22/11/2025", start="16:27", end="16:30")
    apply(client, "shifts", preview(client, "shifts", later))
    undo = f"/imports/{Import.objects.get().pk}/undo/"
    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW + 60_000)
    client.post(undo)
    assert "cần một quyết định" in text_of(client.get("/imports/")) and Shift.objects.exists()
    reader("admin").post(undo)
    assert not Shift.objects.exists()


def test_a_supervisor_names_the_official_of_no_chosen_vote_by_a_dossiers_file(
    office: Office, reader: Any
) -> None:
    """Whoever knows which dossier's citizen pressed what would choose the votes of a foe. What is
    refused does not tell which dossiers have a vote."""
    from server.attribution.models import Attribution
    from server.importing.models import Import
    from server.ingest.services import accept_lines
    from server.pipeline import run_until_done

    paper = office.kiosks["99001-1"]
    paper.duty("CB-0101")
    data = {
        "rating": 1, "scale": "vn5", "via": "button", "locale": "vi", "duty": 1, "counter": None,
        "not_official": False, "dossier": "H1", "invited": False,
    }  # fmt: skip
    paper.add("vote", data)
    head, body = paper.head(), paper.body()
    accept_lines(journal=paper.journal, head_note=head, body=body, now_ms=NOW - 60_000)

    def about() -> list[tuple[str, str]]:
        run_until_done()
        return list(Attribution.objects.values_list("official", "basis"))

    supervisor, admin = reader("supervisor"), reader("admin")
    assert about() == [("CB-0101", "duty")]
    foe = HEADING + "99001,H1,CB-0102,20/11/2025,,\n99001,H2,CB-0102,20/11/2025,,\n"
    told = preview(supervisor, "dossiers", foe)
    assert told.status_code == 422 and text_of(told).count("C (mã cán bộ) tệp của quản trị") == 2
    file = SimpleUploadedFile("a.csv", foe.encode())
    assert supervisor.post("/imports/dossiers/", {"do": "apply", "file": file}).status_code == 422
    assert about() == [("CB-0101", "duty")] and not Import.objects.exists()
    apply(admin, "dossiers", preview(admin, "dossiers", foe))
    assert about() == [("CB-0102", "dossier")]
    # The supervisor keeps the days; whom the dossier names stays, typed again or left out.
    for who in ("", "CB-0102"):
        done = HEADING + f"99001,H1,{who},20/11/2025,,2{len(who) // 7 + 2}/11/2025\n"
        assert (
            apply(supervisor, "dossiers", preview(supervisor, "dossiers", done)).status_code == 302
        )
    assert Import.objects.count() == 3 and about() == [("CB-0102", "dossier")]
    supervisor.post(f"/imports/{Import.objects.latest('id').pk}/undo/")
    assert "Đã hoàn tác" in text_of(supervisor.get("/imports/"))
    assert about() == [("CB-0102", "dossier")]


def test_a_supervisor_takes_back_no_file_that_says_who_handled_a_dossier(
    office: Office, reader: Any
) -> None:
    from server.dossiers.models import Dossier
    from server.importing.errors import UndoError
    from server.importing.models import Import
    from server.importing.undoing import undo_import

    admin = reader("admin")
    named = HEADING + "99001,H1,CB-0102,20/11/2025,,\n"
    apply(admin, "dossiers", preview(admin, "dossiers", named))
    row = Import.objects.get()
    assert reader("supervisor").post(f"/imports/{row.pk}/undo/").status_code == 403
    with pytest.raises(UndoError, match="chỉ quản trị hệ thống mới hoàn tác được"):
        undo_import(number=row.pk, by="supervisor", now_ms=NOW, may_name=False)
    assert Dossier.objects.get().official == "CB-0102"
    admin.post(f"/imports/{row.pk}/undo/")
    assert not Dossier.objects.exists()


def test_a_supervisor_learns_nothing_of_imports_of_others_by_asking_to_take_them_back(
    office: Office, reader: Any
) -> None:
    admin = reader("admin")
    apply(admin, "dossiers", preview(admin, "dossiers", GOOD))
    from server.importing.models import Import

    row = Import.objects.get()
    for who in ("supervisor", "supervisor2"):
        there, missing = (
            reader(who).post(f"/imports/{number}/undo/") for number in (row.pk, row.pk + 1)
        )
        assert there.status_code == missing.status_code == 403
        assert text_of(there) == text_of(missing)


def test_a_supervisor_is_told_that_the_official_stays_empty_and_the_template_leaves_it_out(
    office: Office, reader: Any
) -> None:
    for account, told in (("supervisor", True), ("admin", False)):
        client = reader(account)
        page = text_of(client.get("/imports/dossiers/"))
        assert ("mã cán bộ để trống: chỉ tệp của quản trị hệ thống" in page) is told
        body = client.get("/imports/dossiers/template.csv").content.decode("utf-8-sig")
        heading, sample = csv.reader(io.StringIO(body))
        assert (sample[heading.index("mã cán bộ")] == "") is told
        assert sample[heading.index("mã quầy")] == "99001-1"
    assert "CB-0101" in text_of(reader("supervisor").get("/imports/shifts/"))


def test_a_preview_shows_days_and_times_of_excel_as_people_write_them(
    office: Office, reader: Any, tmp_path: Path
) -> None:
    heading = ["mã đơn vị", "số hồ sơ", "ngày tiếp nhận", "ngày hẹn trả", "ngày trả kết quả"]
    received = datetime(2025, 11, 20, 7, 30)  # noqa: DTZ001 - as Excel has it
    row = ["99001", "H1", received, date(2025, 12, 1), time(7, 30)]
    path = tmp_path / "h.xlsx"
    excel_file(path, [heading, row])
    file = SimpleUploadedFile("h.xlsx", path.read_bytes())
    page = text_of(reader("admin").post("/imports/dossiers/", {"do": "preview", "file": file}))
    assert "20/11/2025 07:30 01/12/2025 07:30" in page
