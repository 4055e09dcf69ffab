"""The pages of signals: whose they are, what they say, and what a look leaves behind."""

from typing import Any

import pytest

from tests.server.signals.made import write
from tests.server.signals.test_watching import DAYS, evening, troubled, watched
from tests.server.web.conftest import HOSTILE, PASSWORD

pytestmark = pytest.mark.one_database


@pytest.fixture
def found(office: Any) -> int:
    """Signals of unit 99001 about a counter and an official; the number of the counter's."""
    from server.organisation.models import Role, Unit
    from server.organisation.services import give_grant, make_account
    from server.signals.models import Signal

    days = troubled()
    days.counters, days.officials = ["c1", "c2", "c3"], ["CB-0101", "CB-0102", "CB-0103"]
    write("99001", days)
    assert watched(evening(DAYS))
    for username, code in (("inspector", "99001"), ("inspector2", "99002")):
        account = make_account(
            username=username, password=PASSWORD, role=Role.INSPECTOR, check=False
        )
        unit = Unit.objects.get(code=code)
        give_grant(account=account, unit=unit, by="admin", now_ms=1)
    row = Signal.objects.filter(kind="complaints", counter="99001-2").get()
    Signal.objects.create(
        unit="99001", number=900, kind="revised-up", side="up", official="CB-0108",
        since_date=row.since_date, found_date=row.found_date, statistic_m=12_000,
        threshold_m=9_000, arl=40_000_000, evidence={"x": 9, "n": 30, "p0": 0.03},
    )  # fmt: skip
    return int(row.number)


def test_the_list_says_what_changed_where_and_since_when(found: int, reader: Any) -> None:
    page = reader("inspector").get("/desk/signals/").content.decode()
    assert "Quầy im lặng" in page and "Việc 2" in page and "báo động nhầm mỗi tháng" in page
    only = reader("inspector").get("/desk/signals/?kind=silence").content.decode()
    assert "Quầy im lặng" in only and f"/99001/{found}/" not in only
    assert "Không có tín hiệu nào" in reader("inspector").get(
        "/desk/signals/?state=closed").content.decode()  # fmt: skip


def test_a_signal_tells_its_numbers_its_course_and_how_often_it_is_false(
    found: int, reader: Any
) -> None:
    reply = reader("inspector").get(f"/desk/signals/99001/{found}/")
    page = reply.content.decode()
    assert reply.headers["Cache-Control"].startswith("max-age=0")
    for words in ("không hài lòng", "nhiều hơn mức thường thấy", "trên ngưỡng", "Diễn biến",
                  "không chỉ do cán bộ", "Xem bằng bảng"):  # fmt: skip
        assert words in page
    assert "NaN" not in page and "Infinity" not in page


def test_a_page_about_an_official_is_a_look_that_the_log_records(found: int, reader: Any) -> None:
    from tests.server.attribution.scene import deeds

    before = len(deeds("viewed"))
    page = reader("inspector").get("/desk/signals/99001/900/").content.decode()
    assert HOSTILE not in page
    assert [each["what"] for each in deeds("viewed")[before:]] == [
        "signal 900 of unit 99001, which is about official CB-0108"
    ]
    reader("inspector").get(f"/desk/signals/99001/{found}/")
    assert len(deeds("viewed")) == before + 1


def test_who_looks_and_what_came_of_it_stand_on_the_page(found: int, reader: Any) -> None:
    from tests.server.attribution.scene import deeds

    client, page = reader("inspector"), f"/desk/signals/99001/{found}/"
    assert client.post(page, {"do": "close", "outcome": "x"}).status_code == 422
    assert client.post(page, {"do": "look"}).status_code == 302
    empty = client.post(page, {"do": "close", "outcome": " "})
    assert empty.status_code == 422 and "Hãy ghi kết quả xem xét" in empty.content.decode()
    client.post(page, {"do": "close", "outcome": "Đổi thủ tục từ đầu tháng."})
    told = client.get(page).content.decode()
    assert "Đổi thủ tục từ đầu tháng." in told and "Đã có kết quả" in told
    assert [each["what"] for each in deeds("signal")] == ["looked", "closed"]


def test_nobody_else_reads_or_touches_a_signal(found: int, reader: Any) -> None:
    for who in ("supervisor", "admin", "inspector2", None):
        client, refused = reader(who), 302 if who is None else 403
        for page in (f"/desk/signals/99001/{found}/", "/desk/signals/99001/4711/"):
            assert client.get(page).status_code == refused
            assert client.post(page, {"do": "look"}).status_code == refused
        listed = client.get("/desk/signals/")
        if who == "inspector2":
            assert "99001" not in listed.content.decode()
        else:
            assert listed.status_code == refused


def test_a_signal_that_there_is_not_is_not_found(found: int, reader: Any) -> None:
    for number in ("4711", "x", "-1", "9" * 30, "１"):
        assert reader("inspector").get(f"/desk/signals/99001/{number}/").status_code == 404


def test_every_kind_of_signal_has_its_page(found: int, reader: Any) -> None:
    from server.signals.kinds import KINDS
    from server.signals.models import Signal

    row = Signal.objects.get(unit="99001", number=found)
    client = reader("inspector")
    for at, (kind, level, side) in enumerate(KINDS):
        about = {"counter": "99001-1", "official": "CB-0101", "procedure": "1.001", "reason": "R1"}
        Signal.objects.create(
            unit="99001", number=1000 + at, kind=kind, side=side or "3",
            since_date=row.since_date, found_date=row.found_date, statistic_m=1, threshold_m=1,
            arl=1, evidence={"x": 0, "n": 0, "p0": 0.0} if at % 2 else {},
            **{level: about[level]} if level in about else {},
        )  # fmt: skip
        page = client.get(f"/desk/signals/99001/{1000 + at}/")
        assert page.status_code == 200, kind
        assert "NaN" not in page.content.decode()


def test_the_command_prints_what_the_page_shows(
    found: int, capsys: pytest.CaptureFixture[str]
) -> None:
    import argparse

    from server.console.signals import main
    from server.folder import SetupError

    assert main(argparse.Namespace(unit="99001", budget=None)) == 0
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.startswith(
        "kind,unit,counter,official,procedure,since,statistic,threshold,state"
    )
    assert any(row.startswith("complaints,99001,99001-2,,,") for row in rows)
    assert main(argparse.Namespace(unit=None, budget=0.5)) == 0
    with pytest.raises(SetupError, match="lie between"):
        main(argparse.Namespace(unit=None, budget=-1.0))
    with pytest.raises(SetupError, match="no unit"):
        main(argparse.Namespace(unit="x", budget=None))


def test_before_anything_was_watched_the_list_says_nothing(office: Any, reader: Any) -> None:
    from server.organisation.models import Role
    from server.organisation.services import make_account

    make_account(username="inspector", password=PASSWORD, role=Role.INSPECTOR, check=False)
    page = reader("inspector").get("/desk/signals/").content.decode()
    assert "Không có tín hiệu nào ở đây." in page
