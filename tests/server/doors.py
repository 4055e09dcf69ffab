"""Knocking at the kiosks' doors as granian would: a WSGI environ in, status and body out."""

import io
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.keys import b64
from protocol.request import sign_request
from server.ingest import journals
from tests.server.kiosks import PaperKiosk

SERVER = "test.hailong.invalid"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def word(self) -> str:
        return str(self.json["type"]).removeprefix("urn:hailong:problem:")


def knock(method: str, target: str, body: bytes = b"", **headers: str) -> Reply:
    """One request, its headers as keyword arguments in WSGI's spelling."""
    from server.wsgi import application

    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        **headers,
    }
    told: list[tuple[str, list[tuple[str, str]]]] = []
    content = b"".join(application(environ, lambda status, head: told.append((status, head))))
    status, head = told[0]
    return Reply(int(status.split()[0]), dict(head), content)


def signature(
    kiosk: str,
    key: Ed25519PrivateKey,
    method: str,
    target: str,
    body: bytes,
    *,
    server: str = SERVER,
    ms: int | None = None,
) -> str:
    at_ms = journals.now_ms() if ms is None else ms
    return sign_request(
        kiosk=kiosk, server=server, method=method, target=target, ms=at_ms, body=body, key=key
    )


def send(
    kiosk: PaperKiosk,
    body: bytes | None = None,
    *,
    head: bytes | None = None,
    door: str = "lines",
    ms: int | None = None,
    **headers: str,
) -> Reply:
    """Send the whole journal, or `body`, signed by the kiosk's key."""
    sent = kiosk.body() if body is None else body
    target = f"/api/v1/journals/{kiosk.journal}/{door}"
    given = {
        "CONTENT_TYPE": "application/x-ndjson",
        "HTTP_HAILONG_HEAD": b64(kiosk.head() if head is None else head),
        "HTTP_HAILONG_SIGNATURE": signature(kiosk.kiosk, kiosk.key, "POST", target, sent, ms=ms),
        **headers,
    }
    return knock("POST", target, sent, **{k: v for k, v in given.items() if v != "absent"})


def enrol(code: str, key: Ed25519PrivateKey, journal: str, **changes: Any) -> Reply:
    """Enrol with a code; `changes` replace parts of the request."""
    from protocol.keys import public_bytes

    content = {"code": code, "public_key": b64(public_bytes(key)), "journal": journal}
    body = (
        changes.pop("body", None)
        or json.dumps(
            {**content, "hardware": {"model": "paper"}, **changes.pop("content", {})}
        ).encode()
    )
    target = "/api/v1/enrolments"
    signed = signature("-", key, "POST", target, body, server="", ms=changes.pop("ms", None))
    return knock("POST", target, body, **{"HTTP_HAILONG_SIGNATURE": signed, **changes})
