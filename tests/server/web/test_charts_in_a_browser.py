"""The desk's charts in a real Chromium under the pages' own policy: drawn, read, walked, saved."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.server.web.test_in_a_browser import Seen, _Quiet, _Server, too_wide

pytestmark = pytest.mark.one_database

WEB = Path(__file__).parents[3] / "server" / "web" / "static" / "web"
# `npm pack echarts@6.1.0`: what we serve is what its makers published, with their licence.
VENDORED = {
    "echarts.min.js": "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0",
    "echarts.langVI.js": "39d19c66256c181ccb337d068302ce3d4011b4dfd4f10aa365504c8a29dfa2c4",
    "echarts.LICENSE": "634293835b43a6dd2094fa39182a3d9a6b9ca43b7fdb9ac354e8037af2a3093a",
    "echarts.LICENSE-d3": "e1211892da0b0e0585b7aebe8f98c1274fba15bafe47fa1f4ee8a7a502c06304",
    "echarts.NOTICE": "d491d358344f842685c1b1585970999db65fe30ecf7ef3867af8814f4016c016",
}


def charts() -> list[Any]:
    """One of each kind, with a gap, a marked point and a title that would like to be HTML."""
    from server.web.desk_charts import Cell, Chart, Series, Table

    months = tuple(f"T{month}" for month in range(1, 13))
    shares = [0.03, 0.04, 0.035, None, 0.03, 0.05, 0.04, 0.03, 0.09, 0.04, float("nan"), 0.03]
    table = Table(
        ("Tháng", "Tỷ lệ"),
        tuple((Cell(m, f"#{m}"), "3,0 %") for m in months),
    )
    course = Chart(
        key="course", kind="course", title="Diễn biến <script>alert(1)</script>",
        sentence="Tháng 9 khác thường.", places=months, table=table,
        told=tuple(f"{m}: 3,0 %" for m in months), links=tuple(f"#{m}" for m in months),
        series=(
            Series("Khoảng thường gặp", [(0.01, 0.07)] * 3 + [None] + [(0.01, 0.07)] * 8, "band"),
            Series("Trung bình", [0.04] * 12, "steps", "center"),
            Series("Tỷ lệ không hài lòng", shares, "line", "main", (8,)),
        ),
    )  # fmt: skip
    funnel = Chart(
        key="funnel", kind="funnel", title="Phễu", sentence="Hai đơn vị khác.", table=table,
        told=("A: 10 lượt", "B: 90 lượt"), across="Số lượt", up="Tỷ lệ",
        series=(Series("99,8 %", [(5.0, 0.2), (100.0, 0.1)], "line", "outer"),
                Series("Đơn vị", [(10.0, 0.05), (90.0, 0.2)], "dots", "main", (1,))),
    )  # fmt: skip
    heat = Chart(
        key="heat", kind="heat", title="Giờ", sentence="Sáng thứ hai.", table=table, up="Tỷ lệ",
        places=("7", "8"), rows=("T2", "T3"), told=("a", "b", "c", "d"),
        series=(Series("Tỷ lệ", [(0, 0, 0.1, 40), (1, 0, 0.2, 9), (0, 1, None, 0), (1, 1, 0, 3)],
                       "cells"),),
    )  # fmt: skip
    bars = Chart(
        key="bars", kind="bars", title="Lý do", sentence="R2 nhiều nhất.", table=table,
        measure="count", places=("Chờ lâu", "Thái độ"), told=("12", "3"),
        series=(Series("Lượt", [12, 3], "bars"),),
    )  # fmt: skip
    nothing = Chart(
        key="nothing", kind="course", title="Trống", sentence="Chưa có lượt nào.",
        table=Table(("Tháng", "Tỷ lệ"), ()), series=(Series("", [None, None]),),
    )  # fmt: skip
    return [course, funnel, heat, bars, nothing]


@pytest.fixture
def address(server_folder: object) -> Iterator[str]:
    """A server with a page of charts at /charts/, under the policy of all pages."""
    from django.template import engines

    from server.web.middleware import POLICY
    from server.wsgi import application

    page = engines["django"].from_string(
        '<!doctype html><html lang="vi"><head><meta name="viewport" content="width=device-width">'
        '{% load static %}<link rel="stylesheet" href="{% static "web/style.css" %}">'
        '<link rel="icon" href="{% static "web/icon.svg" %}">'
        '{% include "web/desk/_chart_head.html" %}<title>x</title></head><body><main class="wide">'
        '{% for chart in charts %}{% include "web/desk/_chart.html" %}{% endfor %}</main></body>'
    )
    body = page.render({"charts": charts()}).encode()

    def serve(environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"] != "/charts/":
            return application(environ, start)
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"),
                         ("Content-Security-Policy", POLICY)])  # fmt: skip
        return [body]

    with make_server("127.0.0.1", 0, serve, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/charts/"
        server.shutdown()
        thread.join()


def test_charts_are_drawn_read_walked_with_keys_and_saved_under_the_strict_policy(
    address: str, tmp_path: Path
) -> None:
    seen = Seen()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="vi-VN")
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(address)
        expect(page.locator(".canvas svg")).to_have_count(4)
        course = page.locator("[data-chart=course-data]")
        table, say = course.locator(".numbers"), course.locator(".readout")
        # Once it is drawn the table is folded away, and there for whoever wants it.
        assert table.get_attribute("open") is None
        table.locator("summary").click()
        assert table.get_by_role("row").count() == 13
        course.locator(".canvas").focus()
        expect(say).to_contain_text("phím mũi tên")
        for key, told in (("ArrowRight", "T1"), ("End", "T12"), ("ArrowLeft", "T11")):
            page.keyboard.press(key)
            expect(say).to_have_text(f"{told}: 3,0 %")
        page.keyboard.press("Enter")
        assert page.url.endswith("#T11")
        heat = page.locator("[data-chart=heat-data]")
        heat.locator(".canvas").focus()
        for key, told in (("Home", "a"), ("ArrowDown", "c"), ("ArrowRight", "d")):
            page.keyboard.press(key)
            expect(heat.locator(".readout")).to_have_text(told)
        for number, kind in ((0, "svg"), (0, "png"), (1, "svg"), (2, "png"), (3, "png")):
            card = page.locator("[data-chart]").nth(number)
            with page.expect_download() as waiting:
                card.locator(f"[data-save={kind}]").click()
            waiting.value.save_as(tmp_path / f"{number}.{kind}")
        svg = (tmp_path / "0.svg").read_text("utf-8")
        assert svg.startswith("<svg") and "Tháng 9 khác thường." in svg and "NaN" not in svg
        assert (tmp_path / "0.png").read_bytes().startswith(b"\x89PNG")
        assert page.locator("[data-chart=nothing-data] .canvas").count() == 0
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        assert too_wide(page) <= 0
        chromium.close()
    assert seen.complaints == []
    assert all(url.startswith((address.removesuffix("charts/"), "blob:")) for url in seen.requests)


def test_the_drawing_library_is_the_one_that_was_published() -> None:
    found = {path.name: path.read_bytes() for path in (WEB / "vendor").iterdir()}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == VENDORED
