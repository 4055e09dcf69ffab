"""The record types: one frozen struct for each `type` a line may carry."""

import datetime as dt
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.keys import unb64
from protocol.rating import SCALES, Rating, Scale
from protocol.strict_json import parse_object

Int = Annotated[int, Meta(ge=-MAX_INT, le=MAX_INT)]
Count = Annotated[int, Meta(ge=0, le=MAX_INT)]
Seq = Annotated[int, Meta(ge=1, le=MAX_INT)]  # of an earlier line of the same journal
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}\\Z")]


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """No key has a default: a missing one makes a record not understood."""


class Vote(_Record, frozen=True, kw_only=True, omit_defaults=True):
    """One citizen's answer. A `duty` that names no open duty counts as null: the vote stands.

    `outside_hours` stands in a line only where it is true: an extra key, which others ignore.
    """

    rating: Rating
    scale: Scale
    via: Literal["button", "touch", "keyboard", "qr", "paper"]
    locale: str
    duty: Int | None
    counter: str | None
    not_official: bool
    dossier: str | None
    invited: bool
    outside_hours: bool = False

    def __post_init__(self) -> None:
        if self.rating not in SCALES[self.scale]:
            raise ValueError(f"Scale {self.scale} does not offer rating {self.rating}")


class VoteRevised(_Record, frozen=True, kw_only=True):
    """Another face pressed inside the undo window."""

    vote: Seq
    rating: Rating


class VoteReasons(_Record, frozen=True, kw_only=True):
    """The follow-up question ended."""

    vote: Seq
    reasons: tuple[str, ...]
    outcome: Literal["answered", "skipped", "timeout"]


class VoteComment(_Record, frozen=True, kw_only=True):
    """A salted commitment to words that travel apart and can be erased."""

    vote: Seq
    commitment: Hex64


class DutyStarted(_Record, frozen=True, kw_only=True):
    """An official signed in; `official` is a code, never a name."""

    official: str
    by: Literal["pin", "badge", "qr", "remote"]


class DutyEnded(_Record, frozen=True, kw_only=True):
    """`duty` is the seq of its duty.started."""

    duty: Seq
    by: Literal["official", "next", "idle", "closing", "restart"]


class Place(_Record, frozen=True, kw_only=True):
    """Where a mobile kiosk stands today."""

    place: str
    name: str


class Boot(_Record, frozen=True, kw_only=True):
    """Each start of the program."""

    software: str
    os: str
    hardware: str
    cause: Literal["start", "crash", "watchdog"]


class Clock(_Record, frozen=True, kw_only=True):
    """The server's time beside the kiosk's; whether it is usable is cast_time's question."""

    server_ms: Int
    rtt_ms: Int
    wall_ms: Int
    mono_ms: Int


class Day(_Record, frozen=True, kw_only=True):
    """A local day closed, as the kiosk itself counted."""

    date: dt.date
    counts: dict[Literal["1", "2", "3", "4", "5"], Count]
    uptime_s: Count
    suppressed: Count


class Fault(_Record, frozen=True, kw_only=True):
    """A part does not work, e.g. button-3 is stuck."""

    part: str
    kind: str
    since_ms: Int


class FaultCleared(_Record, frozen=True, kw_only=True):
    """That part works again."""

    part: str
    kind: str
    since_ms: Int


class Suppressed(_Record, frozen=True, kw_only=True):
    """Presses that did not become votes: counted, never lost silently."""

    count: Count
    from_mono_ms: Int
    to_mono_ms: Int
    why: Literal["bounce", "repeat", "burst"]


class Checkpoint(_Record, frozen=True, kw_only=True):
    """The newest checkpoint of the log that this kiosk has verified."""

    note: str


class Contradiction(_Record, frozen=True, kw_only=True):
    """The log contradicted itself before this kiosk."""

    notes: tuple[str, ...]
    proof: tuple[str, ...]

    def __post_init__(self) -> None:
        for part in self.proof:
            unb64(part)


class Test(_Record, frozen=True, kw_only=True):
    """A self-test press; never in a figure."""

    __test__ = False  # not pytest's
    rating: Rating


class Order(_Record, frozen=True, kw_only=True):
    """An order of the signed configuration, and what came of it: `taken` before a restart, then
    done, failed, expired (older than a day) or unknown. `findings`: part to a short word."""

    order: Seq
    what: str
    outcome: Literal["taken", "done", "failed", "expired", "unknown"]
    findings: dict[str, str]


Record: TypeAlias = (
    Vote | VoteRevised | VoteReasons | VoteComment | DutyStarted | DutyEnded | Place | Boot
    | Clock | Day | Fault | FaultCleared | Suppressed | Checkpoint | Contradiction | Test | Order
)  # fmt: skip
TYPES: Final[dict[str, type[Record]]] = {
    "vote": Vote,
    "vote.revised": VoteRevised,
    "vote.reasons": VoteReasons,
    "vote.comment": VoteComment,
    "duty.started": DutyStarted,
    "duty.ended": DutyEnded,
    "place": Place,
    "boot": Boot,
    "clock": Clock,
    "day": Day,
    "fault": Fault,
    "fault.cleared": FaultCleared,
    "suppressed": Suppressed,
    "checkpoint": Checkpoint,
    "contradiction": Contradiction,
    "test": Test,
    "order": Order,
}
TYPE_OF: Final[dict[type[Record], str]] = {record: name for name, record in TYPES.items()}


class NotUnderstood(ProtocolError):
    """A well-formed line whose record this version cannot read: kept and shown, never refused."""


def understand(type: str, data: bytes, *, v: int = 1) -> Record:
    """The record that a line carries; NotUnderstood with a sentence if there is none.

    What only other lines can tell (references, the scale of a revised vote) is not asked here.
    """
    if v != 1:
        raise NotUnderstood(f"Version {v} of lines is not known here.")
    record_type = TYPES.get(type)
    if record_type is None:
        raise NotUnderstood(f"The record type {type[:40]!r} is not known here.")
    try:
        return msgspec.convert(parse_object(data), record_type)
    except (msgspec.ValidationError, ValueError) as error:
        raise NotUnderstood(f"The data of this {type} record cannot be read: {error}") from None


def encode_data(record: Record) -> bytes:
    """The compact JSON of a record, as it stands in a line after `"data":`."""
    try:
        return msgspec.json.encode(record)
    except (UnicodeEncodeError, msgspec.MsgspecError) as error:
        raise NotUnderstood(f"This record cannot be written: {error}.") from None
