"""The pages in a real Chromium, from a real server: what it loads, how wide, how it prints."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.server.web.conftest import NOW, PASSWORD, Office
from tests.server.web.test_proof_pages import sign, votes_of

pytestmark = pytest.mark.one_database


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False  # joined at the end, so that no test leaves a connection behind
    block_on_close = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def address(server_folder: object) -> Iterator[str]:
    """The address of the server, which runs while the test does."""
    from django.db import connections

    from server.wsgi import application

    def closing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answer: Any = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            getattr(answer, "close", lambda: None)()
            connections.close_all()

    with make_server("127.0.0.1", 0, closing, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@dataclass
class Seen:
    """What the browser complained about, and what it asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def browser(
    address: str, width: int, height: int = 900, account: str = "supervisor"
) -> Iterator[tuple[Page, Seen]]:
    """A page signed in by hand, at the unit's figures or the official's own."""
    seen = Seen()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(address)
        page.fill("#id_username", account)
        page.fill("#id_password", PASSWORD)
        page.click("button.main")
        page.wait_for_selector("#figures")
        yield page, seen
        chromium.close()


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_every_page_fits_a_telephone_and_loads_nothing_from_elsewhere(
    busy_office: Office, server_folder: Path, address: str
) -> None:
    kiosk = f"/kiosks/{busy_office.kiosks['99001-1'].kiosk}/"
    sign(server_folder)
    proof = f"/proof/{next(iter(votes_of(busy_office, '99001-1')))}/"
    with browser(address, 390, 844) as (page, seen):
        for language in ("vi", "en"):
            figures = "/units/99001/?from=2024-12&to=2025-11"
            unit = "/units/99001/"
            day = f"{unit}duty/99001-1/2025-11-22/"
            rooms = (f"{unit}duty/", f"{unit}roster/", f"{unit}dossiers/", day, f"{unit}rulings/",
                     f"{unit}rulings/new/", "/units/", f"{unit}organisation/",
                     f"{unit}counters/", f"{unit}officials/")  # fmt: skip
            for path in (figures, "/kiosks/", kiosk, "/proof/", "/integrity/", proof, *rooms):
                page.goto(address + path)
                for folded in page.locator("details summary").all():
                    folded.click()
                assert page.get_attribute("html", "lang") == language
                assert too_wide(page) <= 0, path
            page.locator("form[action='/language/'] button").click()
        page.set_viewport_size({"width": 320, "height": 640})
        for path in ("/units/99001/", "/proof/", "/integrity/", proof, *rooms):
            page.goto(address + path)
            assert too_wide(page) <= 0, path
    assert seen.complaints == []
    assert all(url.startswith(address + "/") for url in seen.requests)
    assert any(url.endswith("style.css") for url in seen.requests)


@pytest.mark.usefixtures("busy_office", "colleagues")
def test_an_officials_own_page_fits_a_telephone(address: str) -> None:
    from server.attribution.services import propose_ruling

    propose_ruling(
        unit="99001", counter="99001-2", from_ms=NOW - 7_200_000, to_ms=NOW - 3_600_000,
        official="CB-0101", reason="quên đăng nhập", by="supervisor", now_ms=NOW,
    )  # fmt: skip
    with browser(address, 390, 844, "official") as (page, seen):
        for folded in page.locator("details summary").all():
            folded.click()
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.locator("#start-counter").is_visible()
            assert too_wide(page) <= 0, width
    assert seen.complaints == []


def test_a_week_is_planned_and_a_shift_taken_back_on_a_telephone(
    office: Office, address: str
) -> None:
    with browser(address, 390, 844) as (page, seen):
        page.goto(f"{address}/units/99001/roster/?week=2025-11-24")
        page.fill("#add-from", "7:30")
        page.fill("#add-to", "11:30")
        page.click("button[value=add]")
        shifts = page.locator(".shift")
        expect(shifts).to_have_count(5)  # Monday to Friday
        assert too_wide(page) <= 0
        shifts.first.locator("button").click()
        expect(shifts).to_have_count(4)
    assert seen.complaints == []


def test_the_board_follows_who_is_on_duty_and_leaves_a_form_that_is_being_filled_in_alone(
    busy_office: Office, address: str
) -> None:
    def begin() -> None:
        from django.db import connections

        from server.attribution.services import start_duty

        start_duty(unit="99001", counter="99001-2", official="CB-0105", by="CB-0105", now_ms=NOW)
        connections.close_all()

    with browser(address, 1280) as (page, seen):
        page.clock.install()
        page.goto(f"{address}/units/99001/duty/")
        page.select_option("#set-99001-3", "CB-0104")
        on = page.locator("#on-99001-2")
        expect(on).to_contain_text("Không ai")
        colleague = threading.Thread(target=begin)
        colleague.start()
        colleague.join()
        page.clock.run_for(10_000)
        expect(on).to_contain_text("Cán bộ mẫu 05")
        assert page.input_value("#set-99001-3") == "CB-0104"
        assert page.locator("#stale").is_hidden()
    assert seen.complaints == []


def test_the_figures_print_on_one_page(busy_office: Office, address: str) -> None:
    for number in range(1, 9):
        busy_office.votes(f"99001-{number % 3 + 1}", f"CB-010{number}", [5, 4, 3, 2, 1, 5, 5])
    with browser(address, 1280) as (page, _):
        for language in ("vi", "en"):
            assert page.get_attribute("html", "lang") == language
            pdf = page.pdf(prefer_css_page_size=True, print_background=False)
            assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
            page.locator("form[action='/language/'] button").click()


def test_the_figures_follow_new_votes_without_a_reload(busy_office: Office, address: str) -> None:
    # Playwright keeps an event loop in this thread, in which Django refuses to query.
    def vote() -> None:
        from django.db import connections

        busy_office.votes("99001-2", None, [5, 5])
        connections.close_all()

    with browser(address, 1280) as (page, seen):
        page.clock.install()
        page.goto(f"{address}/units/99001/")
        count = page.locator(".facts > div:nth-child(2) strong")
        assert count.inner_text() == "25"
        page.evaluate("window.same_page = true")
        voting = threading.Thread(target=vote)
        voting.start()
        voting.join()
        page.clock.run_for(10_000)
        expect(count).to_have_text("27")
        assert page.evaluate("window.same_page")
        assert page.locator("#stale").is_hidden()
    assert seen.complaints == []


def test_the_kiosks_follow_their_state_without_a_reload(busy_office: Office, address: str) -> None:
    kiosk = busy_office.kiosks["99001-1"].kiosk

    def become(state: str) -> None:
        from django.db import connections

        from server.ingest.models import Journal

        Journal.objects.filter(kiosk=kiosk).update(state=state)
        connections.close_all()

    with browser(address, 1280) as (page, seen):
        page.clock.install()
        for path, state, words in (
            ("/kiosks/", "revoked", "Nhật ký đã bị thu hồi"),
            (f"/kiosks/{kiosk}/", "open", "Đang kết nối"),
        ):
            page.goto(address + path)
            page.evaluate("window.same_page = true")
            changing = threading.Thread(target=become, args=(state,))
            changing.start()
            changing.join()
            page.clock.run_for(30_000)
            expect(page.locator(".pill").first).to_have_text(words)
            assert page.evaluate("window.same_page")
            assert page.locator("#stale").is_hidden()
    assert seen.complaints == []


def test_the_period_is_chosen_from_the_keyboard_and_the_tables_stay_tables(
    busy_office: Office, address: str
) -> None:
    with browser(address, 1280) as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.select_option("#from", "2025-10")
        page.locator(".period form button").click()
        assert "from=2025-10&to=2025-11" in page.url
        names = page.locator("table").first.get_by_role("columnheader").all_inner_texts()
        assert names == ["Quầy", "Lượt", "Hôm nay", "Tỷ lệ hài lòng", "Phân bố"]
