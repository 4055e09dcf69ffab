"""The description of the doors is true: of the problems, of the routes, of every answer."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.checks import load_all_checks as load

from protocol.keys import b64, public_bytes
from protocol.problems import PROBLEMS, URN, WEAK_KEY
from tests.server.doors import SERVER, knock, signature
from tests.server.ingest.test_line_door import enrolled
from tests.server.kiosks import PaperKiosk
from tests.server.live import Live

load()
schemathesis.serializer.alias("application/x-ndjson", "text/plain")
CONFORM = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance",
     "response_headers_conformance", "response_schema_conformance", "allow_header_conformance"]
)  # fmt: skip


@pytest.fixture(scope="module")
def told(live: Live) -> dict[str, Any]:
    reply = live.ask("GET", "/api/v1/openapi.json")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    return dict(reply.json)


def refusals(told: dict[str, Any]) -> dict[str, set[str]]:
    """Which problems each door names, by the last word of its path."""
    found = {}
    for path, methods in told["paths"].items():
        for operation in methods.values():
            text = json.dumps(operation["responses"])
            door = path.rpartition("/")[2]
            found[door] = set(re.findall(r"schemas/problem-(\w+)", text))
    return found


def test_it_names_every_door_with_its_method_and_no_other(told: dict[str, Any]) -> None:
    from server.ingest.api import _METHOD

    named = {
        path.replace("/{sha256}", "").rpartition("/")[2]: method.upper()
        for path, methods in told["paths"].items()
        for method in methods
    }
    assert named == _METHOD
    for path, methods in told["paths"].items():
        target = path.format(journal="00000000-0000-4000-8000-000000000000", sha256="0" * 64)
        for method in ("GET", "POST", "PUT", "DELETE"):
            reply = knock(method, target)
            assert (reply.status == 405) == (method.lower() not in methods), (method, target)
            assert reply.body != b"There is no such door.\n"


def test_the_page_about_the_protocol_names_every_door(told: dict[str, Any]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text("utf-8")
    for path, methods in told["paths"].items():
        for method in methods:
            named = path.replace("{", "<").replace("}", "")
            assert f"`{method.upper()} {named}" in page.replace("<journal>", "<journal"), path


def test_its_problems_are_the_table_of_problems(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    for word, kind in {**PROBLEMS, "weak": WEAK_KEY}.items():
        members = schemas[f"problem-{word}"]["properties"]
        assert members["type"]["const"] == URN + ("key" if word == "weak" else word)
        assert members["status"]["const"] == kind.status
        assert set(kind.members or {}) < set(schemas[f"problem-{word}"]["required"])
    assert {name for name in schemas if name.startswith("problem-")} == {
        f"problem-{word}" for word in (*PROBLEMS, "weak")
    }
    assert set().union(*refusals(told).values()) == {*PROBLEMS, "weak"}, "each at some door"


def test_every_reference_in_it_leads_somewhere(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    named = set(re.findall(r"#/components/schemas/([\w.-]+)", json.dumps(told)))
    assert named <= set(schemas)


def test_every_word_that_the_code_behind_a_door_refuses_with_is_described() -> None:
    """What is raised in server/ingest is in the table; the doors' own lists are checked below."""
    import server.ingest

    (folder,) = server.ingest.__path__
    text = "".join(file.read_text() for file in Path(folder).glob("*.py"))
    words = set(re.findall(r'Refused\(\s*"(\w+)"', text))
    assert words and words <= set(PROBLEMS)


def dressed(case: Any, paper: PaperKiosk, how: int, base: str) -> requests.PreparedRequest:
    """The generated request: as it is, signed by an enrolled kiosk, or told all else it needs."""
    if how == 2 and isinstance(case.body, dict) and "public_key" in case.body:
        named = {"public_key": b64(public_bytes(paper.key)), "journal": paper.journal}
        case.body = {**case.body, **named}
    prepared = requests.Request(**kwargs_of(case, base)).prepare()
    if how == 0 or "Hailong-Signature" not in case.headers:
        return prepared
    assert prepared.url and prepared.method
    if how == 2:
        prepared.url = re.sub(r"(/journals/)[^/?]*", rf"\g<1>{paper.journal}", prepared.url)
        prepared.headers["Hailong-Head"] = b64(paper.head(0))
        prepared.headers.pop("Content-Encoding", None)
    body = prepared.body or b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    nobody = prepared.path_url.startswith("/api/v1/enrolments")
    prepared.headers["Hailong-Signature"] = signature(
        "-" if nobody else paper.kiosk, paper.key, prepared.method, prepared.path_url, sent,
        server="" if nobody else SERVER,
    )  # fmt: skip
    return prepared


def kwargs_of(case: Any, base: str) -> dict[str, Any]:
    kwargs = dict(case.as_transport_kwargs(base_url=base))
    return {name: kwargs[name] for name in ("method", "url", "headers", "params", "data", "json",
                                            "cookies", "files") if name in kwargs}  # fmt: skip


def test_no_request_that_it_describes_or_nearly_so_makes_a_server_error(live: Live) -> None:
    base = f"http://127.0.0.1:{live.port}"
    schema = schemathesis.openapi.from_url(f"{base}/api/v1/openapi.json")
    paper, seen = enrolled(), set[tuple[str, int]]()
    session = requests.Session()
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 8, "all but the description itself"
    cases = [
        operation.as_strategy(generation_mode=mode)
        for operation in operations
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]

    @settings(
        max_examples=120, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(cases), how=st.sampled_from([0, 1, 2, 2]))
    def conforms(case: Any, how: int) -> None:
        try:
            response = session.send(dressed(case, paper, how, base), timeout=60)
        except (requests.exceptions.InvalidHeader, UnicodeError, ValueError):
            return  # no client could send it
        seen.add((case.operation.path.rpartition("/")[2], response.status_code))
        if response.headers.get("Server") != "granian":
            assert response.status_code in (400, 414, 431), "the HTTP server's own refusals"
            return
        case.validate_response(response, checks=CONFORM)

    conforms()
    past = {door for door, status in seen if status not in (400, 401, 415)}
    assert len(past) >= 3, f"too few got past the signature: {sorted(seen)}"
