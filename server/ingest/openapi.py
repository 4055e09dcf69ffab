"""What the kiosks' doors take and answer, as OpenAPI 3.1: served at /api/v1/openapi.json.

docs/protocol.md says the rest in words: lines, chain, notes and what is signed.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from protocol.configuration import Config
from protocol.enrolment import Enrolled, EnrolmentRequest
from protocol.inclusion import Inclusion
from protocol.journal import MAX_BODY_BYTES
from protocol.names import KIOSK_ID, UUID
from protocol.problems import JSON, PROBLEM_JSON, PROBLEMS, URN, WEAK_KEY, Kind, Receipt
from protocol.request import CONFIG_HEADER, HEAD_HEADER, HEADER, LOG_HEADER
from protocol.status import Diagnostics, Status

Json = dict[str, Any]

BASE64: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
TEXT: Final = "text/plain"
_NAME_OF: Final = {int: "integer", str: "string", type(None): "null"}
_SIGNED = ("body", "key", "clock")
_SHUT = ("closed", "revoked")
_SENT = ("media", "size")


class Door(NamedTuple):
    """One door: where, how, what it is for, its parameters, body and answers."""

    path: str
    method: str
    summary: str
    takes: Json | None
    headers: Sequence[Json]
    good: dict[str, Json]
    words: Sequence[str]


def _header(name: str, what: str, *, pattern: str = BASE64, required: bool = True) -> Json:
    return {
        "name": name, "in": "header", "required": required, "description": what,
        "schema": {"type": "string", "pattern": pattern},
    }  # fmt: skip


def _query(name: str, what: str) -> Json:
    return {
        "name": name, "in": "query", "required": True, "description": what,
        "schema": {"type": "integer", "minimum": 1},
    }  # fmt: skip


def _body(media: str, schema: Json, what: str) -> Json:
    return {"required": True, "description": what, "content": {media: {"schema": schema}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _good(what: str, schema: Json | None = None, headers: Json | None = None) -> Json:
    content = {} if schema is None else {"content": {JSON: {"schema": schema}}}
    named = {"headers": headers} if headers else {}
    return {"description": what, **named, **content}


SIGNATURE = _header(
    HEADER,
    "Kiosk id, unix ms and the base64 of an Ed25519 signature over the request.",
    pattern=rf"^(?:-|{KIOSK_ID}) (?:0|[1-9][0-9]{{0,15}}) [A-Za-z0-9+/]{{86}}==$",
)
HEAD = _header(HEAD_HEADER, "Base64 of the head note of the last line sent.")
CHECKPOINT = _header(LOG_HEADER, "Base64 of the newest checkpoint held.", required=False)
GZIP = _header(
    "Content-Encoding", "One whole gzip member, or nothing.", pattern="^gzip$", required=False
)
LINES = _body(
    "application/x-ndjson",
    {"type": "string", "maxLength": MAX_BODY_BYTES},
    "At most 1,000 lines and 1 MiB, as sent and decompressed; nothing at all is the heartbeat.",
)
KEPT: Json = {
    "type": "object", "required": ["kept"], "properties": {"kept": {"type": "integer"}},
}  # fmt: skip
_STRING: Json = {"schema": {"type": "string"}}
_JOURNAL = "/api/v1/journals/{journal}"

DOORS: Final = (
    Door("/api/v1/enrolments", "post", "A code becomes a kiosk's journal, once",
         _body(JSON, _ref("EnrolmentRequest"), "Signed as `-` for an empty server name."),
         [SIGNATURE],
         {"201": _good("Who the device is from now on.", _ref("Enrolled"))},
         (*_SIGNED, *_SHUT, "size", "weak", "rate", "code", "enrolled")),
    Door(f"{_JOURNAL}/lines", "post", "Send lines, or a heartbeat", LINES,
         [SIGNATURE, HEAD, CHECKPOINT, GZIP],
         {"200": _good("Durably stored up to `acked`.", _ref("Receipt"))},
         (*_SIGNED, *_SENT, *_SHUT, "line", "gap", "fork")),
    Door(f"{_JOURNAL}/quarantine", "post", "Leave lines that the journal's state keeps out", LINES,
         [SIGNATURE, HEAD, CHECKPOINT, GZIP],
         {"202": _good("Kept apart.", KEPT)},
         (*_SIGNED, *_SENT, "line", "open", "rate")),
    Door(f"{_JOURNAL}/config", "get", "What the kiosk shall show, signed", None,
         [SIGNATURE,
          _header("If-None-Match", "The ETag held.", pattern='^"[0-9]+"$', required=False)],
         {"200": _good("The configuration; its bytes are what the note signs.", _ref("Config"),
                       {"ETag": _STRING, CONFIG_HEADER: _STRING}),
          "304": _good("That one is still in force.", headers={"ETag": _STRING})},
         (*_SIGNED, *_SHUT, "size", "absent")),
    Door(f"{_JOURNAL}/status", "put", "How the kiosk does; the newest is kept",
         _body(JSON, _ref("Status"), "At most 16 KiB."), [SIGNATURE, GZIP],
         {"204": _good("Kept, or a newer one is.")},
         (*_SIGNED, *_SENT, *_SHUT)),
    Door(f"{_JOURNAL}/diagnostics", "put", "What an order asked for",
         _body(JSON, _ref("Diagnostics"), "At most 256 KiB."), [SIGNATURE, GZIP],
         {"204": _good("Kept, or was already.")},
         (*_SIGNED, *_SENT, *_SHUT, "absent")),
    Door("/api/v1/media/{sha256}", "get", "A picture, by its hash", None, [SIGNATURE],
         {"200": {"description": "The picture's bytes.",
                  "content": {"image/png": {}, "image/jpeg": {}}}},
         (*_SIGNED, *_SHUT, "size", "absent")),
    Door(f"{_JOURNAL}/inclusion", "get", "Where lines stand in the log, with proofs", None,
         [_query("from", "The first line's seq."),
          _query("to", "The last one's; at most 100 lines."), SIGNATURE],
         {"200": _good("Proofs; a line that is not under the checkpoint is left out.",
                       _ref("Inclusion"))},
         (*_SIGNED, *_SHUT, "size")),
    Door("/api/v1/openapi.json", "get", "This description", None, [],
         {"200": _good("OpenAPI 3.1.", {"type": "object"})}, ()),
)  # fmt: skip
_PATH_PARAMETERS: Final = {
    "{journal}": {"name": "journal", "pattern": f"^{UUID}$"},
    "{sha256}": {"name": "sha256", "pattern": "^[0-9a-f]{64}$"},
}


def describe() -> Json:
    """The description as plain data."""
    paths: Json = {}
    for door in DOORS:
        paths.setdefault(door.path, {})[door.method] = _operation(door)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hài Lòng: the doors for kiosks",
            "version": "1",
            "description": "An answer counts only with a status and a type named here; whatever "
            "else comes is no answer, and the kiosk asks again later.",
        },
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _operation(door: Door) -> Json:
    path = [
        {"name": named["name"], "in": "path", "required": True,
         "schema": {"type": "string", "pattern": named["pattern"]}}
        for mark, named in _PATH_PARAMETERS.items() if mark in door.path
    ]  # fmt: skip
    body = {} if door.takes is None else {"requestBody": door.takes}
    return {
        "summary": door.summary,
        "operationId": door.path.rpartition("/")[2].strip("{}").replace(".", "_"),
        "parameters": [*path, *door.headers],
        **body,
        "responses": {**door.good, **_refusals(door.words)},
    }


def _refusals(words: Sequence[str]) -> Json:
    """The refusals by status; and what is answered before a door is found."""
    by_status: dict[int, list[str]] = {}
    for word in (*words, "busy"):
        by_status.setdefault(_kind(word).status, []).append(word)
    answers: Json = {}
    for status, together in sorted(by_status.items()):
        schema = {"oneOf": [_ref(f"problem-{word}") for word in together]}
        answers[str(status)] = {
            "description": " ".join(_kind(word).en for word in together),
            "content": {PROBLEM_JSON: {"schema": schema}},
        }
        if status in (429, 503):
            answers[str(status)]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    plain = {"schema": {"type": "string"}}
    for code, what in (("404", "There is no such door."), ("405", "It takes another method.")):
        answers.setdefault(code, {"description": what, "content": {}})["content"][TEXT] = plain
    return answers


def _kind(word: str) -> Kind:
    return WEAK_KEY if word == "weak" else PROBLEMS[word]


def _schemas() -> Json:
    structs = (EnrolmentRequest, Enrolled, Receipt, Inclusion, Status, Diagnostics, Config)
    _, schemas = msgspec.json.schema_components(
        structs, schema_hook=_any, ref_template="#/components/schemas/{name}"
    )
    problems = {f"problem-{word}": _problem(word) for word in (*PROBLEMS, "weak")}
    return {**schemas, **problems}


def _any(kind: type) -> Json:
    """`object` in a struct is anything at all."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "Anything."}


def _problem(word: str) -> Json:
    kind = _kind(word)
    members: Json = {
        "type": {"const": URN + ("key" if word == "weak" else word)},
        "title": {"const": kind.en},
        "title_vi": {"const": kind.vi},
        "status": {"const": kind.status},
    }
    for name, types in (kind.members or {}).items():
        choices = types if isinstance(types, tuple) else (types,)
        members[name] = {"type": [_NAME_OF[choice] for choice in choices]}
    required = list(members)
    return {
        "type": "object",
        "required": required,
        "properties": {**members, "detail": {"type": "string"}},
    }


DESCRIPTION: Final = msgspec.json.encode(describe())
