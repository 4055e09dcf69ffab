"""Two units with real votes: one heads the first, one works in it, one heads the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from protocol.enrolment import hash_code
from protocol.keys import public_bytes
from tests.server.kiosks import T0, PaperKiosk

DAY_MS = 24 * 3600 * 1000
NOW = T0 + 3600 * 1000  # 2025-11-22 16:26:40 in Vietnam
HOSTILE = '<script>alert("x")</script>'
PASSWORD = "một mật khẩu dài"


@dataclass
class Office:
    """What the tests of the pages stand on; `votes` sends real ones through the whole river."""

    kiosks: dict[str, PaperKiosk]

    def votes(self, counter: str, official: str | None, ratings: list[int]) -> None:
        """The citizens at `counter` press `ratings` while `official` is on duty there."""
        from server.ingest.services import accept_lines
        from server.pipeline import run_until_done

        paper = self.kiosks[counter]
        first = len(paper.lines) + 1
        duty = paper.duty(official) if official else None
        for rating in ratings:
            paper.vote(rating, duty=duty)
        if duty:
            paper.add("duty.ended", {"duty": duty, "by": "button"})
        accept_lines(
            journal=paper.journal,
            head_note=paper.head(),
            body=paper.body(first),
            now_ms=NOW - 60_000,
        )
        run_until_done()


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    """Units 99001 (three counters, eight officials) and 99002; it is 22 November 2025."""
    from server.organisation.models import Role
    from server.organisation.services import (
        make_account,
        make_counter,
        make_official,
        make_unit,
    )

    monkeypatch.setattr("server.web.months.utc_ms", lambda: NOW)
    first = make_unit(code="99001", name="Xã Mẫu Một")
    other = make_unit(code="99002", name="Xã Mẫu Hai")
    for unit in (first, other):
        for number in (1, 2, 3):
            make_counter(unit=unit, number=number, name=f"Việc {number}")
    for number in range(1, 9):
        name = HOSTILE if number == 8 else f"Cán bộ mẫu {number:02d}"
        make_official(unit=first, code=f"CB-010{number}", name=name, title="Chuyên viên")
    for username, role, unit in (
        ("supervisor", Role.SUPERVISOR, first),
        ("supervisor2", Role.SUPERVISOR, other),
        ("admin", Role.ADMINISTRATOR, None),
    ):
        make_account(username=username, password=PASSWORD, role=role, unit=unit)
    return Office({f"99001-{number}": _enrolled(f"99001-{number}") for number in (1, 2, 3)})


def _enrolled(counter: str) -> PaperKiosk:
    from server.fleet.services import make_code, make_kiosk
    from server.ingest.enrolment import Wish, enrol

    kiosk = make_kiosk(counter=counter, now_ms=T0 - DAY_MS, name=f"Kiosk {counter}")
    paper = PaperKiosk(kiosk.id)
    code = make_code(kiosk=kiosk.id, now_ms=T0 - DAY_MS)
    wish = Wish(hash_code(code), paper.journal, public_bytes(paper.key))
    enrol(wish, now_ms=T0 - DAY_MS)
    return paper


@pytest.fixture
def busy_office(office: Office) -> Office:
    """Counter 1 with two officials, counter 2 with nobody signed in, counter 3 with three votes."""
    office.votes("99001-1", "CB-0101", [5, 5, 5, 4, 4, 4, 3, 2, 1, 5, 4])
    office.votes("99001-1", "CB-0102", [5, 4, 3, 5, 5])
    office.votes("99001-2", None, [5, 1, 5, 5, 4, 4])
    office.votes("99001-3", "CB-0103", [5, 5, 2])
    return office


@pytest.fixture
def colleagues(office: Office) -> None:
    """A second supervisor of 99001, and the account of its official CB-0101."""
    from server.organisation.models import Role
    from server.organisation.selectors import official, unit
    from server.organisation.services import make_account

    first = unit("99001")
    make_account(username="deputy", password=PASSWORD, role=Role.SUPERVISOR, unit=first)
    make_account(
        username="official", password=PASSWORD, role=Role.OFFICIAL, official=official("CB-0101")
    )


@pytest.fixture
def reader() -> Any:
    """reader("supervisor"): a browser of that account; reader(None): of nobody."""
    from django.test import Client

    from server.organisation.models import StaffAccount

    def browser(username: str | None) -> Client:
        client = Client()
        if username:
            client.force_login(StaffAccount.objects.get(username=username))
        return client

    return browser


@pytest.fixture
def chosen_language() -> Iterator[None]:
    """A test that chooses a language for itself leaves none behind."""
    from django.utils import translation

    with translation.override("vi"):
        yield
