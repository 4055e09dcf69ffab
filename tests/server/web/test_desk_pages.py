"""The inspector's desk over real tallies: who may open it, what it says, what it never says."""

import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from tests.server.test_statement_rules import recorded
from tests.server.web.conftest import NOW, PASSWORD, Office

PERIOD = "from=2025-11&to=2025-11"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
UNIT = f"/desk/units/99001/?{PERIOD}"
PAGES = (
    f"/desk/?{PERIOD}",
    UNIT,
    f"{UNIT}&reason=R1",
    f"{UNIT}&field=nowhere",
    f"/desk/funnel/?{PERIOD}",
    f"/desk/funnel/?{PERIOD}&unit=99001",
    f"/desk/compare/?{PERIOD}",
    f"/desk/why/?{PERIOD}",
    f"/desk/why/?{PERIOD}&unit=99001",
    f"/desk/why/?{PERIOD}&unit=99001&official=CB-0101",
    f"/desk/votes/?{PERIOD}&unit=99001",
)


@pytest.fixture
def inspector(office: Office, reader: Any) -> Any:
    """A browser of an inspector who is granted 99001."""
    from server.organisation.grants import give_grant
    from server.organisation.models import Role
    from server.organisation.selectors import unit
    from server.organisation.services import make_account

    account = make_account(username="inspector", password=PASSWORD, role=Role.INSPECTOR)
    first = unit("99001")
    assert first is not None
    give_grant(account=account, unit=first, by="admin", now_ms=NOW)
    return reader("inspector")


def text_of(client: Any, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, address
    return str(reply.content.decode())


def looks() -> list[str]:
    from server.ledger.models import ServerRecord

    rows = ServerRecord.objects.filter(type="viewed").order_by("seq")
    return [json.loads(bytes(row.body))["data"]["what"] for row in rows]


@pytest.mark.usefixtures("busy_office")
@pytest.mark.parametrize("who", ["supervisor", "admin", None])
def test_only_inspectors_open_the_desk(who: str | None, reader: Any) -> None:
    client = reader(who)
    for page in PAGES:
        assert client.get(page).status_code == (302 if who is None else 403), page


def test_a_foreign_unit_answers_as_one_that_does_not_exist(inspector: Any) -> None:
    asked = "/desk/units/{}/", "/desk/funnel/?unit={}", "/desk/votes/?unit={}", "/desk/why/?unit={}"
    for page in asked:
        told = set()
        for code in ("99002", "12345"):
            reply = inspector.get(page.format(code))
            told.add((reply.status_code, TOKEN.sub("", reply.content.decode().replace(code, ""))))
        assert len(told) == 1 and told.pop()[0] == 403


def test_every_page_of_an_empty_desk_says_so_and_holds_no_nan(inspector: Any) -> None:
    for page in PAGES:
        text = text_of(inspector, page)
        assert "NaN" not in text and "None" not in text, page
    assert "Chưa có lượt đánh giá nào trong các tháng này." in text_of(inspector, PAGES[0])


def test_every_page_of_a_busy_desk_is_there_in_both_languages(
    busy_office: Office, inspector: Any
) -> None:
    for page in PAGES:
        for language in ("vi", "en"):
            inspector.cookies["django_language"] = language
            text = text_of(inspector, page)
            assert "NaN" not in text and "None" not in text, page
            assert ("Download CSV" in text) == (language == "en"), page


@pytest.mark.usefixtures("busy_office")
def test_whoever_reads_officials_figures_stands_in_the_log_and_who_reads_units_does_not(
    inspector: Any,
) -> None:
    for page in (PAGES[0], f"/desk/funnel/?{PERIOD}", f"/desk/why/?{PERIOD}&unit=99001"):
        text_of(inspector, page)
    assert looks() == []
    text_of(inspector, f"/desk/funnel/?{PERIOD}&unit=99001")
    inspector.head(f"/desk/why/?{PERIOD}&unit=99001&official=CB-0101")
    first, second = looks()
    assert first.startswith("figures of officials of unit 99001 ")
    assert second.startswith("figures of official CB-0101 of unit 99001 ")


def test_the_territory_counts_every_vote_and_not_whole_fives_alone(
    busy_office: Office, inspector: Any
) -> None:
    text = text_of(inspector, PAGES[0])
    assert "<strong>25</strong>" in text
    assert "16,0\N{NO-BREAK SPACE}%" in text  # 4 of 25 dissatisfied, as tallied


def test_an_official_with_fewer_than_ten_votes_has_no_share(
    busy_office: Office, inspector: Any
) -> None:
    text = text_of(inspector, f"/desk/funnel/?{PERIOD}&unit=99001")
    chart = json.loads(text.split('id="funnel-officials-data" type="application/json">')[1]
                       .split("</script>")[0])  # fmt: skip
    assert len(chart["told"]) == 1 and chart["told"][0].startswith("Cán bộ mẫu 01: ")
    assert text.count("dưới 10 lượt") >= 2


def test_the_votes_behind_a_number_are_shown_once_the_look_is_recorded(
    busy_office: Office, inspector: Any
) -> None:
    address = f"/desk/votes/?{PERIOD}&unit=99001&rating=1,2&counter=99001-1"
    text = text_of(inspector, address)
    assert looks() == ["votes of 99001, 2025-11-01 to 2025-11-30, counter 99001-1, ratings 1 2"]
    assert text.count("22/11/2025") == 2 and "Cán bộ mẫu 01" in text
    inspector.get(f"/desk/votes/?{PERIOD}&unit=99001&reason=R6")
    assert len(looks()) == 1  # R6 is asked for in its own list alone


def test_the_votes_behind_a_number_name_no_hour_no_code_and_no_r6(
    busy_office: Office, inspector: Any
) -> None:
    from protocol.crockford import vote_code
    from server.flags.models import Flag
    from server.votes.models import Vote

    (odd,) = Vote.objects.filter(
        rating=1, first_rating=1, kiosk=busy_office.kiosks["99001-1"].kiosk
    )
    Flag.objects.create(
        unit="99001", journal=odd.journal, seq=odd.seq, flag="odd-flag", version=1, held=False,
        counter="99001-1", day=date(2025, 11, 22),
    )  # fmt: skip
    Vote.objects.filter(rating=1).update(reasons="R1 R6")
    text = text_of(inspector, f"/desk/votes/?{PERIOD}&unit=99001&rating=1")
    table = text.split('class="desk-table"')[1]
    assert "Chờ đợi lâu" in table or "R1" not in table
    assert "sách nhiễu" not in table and table.count("odd-flag") == 1
    assert not any(clock in table for clock in ("16:", "15:", " giờ"))
    lines = [line for kiosk in busy_office.kiosks.values() for line in kiosk.lines]
    assert not any(vote_code(line) in text for line in lines)


def test_a_page_of_the_desk_reads_no_vote_but_the_drill(
    busy_office: Office, inspector: Any
) -> None:
    for page in PAGES[:-1]:
        with recorded() as statements:
            inspector.get(page)
        for table in ("votes_vote", "attribution_attribution", "ledger_line"):
            assert not any(table in sql for sql in statements), (page, table)


def test_what_is_shown_is_taken_away_as_csv_and_as_a_sealed_file_whose_hash_is_in_the_log(
    busy_office: Office, inspector: Any
) -> None:
    import hashlib

    from server.ledger.models import ServerRecord

    plain = inspector.get(f"{PAGES[0]}&format=csv")
    assert plain.content.decode("utf-8-sig").count("\n") > 5
    file = inspector.post(PAGES[0], {"do": "sealed"})
    archive = zipfile.ZipFile(io.BytesIO(file.content))
    about = json.loads(archive.read("about.json"))
    assert archive.read("figures.csv") == plain.content
    assert about["parts"][0]["sha256"] == hashlib.sha256(plain.content).hexdigest()
    (deed,) = ServerRecord.objects.filter(type="published")
    assert hashlib.sha256(file.content).hexdigest().encode() in bytes(deed.body)


def test_units_of_before_a_merger_stand_in_todays_column_only(
    busy_office: Office, inspector: Any
) -> None:
    from server.analytics.models import UnitMonth
    from server.organisation.selectors import unit
    from server.organisation.services import add_successor, end_unit, make_unit

    old = make_unit(code="99009", name="Xã Cũ")
    end_unit(unit=old, on_date=date(2025, 7, 1))
    today = unit("99001")
    assert today is not None
    add_successor(predecessor=old, successor=today, on_date=date(2025, 7, 1), note="nghị quyết")
    june = date(2025, 6, 1)
    UnitMonth.objects.create(
        unit="99009", first_month=june, last_month=june, state="counted", n1=4, n5=16
    )
    text = text_of(inspector, "/desk/compare/?from=2025-06&to=2025-11")
    assert "Xã Cũ" in text and ">45<" in text and ">25<" in text


def test_a_hundred_thousand_units_are_a_page_at_a_time(monkeypatch: Any) -> None:
    from server.analytics.desk import Cast
    from server.web.desk_funnel import Subject, draw_funnel, units

    many = [Subject(f"U{n}", f"U{n}", Cast((n % 4, 1, 2, 30, 60)), "") for n in range(100_000)]
    chart = draw_funnel(units(), many)
    assert len(chart.told) <= 1500 and len(chart.table.rows) == 400
    assert "NaN" not in json.dumps(chart.drawn)


def test_a_page_is_saved_under_a_name_and_forgotten(inspector: Any) -> None:
    address = f"/desk/funnel/?{PERIOD}&unit=99001"
    saved = inspector.post(address, {"do": "save", "name": "Phễu tháng 11"})
    assert saved.status_code == 302 and saved.headers["Location"] == address
    link = f'<a href="{address.replace("&", "&amp;")}">Phễu tháng 11</a>'
    assert link in text_of(inspector, PAGES[0])
    assert inspector.post(PAGES[0], {"do": "save", "name": ""}).status_code == 422
    assert inspector.post(PAGES[0], {"do": "nonsense"}).status_code == 422
    inspector.post(PAGES[0], {"do": "forget", "name": "Phễu tháng 11"})
    assert link not in text_of(inspector, PAGES[0])


def test_a_figure_says_of_which_numbers_it_is_made_and_how_to_count_it_anew(
    busy_office: Office, inspector: Any
) -> None:
    text = text_of(inspector, f"/desk/why/?{PERIOD}&unit=99001")
    assert "(n1 + n2) / n = 4 / 25" in text
    assert "hailong-server recount --from 2025-11-01 --to 2025-11-30 --by unit --unit 99001" in text
    link = f"/desk/why/?{PERIOD}&unit=99001".replace("&", "&amp;")
    assert link in text_of(inspector, UNIT)


def test_an_official_of_five_votes_is_not_judged_by_the_page_that_explains(
    busy_office: Office, inspector: Any
) -> None:
    text = text_of(inspector, f"/desk/why/?{PERIOD}&unit=99001&official=CB-0102")
    assert "<code>n = 5</code>" in text and "n1" not in text.split("<code>n = 5</code>")[0]
    assert "= 4 / 5" not in text and "= 0 / 5" not in text and "80,0" not in text
    known = text_of(inspector, f"/desk/why/?{PERIOD}&unit=99001&official=CB-0101")
    assert "(n4 + n5) / n = 8 / 11" in known
    with_few = text_of(inspector, f"/desk/why/?{PERIOD}&unit=99001&official=CB-0103")
    assert "<code>n = 3</code>" in with_few and "= 2 / 3" not in with_few
