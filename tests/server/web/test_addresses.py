"""Every address, asked for as every role, against one table."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.server.web.conftest import NOW, PASSWORD, Office

OWN, FOREIGN, MISSING = "99001", "99002", "99999"
NOBODYS_CODE = "0000-0000-0000"
UNREADABLE = "%00"  # PostgreSQL refuses a text with it
OWN_KIOSK = "the kiosk of 99001-1"
LOGIN = 302  # to the sign-in page; checked below
ROLES = (None, "supervisor", "supervisor2", "admin")

# Route, how it is asked, and the status for: nobody, the unit's supervisor, another unit's
# supervisor, the administrator. {code} is filled in from the third column.
TABLE: list[tuple[str, str, str, tuple[int, int, int, int]]] = [
    ("healthz", "get", "", (200, 200, 200, 200)),
    ("", "get", "", (LOGIN, 302, 302, 200)),
    ("", "post", "", (LOGIN, 405, 405, 405)),
    ("login/", "get", "", (200, 302, 302, 302)),
    ("login/", "post", "", (200, 302, 302, 302)),
    ("logout/", "get", "", (405, 405, 405, 405)),
    ("logout/", "post", "", (302, 302, 302, 302)),
    ("language/", "get", "", (405, 405, 405, 405)),
    ("language/", "post", "", (302, 302, 302, 302)),
    ("units/<str:code>/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/", "get", FOREIGN, (LOGIN, 403, 200, 200)),
    ("units/<str:code>/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/", "post", OWN, (LOGIN, 405, 405, 405)),
    ("units/<str:code>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/figures.csv", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/figures.csv", "get", FOREIGN, (LOGIN, 403, 200, 200)),
    ("units/<str:code>/figures.csv", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/figures.csv", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("kiosks/", "get", "", (LOGIN, 200, 200, 200)),
    ("kiosks/", "post", "", (LOGIN, 405, 405, 405)),
    ("kiosks.csv", "get", "", (LOGIN, 200, 200, 200)),
    ("kiosks.csv", "post", "", (LOGIN, 405, 405, 405)),
    ("kiosks/<str:id>/", "get", OWN_KIOSK, (LOGIN, 200, 403, 200)),
    ("kiosks/<str:id>/", "post", OWN_KIOSK, (LOGIN, 405, 405, 405)),
    ("kiosks/<str:id>/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/orders/", "get", OWN_KIOSK, (LOGIN, 405, 405, 405)),
    # Without the word for what is asked: 409, and nothing is given out.
    ("kiosks/<str:id>/orders/", "post", OWN_KIOSK, (LOGIN, 403, 403, 409)),
    ("kiosks/<str:id>/orders/", "post", MISSING, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/orders/", "post", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("kiosks/new/", "get", "", (LOGIN, 403, 403, 200)),
    ("kiosks/new/", "post", "", (LOGIN, 403, 403, 422)),
    ("kiosks/<str:id>/code/", "get", OWN_KIOSK, (LOGIN, 403, 403, 200)),
    ("kiosks/<str:id>/code/", "post", OWN_KIOSK, (LOGIN, 403, 403, 422)),
    ("kiosks/<str:id>/code/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/code/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/revoke/", "get", OWN_KIOSK, (LOGIN, 403, 403, 200)),
    ("kiosks/<str:id>/revoke/", "post", OWN_KIOSK, (LOGIN, 403, 403, 422)),
    ("kiosks/<str:id>/revoke/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/revoke/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("kiosks/<str:id>/settings/", "get", OWN_KIOSK, (LOGIN, 302, 403, 302)),
    ("kiosks/<str:id>/settings/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("settings/", "get", "", (LOGIN, 302, 302, 200)),
    ("settings/", "post", "", (LOGIN, 405, 405, 405)),
    ("settings/<str:level>/<str:code>/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("settings/<str:level>/<str:code>/", "get", FOREIGN, (LOGIN, 403, 200, 200)),
    ("settings/<str:level>/<str:code>/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("settings/<str:level>/<str:code>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    # Nothing filled in: a preview that differs in nothing.
    ("settings/<str:level>/<str:code>/", "post", OWN, (LOGIN, 403, 403, 200)),
    ("settings/<str:level>/<str:code>/history/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("settings/<str:level>/<str:code>/history/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("settings/<str:level>/<str:code>/history/", "post", OWN, (LOGIN, 405, 405, 405)),
    ("imports/", "get", "", (LOGIN, 200, 200, 200)),
    ("imports/", "post", "", (LOGIN, 405, 405, 405)),
    ("imports/<str:kind>/", "get", "dossiers", (LOGIN, 200, 200, 200)),
    ("imports/<str:kind>/", "get", "units", (LOGIN, 403, 403, 200)),
    ("imports/<str:kind>/", "get", MISSING, (LOGIN, 404, 404, 404)),
    ("imports/<str:kind>/", "get", UNREADABLE, (LOGIN, 404, 404, 404)),
    ("imports/<str:kind>/", "post", "dossiers", (LOGIN, 422, 422, 422)),
    ("imports/<str:kind>/", "post", "units", (LOGIN, 403, 403, 422)),
    ("imports/<str:kind>/template.csv", "get", "shifts", (LOGIN, 200, 200, 200)),
    ("imports/<str:kind>/template.csv", "get", "officials", (LOGIN, 403, 403, 200)),
    ("imports/<str:kind>/template.csv", "get", UNREADABLE, (LOGIN, 404, 404, 404)),
    ("imports/<str:number>/undo/", "get", "1", (LOGIN, 405, 405, 405)),
    ("imports/<str:number>/undo/", "post", "1", (LOGIN, 403, 403, 403)),
    ("imports/<str:number>/undo/", "post", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/", "get", "", (LOGIN, 200, 200, 200)),
    ("units/", "post", "", (LOGIN, 403, 403, 422)),
    ("units/<str:code>/organisation/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/organisation/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/organisation/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/organisation/", "post", OWN, (LOGIN, 403, 403, 422)),
    ("units/<str:code>/counters/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/counters/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/counters/", "post", OWN, (LOGIN, 403, 403, 422)),
    ("units/<str:code>/officials/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/officials/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/officials/", "post", OWN, (LOGIN, 403, 403, 422)),
    ("units/<str:code>/holidays/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/holidays/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/holidays/", "post", OWN, (LOGIN, 403, 403, 422)),
    ("procedures/", "get", "", (LOGIN, 403, 403, 200)),
    ("procedures/", "post", "", (LOGIN, 403, 403, 422)),
    ("holidays/", "get", "", (LOGIN, 403, 403, 200)),
    ("holidays/", "post", "", (LOGIN, 403, 403, 422)),
    # Whoever runs the machines neither says who serves nor who served.
    ("units/<str:code>/duty/", "get", OWN, (LOGIN, 200, 403, 403)),
    ("units/<str:code>/duty/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/duty/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/duty/", "post", OWN, (LOGIN, 422, 403, 403)),
    ("units/<str:code>/duty/<str:counter>/<str:day>/", "get", OWN, (LOGIN, 200, 403, 403)),
    ("units/<str:code>/duty/<str:counter>/<str:day>/", "get", FOREIGN, (LOGIN, 403, 200, 403)),
    ("units/<str:code>/duty/<str:counter>/<str:day>/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/duty/<str:counter>/<str:day>/", "post", OWN, (LOGIN, 405, 405, 405)),
    ("units/<str:code>/roster/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/roster/", "get", FOREIGN, (LOGIN, 403, 200, 200)),
    ("units/<str:code>/roster/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/roster/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/roster/", "post", OWN, (LOGIN, 422, 403, 422)),
    ("units/<str:code>/dossiers/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("units/<str:code>/dossiers/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/dossiers/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/dossiers/", "post", OWN, (LOGIN, 405, 405, 405)),
    ("units/<str:code>/rulings/", "get", OWN, (LOGIN, 200, 403, 403)),
    ("units/<str:code>/rulings/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("units/<str:code>/rulings/", "post", OWN, (LOGIN, 422, 403, 403)),
    ("units/<str:code>/rulings/new/", "get", OWN, (LOGIN, 200, 403, 403)),
    ("units/<str:code>/rulings/new/", "post", OWN, (LOGIN, 422, 403, 403)),
    # The number is the unit's code here: there is no such ruling.
    ("units/<str:code>/rulings/<str:number>/", "get", OWN, (LOGIN, 404, 403, 403)),
    ("units/<str:code>/rulings/<str:number>/", "post", OWN, (LOGIN, 404, 403, 403)),
    ("units/<str:code>/rulings/<str:number>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("desk/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/", "post", "", (LOGIN, 403, 403, 403)),
    ("desk/signals/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/signals/<str:code>/<str:number>/", "get", OWN, (LOGIN, 403, 403, 403)),
    ("desk/signals/<str:code>/<str:number>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("desk/signals/<str:code>/<str:number>/", "post", OWN, (LOGIN, 403, 403, 403)),
    ("desk/units/<str:code>/", "get", OWN, (LOGIN, 403, 403, 403)),
    ("desk/units/<str:code>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("desk/units/<str:code>/", "post", OWN, (LOGIN, 403, 403, 403)),
    ("desk/funnel/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/compare/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/votes/", "get", OWN, (LOGIN, 403, 403, 403)),
    ("desk/why/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/doubts/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/doubts/", "post", "", (LOGIN, 405, 405, 405)),
    ("desk/doubts/<str:code>/<str:number>/", "get", OWN, (LOGIN, 403, 403, 403)),
    ("desk/doubts/<str:code>/<str:number>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("desk/doubts/<str:code>/<str:number>/", "post", OWN, (LOGIN, 403, 403, 403)),
    ("desk/integrity/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/integrity/", "post", "", (LOGIN, 403, 403, 403)),
    ("desk/visits/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/visits/", "post", "", (LOGIN, 405, 405, 405)),
    ("desk/visits/new/", "get", "", (LOGIN, 403, 403, 403)),
    ("desk/visits/new/", "post", "", (LOGIN, 403, 403, 403)),
    ("desk/visits/<str:code>/<str:number>/", "get", OWN, (LOGIN, 403, 403, 403)),
    ("desk/visits/<str:code>/<str:number>/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("desk/visits/<str:code>/<str:number>/", "post", OWN, (LOGIN, 403, 403, 403)),
    ("grants/", "get", "", (LOGIN, 403, 403, 200)),
    ("grants/", "post", "", (LOGIN, 403, 403, 422)),
    ("why/", "get", OWN, (LOGIN, 200, 403, 200)),
    ("why/", "get", FOREIGN, (LOGIN, 403, 200, 200)),
    ("why/", "get", MISSING, (LOGIN, 403, 403, 403)),
    ("why/", "get", UNREADABLE, (LOGIN, 403, 403, 403)),
    ("why/", "post", OWN, (LOGIN, 405, 405, 405)),
    ("own/", "get", "", (LOGIN, 403, 403, 403)),
    ("own/", "post", "", (LOGIN, 403, 403, 403)),
    ("proof/", "get", "", (200, 200, 200, 200)),
    ("proof/", "post", "", (405, 405, 405, 405)),
    ("proof/<str:code>/", "get", NOBODYS_CODE, (404, 404, 404, 404)),
    ("proof/<str:code>/", "get", MISSING, (400, 400, 400, 400)),
    ("proof/<str:code>/", "get", UNREADABLE, (400, 400, 400, 400)),
    ("proof/<str:code>/", "post", NOBODYS_CODE, (405, 405, 405, 405)),
    ("proof/<str:code>", "get", NOBODYS_CODE, (302, 302, 302, 302)),  # to the one above
    ("proof/<str:code>/proof.txt", "get", NOBODYS_CODE, (404, 404, 404, 404)),
    ("proof/<str:code>/proof.txt", "get", UNREADABLE, (404, 404, 404, 404)),
    ("integrity/", "get", "", (LOGIN, 200, 200, 200)),
    ("integrity/", "post", "", (LOGIN, 403, 403, 422)),
    ("integrity/reports/<str:id>/", "get", MISSING, (LOGIN, 403, 403, 404)),
    ("integrity/reports/<str:id>/", "get", UNREADABLE, (LOGIN, 403, 403, 404)),
    ("integrity/reports/<str:id>/", "post", MISSING, (LOGIN, 405, 405, 405)),
]
# What stands in the query, where an address is asked for with one.
QUERIES = {"why/": "?of=unit&unit={code}&code={code}", "desk/votes/": "?unit={code}"}
# What an inspector and a reviewer of 99001 and nothing else are answered; all else is refused them.
GRANTED: dict[tuple[str, str, str], tuple[int, int]] = {
    ("desk/", "get", ""): (200, 403),
    ("desk/", "post", ""): (422, 403),
    ("desk/signals/", "get", ""): (200, 403),
    ("desk/signals/<str:code>/<str:number>/", "get", OWN): (404, 403),
    ("desk/signals/<str:code>/<str:number>/", "post", OWN): (404, 403),
    ("desk/units/<str:code>/", "get", OWN): (200, 403),
    ("desk/units/<str:code>/", "post", OWN): (422, 403),
    ("desk/funnel/", "get", ""): (200, 403),
    ("desk/compare/", "get", ""): (200, 403),
    ("desk/votes/", "get", OWN): (200, 403),
    ("desk/why/", "get", ""): (200, 403),
    ("desk/doubts/", "get", ""): (200, 200),
    ("desk/doubts/<str:code>/<str:number>/", "get", OWN): (404, 404),
    ("desk/doubts/<str:code>/<str:number>/", "post", OWN): (404, 404),
    ("desk/integrity/", "get", ""): (200, 403),
    ("desk/integrity/", "post", ""): (422, 403),
    ("desk/visits/", "get", ""): (200, 403),
    ("desk/visits/new/", "get", ""): (200, 403),
    ("desk/visits/new/", "post", ""): (422, 403),
    ("desk/visits/<str:code>/<str:number>/", "get", OWN): (404, 403),
    ("desk/visits/<str:code>/<str:number>/", "post", OWN): (404, 403),
    ("integrity/", "get", ""): (200, 403),
    ("integrity/", "post", ""): (422, 403),
    ("integrity/reports/<str:id>/", "get", MISSING): (404, 403),
    ("integrity/reports/<str:id>/", "get", UNREADABLE): (404, 403),
}
OPEN = {"healthz", "login/", "logout/", "language/"}  # to anybody
OPEN |= {route for route, *_ in TABLE if route.startswith("proof/")}


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled_in(route: str, code: str) -> str:
    path = route.replace("<str:counter>", f"{code}-1").replace("<str:day>", "2025-11-22")
    path += QUERIES.get(route, "").replace("{code}", code)
    return re.sub("<str:(code|id|kind|number)>", code, path).replace("<str:level>", "unit")


def test_every_address_stands_in_the_table() -> None:
    assert set(routes(get_resolver().url_patterns)) == {route for route, *_ in TABLE}


def test_every_address_answers_every_role_as_the_table_says(
    busy_office: Office, reader: Any
) -> None:
    own = busy_office.kiosks["99001-1"].kiosk
    found = []
    clients = [reader(role) for role in ROLES]
    for route, method, code, _ in TABLE:
        path = filled_in(route, own if code == OWN_KIOSK else code)
        replies = [getattr(client, method)(f"/{path}") for client in clients]
        if route in OPEN:  # they may be signed out now, or read another language
            clients = [reader(role) for role in ROLES]
        found.append((route, method, code, tuple(reply.status_code for reply in replies)))
        if route not in OPEN:
            assert replies[0].headers["Location"].startswith("/login/?next=/"), route
            kept = [reply.headers.get("Cache-Control", "") for reply in replies]
            assert all(
                "no-store" in control
                for control, reply in zip(kept, replies, strict=True)
                if reply.status_code == 200
            ), route
    assert found == TABLE


@pytest.mark.usefixtures("colleagues")
def test_an_officials_account_opens_its_own_page_and_nothing_else(
    busy_office: Office, reader: Any
) -> None:
    own = busy_office.kiosks["99001-1"].kiosk
    client = reader("official")
    for route, method, code, _ in TABLE:
        path = filled_in(route, own if code == OWN_KIOSK else code)
        if route in OPEN or route == "":
            continue
        status = getattr(client, method)(f"/{path}").status_code
        expected = {"get": 200, "post": 422}[method] if route == "own/" else None
        assert status == expected or (expected is None and status in (403, 405)), (route, method)
    assert client.get("/").headers["Location"] == "/own/"


def test_inspectors_and_reviewers_open_what_is_granted_them_and_nothing_else(
    busy_office: Office, reader: Any
) -> None:
    from server.organisation.models import Role
    from server.organisation.selectors import unit
    from server.organisation.services import give_grant, make_account

    own = busy_office.kiosks["99001-1"].kiosk
    roles = {"inspector": Role.INSPECTOR, "reviewer": Role.REVIEWER}
    for username, role in roles.items():
        account = make_account(username=username, password=PASSWORD, role=role)
        give_grant(account=account, unit=unit("99001"), by="admin", now_ms=NOW - 1)
    clients = [reader(username) for username in roles]
    found: dict[tuple[str, str, str], Any] = {}
    for route, method, code, _ in TABLE:
        path = filled_in(route, own if code == OWN_KIOSK else code)
        if route not in OPEN and route != "":
            replies = [getattr(client, method)(f"/{path}").status_code for client in clients]
            found[route, method, code] = tuple(replies)
    assert {key: found[key] for key in GRANTED} == GRANTED
    other = {key: each for key, each in found.items() if not {403, 405}.issuperset(each)}
    assert other.keys() == GRANTED.keys(), other


@pytest.mark.usefixtures("busy_office")
def test_home_opens_the_own_unit(reader: Any) -> None:
    assert reader("supervisor").get("/").headers["Location"] == "/units/99001/"
    assert reader("supervisor2").get("/").headers["Location"] == "/units/99002/"
    page = reader("admin").get("/").content.decode()
    assert "/units/99001/" in page and "/units/99002/" in page


@pytest.mark.usefixtures("busy_office")
def test_only_the_supervisor_sees_officials(reader: Any) -> None:
    for address in ("/units/99001/", "/units/99001/figures.csv"):
        assert "CB-0101" in reader("supervisor").get(address).content.decode()
        assert "CB-01" not in reader("admin").get(address).content.decode()
    assert "quản trị không xem" in reader("admin").get("/units/99001/").content.decode()


@pytest.mark.usefixtures("office")
def test_a_page_that_does_not_exist_says_so_in_plain_words(reader: Any) -> None:
    for role in ROLES:
        reply = reader(role).get("/nothing-here/")
        assert reply.status_code == 404
        assert "Không có trang này" in reply.content.decode()
    assert "không dành cho" in reader("supervisor2").get("/units/99001/").content.decode()


@pytest.mark.usefixtures("office")
def test_a_failure_says_so_without_telling_its_cause(
    reader: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a secret cause")

    monkeypatch.setattr("server.web.fleet_pages.read_fleet", broken)
    client = reader("supervisor")
    client.raise_request_exception = False
    reply = client.get("/kiosks/")
    assert reply.status_code == 500
    assert "Máy chủ gặp lỗi" in reply.content.decode()
    assert "secret" not in reply.content.decode()
    assert "a secret cause" in caplog.text


@pytest.mark.usefixtures("office")
def test_every_answer_keeps_other_hosts_out(reader: Any) -> None:
    for address in ("/login/", "/nothing/", "/kiosks/", "/units/99001/", "/units/99002/"):
        policy = reader("supervisor").get(address).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy and "*" not in policy
