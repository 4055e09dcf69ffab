"""Why a figure is what it is, for whoever may see the figure; and what stays out of every page."""

import html
import re
from datetime import date
from typing import Any

import pytest

from tests.server.kiosks import PaperKiosk
from tests.server.web.conftest import NOW, Office

UNIT = "/units/99001/"
PERIOD = "&from=2025-11&to=2025-11"


def send(paper: PaperKiosk, first: int) -> None:
    """What the kiosk wrote from this line on goes the whole river."""
    from server.ingest.services import accept_lines
    from server.pipeline import run_until_done

    accept_lines(
        journal=paper.journal, head_note=paper.head(), body=paper.body(first), now_ms=NOW - 60_000
    )
    run_until_done()


def cast(office: Office, votes: list[tuple[int, str]], official: str = "CB-0101") -> None:
    """Votes with their reasons, minutes apart, at counter 1."""
    paper = office.kiosks["99001-1"]
    first = len(paper.lines) + 1
    duty = paper.duty(official)
    for n, (rating, reasons) in enumerate(votes):
        seq = paper.vote(rating, duty=duty, after_ms=40_000 + n**2 % 7 * 3_000)
        if reasons:
            told = {"vote": seq, "reasons": reasons.split(), "outcome": "answered"}
            paper.add("vote.reasons", told)
    paper.add("duty.ended", {"duty": duty, "by": "official"})
    send(paper, first)


def text_of(reply: Any) -> str:
    assert reply.status_code == 200
    text = html.unescape(re.sub(r"<[^>]+>", " ", reply.content.decode()))
    return re.sub(r"\s+", " ", text)


def whys(page: str) -> set[str]:
    return set(html.unescape(" ".join(re.findall(r'class="why" href="([^"]+)"', page))).split())


def test_every_figure_of_the_page_says_why(office: Office, reader: Any) -> None:
    cast(office, [(5, "")] * 8 + [(1, "R9")] + [(2, "R1")] * 3)
    client = reader("supervisor")
    links = whys(client.get(f"{UNIT}?from=2025-11&to=2025-11").content.decode())
    assert len(links) == 1 + 3 + 8  # the unit, its counters, its officials
    for link in links:
        assert "Vì sao có số này" in text_of(client.get(link))


def test_it_tells_formula_numbers_what_counts_and_the_recount(office: Office, reader: Any) -> None:
    cast(office, [(5, "")] * 8 + [(1, "R9")] + [(2, "R1")] * 3)
    client = reader("supervisor")
    text = text_of(client.get(f"/why/?of=counter&unit=99001&code=99001-1{PERIOD}"))
    assert "(8 + 0) ÷ 10 = 80,0 %" in text
    assert "Được tính: 12 lượt · tạm giữ để xem xét: 0 · đã loại: 0." in text
    command = "hailong-server recount --from 2025-11-01 --to 2025-11-30 --by counter --unit 99001"
    assert command in text
    assert "lượt chỉ không đồng ý" not in text
    text = text_of(client.get(f"/why/?of=official&unit=99001&code=CB-0101{PERIOD}"))
    assert "Chưa đủ 10 lượt để nêu tỷ lệ của một người" in text
    assert "--by official --unit 99001" in text


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_whoever_may_not_see_a_figure_is_not_told_why(reader: Any) -> None:
    counter, official = "of=counter&code=99001-1", "of=official&code=CB-0101"
    for username, asked, status in (
        ("supervisor2", f"{counter}&unit=99001", 403),
        ("supervisor2", f"{counter}&unit=no-such", 403),
        ("official", f"{counter}&unit=99001", 403),
        ("admin", f"{counter}&unit=99001", 200),
        ("admin", f"{official}&unit=99001", 403),
        ("supervisor", f"{official}&unit=99001", 200),
        ("supervisor", "of=counter&code=none&unit=99001", 404),
        ("supervisor", "of=nothing&unit=99001", 404),
        ("supervisor", "of=own", 403),
        ("official", "of=own", 200),
        ("supervisor", "of=beneath&code=99002&unit=99001", 404),
    ):
        assert reader(username).get(f"/why/?{asked}").status_code == status, (username, asked)
    assert reader(None).get("/why/").status_code == 302


def test_r6_can_be_had_from_no_page_by_subtraction(
    office: Office, reader: Any, colleagues: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack: an official and a supervisor read everything, after votes that name R6 and after the
    same votes that name nothing instead: they read the same, in the month and when it is over."""
    from server import clock

    pages = []
    for r6 in ("R6", ""):
        votes = [(1, r6)] * 6 + [(5, "")] * 6
        cast(office, votes + [(2, f"R1 {r6}".strip())] * 6, "CB-0101" if r6 else "CB-0102")
    for code in ("CB-0101", "CB-0102"):
        asked = f"/why/?of=official&unit=99001&code={code}{PERIOD}"
        text = text_of(reader("supervisor").get(asked))
        pages.append(re.sub(r"Cán bộ mẫu \d+", "", text))
    assert pages[0] == pages[1]
    later = NOW + 20 * 86_400_000
    monkeypatch.setattr("server.web.months.utc_ms", lambda: later)
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    told = [_reasons(code) for code in ("CB-0101", "CB-0102")]
    assert told[0] == told[1] == (18, {"R1": 5})


def _reasons(official: str) -> tuple[int, dict[str, int]]:
    from server.analytics.models import OfficialMonth
    from server.analytics.reasons import reason_counts, tell_reasons
    from server.analytics.selectors import Period
    from server.organisation.selectors import timezones_of

    months = {
        (row.unit, row.first_month, row.last_month)
        for row in OfficialMonth.objects.filter(official=official)
    }
    tell_reasons(months, timezones_of(["99001"]))
    period = Period(date(2025, 11, 1), date(2025, 11, 30))
    return reason_counts(
        units=["99001"], official=official, period=period, today=date(2025, 12, 12)
    )


def test_votes_held_are_told_under_every_table_and_counted_in_none(
    office: Office, reader: Any
) -> None:
    cast(office, [(4, "")] * 10)
    paper = office.kiosks["99001-1"]
    first = len(paper.lines) + 1
    for n in range(9):
        # Mashed: the rules hold all but the first.
        paper.vote(5, after_ms=1_200 if n else 600_000)
    send(paper, first)
    text = text_of(reader("supervisor").get(UNIT))
    assert "Được tính: 11 lượt · tạm giữ để xem xét: 8 · đã loại: 0." in text
    assert "Được tính: 10 lượt · tạm giữ để xem xét: 0 · đã loại: 0." in text  # that name somebody


def test_a_unit_raises_a_rule_of_display_and_none_goes_below_five(
    office: Office, reader: Any
) -> None:
    from server.organisation.models import UnitRules
    from server.organisation.selectors import rules_of

    cast(office, [(4, "")] * 10)
    client, path = reader("admin"), f"{UNIT}organisation/"
    wish = {"show_from": "20", "person_from": "", "verdict_from": "50", "reliability_from": "",
            "response_from": "30"}  # fmt: skip
    assert client.post(path, {"do": "display", **wish}).status_code == 302
    rules = rules_of("99001")
    assert (rules.show_from, rules.person_from, rules.verdict_from) == (20, 10, 50)
    assert "Chưa đủ 20 lượt để nêu tỷ lệ" in text_of(reader("supervisor").get(UNIT))
    for name, low in (("show_from", "4"), ("person_from", "1"), ("reliability_from", "100")):
        reply = client.post(path, {"do": "display", **wish, name: low})
        assert reply.status_code == 422, name
    assert reader("supervisor").post(path, {"do": "display", **wish}).status_code == 403
    assert client.post(path, {"do": "rules", "shifts_count": "yes", "two_for_rulings": ""})
    assert UnitRules.objects.get().show_from == 20  # one form leaves the other's choices alone
    from server.organisation.audit import find_differences

    assert find_differences() == []
    UnitRules.objects.update(show_from=5)
    assert len(find_differences()) == 1
