"""The one table of refusals (RFC 9457), and the receipt that an accepted request gets."""

from typing import Final, NamedTuple

import msgspec

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.records import Count
from protocol.strict_json import parse_object

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
URN: Final = "urn:hailong:problem:"


class Kind(NamedTuple):
    """A refusal: HTTP status, its title in two languages, members it must carry and their type."""

    status: int
    en: str
    vi: str
    members: dict[str, type | tuple[type, ...]] | None = None


PROBLEMS: Final[dict[str, Kind]] = {
    "body": Kind(
        400,
        "The request cannot be read.",
        "Không đọc được yêu cầu.",
    ),
    "key": Kind(
        401,
        "The journal, or the key it was signed with, is not known here.",
        "Nhật ký, hoặc khóa đã ký, không được biết ở đây.",
    ),
    "clock": Kind(
        401,
        "The request's time is too far from the server's.",
        "Thời gian của yêu cầu lệch quá xa so với máy chủ.",
        {"server_ms": int},
    ),
    "code": Kind(
        403,
        "This enrolment code is unknown, expired or used by another device.",
        "Mã đăng ký không đúng, đã hết hạn hoặc đã dùng cho thiết bị khác.",
    ),
    "closed": Kind(
        403,
        "This journal is closed; the kiosk has a newer one.",
        "Nhật ký này đã đóng; thiết bị đã có nhật ký mới hơn.",
    ),
    "revoked": Kind(
        403,
        "This journal is no longer trusted; enrol the kiosk again.",
        "Nhật ký này không còn được tin cậy; hãy đăng ký lại thiết bị.",
    ),
    "absent": Kind(
        404,
        "There is nothing here yet.",
        "Ở đây chưa có gì.",
    ),
    "gap": Kind(
        409,
        "Lines before these are missing here; send from the expected one.",
        "Thiếu các dòng trước đó; hãy gửi từ dòng được yêu cầu.",
        {"expected": int},
    ),
    "fork": Kind(
        409,
        "The journal held here has another line at this place.",
        "Nhật ký ở đây có một bản ghi khác tại vị trí này.",
        {"seq": int, "head": str},
    ),
    "enrolled": Kind(
        409,
        "This key or journal is enrolled already.",
        "Khóa hoặc sổ ghi này đã được đăng ký.",
    ),
    "open": Kind(
        409,
        "This journal is open; send its lines to the line door.",
        "Nhật ký này đang mở; hãy gửi các bản ghi theo cách thông thường.",
    ),
    "size": Kind(
        413,
        "The request is larger than 1,000 lines or 1 MiB.",
        "Yêu cầu lớn hơn 1.000 dòng hoặc 1 MiB.",
    ),
    "media": Kind(
        415,
        "This content type or encoding is not taken here.",
        "Kiểu hoặc cách nén nội dung này không được nhận.",
    ),
    "line": Kind(
        422,
        "A line breaks the journal's rules.",
        "Có một dòng trái quy tắc của sổ ghi.",
        {"line": int, "seq": (int, type(None))},
    ),
    "rate": Kind(
        429,
        "Too many tries; wait as long as Retry-After says.",
        "Thử quá nhiều lần; hãy chờ theo thời gian đã báo.",
    ),
    "busy": Kind(
        503,
        "The server cannot take this now; try again after Retry-After.",
        "Máy chủ chưa nhận được lúc này; hãy thử lại sau.",
    ),
}
# The one word with two statuses: at enrolment a weak public key is 422, not 401.
WEAK_KEY: Final = Kind(
    422,
    "This public key must not be used; make a new one.",
    "Không được dùng khóa công khai này; hãy tạo khóa mới.",
)
# Answers that mean the same whatever the word: the protocol's table has none for them.
_STATUS_SAYS_ALL: Final = frozenset({400, 413, 415, 429, 503})


class BadAnswer(ProtocolError):
    """A body that is no receipt: no answer, so the sender tries again later."""


class Problem(msgspec.Struct, frozen=True):
    """A refusal as it arrived. `members` stand beside type, title and status."""

    status: int
    word: str
    title: str
    detail: str
    members: dict[str, object]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Durably stored up to `acked`. `checkpoint` is null while there is none to show.

    consistency: RFC 6962 proof in base64 from the size that the sender holds. log_keys: rotation
    notes, while the log's key is being changed (protocol.md 4); left out when there are none.
    """

    acked: Count
    server_ms: Count
    config: str | None
    checkpoint: str | None
    consistency: tuple[str, ...] = ()
    log_keys: tuple[str, ...] = ()


def problem(
    word: str, *, status: int | None = None, detail: str = "", **members: object
) -> tuple[int, bytes]:
    """Status and body (application/problem+json) of a refusal; `detail` is one sentence.

    KeyError for a word outside the table, TypeError for a missing or wrong member: the answer
    would be no answer. `status` is needed for `key` at enrolment only (422).
    """
    kind = _kind(word, status)
    _check_members(word, kind, members)
    content: dict[str, object] = {
        "type": URN + word,
        "title": kind.en,
        "title_vi": kind.vi,
        "status": kind.status,
    }
    if detail:
        content["detail"] = detail
    return kind.status, msgspec.json.encode(content | members)


def parse_problem(status: int, content_type: str, body: bytes) -> Problem | None:
    """The refusal that an answer is, or None if it is no answer: a portal's page, a proxy's."""
    if _media_type(content_type) != PROBLEM_JSON:
        return None
    try:
        content = parse_object(body)
    except ValueError:
        return None
    name = content.pop("type", "")
    word = name.removeprefix(URN) if isinstance(name, str) and name.startswith(URN) else ""
    known = PROBLEMS.get(word)
    if word == "key" and status == WEAK_KEY.status:
        known = WEAK_KEY
    if known is None or known.status != status:
        if status not in _STATUS_SAYS_ALL:
            return None
        known, word = next((k, w) for w, k in PROBLEMS.items() if k.status == status)
    try:
        _check_members(word, known, content)
    except TypeError:
        return None
    title, detail = content.pop("title", ""), content.pop("detail", "")
    content.pop("status", None)
    return Problem(status, word, _text(title) or known.en, _text(detail), content)


def encode_receipt(receipt: Receipt) -> bytes:
    """The body (application/json) of a 200."""
    body = msgspec.json.encode(receipt)
    return body if receipt.log_keys else body.replace(b',"log_keys":[]}', b"}")


def decode_receipt(body: bytes) -> Receipt:
    """The receipt a body holds; unknown keys are ignored. Raises BadAnswer."""
    try:
        return msgspec.convert(parse_object(body), Receipt)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadAnswer(f"The answer is no receipt: {error}") from None


def _kind(word: str, status: int | None) -> Kind:
    kind = WEAK_KEY if (word, status) == ("key", WEAK_KEY.status) else PROBLEMS[word]
    if status not in (None, kind.status):
        raise KeyError(f"{word} never has status {status}")
    return kind


def _check_members(word: str, kind: Kind, members: dict[str, object]) -> None:
    for name, wanted in (kind.members or {}).items():
        value = members.get(name, ...)
        fits = isinstance(value, wanted) and not isinstance(value, bool)
        if not fits or (isinstance(value, int) and not 0 <= value <= MAX_INT):
            raise TypeError(f"problem {word} needs {name}")


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
