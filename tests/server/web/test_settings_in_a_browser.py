"""Settings, enrolment and revocation in a real Chromium: width, complaints, print, live state."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.server.web.conftest import PASSWORD, Office
from tests.server.web.test_in_a_browser import address, too_wide

pytestmark = pytest.mark.one_database

__all__ = ["address"]


@contextmanager
def administrator(address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page signed in as the administrator, and what the browser complains about."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="vi-VN")
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.fill("#id_username", "admin")
        page.fill("#id_password", PASSWORD)
        page.click("button.main")
        page.wait_for_selector(".units")
        yield page, complaints
        chromium.close()


def beside(work: Callable[[], object]) -> None:
    """Playwright keeps an event loop in this thread, in which Django refuses to query."""

    def run() -> None:
        from django.db import connections

        work()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def no_address() -> Iterator[None]:
    yield
    from django.conf import settings

    settings.DATA.set_public_url("")


@pytest.mark.usefixtures("no_address")
def test_every_page_fits_a_telephone_and_the_card_prints_on_one_sheet(
    busy_office: Office, address: str
) -> None:
    kiosk = busy_office.kiosks["99001-1"].kiosk
    with administrator(address) as (page, complaints):
        for path in (
            "/settings/", "/settings/unit/99001/", "/settings/unit/99001/history/",
            f"/settings/kiosk/{kiosk}/", "/kiosks/new/", f"/kiosks/{kiosk}/revoke/",
            f"/kiosks/{kiosk}/code/",
        ):  # fmt: skip
            page.goto(address + path)
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 844})
                assert too_wide(page) <= 0, (path, width)
        page.click("button[value=make]")
        page.wait_for_selector(".enrolment-card")
        assert too_wide(page) <= 0
        page.set_viewport_size({"width": 1280, "height": 900})
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
        page.goto(f"{address}/settings/unit/99001/")
        page.click("summary:has-text('Thang đánh giá')")
        page.check("[value=vn3]")  # an edit ticks "set here"; unticking takes it back
        assert page.is_checked("[name=own-scale]")
        page.uncheck("[name=own-scale]")
        assert page.is_checked("[value=vn5]")
        page.check("[value=vn3]")
        page.click("button[value=form]")
        page.wait_for_selector(".screens")
        assert page.locator(".screens").first.locator("svg").count() == 4
        page.set_viewport_size({"width": 390, "height": 844})
        assert too_wide(page) <= 0
        assert complaints == []
        page.goto(f"{address}/settings/unit/99001/")
        page.click("summary:has-text('Số giây được chọn lại')")
        page.fill("#undo_s", "99")
        page.click("button[value=form]")
        expect(page.locator("main > .wrong")).to_be_focused()
        page.click("main > .wrong a")
        expect(page.locator("#undo_s")).to_be_in_viewport()
        assert too_wide(page) <= 0


@pytest.mark.usefixtures("no_address")
def test_the_page_with_the_card_follows_the_enrolment_without_a_reload(
    office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.ingest.journals import now_ms
    from tests.server.doors import enrol
    from tests.server.kiosks import PaperKiosk

    monkeypatch.setattr("server.web.months.utc_ms", now_ms)
    paper = PaperKiosk(office.kiosks["99001-1"].kiosk)
    with administrator(address) as (page, complaints):
        page.clock.install()
        page.goto(f"{address}/kiosks/{paper.kiosk}/code/")
        page.click("button[value=make]")
        code = page.locator(".big.mono").inner_text()
        expect(page.locator("#enrolment")).to_contain_text("Mã đang chờ thiết bị")
        beside(lambda: enrol(code, paper.key, paper.journal))
        page.clock.run_for(3_000)
        expect(page.locator("#enrolment")).to_contain_text("Một thiết bị đã đăng ký")
        assert page.locator(".enrolment-card").is_visible()
        assert page.locator("#replaced").is_hidden()
    assert complaints == []
