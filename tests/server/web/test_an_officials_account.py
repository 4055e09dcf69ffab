"""Who signs in as an official sees nothing of a unit, its kiosks, its settings or the log."""

from datetime import date
from typing import Any

from tests.server.web.conftest import PASSWORD, Office

PAGES = [
    "/units/99001/",
    "/units/99001/figures.csv",
    "/kiosks/",
    "/kiosks.csv",
    "/kiosks/new/",
    "/kiosks/{kiosk}/",
    "/kiosks/{kiosk}/code/",
    "/kiosks/{kiosk}/revoke/",
    "/kiosks/{kiosk}/settings/",
    "/settings/",
    "/settings/unit/99001/",
    "/settings/unit/99001/history/",
    "/integrity/",
    "/imports/",
    "/imports/units/",
    "/imports/shifts/",
]


def test_an_officials_account_opens_no_page_of_others(busy_office: Office, reader: Any) -> None:
    from server.organisation.models import Role
    from server.organisation.selectors import official
    from server.organisation.services import make_account

    make_account(
        username="works", password=PASSWORD, role=Role.OFFICIAL, official=official("CB-0101")
    )
    client = reader("works")
    for page in PAGES:
        address = page.format(kiosk=busy_office.kiosks["99001-1"].kiosk)
        assert client.get(address).status_code in (403, 405), page
        assert client.post(address).status_code in (403, 405), page


def test_a_supervisor_opens_the_figures_of_a_unit_beneath_and_no_officials_there(
    busy_office: Office, reader: Any
) -> None:
    from server.organisation.models import Role, Unit
    from server.organisation.services import change_unit, make_account, make_unit

    province = make_unit(code="99", name="Tỉnh Mẫu")
    make_account(username="chief", password=PASSWORD, role=Role.SUPERVISOR, unit=province)
    client = reader("chief")
    assert client.get("/units/99001/").status_code == 403
    commune = Unit.objects.get(code="99001")
    change_unit(unit=commune, on_date=date(2025, 1, 1), parent=province)
    page = client.get("/units/99001/")
    assert page.status_code == 200
    assert "Xã Mẫu Một" in page.content.decode() and "Cán bộ mẫu 01" not in page.content.decode()
    assert client.get("/units/99002/").status_code == 403
    assert client.get("/settings/unit/99001/").status_code == 403
    assert reader("supervisor").get("/units/99001/").content.decode().count("Cán bộ mẫu 01")
