"""The supervisor's page and its CSV, from real votes."""

import csv
import html
import io
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.web.conftest import HOSTILE, Office

PAGE = "/units/99001/"


def rows_of(reader: Any, username: str = "supervisor", query: str = "") -> list[dict[str, str]]:
    reply = reader(username).get(f"{PAGE}figures.csv{query}")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.content.startswith(b"\xef\xbb\xbf")  # so that Excel reads UTF-8
    return list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))


def text_of(reader: Any, query: str = "") -> str:
    """What a reader sees, tags taken out."""
    page = reader("supervisor").get(PAGE + query).content.decode()
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    return re.sub(r"\s+", " ", text)


def test_an_empty_unit_says_that_there_is_too_little(office: Office, reader: Any) -> None:
    text = text_of(reader)
    assert "Lượt đánh giá 0" in text
    assert "Chưa đủ dữ liệu (n < 5)" in text
    assert '<div class="figure"' not in reader("supervisor").get(PAGE).content.decode()


@pytest.mark.usefixtures("busy_office")
def test_the_page_shows_counts_live_and_shares_of_whole_fives(reader: Any) -> None:
    text = text_of(reader)
    assert "Lượt đánh giá 25 Hôm nay 25" in text
    # CB-0101: 11 votes, the first ten of which are 5554443215.
    assert "Cán bộ mẫu 01 Chuyên viên · CB-0101 11 70,0 % (39,7–89,2) tính trên 10 lượt" in text
    assert "Cán bộ mẫu 03 Chuyên viên · CB-0103 3 Chưa đủ dữ liệu" in text
    assert "Số liệu tính đến" in text and "22/11/2025" in text
    assert "Dữ liệu mẫu" in text


@pytest.mark.usefixtures("busy_office")
def test_the_bar_speaks_to_those_who_do_not_see_it(reader: Any) -> None:
    page = reader("supervisor").get(PAGE).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert (
        'aria-label="Trong 10 lượt: Rất hài lòng 4, Hài lòng 3, Bình thường 1, Không hài lòng 1, '
        'Rất không hài lòng 1. Khoảng tin cậy 95 % từ 39,7 % đến 89,2 %."' in page
    )


@pytest.mark.usefixtures("busy_office")
def test_votes_for_nobody_say_why_and_what_to_do(reader: Any) -> None:
    text = text_of(reader)
    assert "Không có cán bộ nào đăng nhập trên thiết bị 6 Nhắc cán bộ đăng nhập" in text


@pytest.mark.usefixtures("busy_office")
def test_the_csv_holds_the_figures_of_the_page_and_no_others(reader: Any) -> None:
    rows = rows_of(reader)
    text = text_of(reader)
    for row in rows:
        if row["loại"] in ("quầy", "cán bộ") and row["tỷ lệ hài lòng (%)"]:
            share, low, high = (
                row[column].replace(".", ",")
                for column in ("tỷ lệ hài lòng (%)", "cận dưới 95 % (%)", "cận trên 95 % (%)")
            )
            shown = f"{share} % ({low}–{high}) tính trên {row['tính trên']} lượt"
            assert re.search(rf"{row['số lượt']} (\d+ )?{re.escape(shown)}", text), row
    on_page = re.findall(r"(\d+,\d) % \(", text)
    in_csv = [row["tỷ lệ hài lòng (%)"] for row in rows if row["loại"] in ("quầy", "cán bộ")]
    assert sorted(on_page) == sorted(share.replace(".", ",") for share in in_csv if share)
    (total,) = [row for row in rows if row["loại"] == "đơn vị"]
    assert total["số lượt"] == "25" and total["từ ngày"] == "2025-11-01"
    assert total["đến ngày"] == "2025-11-30"
    (nobody,) = [row for row in rows if row["loại"] == "chưa gán được"]
    assert (nobody["mã"], nobody["số lượt"]) == ("nobody-signed-in", "6")


@pytest.mark.usefixtures("office")
def test_neither_page_nor_csv_ever_differs_by_the_rating_of_one_vote(
    office: Office, reader: Any
) -> None:
    seen = []
    for rating in (5, 4, 1, 3, 2, 5, 5, 1, 1, 4, 2):
        office.votes("99001-1", "CB-0101", [rating])
        office.kiosks["99001-1"].now_ms += rating * 4_000  # their gaps are no machine's
        office.kiosks["99001-1"].mono_ms += rating * 4_000
        for row in rows_of(reader):
            if row["mã"] == "99001-1":
                counts = [row[name] for name in list(row)[12:17]]
                seen.append((row["số lượt"], row["tính trên"], *counts))
    assert [row[0] for row in seen] == [str(n) for n in range(1, 12)]
    assert [row[1] for row in seen] == [""] * 4 + ["5"] * 5 + ["10"] * 2
    assert {row[2:] for row in seen[:4]} == {("",) * 5}
    assert {row[2:] for row in seen[4:9]} == {("1", "1", "1", "1", "1")}
    assert {row[2:] for row in seen[9:]} == {("3", "2", "1", "1", "3")}


@pytest.mark.usefixtures("busy_office")
def test_officials_and_counters_are_never_ranked(reader: Any) -> None:
    rows = rows_of(reader)
    assert [row["số quầy"] for row in rows if row["loại"] == "quầy"] == ["1", "2", "3"]
    names = [row["tên"] for row in rows if row["loại"] == "cán bộ"]
    assert len(names) == 8
    names.remove(HOSTILE)
    assert names == [f"Cán bộ mẫu {number:02d}" for number in range(1, 8)]


@pytest.mark.usefixtures("busy_office")
def test_today_is_told_only_in_a_period_that_holds_it(reader: Any) -> None:
    assert text_of(reader, "?from=2025-10&to=2025-11").count("Hôm nay 25") == 1
    assert {row["hôm nay"] for row in rows_of(reader, query="?from=2025-10&to=2025-11")} == {
        *("25", "16", "6", "3"),  # the unit and its counters
        "",  # officials and votes for nobody
    }
    for query in ("?from=2025-10&to=2025-10", "?from=2025-08&to=2025-10"):
        page = reader("supervisor").get(PAGE + query).content.decode()
        assert "Hôm nay" not in page and 'class="number">Lượt' in page
        assert {row["hôm nay"] for row in rows_of(reader, query=query)} == {""}


def test_page_and_csv_round_the_exact_fraction_and_halves_up(chosen_language: None) -> None:
    from server.analytics.selectors import Figure
    from server.web.download import _cells
    from server.web.figures import Row
    from server.web.templatetags.web import rating_share, satisfied

    # 23/80 is 28.75 %, as a float a little less; 25/80 is 31.25 %, which evens would round down.
    for part, base, rounded in (
        *((0, 5, "0.0"), (5, 5, "100.0"), (1, 80, "1.3"), (23, 80, "28.8"), (25, 80, "31.3")),
        *((1567, 2000, "78.4"), (47, 60, "78.3"), (1999, 2000, "100.0")),
    ):
        figure = Figure(base, base, (base - part, 0, 0, 0, part), part / base, 0.0, 1.0)
        shown = rounded.replace(".", ",") + "\N{NO-BREAK SPACE}%"
        assert (satisfied(figure), rating_share(figure, 5)) == (shown, shown)
        assert _cells(Row("", None, "", "", figure, None))[12:15] == [rounded, "0.0", "100.0"]


@given(share=st.floats(0, 1))
def test_an_interval_is_rounded_to_the_nearest_tenth(share: float) -> None:
    from server.web.words import per_cent

    assert abs(Fraction(per_cent(share)) - Fraction(share) * 100) <= Fraction(1, 20)
    assert per_cent(share).as_tuple().exponent == -1


@pytest.mark.usefixtures("office")
def test_a_unit_without_counters_says_so_and_nothing_else(reader: Any) -> None:
    from server.organisation.services import make_unit

    make_unit(code="99", name="Tỉnh Mẫu")
    client = reader("admin")
    page = client.get("/units/99/").content.decode()
    assert "Đơn vị này không có quầy." in page
    for needless in ("<table", "đều đã gán được", "Lượt đánh giá<", "Chưa đủ", "Đọc số liệu"):
        assert needless not in page
    client.cookies["django_language"] = "en"
    assert "This unit has no counters." in client.get("/units/99/").content.decode()
    assert "không có quầy" not in text_of(reader)


@pytest.mark.usefixtures("busy_office")
def test_the_page_says_why_a_share_may_stand_on_fewer_votes(reader: Any) -> None:
    text = text_of(reader)
    assert "Vì vậy “tính trên” có thể ít hơn “Lượt”, và sau một quyết định" in text
    assert "không ai suy ra được ý kiến của một người dân" in text


def test_vietnamese_names_are_sorted_by_the_given_name() -> None:
    from server.web.figures import name_order

    names = ["An", "Bá An", "Thị Ánh", "Thị Ăng", "Văn Ân", "Đức Dũng", "Thị Đào", "Ý Ông", "Ý Ơn"]
    shuffled = [names[index] for index in (8, 3, 6, 1, 0, 4, 7, 2, 5)]
    assert sorted(shuffled, key=name_order) == names


@pytest.mark.usefixtures("busy_office")
def test_another_month_is_empty_and_a_strange_period_is_this_month(reader: Any) -> None:
    assert "Lượt đánh giá 0 " in text_of(reader, "?from=2025-10&to=2025-10")
    for query in ("?from=x&to=y", "?from=2099-01&to=2099-02", "?from=2025-11&to=2025-09"):
        assert "Lượt đánh giá 25 " in text_of(reader, query)
        assert rows_of(reader, query=query)[0]["số lượt"] == "25"


@pytest.mark.usefixtures("busy_office")
def test_a_hostile_name_is_only_a_name(reader: Any) -> None:
    page = reader("supervisor").get(PAGE).content.decode()
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


@pytest.mark.usefixtures("office")
def test_a_hostile_address_is_only_text(reader: Any) -> None:
    client = reader("supervisor")
    for query in ('?from="><script>alert(1)</script>', "?to='><b>"):
        page = client.get(PAGE + query).content.decode()
        assert "<script>alert" not in page and "'><b>" not in page


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c'!A1", "＝1", "﹦1", "\N{MINUS SIGN}1"),
        *(" =1", "\t=1", "\r=1", "\n=1", "\t1", " \r1"),
        *("\ufeff=1", "\u200b=1", "\xa0=1", "\u2060 \u202e+1", "\u3000@A1", "\x00=1", "\ufe0f-1"),
        *("\u3164=1", "\u2800=1", "\u0301=1"),
    ],
)
def test_a_spreadsheet_runs_no_formula_of_ours(text: str) -> None:
    from server.printable import printable
    from server.web.download import safe

    assert safe(text) == f"'{printable(text)}"
    for harmless in ("Lê Văn An", " Lê = An", "\ufeffA-1", "", " ", "\u200b", -1):
        assert safe(harmless) == harmless
    assert safe("Lê\x1b[31m\u202eAn") == "Lê\ufffd[31m\ufffdAn"  # nothing that steers a terminal


@pytest.mark.usefixtures("busy_office")
def test_the_csv_is_a_download_that_says_it_is_a_sample(reader: Any) -> None:
    reply = reader("supervisor").get(f"{PAGE}figures.csv?from=2025-09&to=2025-11")
    assert reply.headers["Content-Disposition"] == (
        'attachment; filename="hailong-sample-99001-2025-09-2025-11.csv"'
    )


@pytest.mark.usefixtures("busy_office")
def test_the_csv_follows_the_language_and_keeps_its_columns(reader: Any) -> None:
    client = reader("supervisor")
    client.cookies["django_language"] = "en"
    lines = client.get(f"{PAGE}figures.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == (
        "unit,first day,last day,as of,kind,code,counter number,name,title,votes,today,base,"
        "very satisfied,satisfied,neutral,dissatisfied,very dissatisfied,"
        "share satisfied (%),95% low (%),95% high (%),display,not the official’s,held,excluded,"
        "people who came,votes of those days"
    )
    assert len({line.count(",") for line in lines}) == 1
