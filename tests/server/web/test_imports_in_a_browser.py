"""Importing in a real Chromium: choose a file, read its faults, apply, undo; on a telephone too."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.server.importing.files import csv_file, excel_file
from tests.server.web.conftest import Office
from tests.server.web.test_in_a_browser import address, too_wide
from tests.server.web.test_settings_in_a_browser import administrator

pytestmark = pytest.mark.one_database

__all__ = ["address"]

HEADING = ("mã cán bộ", "họ tên", "chức danh", "mã đơn vị", "cơ quan", "mã quầy", "từ ngày")
GOOD = [(f"CB-{n}", f"Nguyễn Thị Mẫu {n}", "Chuyên viên", "99001", "", "99001-1", "01/07/2025")
        for n in range(30)]  # fmt: skip
BAD = [("CB-0", "=HYPERLINK(1)", "", "99001"), ("CB 1", "B", "", "99009", "", "99001-77", "31/6")]


@pytest.mark.usefixtures("busy_office")
def test_a_file_is_previewed_corrected_imported_and_undone(
    office: Office, address: str, tmp_path: Path
) -> None:
    bad = csv_file(tmp_path / "sai.csv", [HEADING, *BAD, *GOOD])
    good = excel_file(tmp_path / "cán bộ quý IV.xlsx", [HEADING, *GOOD])
    with administrator(address) as (page, complaints):
        page.goto(f"{address}/imports/")
        page.click(".units a:has-text('Cán bộ')")
        page.set_input_files("#file", bad)
        page.click("button[value=preview]")
        expect(page.locator(".outcome .wrong")).to_be_focused()
        assert page.locator(".problems tbody tr").count() == 3
        for name, width in (("wide", 1280), ("phone", 390)):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=tmp_path / f"faults-{name}.png", full_page=True)
            assert too_wide(page) <= 0, width
        page.set_input_files("#file", good)
        page.click("button[value=preview]")
        page.wait_for_selector("button[value=apply]")
        assert page.locator(".sheet tbody tr").count() == 20
        for name, width in (("phone", 390), ("wide", 1280)):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=tmp_path / f"preview-{name}.png", full_page=True)
            assert too_wide(page) <= 0, width
        # A fault is answered with 422, which browsers write to their console.
        assert [each for each in complaints if "422" not in each] == []
        page.click("button[value=apply]")
        expect(page.locator(".told")).to_contain_text("Đã nhập: thêm 30")
        for name, width in (("phone", 390), ("wide", 1280)):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=tmp_path / f"history-{name}.png", full_page=True)
            assert too_wide(page) <= 0, width
        page.click(".imports summary")
        page.click(".imports button")
        expect(page.locator(".told")).to_contain_text("Đã hoàn tác")
        assert [each for each in complaints if "422" not in each] == []
