"""From the administrator's page to a real kiosk and back, over a killed server."""

import re

from tests.journeys.river import Kiosk, Server, until


def test_a_self_test_asked_for_on_the_page_is_answered_on_the_page(
    kiosk: Kiosk, server: Server
) -> None:
    every_second = server.folder / "every-second.toml"
    every_second.write_text("heartbeat_every_s = 1\n")
    server.run("settings", "set", "99001", str(every_second))
    kiosk.start()
    kiosk.press(4)
    admin = server.sign_in("admin")
    listed = admin.get(f"{server.url}/kiosks/", timeout=60).text
    found = re.search(r'href="(/kiosks/k-[a-z0-9]+/)"', listed)
    assert found, listed[:500]
    address = server.url + found[1]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', listed)
    assert token
    form = {"what": "selftest", "csrfmiddlewaretoken": token[1]}
    asked = admin.post(f"{address}orders/", data=form, headers={"Referer": address}, timeout=60)
    assert asked.status_code == 200 and "Chờ thiết bị nhận" in asked.text

    # The server dies while the kiosk has the order on its way.
    server.kill()
    server.start()

    def page() -> str:
        return admin.get(address, timeout=60).text

    def told() -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page()))

    until("the kiosk has answered", lambda: 'class="outcome done"' in page())
    # With its next status: one that died with the server is told again a minute later.
    until("it is connected", lambda: "Đang kết nối" in told())
    until("it tells of itself", lambda: "Máy chủ tốt" in told() and "Phiên bản 0.1.0" in told())
    kiosk.quit()
    assert server.run("check").returncode == 0
