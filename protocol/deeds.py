"""The types of server records: what each deed of the server says (protocol.md 10)."""

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError

Int = Annotated[int, Meta(ge=0, le=MAX_INT)]
Seq = Annotated[int, Meta(ge=1, le=MAX_INT)]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}\\Z")]


class _Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Unknown keys are kept and shown: a later version may say more."""


class Received(_Deed, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """The lines first..last of a journal were stored at `ms`, under this head note (base64)."""

    journal: str
    first: Seq
    last: Seq
    head: str
    ms: Int


class Enrolled(_Deed, frozen=True, kw_only=True):
    """A kiosk began a journal; public_key: base64 of 32 bytes."""

    kiosk: str
    unit: str
    journal: str
    public_key: str


class Closed(_Deed, frozen=True, kw_only=True):
    """A newer journal of the kiosk took over, at this stored seq."""

    journal: str
    seq: Int


class Revoked(_Deed, frozen=True, kw_only=True):
    """Lines from from_seq on are not trusted."""

    journal: str
    from_seq: Seq
    reason: str
    by: str


class Forked(_Deed, frozen=True, kw_only=True):
    """Two heads claim one place; both notes in base64."""

    journal: str
    seq: Seq
    head_a: str
    head_b: str


class Quarantined(_Deed, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Lines kept apart; sha256 of the lines joined by newlines."""

    journal: str
    first: Seq
    last: Seq
    head: str
    ms: Int
    sha256: Hex64


class Ordered(_Deed, frozen=True, kw_only=True):
    """A kiosk was asked for something."""

    kiosk: str
    order: Seq
    what: str
    by: str


class Duty(_Deed, frozen=True, kw_only=True):
    """An official, or nobody, was put on duty from afar."""

    kiosk: str
    official: str | None
    by: str


class Restored(_Deed, frozen=True, kw_only=True):
    """The tables were put back from a backup of made_ms."""

    made_ms: Int
    at_ms: Int


class Viewed(_Deed, frozen=True, kw_only=True):
    """Somebody read votes of named officials."""

    by: str
    what: str


class Erased(_Deed, frozen=True, kw_only=True):
    """The text and salt of a comment are gone."""

    journal: str
    seq: Seq
    by: str


class Placed(_Deed, frozen=True, kw_only=True):
    """A kiosk stands at a counter of its unit (null: at none) in [from_ms, to_ms), null: from then
    on. For those instants it replaces what was said of this kiosk before."""

    kiosk: str
    unit: str
    counter: str | None
    from_ms: Int
    to_ms: Int | None
    by: str


class Posted(_Deed, frozen=True, kw_only=True):
    """An official is on duty at a counter from from_ms on, though no kiosk saw it: said by the
    official at a work PC (`desk`) or by the supervisor (`board`). number: counts up in the unit."""

    unit: str
    number: Seq
    counter: str
    official: str
    basis: Literal["desk", "board"]
    from_ms: Int
    by: str


class PostedOver(_Deed, frozen=True, kw_only=True):
    """The posted duty of this number ended at to_ms."""

    unit: str
    number: Seq
    to_ms: Int
    by: str


class CounterRuling(_Deed, frozen=True, kw_only=True):
    """Who served at a counter in [from_ms, to_ms), whatever was signed; official null: nobody of
    the organisation. lifts: the number of the ruling that this one takes back; then it says nothing
    else. by: who proposed it; confirmed_by: the second person, where the unit asks for two."""

    unit: str
    number: Seq
    counter: str
    from_ms: Int
    to_ms: Int
    official: str | None
    lifts: Seq | None
    why: str
    by: str
    confirmed_by: str | None


class Objection(_Deed, frozen=True, kw_only=True):
    """An official objects to a ruling, or to what is said of a counter on a local date. sha256: of
    the words, which stay outside and can be erased."""

    unit: str
    number: Seq
    official: str
    ruling: Seq | None
    counter: str | None
    date: str | None
    sha256: Hex64
    by: str


class ObjectionAnswered(_Deed, frozen=True, kw_only=True):
    """The objection of this number was answered. sha256: of the words."""

    unit: str
    number: Seq
    sha256: Hex64
    by: str


class Decided(_Deed, frozen=True, kw_only=True):
    """Two people decided that these lines of a journal are not counted, or are. seqs: `3-7,9`; what
    does not fit one record is told by several of one number, which counts up in the unit. lifts:
    the decisions that it takes the place of. by: who proposed it."""

    unit: str
    number: Seq
    doubt: Seq
    journal: str
    seqs: Annotated[str, Meta(pattern=r"^\d+(-\d+)?(,\d+(-\d+)?)*\Z")]
    lifts: list[Seq]
    why: str
    by: str
    confirmed_by: str


class Rules(_Deed, frozen=True, kw_only=True):
    """A rule pack comes into force."""

    sha256: Hex64
    by: str


class Shift(_Deed, frozen=True, kw_only=True):
    """On a page: an official is planned at a counter in [from_ms, to_ms), or (planned false) never
    was. Shifts of a file are told by its `imported`."""

    unit: str
    counter: str
    official: str
    from_ms: Int
    to_ms: Int
    planned: bool
    by: str


class UnitRules(_Deed, frozen=True, kw_only=True):
    """What a unit chose about attribution and display, for itself and all beneath it; null or not
    there: as the unit above it. shifts_count: who is planned counts where nobody signed in, in
    shifts that begin from the deed's time on. two_for_rulings: a ruling needs a second person. The
    rest: from how much on figures show what (docs/statistics.md)."""

    unit: str
    shifts_count: bool | None
    two_for_rulings: bool | None
    by: str
    show_from: Int | None = None
    person_from: Int | None = None
    verdict_from: Int | None = None
    reliability_from: Int | None = None
    response_from: Int | None = None


class Grant(_Deed, frozen=True, kw_only=True):
    """An inspector or reviewer may act for the unit and all beneath it in [from_ms, to_ms), null:
    until told otherwise. What is said last of a number counts."""

    unit: str
    number: Seq
    account: str
    role: str
    from_ms: Int
    to_ms: Int | None
    by: str


class Signalled(_Deed, frozen=True, kw_only=True):
    """Somebody looked into a signal, or said what came of it. what: looked or closed."""

    unit: str
    number: Seq
    kind: str
    counter: str | None
    official: str | None
    what: str
    outcome: str | None
    by: str


class Imported(_Deed, frozen=True, kw_only=True):
    """A file of units, officials, rosters, dossiers … was applied: it may say whom votes are about.
    number: of the import; sha256: of the file's bytes."""

    number: Seq
    kind: str
    sha256: Hex64
    added: Int
    changed: Int
    by: str


class ImportUndone(_Deed, frozen=True, kw_only=True):
    """The import of this number was taken back, row by row."""

    number: Seq
    by: str


class Published(_Deed, frozen=True, kw_only=True):
    """A report or sealed export went out, made from the log's first `size` entries."""

    sha256: Hex64
    size: Int
    by: str = ""


class NewLogKey(_Deed, frozen=True, kw_only=True):
    """The log's key changes: the rotation note."""

    note: str


class Break(_Deed, frozen=True, kw_only=True):
    """The log began anew: what it was called and how far it went, then its new name and key."""

    origin: str
    size: Int
    root: str
    log: str
    log_key: str
    why: str = ""
    by: str = ""


Deed: TypeAlias = (
    Received | Enrolled | Closed | Revoked | Forked | Quarantined | Ordered | Duty | Restored
    | Viewed | Erased | Placed | Posted | PostedOver | CounterRuling | Objection
    | ObjectionAnswered | Decided | Rules | Shift | UnitRules | Grant | Signalled | Imported
    | ImportUndone | Published | NewLogKey | Break
)  # fmt: skip
DEEDS: Final[dict[str, type[Deed]]] = {
    "received": Received,
    "enrolled": Enrolled,
    "closed": Closed,
    "revoked": Revoked,
    "forked": Forked,
    "quarantined": Quarantined,
    "ordered": Ordered,
    "duty": Duty,
    "restored": Restored,
    "viewed": Viewed,
    "erased": Erased,
    "placed": Placed,
    "posted": Posted,
    "posted.over": PostedOver,
    "ruling": CounterRuling,
    "objection": Objection,
    "objection.answered": ObjectionAnswered,
    "excluded": Decided,
    "included": Decided,
    "rules": Rules,
    "shift": Shift,
    "unit.rules": UnitRules,
    "grant": Grant,
    "signal": Signalled,
    "imported": Imported,
    "import.undone": ImportUndone,
    "published": Published,
    "log_key": NewLogKey,
    "break": Break,
}


class NotADeed(ProtocolError):
    """A server record that this version cannot read: kept and shown, never refused."""


def understand_record(type: str, data: dict[str, Any]) -> Deed:
    """What a server record says; NotADeed with a sentence."""
    deed = DEEDS.get(type)
    if deed is None:
        raise NotADeed(f"The record type {type[:40]!r} of the server is not known here.")
    try:
        return msgspec.convert(data, deed)
    except (msgspec.ValidationError, ValueError) as error:
        raise NotADeed(f"The data of this {type} record cannot be read: {error}") from None
