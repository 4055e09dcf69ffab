"""The doors for kiosks (protocol.md 5 to 7) as plain WSGI: no middleware, no ORM, no JSON parser.

`answer` is called by server.wsgi before Django for every path below /api/v1/.
"""

import logging
import re
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from protocol.checkpoint import MAX_CHECKPOINT_BYTES
from protocol.inclusion import MAX_LINES as MAX_PROVED
from protocol.inclusion import encode_inclusion
from protocol.journal import MAX_BODY_BYTES, MAX_BODY_LINES
from protocol.keys import b64, unb64
from protocol.media import read_picture
from protocol.problems import encode_receipt, problem
from protocol.request import (
    CONFIG_HEADER,
    BadSignatureHeader,
    RequestSignature,
    parse_signature,
    verify_request,
)
from server.ingest import enrolment, journals
from server.ingest.journals import JournalKey, Refused
from server.ingest.openapi import DESCRIPTION
from server.ingest.quarantine import quarantine_lines
from server.ingest.services import accept
from server.ingest.status import keep_diagnostics, keep_status

log = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Answer = tuple[int, list[tuple[str, str]], bytes]

JSON = "application/json"
_DOOR = re.compile(
    r"/api/v1/(?:(enrolments)|journals/([^/]*)/(lines|quarantine|config|status|diagnostics"
    r"|inclusion)"
    r"|(media)/([0-9a-f]{64})|(openapi\.json))"
)
_RANGE = re.compile(r"from=([1-9][0-9]{0,15})&to=([1-9][0-9]{0,15})")
_LENGTH = re.compile(r"[0-9]{1,15}")
_MAX_LOG_NOTE = 4 * -(-MAX_CHECKPOINT_BYTES // 3)  # in base64
_METHOD = {
    "enrolments": "POST", "lines": "POST", "quarantine": "POST", "config": "GET", "media": "GET",
    "status": "PUT", "diagnostics": "PUT", "openapi.json": "GET",
    "inclusion": "GET",
}  # fmt: skip
_REASON = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified"}


def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request of a kiosk; every failure becomes an answer of protocol.md 6's table."""
    try:
        status, headers, body = _dispatch(environ)
    except Refused as refused:
        status, headers, body = _refusal(refused)
    except Exception:  # a kiosk that hears nothing understandable keeps its lines and retries
        log.exception("%s %s failed", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))
        status, headers, body = _refusal(Refused("busy", retry_after=5))
    if status != 204:  # which has no content, and so no length (RFC 9110, 8.6)
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{status} {_REASON.get(status, 'Refused')}", headers)
    return [body]


def _refusal(refused: Refused) -> Answer:
    members = dict(refused.members)
    wait = members.pop("retry_after", None)
    status, body = problem(refused.word, **members)
    headers = [("Content-Type", "application/problem+json")]
    if wait is not None:
        headers.append(("Retry-After", str(wait)))
    return status, headers, body


def _dispatch(environ: Environ) -> Answer:
    found = _DOOR.fullmatch(environ.get("PATH_INFO", ""))
    if found is None:
        return 404, [("Content-Type", "text/plain")], b"There is no such door.\n"
    door = found[1] or found[3] or found[4] or found[6]
    if environ["REQUEST_METHOD"] != _METHOD[door]:
        allow = [("Allow", _METHOD[door]), ("Content-Type", "text/plain")]
        return 405, allow, b"This door takes another method.\n"
    if door == "enrolments":
        return enrolment.answer(environ, _read_body(environ), target=_target(environ))
    if door == "config":
        return _configuration(environ, found[2])
    if door in ("status", "diagnostics"):
        return _report(environ, found[2], door)
    if door == "inclusion":
        return _inclusion(environ, found[2])
    if door == "media":
        return _media(environ, found[5])
    if door == "openapi.json":
        return 200, [("Content-Type", JSON)], DESCRIPTION
    return _lines(environ, found[2], quarantine=door == "quarantine")


def _lines(environ: Environ, journal: str, *, quarantine: bool) -> Answer:
    sent = _read_body(environ)  # check 1
    if environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower() != "application/x-ndjson":
        raise Refused("media")
    body = _decompress(environ, sent)
    if body.count(b"\n") + (not body.endswith(b"\n")) > MAX_BODY_LINES:
        raise Refused("size")
    key = journals.find_journal(journal)  # check 2
    note = _head_note(environ)
    head = journals.read_head(key, note)  # check 3
    signature = _check_signature(environ, key, sent)
    if quarantine:
        return _kept(quarantine_lines(key, head, note, body))
    held = _log_note(environ)
    # Checks 4 to 9.
    receipt = accept(key, head, note, body, signed_ms=signature.ms, log_note=held)
    return 200, [("Content-Type", JSON)], encode_receipt(receipt)


def _kept(count: int) -> Answer:
    return 202, [("Content-Type", JSON)], b'{"kept":%d}' % count


def _configuration(environ: Environ, journal: str) -> Answer:
    sent = _read_body(environ)  # usually nothing; it is signed all the same
    key = journals.find_journal(journal)
    _check_signature(environ, key, sent)
    journals.check_open(key)
    found = journals.newest_configuration(key)
    if found is None:
        raise Refused("absent")
    version, body, note = found
    etag = f'"{version}"'
    headers = [("ETag", etag), (CONFIG_HEADER, b64(note))]
    if environ.get("HTTP_IF_NONE_MATCH") == etag:
        return 304, headers, b""
    return 200, [("Content-Type", JSON), *headers], body


def _report(environ: Environ, journal: str, door: str) -> Answer:
    """What a kiosk says of itself; an older one, and a repeat, are answered alike."""
    sent = _read_body(environ)
    body = _decompress(environ, sent)
    key = journals.find_journal(journal)
    signature = _check_signature(environ, key, sent)
    if door == "status":
        keep_status(key, signature, body)
    else:
        keep_diagnostics(key, body)
    return 204, [], b""


def _inclusion(environ: Environ, journal: str) -> Answer:
    """Where some of the journal's lines stand in the log, with proofs."""
    from server.ledger.proofs import prove_lines  # its tables need the settings

    sent = _read_body(environ)
    key = journals.find_journal(journal)
    _check_signature(environ, key, sent)
    journals.check_open(key)
    asked = _RANGE.fullmatch(environ.get("QUERY_STRING", ""))
    first, last = (int(asked[1]), int(asked[2])) if asked else (0, 0)
    if not 1 <= first <= last < first + MAX_PROVED:
        raise Refused("body")
    proofs = prove_lines(
        unit=key.unit, journal=key.journal, enrolled_ms=key.enrolled_ms,
        first=first, last=last, now_ms=journals.now_ms(),
    )  # fmt: skip
    return 200, [("Content-Type", JSON)], encode_inclusion(proofs)


def _media(environ: Environ, sha256: str) -> Answer:
    """A picture, to any enrolled kiosk: who can name its hash has been told of it."""
    sent, signature = _read_body(environ), _signature(environ)
    known = journals.journals_of(signature.kiosk)
    key = next((key for key in known if _is_signed(environ, key, signature, sent)), None)
    if key is None:
        raise Refused("key")
    journals.check_clock(signature)
    journals.check_open(key)
    body = journals.find_media(sha256)
    if body is None:
        raise Refused("absent")
    kind = read_picture(body).kind
    return 200, [("Content-Type", f"image/{kind}"), ("X-Content-Type-Options", "nosniff")], body


def _target(environ: Environ) -> str:
    """The request target as it was sent, query included."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = environ.get("QUERY_STRING", "")
    return str(environ["PATH_INFO"]) + (f"?{query}" if query else "")


def _read_body(environ: Environ) -> bytes:
    """At most 1 MiB; a body that is longer is not read to its end."""
    stated = environ.get("CONTENT_LENGTH") or None
    if stated is not None and _LENGTH.fullmatch(stated) is None:
        raise Refused("body")
    if stated is not None and int(stated) > MAX_BODY_BYTES:
        raise Refused("size")
    body: bytes = environ["wsgi.input"].read(MAX_BODY_BYTES + 1 if stated is None else int(stated))
    if len(body) > MAX_BODY_BYTES:
        raise Refused("size")
    return body


def _decompress(environ: Environ, sent: bytes) -> bytes:
    """The body without its gzip, cut off while it grows: a bomb never unfolds."""
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return sent
    if encoding != "gzip":
        raise Refused("media")
    inflate = zlib.decompressobj(wbits=31)
    try:
        body = inflate.decompress(sent, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise Refused("body") from error
    if len(body) > MAX_BODY_BYTES:
        raise Refused("size")
    if not inflate.eof or inflate.unused_data:
        raise Refused("body")
    return body


def _head_note(environ: Environ) -> bytes:
    try:
        return unb64(environ["HTTP_HAILONG_HEAD"] or "absent")
    except (KeyError, ValueError) as error:
        raise Refused("body") from error


def _log_note(environ: Environ) -> bytes | None:
    """The checkpoint that the kiosk holds; one that cannot be one counts as none."""
    encoded = environ.get("HTTP_HAILONG_LOG", "")
    if not 0 < len(encoded) <= _MAX_LOG_NOTE:
        return None
    try:
        return unb64(encoded)
    except ValueError:
        return None


def _check_signature(environ: Environ, key: JournalKey, sent: bytes) -> RequestSignature:
    """The request's own signature and clock (protocol.md 7)."""
    signature = _signature(environ)
    if not _is_signed(environ, key, signature, sent):
        raise Refused("key")
    journals.check_clock(signature)
    return signature


def _signature(environ: Environ) -> RequestSignature:
    try:
        return parse_signature(environ["HTTP_HAILONG_SIGNATURE"])
    except (KeyError, BadSignatureHeader) as error:
        raise Refused("body") from error


def _is_signed(environ: Environ, key: JournalKey, signature: RequestSignature, sent: bytes) -> bool:
    """Whether the journal's own key signed this request."""
    return signature.kiosk == key.kiosk and verify_request(
        signature,
        server=journals.server_name(),
        method=environ["REQUEST_METHOD"],
        target=_target(environ),
        body=sent,
        public_key=key.public_key,
    )
